"""The picture that a kept vector shows: that of the heaviest term that is one."""

from __future__ import annotations

from collections.abc import Sequence

from core.base.types import Term, TermKind
from core.cache.images import OpenGallery
from core.images import thumbnails
from core.ui.common import keep
from core.ui.session import own_pictures


def of_terms(terms: Sequence[Term], opened: OpenGallery | None = None) -> bytes | None:
    """A picture's file, or its small version; ``None`` where no term with a positive weight is one.

    Raises:
        StorageError: it was generated, and cannot be read.
    """
    for term in sorted(terms, key=lambda one: -one.weight):
        if term.kind is TermKind.ITEM and term.weight > 0:
            found = _of_name(term.text, opened)
            if found:
                return found
    return None


def _of_name(name: str, opened: OpenGallery | None) -> bytes | None:
    """The picture that a name in brackets stands for, looked up as the question does."""
    dropped = None if opened is None else own_pictures.find(name)
    if dropped is not None:
        return dropped
    kept = keep.shelf().find(name)
    if kept is not None and kept.picture:
        return kept.picture
    row = None if opened is None else opened.names.find(name)
    return None if opened is None or row is None else thumbnails.thumbnail(opened.gallery, row)
