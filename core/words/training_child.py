"""What the child process of ``core.words.training`` runs: gensim, one epoch after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from core.base import child_worker
from core.base.child_worker import Answers, Array, Work
from core.base.types import IntArray
from core.words.training import LONGEST, SHORTEST, LossSample, Settings, WordModel

# gensim reads no more than so many words of a text: longer ones are cut into pieces.
LONGEST_TEXT = 10_000
_REPORT = 5_000  # words between two reports
LAST_RATE = 0.0001  # what the learning rate falls to, as gensim has it


class _Texts:
    """The texts as lists of words, which gensim goes through once an epoch, in its own thread."""

    def __init__(self, words: Sequence[str], ids: IntArray, ends: IntArray, say: Answers) -> None:
        self._words, self._ids, self._ends, self._say = words, ids, ends.tolist(), say
        self.before = 0  # words of all epochs that are over

    @property
    def count(self) -> int:
        """How many there are, those that are cut by their pieces."""
        return sum(1 for _ in self._pieces())

    def _pieces(self) -> Iterator[tuple[int, int]]:
        start = 0
        for end in self._ends:
            for at in range(start, end, LONGEST_TEXT):
                yield at, min(end, at + LONGEST_TEXT)
            start = end

    def __iter__(self) -> Iterator[list[str]]:
        told = 0
        for start, end in self._pieces():
            if end - told >= _REPORT:
                told = end
                self._say(self.before + end)
            yield [self._words[row] for row in self._ids[start:end].tolist()]


def prepare() -> Work:
    """Trains on the counts of words, the texts' words and their ends, the three arrays."""
    from gensim.models import FastText, Word2Vec

    def train(options: dict[str, Any], arrays: list[Array], answers: Answers) -> Array:
        words, buckets = options.pop("words"), options.pop("buckets")
        settings = Settings(WordModel(options.pop("model")), **options)
        counts, ids, ends = arrays
        texts = _Texts(words, ids, ends, answers)
        given = {
            "vector_size": settings.dims,
            "window": settings.window,
            "negative": settings.negatives,
            "sg": int(settings.model is not WordModel.CBOW),
            "min_count": 1,
            "sample": settings.sample,
            "seed": settings.seed,
            "workers": settings.threads,
        }
        if settings.model is WordModel.FASTTEXT:
            model = FastText(**given, bucket=buckets, min_n=SHORTEST, max_n=LONGEST)
        else:
            model = Word2Vec(**given)
        model.build_vocab_from_freq(dict(zip(words, counts.tolist(), strict=True)))
        rows = [model.wv.key_to_index[word] for word in words]
        sample = LossSample(ids, ends, counts, settings)

        def hand_over(epoch: int) -> None:
            vectors = model.wv.vectors[rows]
            loss = sample.loss(vectors, model.syn1neg[rows])
            answers.piece({"epoch": epoch, "loss": loss}, vectors.astype(np.float32))

        hand_over(0)
        first, count = settings.learning_rate, texts.count
        fall = (first - min(first, LAST_RATE)) / settings.epochs
        for epoch in range(settings.epochs):
            model.train(
                texts,
                total_examples=count,
                total_words=len(ids),
                epochs=1,
                start_alpha=first - epoch * fall,
                end_alpha=first - (epoch + 1) * fall,
            )
            texts.before += len(ids)
            answers(texts.before)
            hand_over(epoch + 1)
        return np.empty(0, np.float32)

    return train


if __name__ == "__main__":
    child_worker.serve(prepare)
