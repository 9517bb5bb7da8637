"""Lesson 3: analogies answered one by one with plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.errors import InputError
from core.base.types import FloatArray, Modality, Space
from core.base.vectors import normalize
from core.lessons.arithmetic import answer, together
from core.spaces.vocabulary import Vocabulary
from core.words.analogies import Question


@pytest.fixture
def words() -> Vocabulary:
    vectors = normalize(np.random.default_rng(3).normal(size=(40, 3)).astype(np.float32))
    return Vocabulary(
        Space("random", "Random", 3, (Modality.WORD,)), [f"w{at}" for at in range(40)], vectors, "x"
    )


def nearest(words: Vocabulary, to: FloatArray, left_out: tuple[str, ...] = ()) -> str:
    scores = {
        word: float(vector @ to)
        for word, vector in zip(words.words, words.vectors, strict=True)
        if word not in left_out
    }
    return max(scores, key=lambda word: scores[word])


def test_each_way_of_answering_is_that_of_one_question_after_the_other(words: Vocabulary) -> None:
    vectors = dict(zip(words.words, words.vectors, strict=True))
    questions: list[Question] = []
    for start in range(20):  # answers of every kind, so that no column is always false
        a, b, c = (f"w{(start + step) % 40}" for step in (0, 7, 19))
        wanted = vectors[b] - vectors[a] + vectors[c]
        kinds = (
            nearest(words, wanted, (a, b, c)),
            nearest(words, wanted),
            nearest(words, vectors[c], (a, b, c)),
            f"w{start}",
        )
        questions.append((a, b, c, kinds[start % 4]))
    found = answer(words, [*questions, ("w1", "w2", "w3", "unknown")])
    assert len(found) == len(questions)
    for at, (a, b, c, d) in enumerate(questions):
        wanted = vectors[b] - vectors[a] + vectors[c]
        assert found.offset[at] == (nearest(words, wanted, (a, b, c)) == d)
        assert found.inputs_kept[at] == (nearest(words, wanted) == d)
        assert found.third_alone[at] == (nearest(words, vectors[c], (a, b, c)) == d)
        assert found.first_is_input[at] == (nearest(words, wanted) in {a, b, c})
        assert found.frequency[at] == words.words.index(d) + 1
    assert 0 < found.offset.sum() < len(questions)
    assert 0 < found.inputs_kept.sum() < len(questions)
    assert 0 < found.third_alone.sum() < len(questions)


def test_groups_of_questions_are_together_what_they_are_at_once(words: Vocabulary) -> None:
    questions: list[Question] = [(f"w{at}", f"w{at + 3}", "w30", f"w{at + 9}") for at in range(12)]
    at_once = answer(words, questions)
    parts = together([answer(words, questions[:5]), answer(words, questions[5:])])
    assert len(parts) == 12
    for name in ("frequency", "offset", "inputs_kept", "third_alone", "first_is_input"):
        assert getattr(parts, name).tolist() == getattr(at_once, name).tolist()


def test_bands_hold_every_question_once(words: Vocabulary) -> None:
    questions = [("w0", "w1", "w2", f"w{at}") for at in range(3, 40) for _ in range(at % 3 + 1)]
    found = answer(words, questions)
    bands = found.by_frequency()
    assert [band[:2] for band in bands] == [(4, 16), (17, 28), (29, 40)]
    for low, high, share in bands:
        inside = (found.frequency >= low) & (found.frequency <= high)
        assert share == pytest.approx(found.offset[inside].mean())


def test_a_model_without_the_words_says_so(words: Vocabulary) -> None:
    with pytest.raises(InputError, match="knows none"):
        answer(words, [("a", "b", "c", "d")])
