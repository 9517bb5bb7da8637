"""Lesson 2: a window over a text, skip-gram with negative sampling, its loss and gradient.

Mikolov et al. 2013, arXiv:1310.4546: for a center word with vector v and a context word with
vector u, k negatives with vectors u_1 … u_k are drawn, and the pair's loss is
``-log σ(u · v) - Σ log σ(-u_j · v)``. Center and context words have vectors of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.base.errors import InputError
from core.base.types import FloatArray, IntArray
from core.base.vectors import normalize

Wide = npt.NDArray[np.float64]  # so that numbers on the screen are exact
POWER = 0.75  # of the counts, by which negatives are drawn (Mikolov et al. 2013)
STEPS = 120_000  # pairs that training sees at most, some seconds
MOST_WORDS = 2_000  # of a learner's text, so that it is trained on at once
_WORD = re.compile(r"\w+(?:['\N{RIGHT SINGLE QUOTATION MARK}-]\w+)*")


def words_of(text: str) -> list[str]:
    """The words of a text in their order, in lower case; at most ``MOST_WORDS``.

    Raises:
        InputError: there are fewer than two.
    """
    found = [word.casefold() for word in _WORD.findall(text)][:MOST_WORDS]
    if len(found) < 2:
        raise InputError(
            f"{len(found)} {'word was' if len(found) == 1 else 'words were'} found in the text.",
            "A window needs at least two words, with spaces between them.",
            "Type a sentence; put spaces between the words of languages that write none.",
        )
    return found


def pairs(count: int, window: int) -> list[tuple[int, int]]:
    """Places of each center and each of its context words, in a text of ``count`` words.

    The context are the ``window`` words on either side, as far as there are some.
    """
    return [
        (center, context)
        for center in range(count)
        for context in range(max(0, center - window), min(count, center + window + 1))
        if context != center
    ]


def noise(counts: Mapping[str, int], power: float = POWER) -> dict[str, float]:
    """How likely each word is drawn as a negative: its count to a power, made to sum to 1."""
    weights = {word: count**power for word, count in counts.items()}
    total = sum(weights.values())
    return {word: weight / total for word, weight in weights.items()}


def sigmoid(values: Wide) -> Wide:
    """``1 / (1 + exp(-x))`` of each value ``(n,)``, without overflow."""
    result: Wide = 0.5 * (1 + np.tanh(values / 2))
    return result


@dataclass(frozen=True, slots=True)
class Pair:
    """A center word, its context word and negatives, as vectors in double precision.

    Attributes:
        center: ``(dim,)``, from the table of center words.
        context: ``(1 + k, dim)``, from the table of context words: the true one, then negatives.
        words: whose rows of ``context`` these are, where one can be there twice; it has one vector.
    """

    center: Wide
    context: Wide
    words: tuple[str, ...] = ()

    @property
    def dots(self) -> Wide:
        """The center's dot product with the context word and each negative, ``(1 + k,)``."""
        found: Wide = self.context @ self.center
        return found

    @property
    def loss(self) -> float:
        """``-log σ(u · v) - Σ log σ(-u_j · v)``."""
        signs = np.where(np.arange(len(self.context)) == 0, 1.0, -1.0)
        return float(np.logaddexp(0, -signs * self.dots).sum())

    @property
    def errors(self) -> Wide:
        """``σ(u · v) - t`` with ``t`` 1 for the context word and 0 for negatives, ``(1 + k,)``."""
        found = sigmoid(self.dots)
        found[0] -= 1
        return found

    def step(self, rate: float) -> Pair:
        """The pair after one step down the gradient.

        The gradient for v is ``Σ error_j u_j``, that for each u is ``error_j v``, added up where
        a word was drawn more than once.
        """
        errors = self.errors
        names = np.array(self.words or range(len(errors)))
        center = self.center - rate * (errors @ self.context)
        of_word = (names[:, None] == names) @ errors
        context = self.context - rate * np.outer(of_word, self.center)
        return Pair(center, context, self.words)


def first_vectors(words: Sequence[str], dim: int, seed: int, *, trained: bool) -> Pair:
    """Small random vectors for a center and for context ``words``, the same for the same word.

    word2vec begins with context vectors of zero; with ``trained`` they are random too, as if
    training had gone on for a while.
    """
    random = np.random.default_rng(seed)
    center = random.uniform(-0.5, 0.5, dim)
    if not trained:
        return Pair(center, np.zeros((len(words), dim)), tuple(words))
    table = {word: random.uniform(-0.5, 0.5, dim) for word in dict.fromkeys(words)}
    return Pair(center, np.array([table[word] for word in words]), tuple(words))


@dataclass(frozen=True, slots=True)
class Trained:
    """Vectors that were trained on a text.

    Attributes:
        words: by frequency, the most frequent first.
        vectors: of center words, ``(n, dim)``, unit length.
        losses: the mean loss of a pair in each pass over the text.
        pairs: how many there were.
    """

    words: list[str]
    vectors: FloatArray
    losses: list[float]
    pairs: int

    def nearest(self, word: str, count: int) -> list[tuple[str, float]]:
        """The ``count`` words with the largest cosine with ``word``, and the cosines."""
        row = self.words.index(word)
        scores = self.vectors @ self.vectors[row]
        order = [int(at) for at in np.argsort(-scores, kind="stable") if at != row][:count]
        return [(self.words[at], float(scores[at])) for at in order]


def train(  # noqa: PLR0913
    words: Sequence[str],
    window: int,
    *,
    dim: int = 16,
    negatives: int = 5,
    rate: float = 0.05,
    seed: int = 0,
) -> Trained:
    """Skip-gram with negative sampling on a short text, by plain gradient steps in small batches.

    It passes over the text as often as ``STEPS`` allow, 40 times at most; the rate falls to a
    tenth of ``rate`` on the way. Small and slow on purpose: each line is in
    the lesson. Real training is that of the page Train.
    """
    counts = Counter(words)
    listed = [word for word, _ in counts.most_common()]
    row = {word: at for at, word in enumerate(listed)}
    ids = np.array([row[word] for word in words])
    placed = np.array(pairs(len(words), window))
    centers, contexts = ids[placed[:, 0]], ids[placed[:, 1]]
    drawn_as = np.array(list(noise({word: counts[word] for word in listed}).values()))
    random = np.random.default_rng(seed)
    center = random.uniform(-0.5, 0.5, (len(listed), dim)) / dim
    context = np.zeros((len(listed), dim))
    losses = []
    passes = max(3, min(40, STEPS // len(centers)))
    for turn in range(passes):
        now = rate * (1 - 0.9 * turn / passes)
        total = 0.0
        for batch in np.array_split(random.permutation(len(centers)), -(-len(centers) // 16)):
            drawn = random.choice(len(listed), (len(batch), negatives), p=drawn_as)
            total += _batch(center, context, centers[batch], np.c_[contexts[batch], drawn], now)
        losses.append(total / len(centers))
    return Trained(listed, normalize(center.astype(np.float32)), losses, len(centers))


def _batch(center: Wide, context: Wide, rows: IntArray, others: IntArray, rate: float) -> float:
    """Steps both tables, in place, for ``rows`` ``(n,)`` paired with ``others`` ``(n, 1 + k)``."""
    v, u = center[rows], context[others]
    dots = np.einsum("nd,nkd->nk", v, u)
    signs = np.where(np.arange(others.shape[1]) == 0, 1.0, -1.0)
    errors = sigmoid(dots)
    errors[:, 0] -= 1
    np.add.at(center, rows, -rate * np.einsum("nk,nkd->nd", errors, u))
    np.add.at(context, others, -rate * errors[:, :, None] * v[:, None, :])
    return float(np.logaddexp(0, -signs * dots).sum())
