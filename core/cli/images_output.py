"""What ``python -m core images`` tells beside its answer, and the answer as a person reads it."""

from __future__ import annotations

from typing import Any

from core.base.errors import counted
from core.images.vectors import EncodedGallery


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
    if "neighbors" in result:
        lines = [
            f"{hit['score']:.3f}  {hit['id']:<16}  {hit.get('caption', '')}".rstrip()
            for hit in result["neighbors"]
        ]
    else:
        lines = [f"{share:.3f}  {label}" for label, share in result["per_class"].items()]
        lines += [
            f"{pair['count']:>5}  {pair['class']} taken for {pair['taken_for']}"
            for pair in result.get("confusion", [])
        ]
        share = result.get("precision_at_k", result["accuracy"])
        lines.append(f"{share:.4f}  of {counted(result['count'], 'picture')}")
    for key, told in (("damaged", "could not be opened"), ("skipped", "left out")):
        if key in result:
            lines.append(f"({told}: {counted(len(result[key]), 'picture')})")
    if "attribution" in result:
        lines.append(result["attribution"])
    return "\n".join(lines)
