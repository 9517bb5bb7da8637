"""Forms of one word: kings, king's and king; monarchs, monarchy and monarch; older, oldest and old.

Rules of English spelling propose a simpler form, and two things must agree: it is a word of the
vocabulary, and its vector lies near (the first is enough for irregular forms and comparatives). So
*news* is no form of *new*, nor *army* of *arm*. Stemmers (Porter 1980) know no meaning and join
those; lemmatizers need tables that are not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from core.spaces.vocabulary import Vocabulary

# How near a simpler form must lie: (cosine - mean cosine) / (1 - mean cosine). Measured in MiniLM
# and its layer 2: kings, boxes, hoped and monarchy have 0.61 and more, news, army, lately and lady
# 0.52 and less.
NEAR = 0.6
SHORTEST = 3
STEPS = 3  # monarchies, monarchy, monarch
_VOWELS = frozenset("aeiou")
_IRREGULAR = {
    **{"men": "man", "women": "woman", "children": "child", "people": "person", "feet": "foot"},
    **{"teeth": "tooth", "geese": "goose", "mice": "mouse", "wives": "wife", "lives": "life"},
    **{"knives": "knife", "wolves": "wolf", "leaves": "leaf", "halves": "half", "shelves": "shelf"},
    **{"thieves": "thief", "calves": "calf", "better": "good", "best": "good", "worse": "bad"},
    **{"worst": "bad", "went": "go", "gone": "go", "was": "be", "were": "be", "been": "be"},
    **{"had": "have", "has": "have", "did": "do", "done": "do", "said": "say", "made": "make"},
    **{"took": "take", "taken": "take", "came": "come", "saw": "see", "seen": "see"},
    **{"knew": "know", "known": "know", "got": "get", "gave": "give", "given": "give"},
    **{"found": "find", "thought": "think", "told": "tell", "became": "become", "left": "leave"},
    **{"felt": "feel", "brought": "bring", "began": "begin", "begun": "begin", "kept": "keep"},
    **{"held": "hold", "wrote": "write", "written": "write", "stood": "stand", "heard": "hear"},
    **{"ran": "run", "sat": "sit", "spoke": "speak", "spoken": "speak", "bought": "buy"},
    **{"sold": "sell", "sent": "send", "built": "build", "lost": "lose", "met": "meet"},
    **{"paid": "pay", "won": "win", "swam": "swim", "swum": "swim", "sang": "sing", "sung": "sing"},
    **{"drove": "drive", "driven": "drive", "ate": "eat", "eaten": "eat", "flew": "fly"},
    **{"flown": "fly", "grew": "grow", "grown": "grow", "taught": "teach", "caught": "catch"},
    **{"fought": "fight", "sought": "seek", "slept": "sleep", "rode": "ride", "ridden": "ride"},
}


class Forms:
    """Which words of a vocabulary are forms of one word."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._roots: dict[str, str] = {}

    def root(self, word: str) -> str:
        """The simplest form of ``word``, which all its forms have in common."""
        word = word.casefold()
        if word not in self._roots:
            self._roots[word] = self._find(word)
        return self._roots[word]

    def _find(self, word: str) -> str:
        root = word
        for _ in range(STEPS):
            proposed = self._proposed(root)
            simpler = next((form for form, sure in proposed if self._is_form(root, form, sure)), "")
            if not simpler:
                break
            root = simpler
        return root

    def _proposed(self, word: str) -> Iterator[tuple[str, bool]]:
        """Simpler forms by spelling, the likeliest first, and whether that alone makes it sure."""
        if word in _IRREGULAR:
            yield _IRREGULAR[word], True
        for end, other in (("er", "est"), ("est", "er")):
            # farmer is more than a form of farm: there is no farmest
            if word.endswith(end) and f"{word.removesuffix(end)}{other}" in self.vocabulary:
                for form in _unbent(word.removesuffix(end)):
                    yield form, True
        for form in self._by_ending(word):
            yield form, False

    def _by_ending(self, word: str) -> Iterator[str]:
        for end in ("'s", "’s", "'", "’"):
            if word.endswith(end):
                yield word.removesuffix(end)
        if word.endswith("s") and not word.endswith(("ss", "us", "is")):
            if word.endswith("ies"):
                yield f"{word[:-3]}y"
            if word.endswith("es"):
                yield word[:-1]
                yield word[:-2]
            yield word[:-1]
        for end in ("ed", "ing"):
            if word.endswith(end):
                yield from _unbent(word.removesuffix(end))
        if word.endswith("y"):
            yield from _unbent(word[:-1])

    def _is_form(self, word: str, form: str, sure: bool) -> bool:
        rows = self.vocabulary.row(word), self.vocabulary.row(form)
        if rows[1] is None or word == form:
            return False
        if sure:
            return True
        if rows[0] is None or len(form) < SHORTEST:
            return False
        cosine = float(self.vocabulary.vectors[rows[0]] @ self.vocabulary.vectors[rows[1]])
        return cosine - self._mean >= NEAR * (1 - self._mean)

    @cached_property
    def _mean(self) -> float:
        """The mean cosine of two words: in some models all words lie near each other."""
        mean = self.vocabulary.vectors.mean(axis=0)
        return float(mean @ mean)


def _unbent(stem: str) -> Iterator[str]:
    """What a stem may have been before its ending: walk, hope of hop, run of runn, cry of cri."""
    yield stem
    yield f"{stem}e"
    if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in _VOWELS:
        yield stem[:-1]
    if stem.endswith("i"):
        yield f"{stem[:-1]}y"
