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

from core.base.types import FloatArray, IntArray

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
    rows = {
        int(label): np.flatnonzero(labels == label) for label in np.unique(labels) if label >= 0
    }
    groups = [_count(texts, inside) for inside in rows.values()]
    whole, total = _sum(groups), sum(map(len, rows.values()))
    found = {}
    for (label, inside), group, weights in zip(rows.items(), groups, _weigh(groups), strict=True):
        apart = _set_apart(weights, (group, len(inside)), (whole, total))
        ranked = _best(apart or weights)
        if away is not None:
            ranked = _by_middle(ranked, top, texts, inside[np.argsort(away[inside], kind="stable")])
        found[label] = [word for word, _ in ranked[:top]]
    return found


def telling_words(
    texts: Sequence[str], selected: Sequence[int] | IntArray, top: int = 10
) -> list[tuple[str, float]]:
    """The words that set the ``selected`` rows apart from the rest, with their weights.

    Only words that stand ``_MORE`` times as often in a selected text as in one of the rest: what is
    in most texts outweighs all else in a large selection, and tells nothing.
    """
    chosen = np.unique(np.asarray(selected, dtype=np.int64))
    others = np.setdiff1d(np.arange(len(texts)), chosen)
    groups = [_count(texts, rows) for rows in (chosen, others)]
    apart = _set_apart(_weigh(groups)[0], (groups[0], len(chosen)), (_sum(groups), len(texts)))
    return _best(apart)[:top]


def _count(texts: Sequence[str], rows: IntArray) -> Counter[str]:
    """In how many texts of a group each word stands."""
    return Counter(word for row in rows.tolist() for word in set(read_words(texts[row])))


def _set_apart(
    weights: dict[str, float], group: tuple[Counter[str], int], whole: tuple[Counter[str], int]
) -> dict[str, float]:
    """The words that a group has more of than the rest; counts with their numbers of texts."""
    (inside, size), (anywhere, total) = group, whole
    rest = max(1, total - size)
    return {
        word: weight
        for word, weight in weights.items()
        if inside[word] / max(1, size) > _MORE * (anywhere[word] - inside[word]) / rest
        and word not in _function_words()
    }


def _by_middle(
    ranked: Sequence[tuple[str, float]], top: int, texts: Sequence[str], rows: IntArray
) -> list[tuple[str, float]]:
    """Those of ``ranked`` that weigh enough for the first ``top``, in the order they shall have.

    Of equals those come first that stand first in the texts ``rows``.
    """
    least = min((weight for _, weight in ranked[:top]), default=0.0)
    wanted = {word: weight for word, weight in ranked if weight >= least}
    tied = {word for word, weight in wanted.items() if weight == least}
    missing = min(top - len(wanted), 0) + len(tied)
    order: dict[str, int] = {}
    for row in rows.tolist():  # few of them, where nearly each text has one
        for word in read_words(texts[row]):
            if word in wanted and word not in order:
                order[word] = len(order)
                missing -= word in tied
        if missing <= 0:
            break
    return sorted(wanted.items(), key=lambda one: (-one[1], order.get(one[0], len(order)), one[0]))


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
    totals = [group.total() for group in groups]
    mean = sum(totals) / max(1, len(groups))
    return [
        {word: count / total * math.log(1 + mean / whole[word]) for word, count in group.items()}
        for group, total in zip(groups, totals, strict=True)
    ]


def _sum(groups: Iterable[Counter[str]]) -> Counter[str]:
    whole = Counter[str]()
    for group in groups:
        whole.update(group)
    return whole


def _best(weights: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(weights.items(), key=lambda one: (-one[1], one[0]))
