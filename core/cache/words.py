"""What was measured of words, and trainings of word vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import streamlit as st

from core.base.errors import shorten
from core.base.types import Progress
from core.cache import jobs as jobs_cache
from core.cache.digests import DIGESTS
from core.cache.spaces import vocabulary
from core.spaces import registry, vocabularies
from core.spaces.entry import SpaceEntry
from core.storage import data_home
from core.words import training
from core.words.analogies import AnalogyResult, Question, evaluate_analogies
from core.words.corpus import Corpus, read_corpus
from core.words.inflections import Forms
from core.words.training import Settings, Watch


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def forms(entry: SpaceEntry) -> Forms:
    """Which words of a space that is built are forms of one word."""
    return Forms(vocabulary(entry)[0])


@st.cache_resource(max_entries=20, hash_funcs=DIGESTS, show_spinner=False)
def analogies(
    entry: SpaceEntry,
    _questions: dict[str, list[Question]],
    questions_digest: str,
    _progress: Progress,
) -> AnalogyResult:
    """The result of these questions in this space; meant to be called in a job."""
    return evaluate_analogies(vocabulary(entry)[0], _questions, _progress)


@st.cache_resource(max_entries=2, hash_funcs=DIGESTS, show_spinner=False)
def corpus(digest: str, _texts: Sequence[str], _progress: Progress) -> Corpus:
    """The words of texts, for which ``digest`` stands; meant to be called in a job.

    Raises:
        InputError: nothing can be learnt from them.
        Cancelled: by the progress.
    """
    return read_corpus(_texts, _progress)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of a training: the space that it is kept as, and how it came about.

    Attributes:
        losses: before the first epoch, and after each.
        neighbors: of the words that were watched, as often.
    """

    space: str
    words: int
    settings: Settings
    seconds: float
    losses: tuple[float, ...]
    neighbors: tuple[dict[str, list[tuple[str, float]]], ...]
    notes: tuple[str, ...]


@st.cache_resource(max_entries=16, hash_funcs=DIGESTS, show_spinner=False)
def watch(key: str, asked: tuple[str, ...]) -> Watch:
    """What is seen of a training, which all sessions watch."""
    return Watch(asked)


def train(  # noqa: PLR0913, PLR0917
    key: str, corpus: Corpus, settings: Settings, source: str, seen: Watch, progress: Progress
) -> Learnt:
    """Trains word vectors and keeps them as a space; meant to be called in a job called ``key``.

    Args:
        source: what the texts are called, of which the space gets its name.

    Raises:
        InputError: as ``training.train``.
        StorageError: they cannot be kept.
        Cancelled: by ``progress``; nothing is kept then, unless all who watched are gone.
    """
    made = training.train(corpus, settings, jobs_cache.keeping(key, progress, seen), seen)
    progress(0, 0, "keeping the vectors")
    notes = (f"Trained on {source} by {settings.model.value}.", *made.notes)
    title = _free_name(f"{shorten(source, 40)} {settings.model.value} {settings.window}")
    entry = vocabularies.keep(made.words, made.vectors, title, notes)
    return Learnt(
        entry.space.name,
        len(made.words),
        settings,
        made.seconds,
        made.losses,
        tuple(seen.neighbors[: made.epochs + 1]),
        made.notes,
    )


def _free_name(name: str) -> str:
    """The name, with a number behind it where a space has it already."""
    taken = {entry.space.name for entry in registry.list_spaces()}
    names = (name if number == 1 else f"{name} {number}" for number in count(1))
    return next(one for one in names if data_home.safe_name(one) not in taken)
