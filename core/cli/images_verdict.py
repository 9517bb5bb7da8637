"""What ``python -m core images --image FILE --verdict`` answers, as plain data and as lines."""

from __future__ import annotations

from typing import Any

from core.base.errors import NotReadyError
from core.cli import files, streams
from core.images.gallery import Gallery
from core.images.imagenet import ImageNetClassifier
from core.images.verdict import NOT_SURE, KindVerdict, NumberVerdict, Verdict, written
from core.readers.pictures import open_picture


def told(found: Verdict, gallery: Gallery, image: str) -> dict[str, Any]:
    """A verdict as plain data, with ImageNet's classes of the picture's file ``image``."""
    captions = gallery.captions
    answer: dict[str, Any] = {
        "near": found.near,
        "threshold": found.threshold,
        "columns": [_column(one, gallery) for one in found.columns],
        "left_out": [{"column": one.name, "reason": one.reason} for one in found.left_out],
        "neighbors": [
            {"id": gallery.ids[row], "score": float(score)}
            | ({} if captions is None else {"caption": captions[row]})
            for row, score in zip(found.rows, found.similarities, strict=True)
        ],
    }
    try:
        classes = ImageNetClassifier().top(open_picture(*files.read_picture(image)))
    except NotReadyError as error:
        streams.tell(f"without ImageNet's classes: {error}")
        return answer
    answer["imagenet"] = [
        {
            "name": one.kind.name,
            "definition": one.kind.definition,
            "synset": one.kind.synset,
            "probability": one.probability,
        }
        for one in classes
    ]
    return answer


def _column(one: KindVerdict | NumberVerdict, gallery: Gallery) -> dict[str, Any]:
    decided = {"decided_by": [gallery.ids[row] for row in one.deciding]}
    if isinstance(one, NumberVerdict):
        return {
            "column": one.name,
            "years": one.years,
            "median": one.median,
            "low": None if one.median is None else one.low,
            "high": None if one.median is None else one.high,
            "error": one.error,
            "guessing": one.guessing,
        } | decided
    first = one.votes[0] if one.votes else None
    return {
        "column": one.name,
        "value": None if first is None else first.value,
        "sure": one.sure,
        "neighbors": 0 if first is None else first.neighbors,
        "of": one.asked,
        "certainty": one.certainty,
        "accuracy": one.accuracy,
        "commonest": one.commonest,
        "votes": [
            {"value": vote.value, "share": vote.share, "neighbors": vote.neighbors}
            for vote in one.votes
        ],
    } | decided


def lines(result: dict[str, Any]) -> list[str]:
    """The verdict for a person."""
    nearest = result["neighbors"][0]
    found = []
    if not result["near"]:
        title = nearest.get("caption") or nearest["id"]
        found.append(
            f"none of these: the nearest, {title}, has similarity {nearest['score']:.3f}, "
            f"and 99 of 100 pictures of the gallery have one of {result['threshold']:.3f} or more"
        )
    for one in result["columns"]:
        found.append(f"{one['column']}: {_said(one)}")
    found += [f"({one['column']} left out: {one['reason']})" for one in result["left_out"]]
    if "imagenet" in result:
        kinds = (f"{one['name']} {one['probability']:.0%}" for one in result["imagenet"])
        found.append(f"ImageNet: {', '.join(kinds)}")
    return found


def _said(one: dict[str, Any]) -> str:
    if "years" in one:
        if one["median"] is None:
            return "no neighbour has a value"
        low, high = written(one["low"]), written(one["high"])
        said = f"{written(one['median'])} (half of the weights from {low} to {high})"
        if one["error"] is not None:
            said += f"; in this gallery off by {written(one['error'])}"
        return said
    if one["value"] is None:
        return "no neighbour has a value"
    said = f"{one['value']}, {one['neighbors']} of {one['of']} neighbours"
    if not one["sure"]:
        said = f"{NOT_SURE}, most likely {said}, with {one['votes'][0]['share']:.0%} of the votes"
    if one["certainty"] is not None:
        said += f", certainty {one['certainty']:.0%}"
    if one["accuracy"] is not None:
        said += f"; in this gallery right in {one['accuracy']:.0%}"
    return said
