"""A kept vector, and the one set of rules for it: what is kept and what is read go through them.

So whatever can be kept is read back equal, and what came from anybody is nothing else.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from core.base.errors import InputError, PictureError, shorten
from core.base.types import FloatArray, Space
from core.formula.tokens import clean
from core.images.thumbnails import check_mark

MAX_NAME = 60
MAX_TEXT = 400  # characters of how it was made, and of a space's name
MAX_DIM = 65_536
UNIT = 1e-3  # how far a unit vector's length may be from 1


def new_key() -> str:
    """What tells an item from all others."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A kept vector.

    Attributes:
        name: stands for it in formulas, in square brackets.
        space: the name of its space; ``title`` is what people call that.
        vector: ``(dim,)`` float32, unit length.
        made: how it was made.
        picture: a thumbnail (WebP) where it came from a picture, else empty.
        key: the same as long as it is kept, whatever it is called and wherever it stands.
        formula: of words alone, where it was made by one: evaluated again in any model that knows
            them; empty else.
    """

    name: str
    space: str
    vector: FloatArray
    made: str
    title: str = ""
    picture: bytes = b""
    key: str = field(default_factory=new_key)
    formula: str = ""

    @property
    def space_title(self) -> str:
        """What people call its space."""
        return self.title or self.space

    def fits(self, space: Space) -> bool:
        """Whether it is a vector of ``space``."""
        return self.space == space.name and self.vector.shape == (space.dim,)


def checked(item: Kept) -> Kept:
    """``item`` as it can be kept: its texts as they are shown, all else as it is.

    Raises:
        InputError: no shelf can hold it.
    """
    name = clean_name(item.name)
    space = clean_text(item.space)
    if not space:
        raise InputError(
            f"[{shorten(name)}] names no embedding model.",
            "A vector is of one embedding model, and compared with vectors of that model alone.",
            "Compute it again with its model.",
        )
    if wrong := what_is_wrong(item.vector):
        raise InputError(
            f"[{shorten(name)}] {wrong}.",
            f"A saved vector is a float32 row of 1 to {MAX_DIM:,} numbers and of length 1.",
            "Make it again.",
        )
    if item.picture:
        try:
            check_mark(item.picture)
        except PictureError as error:
            raise InputError(
                f"[{shorten(name)}] has a picture that cannot be read. {error}",
                "Its picture is a small WebP.",
                "Make it again, without the picture.",
            ) from error
    made, title = clean_text(item.made), clean_text(item.title)
    formula = clean(item.formula)
    if len(formula) > MAX_TEXT:  # a part of it would be another formula
        formula = ""
    return replace(item, name=name, space=space, made=made, title=title, formula=formula)


def what_is_wrong(vector: Any) -> str:
    """Why something is no unit vector, after its name in a sentence; empty where it is one."""
    if vector.dtype != np.float32 or vector.ndim != 1 or not 1 <= vector.size <= MAX_DIM:
        return f"is no float32 row of 1 to {MAX_DIM:,} numbers"
    # In double precision: the squares of large numbers overflow, and sums of many lose digits.
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if not abs(length - 1) <= UNIT:  # so that NaN is refused as well
        return f"has length {length:.4g}, where 1 is needed"
    return ""


def clean_name(name: str) -> str:
    """``name`` as a formula reads it, without square brackets, which enclose names there.

    Raises:
        InputError: nothing is left of it.
    """
    cleaned = shorten(clean(name).replace("[", "(").replace("]", ")"), MAX_NAME)
    if not cleaned:
        raise InputError("The name is empty.", "A name is needed.", "Type one.")
    return cleaned


def clean_text(text: str) -> str:
    """``text`` on one line, without what could deceive, and at most ``MAX_TEXT`` characters."""
    return shorten(clean(text), MAX_TEXT)
