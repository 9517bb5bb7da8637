"""Galleries in several files: Parquet files of one split or several, joined as they are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import TableError, shorten
from core.images.gallery import Gallery
from core.readers.picture_parquet import MAX_ROWS
from core.spaces.own_vectors import OwnVectors

if TYPE_CHECKING:
    from PIL import Image

# As the hub calls them: train-00000-of-00002.parquet, or the folder of a split.
_SPLIT = re.compile(r"(?:^|.*/)(train|test|val|valid|validation|dev)(?:[-_./].*)?$", re.IGNORECASE)
SPLIT = "split"


def join(name: str, parts: Sequence[Gallery]) -> Gallery:
    """Several galleries, each called by its file, as one; a column says the split of each row.

    Raises:
        TableError: they have more pictures than are read.
    """
    import pandas as pd

    ends = [*accumulate(len(part) for part in parts)]
    if ends[-1] > MAX_ROWS:
        raise TableError(
            f"“{shorten(name)}” has {ends[-1]:,} pictures in {len(parts):,} files.",
            f"At most {MAX_ROWS:,} are read.",
            "Choose some of the files.",
        )

    def read(number: int) -> Image.Image:
        part = bisect_right(ends, number)
        return parts[part].open(number - (ends[part - 1] if part else 0))

    ids = [one for part in parts for one in part.ids]
    if len(set(ids)) < len(ids):
        ids = [f"{part.name}/{one}" for part in parts for one in part.ids]
    captions = None
    if all(part.captions is not None for part in parts):
        captions = [one for part in parts for one in part.captions or ()]
    frame = pd.concat([part.frame for part in parts], ignore_index=True)
    splits = [match[1] if (match := _SPLIT.match(part.name)) else "" for part in parts]
    if any(splits) and SPLIT not in frame.columns:
        frame[SPLIT] = [split for split, part in zip(splits, parts, strict=True) for _ in part.ids]
    return Gallery(
        name,
        ids,
        [one for part in parts for one in part.digests],
        read,
        captions,
        () if captions is None else (captions,),
        frame,
        skipped=tuple(one for part in parts for one in part.skipped),
        own=_own(parts),
    )


def _own(parts: Sequence[Gallery]) -> OwnVectors | None:
    """The vectors of all parts, where each has some of one length."""
    held = [part.own for part in parts if part.own is not None]
    if len(held) < len(parts) or len({one.dim for one in held}) > 1:
        return None
    return replace(held[0], vectors=np.concatenate([one.vectors for one in held]))
