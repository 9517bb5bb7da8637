"""``python -m core train head``: a head on the vectors of pictures or texts."""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from typing import Any

import numpy as np

from core.base import durations
from core.base.errors import InputError, counted, shorten
from core.base.types import BoolArray, FloatArray
from core.cli import streams, train_items
from core.cli.progress import StderrProgress
from core.cli.train_items import Items
from core.heads import store, training
from core.heads.data import prepare
from core.heads.label_texts import label_texts
from core.heads.labels import read_labels
from core.heads.measures import compare, verdict
from core.heads.settings import HELP as TOLD, LOSSES, Settings
from core.images import holdout, views
from core.storage import data_home

HELP = "Trains a head on frozen vectors, so that items that share labels lie near each other."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The data, the columns, the settings, and where the head goes."""
    train_items.add_arguments(parser)
    parser.add_argument(
        "--columns",
        default="",
        metavar="A,B",
        help="the columns that say what is alike; with --loss simclr they are measured alone",
    )
    parser.add_argument(
        "--group", metavar="COLUMN", help="no value of it is on both sides, as of an artist"
    )
    parser.add_argument(
        "--split",
        choices=["drawn", "validation"],
        default="drawn",
        help="validation: hold out the pictures that the app's own encoder was not trained on",
    )
    parser.add_argument(
        "--text-head",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="of pictures, where the base takes texts: train a head for texts along, so that "
        "questions in words work in the new space (default: %(default)s)",
    )
    for field in fields(Settings):
        told = f"{TOLD[field.name]} Default: %(default)s."
        option = f"--{field.name.replace('_', '-')}"
        if field.name == "loss":
            parser.add_argument(option, choices=list(LOSSES), default=field.default, help=told)
        else:
            kind = type(field.default)
            parser.add_argument(
                option, dest=field.name, type=kind, default=field.default, metavar="N", help=told
            )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Trains, measures, writes and keeps.

    Raises:
        InputError: nothing can be learnt from the columns, or the head cannot go where it shall.
    """
    out = train_items.new_folder(options)
    settings = Settings(**{field.name: getattr(options, field.name) for field in fields(Settings)})
    progress = StderrProgress()
    with_texts = options.text_head and not settings.label_free
    items = train_items.open_items(options, progress, with_texts=with_texts)
    names = [name.strip() for name in options.columns.split(",") if name.strip()]
    labels = [read_labels(items.frame, name) for name in names]
    groups = None if options.group is None else read_labels(items.frame, options.group)
    texts = None if items.encode is None else label_texts(labels, items.encode, items.captions)
    data = prepare(
        items.vectors,
        labels,
        groups,
        _held_out(options, items.ids),
        texts,
        label_free=settings.label_free,
    )
    if settings.label_free:
        data = replace(data, views=_views(items, settings.views, progress)[data.rows])
    trained = training.train(data, settings, progress)
    compared = compare(data, trained.parts, trained.head, trained.text_head, progress)
    name = options.name or (out.name if out is not None else "head")
    kept = store.head_file(trained, compared, name, items.origin)
    answer: dict[str, Any] = {
        "trained": "head",
        "space": data_home.safe_name(name),
        "base": items.origin.base.space.name,
        "data": items.origin.data,
        "items": kept.about["items"],
        "unlabelled": {one.column: one.missing for one in labels},
        "left_out": data.left_out,
        "settings": settings.as_dict(),
        "best_epoch": trained.best,
        "losses": list(trained.losses),
        **kept.about["figures"],
        **({"own_view": kept.about["own_view"]} if "own_view" in kept.about else {}),
        "classes": {
            one.column: {
                kind: {"items": count, "before": before, "after": after}
                for kind, count, before, after in one.per_class()
            }
            for one in compared
        },
        "notes": [*trained.notes, *verdict(compared, trained.own_view)],
        "seconds": round(trained.seconds, 3),
    }
    answer["notes"] += train_items.put(kept, options, out)
    if out is not None:
        answer["folder"] = str(out)
    return answer


def _views(items: Items, count: int, progress: StderrProgress) -> FloatArray:
    """Views of each picture ``(n, count, d)``; what they cost is told before they are encoded."""
    if items.gallery is None:
        raise InputError(
            "The loss simclr is of pictures, and these are texts.",
            "It learns from augmented views.",
            "Choose another loss.",
        )
    base = items.origin.base
    missing = views.count_missing(items.gallery.digests, base, count)
    if missing:
        took = durations.phrase(durations.of_views(missing, own=base.source.bundled))
        streams.tell(f"{counted(missing, 'augmented view')} to encode, {took}")
    return views.encode_views(items.gallery, base, base.image_encoder(), count, progress)


def _held_out(options: argparse.Namespace, ids: list[str]) -> BoolArray | None:
    if options.split == "drawn":
        return None
    held = holdout.held_out(ids)
    if not np.any(held):
        raise InputError(
            f"No picture of “{shorten(options.source)}” was set aside when the encoder learnt.",
            "Only the sets that it was trained on have a validation split.",
            "Draw what is held out: --split drawn.",
        )
    return held


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    items = result["items"]
    lines = [
        f"{counted(items['train'] + items['choosing'], 'item')} trained and chose, "
        f"{items['held_out']:,} were held out; epoch {result['best_epoch']} was the best"
    ]
    for column, after in result["after"].items():
        before = result["before"][column]
        lines.append(
            f"{column}: P@10 {before['precision_at_10']:.3f} before, "
            f"{after['precision_at_10']:.3f} after; nearest {before['nearest']:.3f}, "
            f"{after['nearest']:.3f}; vote {before['accuracy']:.3f}, {after['accuracy']:.3f}"
            + (
                f"; zero-shot {before['zero_shot']:.3f}, {after['zero_shot']:.3f}"
                if "zero_shot" in after
                else ""
            )
        )
    if "own_view" in result:
        before, after = (result["own_view"][when] for when in ("before", "after"))
        lines.append(
            f"a view finds the other of its picture: nearest {before['nearest']:.3f} before, "
            f"{after['nearest']:.3f} after; in 10 {before['in_10']:.3f}, {after['in_10']:.3f}"
        )
    lines += [f"({note})" for note in result["notes"]]
    if result["left_out"]:
        lines.append(f"({counted(result['left_out'], 'item')} left out for having no label)")
    return "\n".join(lines)
