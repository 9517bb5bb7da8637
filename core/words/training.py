"""Training word vectors on texts, watched while they form.

gensim has the models (word2vec: Mikolov et al. 2013, arXiv:1310.4546; fastText: Bojanowski et al.
2017, arXiv:1607.04606). It works in a child process: its loops in C read beyond their tables where
numbers are not finite, which ends a process. gensim's own files are pickles: none is written or
read.

The loss is not gensim's ``compute_loss``, which is a running sum in single precision that takes up
no more from 2^27 on, leaves out the pairs that are most wrong, and is not there for fastText. It is
the mean negative-sampling loss of pairs that are drawn once from the texts (``LossSample``), so
that epochs, windows and models compare.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

import numpy as np

from core.base import vectors as vec
from core.base.child_worker import Array, ChildError, Worker
from core.base.errors import InputError, NotReadyError, OutOfMemoryError, counted, shorten
from core.base.memory import require_memory
from core.base.types import FloatArray, IntArray, Progress, no_progress
from core.base.validation import require_in_ranges
from core.words.corpus import Corpus

MAX_SEED = 2**32 - 1
NEIGHBORS = 8  # of each chosen word, after each epoch
PAIRS = 2_000  # that the loss is measured on
SHORTEST, LONGEST = 3, 6  # letters of fastText's pieces of words
MAX_BUCKETS = 2_000_000  # places for the vectors of pieces
CROWDED = 0.8  # mean cosine of two words from which neighbours tell little
MANY_WORDS = 100_000_000  # of text, from which analogies come out well

worker = Worker(
    "core.words.training_child",
    name="training word vectors",
    instead="choose fewer dimensions or a higher minimum count",
    at_once=2,
)


class WordModel(StrEnum):
    """How word vectors are learnt."""

    SKIP_GRAM = "skip-gram"  # a word is to tell each word around it
    CBOW = "cbow"  # the mean of the words around is to tell the word
    FASTTEXT = "fasttext"  # skip-gram, a word being the mean of itself and its pieces of letters


# One sentence on what each setting does, by the names of Settings.
HELP: Mapping[str, str] = MappingProxyType(
    {
        "model": (
            "skip-gram: a word is to tell each word around it; good for seldom words. cbow: the "
            "mean of the words around is to tell the word; faster. fasttext: skip-gram over words "
            f"and their pieces of {SHORTEST} to {LONGEST} letters, so that spellings count."
        ),
        "window": (
            "Words to each side that count as context (each time by chance 1 to this many). "
            "Small: words of the same use; large: words of the same topic."
        ),
        "dims": "Numbers of a vector.",
        "negatives": "Words drawn by chance that a true neighbour is told from.",
        "epochs": "How often all texts are gone through.",
        "least": "Words that occur less often are left out, as if they were not written.",
        "sample": (
            "Words that are a larger share of the text than this are skipped at times, as *the*. "
            "0 skips none, which small texts of few words need."
        ),
        "learning_rate": "How far each step goes; it falls to nearly nothing towards the end.",
        "seed": "The same number gives the same vectors on the same computer, with one thread.",
        "threads": "More are faster, but then no two trainings give the same vectors.",
    }
)
_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "window": (1, 100),
        "dims": (1, 1_000),
        "negatives": (1, 100),
        "epochs": (1, 1_000),
        "least": (1, 1_000_000),
        "sample": (0, 1),
        "learning_rate": (1e-6, 1e6),
        "seed": (0, MAX_SEED),
        "threads": (1, 64),
    }
)
_WHOLE = ("window", "dims", "negatives", "epochs", "least", "seed", "threads")


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides word vectors beside the texts; ``HELP`` says what each does.

    Raises:
        InputError: a value is outside its range.
    """

    model: WordModel = WordModel.SKIP_GRAM
    window: int = 5
    dims: int = 100
    negatives: int = 5
    epochs: int = 5
    least: int = 5
    sample: float = 1e-3
    learning_rate: float = 0.025
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        require_in_ranges(self, "the training", _RANGES, _WHOLE)

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "model": self.model.value}


@dataclass(slots=True)
class Watch:
    """What is seen of a training while it goes; ``stop`` set ends it, and what there is is kept.

    Attributes:
        asked: words whose neighbours are wanted; those that are not learnt have none.
        losses: before the first epoch, and after each.
        neighbors: by word, after each epoch, the nearest words with their cosine similarity.
    """

    asked: Sequence[str] = ()
    losses: list[float] = field(default_factory=list)
    neighbors: list[dict[str, list[tuple[str, float]]]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Trained:
    """Word vectors with how they came about.

    Attributes:
        words: the most frequent first.
        vectors: ``(v, dims)`` as they were trained, not of unit length.
        epochs: those that they went through.
        losses: before the first epoch, and after each of them.
        learnt_from: words of text that were gone through in an epoch.
        seconds: of training.
        notes: how it ended, and what to expect.
    """

    words: tuple[str, ...]
    vectors: FloatArray
    settings: Settings
    epochs: int
    losses: tuple[float, ...]
    learnt_from: int
    seconds: float
    notes: tuple[str, ...]

    def neighbors(self, asked: Sequence[str], k: int = NEIGHBORS) -> dict[str, list[Any]]:
        """The ``k`` nearest words with their cosine, of those of ``asked`` that were learnt."""
        return nearest_words(self.words, self.vectors, asked, k)


class _EndedError(Exception):
    """Stopped early, or its numbers are not finite any more."""


def train(
    corpus: Corpus,
    settings: Settings,
    progress: Progress = no_progress,
    watch: Watch | None = None,
) -> Trained:
    """Word vectors of a corpus; words rarer than ``settings.least`` are left out of it first.

    Raises:
        NotReadyError: gensim is not installed.
        InputError: too few words are left, memory does not suffice, or it diverged before one
            epoch was over.
        Cancelled: by ``progress``.
    """
    if find_spec("gensim") is None:
        raise NotReadyError(
            "Training word vectors needs gensim, which is not installed.",
            "It has no ready build for Python 3.14, so that it is left out there.",
            "Use Python 3.11 to 3.13; or with a C compiler: pip install gensim",
        )
    texts = corpus.trimmed(settings.least)
    buckets = _buckets(texts.words) if settings.model is WordModel.FASTTEXT else 0
    require_memory(
        4 * settings.dims * (4 * len(texts.words) + buckets) + 12 * len(texts.ids),
        f"Training {settings.dims} numbers for {len(texts.words):,} words",
        "Choose fewer dimensions or a higher minimum count.",
    )
    seen = _Seen(texts, settings, progress, Watch() if watch is None else watch)
    options = settings.as_dict() | {"words": texts.words, "buckets": buckets}
    arrays: list[Array] = [texts.counts, texts.ids, texts.ends]
    began = time.monotonic()
    ended = ""
    try:
        worker.ask(options, arrays, seen.report, seen.take)
    except _EndedError as error:
        ended = str(error)
    except (ChildError, OutOfMemoryError) as error:
        if seen.vectors is None and isinstance(error, OutOfMemoryError):
            raise
        why = " ".join(str(error).split())
        ended = f"The training broke off in epoch {seen.epochs + 1}: {shorten(why, 300)}"
    if seen.vectors is None:
        raise InputError(
            ended,
            f"Steps that are small enough; the learning rate is {settings.learning_rate:g}.",
            "Lower the learning rate.",
        )
    losses = tuple(seen.watch.losses[: seen.epochs + 1])
    notes = [ended] if ended else []
    if losses[-1] >= losses[0]:
        notes.append(
            "The loss is no lower than at the start: nothing was learnt. Lower the learning rate, "
            "or take more text."
        )
    unit = vec.normalize(seen.vectors)
    middle = unit.mean(axis=0)
    if float(middle @ middle) > CROWDED:  # the mean cosine of two words
        skipped = ", or skip no frequent words (a share of 0)" if settings.sample else ""
        notes.append(
            "All words lie near each other still, so that their order tells little. Take more text "
            f"or epochs{skipped}."
        )
    notes.append(_expectation(len(texts.ids)))
    seconds = time.monotonic() - began
    return Trained(
        texts.words,
        seen.vectors,
        settings,
        seen.epochs,
        losses,
        len(texts.ids),
        seconds,
        tuple(notes),
    )


def _expectation(words: int) -> str:
    told = f"Learnt from {counted(words, 'word')} of text."
    if words >= MANY_WORDS:
        return told
    return (
        f"{told} Neighbours come early; analogies such as king - man + woman need far more text: "
        "word2vec's own vectors are from billions of words."
    )


class _Seen:
    """What has come from the child so far, handed on to whoever watches."""

    def __init__(
        self, corpus: Corpus, settings: Settings, progress: Progress, watch: Watch
    ) -> None:
        self.vectors: FloatArray | None = None
        self.epochs, self.watch = 0, watch
        self._corpus, self._settings, self._progress = corpus, settings, progress

    def report(self, done: int) -> None:
        """How many words were gone through, in all epochs."""
        if self.watch.stop.is_set() and self.vectors is not None:
            raise _EndedError(f"Stopped after {self.epochs} of {self._settings.epochs} epochs.")
        total = self._settings.epochs * len(self._corpus.ids)
        self._progress(min(done, total), total, f"words, epoch {self.epochs + 1}")

    def take(self, told: dict[str, Any], vectors: FloatArray) -> None:
        """The vectors after an epoch; 0 are those that it begins with."""
        epoch, loss = int(told["epoch"]), float(told["loss"])
        with np.errstate(over="ignore"):
            finite = bool(np.isfinite(np.square(vectors).sum(axis=1)).all()) and np.isfinite(loss)
        if not finite:
            raise _EndedError(
                f"The training diverged in epoch {epoch}: its numbers were no longer finite."
                + (f" The vectors of epoch {self.epochs} are kept." if self.epochs else "")
            )
        self.watch.losses.append(loss)
        self.watch.neighbors.append(nearest_words(self._corpus.words, vectors, self.watch.asked))
        if epoch:
            self.vectors, self.epochs = vectors, epoch


def nearest_words(
    words: Sequence[str], vectors: FloatArray, asked: Sequence[str], k: int = NEIGHBORS
) -> dict[str, list[tuple[str, float]]]:
    """The ``k`` nearest words with their cosine, of those of ``asked`` that are among ``words``.

    Args:
        vectors: ``(v, dims)``, of any length.
    """
    rows = {word: words.index(word) for word in asked if word in words}
    unit = vec.normalize(vectors)
    nearest = {}
    for word, row in rows.items():
        cosines = unit @ unit[row]
        cosines[row] = -np.inf
        best = np.argsort(-cosines, kind="stable")[: min(k, len(words) - 1)]
        nearest[word] = [(words[at], float(cosines[at])) for at in best.tolist()]
    return nearest


def _buckets(words: Sequence[str]) -> int:
    """Places for the pieces of words: as many as there may be, so that few share one."""
    pieces = 0
    for word in words:
        letters = len(word) + 2  # with the signs of beginning and end
        pieces += sum(max(0, letters - n + 1) for n in range(SHORTEST, LONGEST + 1))
    return max(1, min(MAX_BUCKETS, pieces))


class LossSample:
    """Pairs of a word and its context with drawn negatives, chosen once by the seed.

    Args:
        ids: ``(n,)`` the words of all texts, as numbers.
        ends: ``(t,)`` where each text ends.
        counts: ``(v,)`` how often each word occurs: negatives are drawn by this to the power 0.75.
        settings: of CBOW the input is the mean of all words of the window; else one of them.
    """

    def __init__(
        self,
        ids: IntArray,
        ends: IntArray,
        counts: IntArray,
        settings: Settings,
    ) -> None:
        draw = np.random.default_rng(settings.seed)
        text = np.searchsorted(ends, np.arange(len(ids)), side="right")
        starts = np.concatenate([[0], ends])[text]
        with_context = np.flatnonzero(np.diff(ends, prepend=0)[text] > 1)
        at = draw.permutation(with_context)[:PAIRS]
        reach = draw.integers(1, settings.window + 1, len(at))
        contexts = [
            np.delete(
                ids[max(starts[one], one - far) : min(ends[text[one]], one + far + 1)],
                min(far, one - starts[one]),
            )
            for one, far in zip(at.tolist(), reach.tolist(), strict=True)
        ]
        if settings.model is not WordModel.CBOW:
            contexts = [draw.choice(words, 1) for words in contexts]
        self.targets = ids[at]
        self._sizes = np.array([len(words) for words in contexts])
        self._contexts = np.concatenate(contexts)
        share = counts.astype(np.float64) ** 0.75
        shape = (len(at), settings.negatives)
        self.negatives = draw.choice(len(counts), shape, p=share / share.sum())

    def loss(self, vectors: FloatArray, outputs: FloatArray) -> float:
        """Mean of ``-log s(u·v) - sum log s(-n·v)``, s the logistic function, over the pairs.

        A drawn negative that is the target itself does not count.

        Args:
            vectors: ``(v, dims)`` of words as context; ``v`` above is their mean.
            outputs: ``(v, dims)`` of words as what is to be told, ``u`` and ``n``.
        """
        first = np.concatenate([[0], np.cumsum(self._sizes)[:-1]])
        given = vectors.astype(np.float64)[self._contexts]
        context = np.add.reduceat(given, first, axis=0) / self._sizes[:, None]
        true = np.einsum("nd,nd->n", context, outputs[self.targets])
        false = np.einsum("nd,nkd->nk", context, outputs[self.negatives])
        others = self.negatives != self.targets[:, None]
        losses = np.logaddexp(0, -true) + np.where(others, np.logaddexp(0, false), 0).sum(axis=1)
        return float(losses.mean())
