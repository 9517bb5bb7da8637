"""Terms that a link carries: what only one session knows, such as a dropped picture, as vectors.

An entry is the vector's float32 numbers, bit for bit, so that who opens the link gets the same
answer in the same order; 384 of them are 2,048 characters. Half precision would halve that, but
moves similarities by about 1e-5, which changes places among a few thousand pictures. What is read
may come from anybody: it is limited in number and size, and each vector is checked.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

import numpy as np

from core.base.errors import InputError, shorten
from core.base.types import FloatArray
from core.formula.names import bracket_name
from core.shelf.kept import clean_text, what_is_wrong
from core.spaces.entry import SpaceEntry

PARAMETER = "with"  # of the address; once for each term
MAX_TERMS = 8
# Of all entries together. Servers and browsers take addresses of 64,000 characters and more.
MAX_CHARACTERS = 24_000
MAX_NAME, MAX_DIM = 200, 4_096
_MARK = "~"
_BASE64 = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class SharedTerm:
    """What a name in square brackets stands for: a unit vector ``(dim,)`` of a space."""

    name: str
    space: str
    vector: FloatArray


def pack(terms: Sequence[SharedTerm]) -> list[str]:
    """An entry for each term: vector, space and name.

    Raises:
        InputError: they are too many or too long for a link, or one could not be read again.
    """
    for one in terms:
        if wrong := _what_is_wrong(one):
            raise InputError(
                f"[{shorten(one.name)}] cannot travel in a link: {wrong}.",
                f"A name of at most {MAX_NAME} characters and a unit vector of at most "
                f"{MAX_DIM:,} numbers can.",
                "Save it under a shorter name, or leave it out.",
            )
    entries = [_MARK.join((_write(one.vector), _quote(one.space), one.name)) for one in terms]
    _check_size(entries)
    return entries


def read(entries: Sequence[str]) -> list[SharedTerm]:
    """The terms of a link.

    Raises:
        InputError: they are too many or too long, two have one name, or one is none of ours.
    """
    _check_size(entries)
    terms = [_read(entry) for entry in entries]
    if len({one.name for one in terms}) < len(terms):
        raise _damaged("two of its vectors have one name")
    return terms


def fit(term: SharedTerm, entry: SpaceEntry) -> FloatArray:
    """The vector ``(dim,)`` of a term, which must be of the space ``entry``.

    Raises:
        InputError: it is of another space.
    """
    space = entry.space
    if term.space != space.name:
        raise InputError(
            f"[{shorten(term.name)}] comes from a link, as a vector of the embedding model "
            f"“{shorten(term.space)}”.",
            f"Here the model is “{space.name}”; vectors of two embedding models are never "
            "compared.",
            "Choose its model, or leave it out.",
        )
    if term.vector.shape != (space.dim,):
        raise InputError(
            f"[{shorten(term.name)}] comes from a link, with {term.vector.size} numbers.",
            f"{space.title} has vectors of {space.dim}: another model goes by this name there.",
            "Drop the picture itself, or leave it out.",
        )
    return term.vector


def _write(vector: FloatArray) -> str:
    return base64.urlsafe_b64encode(vector.astype("<f4").tobytes()).decode().rstrip("=")


def _quote(text: str) -> str:
    return quote(text, safe=":/ ").replace(_MARK, "%7E")


def _read(entry: str) -> SharedTerm:
    parts = entry.split(_MARK, 2)
    if len(parts) < 3:
        raise _damaged("a vector lacks its embedding model or its name")
    term = SharedTerm(parts[2], unquote(parts[1]), _read_vector(parts[0]))
    if wrong := _what_is_wrong(term):
        raise _damaged(wrong)
    return term


def _what_is_wrong(term: SharedTerm) -> str:
    """Why a term can be in no link, by the rules of what is kept as well; empty where it can."""
    if not term.name or len(term.name) > MAX_NAME or bracket_name(term.name) != term.name:
        return "a name in it cannot stand in square brackets"
    if not term.space or len(term.space) > MAX_NAME or clean_text(term.space) != term.space:
        return "it names no embedding model"
    if len(term.vector) > MAX_DIM or not np.isfinite(term.vector).all():
        return "a vector in it has other numbers than a vector has"
    if what_is_wrong(term.vector):
        return "a vector in it is not of length 1"
    return ""


def _read_vector(numbers: str) -> FloatArray:
    try:
        if not _BASE64.fullmatch(numbers):
            raise ValueError("other characters")
        data = base64.urlsafe_b64decode(numbers + "=" * (-len(numbers) % 4))
        vector = np.frombuffer(data, dtype="<f4").astype(np.float32)
    except (ValueError, binascii.Error) as error:
        raise _damaged("a vector in it was cut or changed") from error
    vector.setflags(write=False)
    return vector


def _check_size(entries: Sequence[str]) -> None:
    size = sum(map(len, entries))
    if len(entries) > MAX_TERMS or size > MAX_CHARACTERS:
        raise InputError(
            f"The link would hold {len(entries)} vectors in {size:,} characters.",
            f"At most {MAX_TERMS} vectors and {MAX_CHARACTERS:,} characters: longer addresses are "
            "cut on their way.",
            "Save the result: it is one vector, and a link to it is short.",
        )


def _damaged(what: str) -> InputError:
    return InputError(
        f"The link cannot be used as it is: {what}.",
        "Long links are often cut where they are pasted.",
        "Copy it again, whole.",
    )
