"""The words that tell a group of texts from the others: class-based TF-IDF (Grootendorst 2022).

A word's weight in a group is its share of the group's words times log(1 + A / f), with f how often
the word stands in all groups and A the mean number of words in a group. How often is counted in
texts, so that one long text does not speak for its group.

Words are runs of letters of any script, digits in them included; scripts without spaces (Chinese,
Japanese, Thai) are cut into pairs of letters. Of languages only the function words of English are
known, *the* or *with*, which name nothing; what stands in every group alike weighs little anyway.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path

import numpy as np

from core.types import BoolArray, FloatArray, IntArray

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


def cluster_words(
    texts: Sequence[str], labels: IntArray, top: int = 3, *, away: FloatArray | None = None
) -> dict[int, list[str]]:
    """The ``top`` words of each cluster, the most telling first; noise (-1) has none.

    Args:
        away: ``(n,)`` how far each text is from the middle of its cluster. Of words that tell alike
            those of the middle come first; else those that are first in the alphabet.
    """
    groups = {int(label): Counter[str]() for label in np.unique(labels) if label >= 0}
    for text, label in zip(texts, labels, strict=True):
        if label >= 0:
            groups[int(label)].update(set(read_words(text)))
    whole = _sum(groups.values())
    total = int((labels >= 0).sum())
    found = {}
    for (label, group), weights in zip(groups.items(), _weigh([*groups.values()]), strict=True):
        size = int((labels == label).sum())
        apart = _set_apart(weights, (group, size), (whole - group, total - size))
        nearest = None if away is None else _nearest(texts, labels == label, away)
        found[label] = [word for word, _ in _best(apart or weights, top, nearest)]
    return found


def telling_words(
    texts: Sequence[str], selected: Sequence[int] | IntArray, top: int = 10
) -> list[tuple[str, float]]:
    """The words that set the ``selected`` rows apart from the rest, with their weights.

    Only words that stand ``_MORE`` times as often in a selected text as in one of the rest: what is
    in most texts outweighs all else in a large selection, and tells nothing.
    """
    chosen = {int(row) for row in selected}
    inside, outside = Counter[str](), Counter[str]()
    for row, text in enumerate(texts):
        (inside if row in chosen else outside).update(set(read_words(text)))
    weights = _weigh([inside, outside])[0]
    rest = len(texts) - len(chosen)
    return _best(_set_apart(weights, (inside, len(chosen)), (outside, rest)), top)


def _set_apart(
    weights: dict[str, float], group: tuple[Counter[str], int], rest: tuple[Counter[str], int]
) -> dict[str, float]:
    """The words that a group has more of than the rest, each given with its number of texts."""
    (inside, size), (outside, others) = group, rest
    return {
        word: weight
        for word, weight in weights.items()
        if inside[word] / max(1, size) > _MORE * outside[word] / max(1, others)
        and word not in _function_words()
    }


def _nearest(texts: Sequence[str], inside: BoolArray, away: FloatArray) -> dict[str, float]:
    """For each word of a cluster how far the nearest text that holds it is from the middle."""
    found: dict[str, float] = {}
    rows = np.flatnonzero(inside)
    for row in rows[np.argsort(-away[rows], kind="stable")].tolist():  # the nearest come last
        found |= dict.fromkeys(read_words(texts[row]), float(away[row]))
    return found


@cache
def _function_words() -> frozenset[str]:
    """spaCy's list of English, read by itself: its import takes two seconds."""
    package = find_spec("spacy")
    if package is None or not package.submodule_search_locations:
        raise AssertionError  # it is one of our packages
    path = Path(package.submodule_search_locations[0]) / "lang" / "en" / "stop_words.py"
    return frozenset(run_path(str(path))["STOP_WORDS"])


def _weigh(groups: Sequence[Counter[str]]) -> list[dict[str, float]]:
    """Weight of each word in each group. Counts are of texts that hold the word."""
    whole = _sum(groups)
    mean = whole.total() / max(1, len(groups))
    return [
        {
            word: count / group.total() * math.log(1 + mean / whole[word])
            for word, count in group.items()
        }
        for group in groups
    ]


def _sum(groups: Iterable[Counter[str]]) -> Counter[str]:
    whole = Counter[str]()
    for group in groups:
        whole.update(group)
    return whole


def _best(
    weights: dict[str, float], top: int, nearest: dict[str, float] | None = None
) -> list[tuple[str, float]]:
    first = nearest or {}
    return sorted(weights.items(), key=lambda one: (-one[1], first.get(one[0], 0), one[0]))[:top]
