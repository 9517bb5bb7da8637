"""Analogy and similarity measures by hand, and the real figures of the default space."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.base.errors import Cancelled, InputError
from core.base.paths import ASSETS
from core.spaces import vocabularies
from core.spaces.vocabulary import Vocabulary
from core.spaces.vocabulary_files import Loaded
from core.words import analogies
from core.words.analogies import (
    evaluate_analogies,
    evaluate_similarity,
    read_judgements,
    read_pairs,
    read_questions,
)

TEXT = """: royal
man king woman queen
Man King Woman Queen
man king woman apple
: fruit
man king woman pear
"""


def test_questions_are_counted_right_covered_and_missing(royal: Vocabulary) -> None:
    result = evaluate_analogies(royal, read_questions(TEXT))
    first, second = result.sections["royal"], result.sections["fruit"]
    assert (first.right, first.covered, first.total) == (2, 3, 3)
    assert (second.right, second.covered, second.total) == (0, 0, 1)
    assert second.accuracy is None
    assert result.overall.accuracy == pytest.approx(2 / 3)
    assert result.missing == {"pear": 1}
    assert result.mistakes == [(("man", "king", "woman", "apple"), "queen")]


def test_batches_do_not_change_the_result(
    royal: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = evaluate_analogies(royal, read_questions(TEXT))
    monkeypatch.setattr(analogies, "BATCH", 1)
    assert evaluate_analogies(royal, read_questions(TEXT)) == whole


def test_a_cancelled_measurement_stops(royal: Vocabulary) -> None:
    def stop(done: int, total: int, note: str = "") -> None:
        raise Cancelled("The test")

    with pytest.raises(Cancelled):
        evaluate_analogies(royal, read_questions(TEXT), stop)


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "no question"), (": only a section\n", "no question"), ("a b c\n", "has 3 words")],
)
def test_bad_questions_are_told(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_questions(text)


def test_pairs_ask_one_question_each_way() -> None:
    assert read_pairs("# note\n: x\na b\nc d\n: y\ne f\n") == {
        "x": [("a", "b", "c", "d"), ("c", "d", "a", "b")],
        "y": [],
    }


def test_similarity_is_spearmans_rank_correlation(royal: Vocabulary) -> None:
    rows = read_judgements("word1\tword2\tscore\nking\tking\t9\nking,queen,5\nking man 4\nx y 1\n")
    assert rows == [("king", "king", 9), ("king", "queen", 5), ("king", "man", 4), ("x", "y", 1)]
    result = evaluate_similarity(royal, rows)
    assert (result.covered, result.total) == (3, 4)
    # cosines 1, 0.5, 0.707: ranks 3, 1, 2 against 3, 2, 1
    assert result.spearman == pytest.approx(0.5)


@pytest.mark.parametrize("text", ["", "a b 1\nc\n", "header only here\n", "a b 1\na c nan\n"])
def test_bad_judgements_are_told(text: str) -> None:
    with pytest.raises(InputError, match=r"needed|holds"):
        read_judgements(text)


def test_judgements_that_are_all_the_same_are_told(royal: Vocabulary) -> None:
    with pytest.raises(InputError, match="same score"):
        evaluate_similarity(royal, [("king", "queen", 5), ("king", "man", 5)])


@pytest.mark.slow
def test_the_default_space_answers_the_google_questions(
    minilm: Loaded, shared_data: Callable[[str], Path]
) -> None:
    text = shared_data("text/questions-words.txt").read_text()
    result = evaluate_analogies(minilm[0], read_questions(text))
    assert result.overall.total == 19_544
    assert result.overall.covered >= 13_000
    assert result.overall.accuracy == pytest.approx(0.615, abs=0.005)


@pytest.mark.slow
def test_the_second_layer_answers_more_of_them(
    minilm_layer2: Loaded, shared_data: Callable[[str], Path]
) -> None:
    text = shared_data("text/questions-words.txt").read_text()
    result = evaluate_analogies(minilm_layer2[0], read_questions(text))
    assert result.overall.accuracy == pytest.approx(0.728, abs=0.005)


def test_the_default_space_agrees_with_people(
    minilm: Loaded, shared_data: Callable[[str], Path]
) -> None:
    simlex = read_judgements(shared_data("text/word-similarity/EN-SIMLEX-999.txt").read_text())
    wordsim = read_judgements(shared_data("text/word-similarity/EN-WS-353-ALL.txt").read_text())
    assert evaluate_similarity(minilm[0], simlex).spearman == pytest.approx(0.455, abs=0.005)
    assert evaluate_similarity(minilm[0], wordsim).spearman == pytest.approx(0.754, abs=0.005)
    centered = minilm[0].centered
    assert evaluate_similarity(centered, simlex).spearman == pytest.approx(0.476, abs=0.005)


@pytest.mark.slow
def test_the_real_word2vec_file_answers_what_was_published(
    shared_data: Callable[[str], Path],
) -> None:
    vocabulary, _ = vocabularies.load_path(shared_data("vectors/googlenews_8k_300d.bin"))
    text = shared_data("text/questions-words.txt").read_text()
    overall = evaluate_analogies(vocabulary, read_questions(text)).overall
    assert overall.covered == 4_686
    assert overall.accuracy == pytest.approx(0.787, abs=0.002)


@pytest.mark.slow
def test_the_bundled_pairs_are_well_formed() -> None:
    path = ASSETS / "analogies" / "pairs.txt"
    sections = read_pairs(path.read_text(encoding="utf-8"))
    assert len(sections) >= 12
    assert all(len(questions) >= 20 for questions in sections.values())
