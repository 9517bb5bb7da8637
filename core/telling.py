"""The words that tell a group of texts from the others: class-based TF-IDF (Grootendorst 2022).

A word's weight in a group is its share of the group's words times log(1 + A / f), with f how often
the word stands in all groups and A the mean number of words in a group. How often is counted in
texts, so that one long text does not speak for its group.

Words are runs of letters of any script, digits in them included; scripts without spaces (Chinese,
Japanese, Thai) are cut into pairs of letters. Nothing is known of any language: what stands in
every group alike weighs little by itself.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from core.types import IntArray

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+"
)
_LONGEST = 20_000  # letters of a text that are read: a text of megabytes tells no more
_LEAST_LETTERS = 2
_MORE = 1.5


def read_words(text: str) -> list[str]:
    """The words of a text, case-folded, in their order; numbers and single letters left out."""
    words: list[str] = []
    for found in _WORD.findall(text[:_LONGEST].casefold()):
        if _UNSPACED.search(found):
            for run in _UNSPACED.findall(found):
                words += [run[at : at + 2] for at in range(max(1, len(run) - 1))]
        elif len(found) >= _LEAST_LETTERS and not found.isdigit():
            words.append(found)
    return words


def cluster_words(texts: Sequence[str], labels: IntArray, top: int = 3) -> dict[int, list[str]]:
    """The ``top`` words of each cluster, the most telling first; noise (-1) has none."""
    groups = {int(label): Counter[str]() for label in np.unique(labels) if label >= 0}
    for text, label in zip(texts, labels, strict=True):
        if label >= 0:
            groups[int(label)].update(set(read_words(text)))
    weighed = _weigh(list(groups.values()))
    return {
        label: [word for word, _ in _best(weights, top)]
        for label, weights in zip(groups, weighed, strict=True)
    }


def telling_words(
    texts: Sequence[str], selected: Sequence[int] | IntArray, top: int = 10
) -> list[tuple[str, float]]:
    """The words that set the ``selected`` rows apart from the rest, with their weights.

    Only words that stand ``_MORE`` times as often in a selected text as in one of the rest: what is
    in most texts, such as *the*, outweighs all else in a large selection, and tells nothing.
    """
    chosen = {int(row) for row in selected}
    inside, outside = Counter[str](), Counter[str]()
    for row, text in enumerate(texts):
        (inside if row in chosen else outside).update(set(read_words(text)))
    weights = _weigh([inside, outside])[0]
    rest = max(1, len(texts) - len(chosen))
    more = {
        word: weight
        for word, weight in weights.items()
        if inside[word] / max(1, len(chosen)) > _MORE * outside[word] / rest
    }
    return _best(more, top)


def _weigh(groups: Sequence[Counter[str]]) -> list[dict[str, float]]:
    """Weight of each word in each group. Counts are of texts that hold the word."""
    whole = Counter[str]()
    for group in groups:
        whole.update(group)
    mean = whole.total() / max(1, len(groups))
    return [
        {
            word: count / group.total() * math.log(1 + mean / whole[word])
            for word, count in group.items()
        }
        for group in groups
    ]


def _best(weights: dict[str, float], top: int) -> list[tuple[str, float]]:
    ranked: Iterable[tuple[str, float]] = sorted(
        weights.items(), key=lambda pair: (-pair[1], pair[0])
    )
    return list(ranked)[:top]
