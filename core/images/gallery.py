"""Galleries: pictures with ids, captions where they have them, and what else is known of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import InputError, shorten
from core.images import holdout
from core.readers import tables
from core.spaces.own_vectors import OwnVectors
from core.storage import data_home

if TYPE_CHECKING:
    import pandas as pd
    from PIL import Image

    from core.base.types import IntArray, Pictures


@dataclass(frozen=True, slots=True)
class Skipped:
    """A picture that is not in a gallery though its source names it, and why."""

    id: str
    reason: str


@dataclass(frozen=True)  # without slots, so that it keeps its digest
class Gallery:
    """A dataset of pictures.

    Attributes:
        digests: the first bytes of the SHA-256 of what each picture is made from.
        open: gives a picture by its number; raises ``PictureError`` for a damaged one.
        captions: what is written below each picture; ``None`` where there are none.
        texts: what is encoded for the captions: several texts a picture count alike.
        frame: the other columns, one row a picture.
        attribution: what its licence wants said where it is shown.
        skipped: what the source names and the gallery lacks.
        own: the vectors that it came with, if it did: a row a picture, NaN where one has none.
        places: the path or address of each picture, where it is a file or object of its own; empty
            for one that could not be read.
    """

    name: str
    ids: list[str]
    digests: list[bytes]
    open: Callable[[int], Image.Image]
    captions: list[str] | None
    texts: tuple[list[str], ...]
    frame: pd.DataFrame
    attribution: str = ""
    skipped: tuple[Skipped, ...] = ()
    own: OwnVectors | None = None
    places: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def title(self, row: int) -> str:
        """What a picture is called where it is shown: its caption, or its id where it has none."""
        return (self.captions[row] if self.captions is not None else "") or self.ids[row]

    @cached_property
    def digest(self) -> str:
        """Stands for ids, pictures and what is encoded for captions: for all that is searched."""
        texts = data_home.as_bytes(text for column in self.texts for text in column)
        ids = data_home.as_bytes(self.ids)
        return data_home.digest_bytes(*ids, *self.digests, *texts)

    @cached_property
    def own_digest(self) -> str:
        """Stands for the vectors that it came with and the pictures that they are of."""
        if self.own is None:
            return ""
        parts = [*self.ids, self.own.column, self.own.stated, str(self.own.dim)]
        vectors = self.own.vectors.tobytes()
        return data_home.digest_bytes(*data_home.as_bytes(parts), *self.digests, vectors)

    def take(self, rows: Sequence[int] | IntArray) -> Gallery:
        """Some pictures of it, in the order of ``rows`` ``(m,)``."""
        chosen = [int(row) for row in rows]
        return Gallery(
            self.name,
            [self.ids[row] for row in chosen],
            [self.digests[row] for row in chosen],
            lambda number: self.open(chosen[number]),
            None if self.captions is None else [self.captions[row] for row in chosen],
            tuple([column[row] for row in chosen] for column in self.texts),
            self.frame.iloc[chosen].reset_index(drop=True),
            self.attribution,
            self.skipped,
            None if self.own is None else replace(self.own, vectors=self.own.vectors[chosen]),
            tuple(self.places[row] for row in chosen) if self.places else (),
        )

    def join(self, other: Pictures) -> Gallery:
        """The pictures of both, those of ``other``, a gallery too, behind these.

        Ids stay as they are; an id of both is there twice.

        Raises:
            TypeError: ``other`` is no gallery.
        """
        import pandas as pd

        if not isinstance(other, Gallery):
            raise TypeError(f"{type(other).__name__} is no gallery")
        count = len(self)
        captions = None
        if self.captions is not None or other.captions is not None:
            captions = [*(self.captions or [""] * count), *(other.captions or [""] * len(other))]
        return Gallery(
            f"{self.name} and {other.name}",
            [*self.ids, *other.ids],
            [*self.digests, *other.digests],
            lambda number: self.open(number) if number < count else other.open(number - count),
            captions,
            (),  # what is encoded for captions may be of different columns
            pd.concat([self.frame, other.frame], ignore_index=True),
            "\n".join(dict.fromkeys(one.attribution for one in (self, other) if one.attribution)),
            (*self.skipped, *other.skipped),
        )

    def labels(self, column: str) -> list[str]:
        """The values of a column as text: 12 for 12.0.

        Raises:
            InputError: there is no such column, or a picture has no value in it.
        """
        require_column(self.name, self.frame, column)
        labels = [tables.cell_text(value) for value in self.frame[column].tolist()]
        if empty := labels.count(""):
            raise InputError(
                f"{empty:,} of {len(self):,} pictures have no “{shorten(column)}”.",
                "Each picture needs a label.",
                "Choose another column.",
            )
        return labels

    def held_out(self) -> Gallery:
        """The pictures that our picture encoder was never trained on.

        Raises:
            InputError: it knows none of them to be held out.
        """
        rows = np.flatnonzero(holdout.held_out(self.ids))
        if not len(rows):
            raise InputError(
                f"No picture of “{shorten(self.name)}” was set aside when the encoder was trained.",
                "Only the sets that it was trained on have a validation split.",
                "Take all: --split all.",
            )
        return self.take(rows)


def require_column(name: str, frame: pd.DataFrame, column: str) -> None:
    """Raises ``InputError`` where a gallery has no such column."""
    if column not in frame.columns:
        known = ", ".join(shorten(str(found), 30) for found in frame.columns[:30]) or "none"
        raise InputError(
            f"“{shorten(name)}” has no column “{shorten(column)}”.",
            f"It has: {known}.",
            "Name one of these.",
        )
