"""What ``python -m core images`` tells beside its answer, and the answer as a person reads it."""

from __future__ import annotations

from typing import Any

from core.base.errors import counted, shorten
from core.cli import images_verdict, images_why, review_options
from core.images.vectors import EncodedGallery

_NAMED = 20  # pictures that are named one by one


def notes(encoded: EncodedGallery) -> dict[str, Any]:
    """Attribution, and the pictures that are not among those searched."""
    notes: dict[str, Any] = {}
    if encoded.gallery.attribution:
        notes["attribution"] = encoded.gallery.attribution
    if encoded.damaged:
        notes["damaged"] = list(encoded.damaged)
    if encoded.gallery.skipped:
        notes["skipped"] = [{"id": one.id, "reason": one.reason} for one in encoded.gallery.skipped]
    return notes


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    if "why" in result:
        lines = images_why.lines(result)
    elif "near" in result:
        lines = images_verdict.lines(result)
    elif "items" in result:
        lines = review_options.lines(result)
    elif "neighbors" in result:
        lines = [
            f"{hit['score']:.3f}  {hit['id']:<16}  {hit.get('caption', '')}".rstrip()
            for hit in result["neighbors"]
        ]
    else:
        lines = [f"{share:.3f}  {label}" for label, share in result["per_class"].items()]
        lines += [
            f"{pair['count']:>5}  {pair['class']} predicted as {pair['taken_for']}"
            for pair in result.get("confusion", [])
        ]
        share = result.get("precision_at_k", result["accuracy"])
        lines.append(f"{share:.4f}  of {counted(result['count'], 'picture')}")
    skipped = [f"{one['id']}: {one['reason']}" for one in result.get("skipped", ())]
    for told, names in (
        ("could not be opened", result.get("damaged", ())),
        ("left out", skipped),
    ):
        if names:
            lines.append(f"({told}: {counted(len(names), 'picture')})")
            lines += [f"  {shorten(name, 200)}" for name in names[:_NAMED]]
            if len(names) > _NAMED:
                lines.append(f"  and {len(names) - _NAMED:,} more; --json names all")
    if "attribution" in result:
        lines.append(result["attribution"])
    return "\n".join(lines)
