"""A vocabulary: words with their vectors in one space, and finding words in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray, Space

# Letters left out, added, changed or swapped with their neighbour: one in four of a word at most.
LEAST_ALIKE = 0.75
PREFIXES = 5  # that words are looked up behind, such as ConceptNet's /c/en/


class Vocabulary:
    """Words and their unit vectors.

    Args:
        space: the space the vectors live in.
        words: ``n`` distinct words, most frequent first where the source has an order.
        vectors: ``(n, dim)`` float32 unit rows, one a word. Shared by all sessions: read-only.
        digest: identifies words and vectors together; caches are keyed by it.
        aliases: further spellings and the row each of them stands for.
        offset: the mean ``(dim,)`` that was taken from the vectors, if one was.
        notes: what was done to the source while reading it, a sentence each.
        reading: what was detected of the file, and what of it was left out.
    """

    def __init__(  # noqa: PLR0913
        self,
        space: Space,
        words: Sequence[str],
        vectors: FloatArray,
        digest: str,
        *,
        aliases: dict[str, int] | None = None,
        offset: FloatArray | None = None,
        notes: Sequence[str] = (),
        reading: Mapping[str, Any] | None = None,
    ) -> None:
        if vectors.shape != (len(words), space.dim):
            raise InputError(
                f"{len(words):,} words came with vectors of shape {vectors.shape}.",
                f"The shape must be ({len(words):,}, {space.dim}).",
                "Give one vector for each word.",
            )
        self.space = space
        self.words = list(words)
        self.vectors = vectors
        self.vectors.flags.writeable = False
        self.digest = digest
        self.aliases = aliases or {}
        self.offset = offset
        self.notes = tuple(notes)
        self.reading = dict(reading or {})

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return self.row(word) is not None

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {**self.aliases, **{word: row for row, word in enumerate(self.words)}}

    @cached_property
    def _folded_rows(self) -> dict[str, int]:
        """Row by case-folded word; where several words fold to one, the first (most frequent).

        An alias counts only where no word folds to the same: its vector is another word's.
        """
        folded: dict[str, int] = {}
        for row, word in enumerate(self.words):
            folded.setdefault(word.casefold(), row)
        for alias, row in self.aliases.items():
            folded.setdefault(alias.casefold(), row)
        return folded

    def row(self, word: str) -> int | None:
        """The row of ``word``: as written, then ignoring case, then with ``_`` for spaces."""
        for spelling in (word, word.replace(" ", "_")):
            found = self._rows.get(spelling)
            if found is None:
                found = self._folded_rows.get(spelling.casefold())
            if found is not None:
                return found
        return None

    def suggest(self, word: str, count: int = 5) -> list[str]:
        """Words that ``word`` may be a slip of, the likeliest first (optimal string alignment).

        Where all words are paths, such as ``/c/en/tea``, ``tea`` is meant to be that.

        Of several words each that is not known is looked at: all known, they are a phrase, of which
        no single word is another spelling.
        """
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        behind = [prefix + word.replace(" ", "_") for prefix in self._prefixes]
        if rows := [row for one in behind if (row := self.row(one)) is not None]:
            return [self.words[row] for row in rows[:count]]
        parts = word.split()
        if len(parts) > 1:
            return self._suggest_phrases(parts, count)
        folded = word.casefold()
        found = process.extract(
            folded,
            self._folded_list,
            scorer=OSA.normalized_similarity,
            limit=4 * count,
            score_cutoff=LEAST_ALIKE,
        )
        # Among equally near spellings the one in the same case, then the more frequent (earlier).
        capital = word[:1].isupper()
        ranked = sorted(
            (row for _, _, row in found),
            key=lambda row: (self.words[row][:1].isupper() != capital, row),
        )
        nearest = {row: -round(100 * ratio) for _, ratio, row in found}
        ranked.sort(key=lambda row: nearest[row])
        return [self.words[row] for row in ranked[:count]]

    def _suggest_phrases(self, parts: Sequence[str], count: int) -> list[str]:
        unknown = [at for at, part in enumerate(parts) if part not in self]
        if len(unknown) != 1:
            return []
        at = unknown[0]
        near = self.suggest(parts[at], count)
        return [" ".join([*parts[:at], one, *parts[at + 1 :]]) for one in near]

    @cached_property
    def _prefixes(self) -> list[str]:
        """What most words begin with up to their last slash, where all begin with a slash."""
        if not all(word.startswith("/") for word in self.words):
            return []
        counted = Counter(word[: word.rindex("/") + 1] for word in self.words)
        return [prefix for prefix, _ in counted.most_common(PREFIXES)]

    @cached_property
    def _folded_list(self) -> list[str]:
        return [word.casefold() for word in self.words]

    @property
    def centered(self) -> Vocabulary:
        """The same words with the vectors' mean taken away, unit length again.

        An option of a view with a name, never the default: centered vectors cannot be compared
        with the space's other vectors unless those are shifted by ``offset`` too
        (Mu & Viswanath 2018, "All-but-the-Top", first step).
        """
        mean = self.vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
        return Vocabulary(
            self.space,
            self.words,
            vec.normalize(self.vectors - mean),
            f"{self.digest}-centered",
            aliases=self.aliases,
            offset=mean,
            notes=self.notes,
            reading=self.reading,
        )

    def shift(self, vector: FloatArray) -> FloatArray:
        """A unit vector ``(dim,)`` of the space as it lies among these vectors."""
        return vector if self.offset is None else vec.unit(vector - self.offset)

    def head(self, count: int) -> list[str]:
        """The first ``count`` words."""
        return self.words[:count]
