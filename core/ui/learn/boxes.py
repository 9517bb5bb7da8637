"""Pieces that lessons share: boxes that keep what was typed, equations with their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.base.errors import InputError, shorten
from core.base.types import FloatArray
from core.base.vectors import similarity
from core.cache import spaces as spaces_cache
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.entry import SpaceEntry
from core.spaces.languages import not_english
from core.spaces.vocabulary import Vocabulary
from core.ui.common import frame, spaces
from core.ui.common.markdown import plain
from core.words.word_list import resolve_words, split_words

_KEPT = "learn-kept"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol of an equation, linked to a number on the screen.

    Attributes:
        latex: as in the equation.
        value: as it is written; ``number`` gives one.
        means: what it stands for, as Markdown.
    """

    latex: str
    value: str
    means: str


def number(value: float, digits: int = 3) -> str:
    """A number as lessons write it, with a true minus sign."""
    return f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def vector(values: npt.NDArray[np.floating[Any]], most: int = 8) -> str:
    """The first numbers of a vector ``(dim,)`` in brackets."""
    shown = ", ".join(number(float(value)) for value in values[:most])
    return f"({shown}{', …' if len(values) > most else ''})"


def shape(sides: Sequence[int]) -> str:
    """A shape as a tuple is written."""
    return f"({', '.join(map(str, sides))}{',' if len(sides) == 1 else ''})"


def equation(latex: str, symbols: Sequence[Symbol]) -> None:
    """An equation and, below it, the value on the screen of each of its symbols."""
    st.latex(latex)
    rows = [f"| ${one.latex}$ | {one.value} | {one.means} |" for one in symbols]
    st.markdown("\n".join(["| symbol | value | what it is |", "| --- | --- | --- |", *rows]))


def keep(key: str) -> None:
    """Gives a box, before it is drawn, what it had in a step that is no longer on the screen."""
    kept = st.session_state.setdefault(_KEPT, {})
    if key not in st.session_state and key not in st.query_params and key in kept:
        st.session_state[key] = kept[key]


def note(key: str, value: Any) -> None:
    """Keeps what a box holds for other steps."""
    st.session_state.setdefault(_KEPT, {})[key] = value


def kept(key: str, first: Any) -> Any:
    """What a box of another step held last; ``first`` where it was never drawn."""
    return st.session_state.get(_KEPT, {}).get(key, first)


def text(label: str, first: str, *, key: str, area: bool = False, **more: Any) -> str:
    """A box for the learner's own words, kept in the address and from step to step."""
    keep(key)
    box = st.text_area if area else st.text_input
    typed = box(label, first, key=key, bind="query-params", **more)
    note(key, typed)
    return str(typed or "")


def slider(label: str, low: int, high: int, first: int, *, key: str) -> int:
    """A slider of whole numbers, kept in the address and from step to step."""
    keep(key)
    chosen = st.slider(label, low, high, first, key=key, bind="query-params")
    note(key, chosen)
    return int(chosen)


def pick(label: str, options: Sequence[float], first: float, *, key: str) -> float:
    """A slider over a few numbers, kept in the address and from step to step."""
    keep(key)
    chosen = st.select_slider(
        label, options, first, format_func=lambda one: f"{one:g}", key=key, bind="query-params"
    )
    note(key, chosen)
    return float(chosen)


def words(boxes: Iterable[tuple[str, str, str]], *, least: int = 1) -> tuple[str, ...] | None:
    """Words side by side, each box given by its label, its first word and its key.

    ``None`` where one is empty or two are the same, which is then said; ``least`` different ones
    are needed.
    """
    asked = list(boxes)
    with st.container(horizontal=True, gap="small"):
        typed = [
            text(label, first, key=key, width=220, max_chars=80) for label, first, key in asked
        ]
    found = tuple(" ".join(one.split()) for one in typed)
    if not all(found):
        st.info("Type a word in each box.")
        return None
    if len({one.casefold() for one in found}) < least:
        st.info("Type different words.")
        return None
    return found


@dataclass(frozen=True, slots=True)
class WordModel:
    """An embedding model with its words, as ``word_model`` gives it."""

    entry: SpaceEntry

    @property
    def vocabulary(self) -> Vocabulary:
        """Its words; built first where that was not done."""
        return spaces_cache.vocabulary(self.entry)[0]

    def vectors(self, names: Sequence[str]) -> FloatArray:
        """Unit vectors ``(len(names), dim)``, encoded where the vocabulary lacks a word.

        Raises:
            UnknownTermError: a word is not in the vocabulary and the model cannot encode it.
        """
        encoder = spaces_cache.word_encoder(self.entry)
        if encoder is not None and not self.entry.built:
            return encoder.encode(list(names))
        return resolve_words(names, self.vocabulary, encoder).vectors

    def cosines(self, vector: FloatArray) -> FloatArray:
        """The cosine of a unit vector ``(dim,)`` with each word's, ``(n,)``."""
        found: FloatArray = similarity(vector[None, :], self.vocabulary.vectors)[0]
        return found


def word_model(default: str = DEFAULT_SPACE, *, whole: bool = True) -> WordModel | None:
    """The embedding model of the lesson's words, chosen in the sidebar; ``None`` if not ready.

    Its words are opened, and built first where that was not done. Without ``whole`` they are not
    built: the learner's own words need the model alone.
    """
    entry = spaces.require_ready(spaces.choose_space(frame.settings(), default=default))
    if entry is None:
        return None
    if (whole or entry.built) and spaces.open_vocabulary(entry) is None:
        return None
    return WordModel(entry)


def tell_language(entry: SpaceEntry, texts: Sequence[str]) -> None:
    """Says, as long as they stand there, where an English model cannot read the learner's texts."""
    if entry.source.english and (why := not_english(texts)):
        st.caption(
            f"{plain(entry.space.title)} reads English, and your texts {why}: its vectors say "
            "little of them."
        )


def model_name() -> str:
    """The name of the embedding model that is chosen in the sidebar, for links into the tools."""
    return str(st.session_state.get("space", DEFAULT_SPACE))


def names(listed: str, most: int) -> tuple[str, ...]:
    """Names as people list them, ``most`` at most; none for an empty text."""
    try:
        return tuple(split_words(listed)[:most])
    except InputError:  # none, or far too many
        return ()


def quoted(word: str) -> str:
    """A learner's word within a sentence of Markdown."""
    return f"*{plain(shorten(word, 40))}*"
