"""Ranking by meaning, by keywords and by both, by hand; keywords of all kinds of texts."""

from __future__ import annotations

import math
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from core.base.types import FloatArray
from core.sentences.search import KeywordIndex, SearchMode, rank_rows

SEMANTIC, BM25, HYBRID = SearchMode.SEMANTIC, SearchMode.BM25, SearchMode.HYBRID
SIMILARITY = np.array([0.1, 0.9, 0.5, 0.7, -0.2], dtype=np.float32)
WORDS = np.array([3.0, 0.0, 2.0, 0.0, 1.0], dtype=np.float32)


def ranked(
    mode: SearchMode, k: int, similarity: FloatArray = SIMILARITY, words: FloatArray = WORDS
) -> list[tuple[int, float]]:
    hits = rank_rows(similarity, words, mode, k)
    for hit in hits:  # both scores are told, whichever decided
        assert hit.similarity == similarity[hit.row]
        assert hit.keywords == words[hit.row]
    return [(hit.row, pytest.approx(hit.score)) for hit in hits]


def rows(mode: SearchMode, k: int, similarity: list[float], words: list[float]) -> list[int]:
    arrays = np.array(similarity, dtype=np.float32), np.array(words, dtype=np.float32)
    return [row for row, _ in ranked(mode, k, *arrays)]


def test_each_mode_by_hand() -> None:
    assert ranked(SEMANTIC, 3) == [(1, 0.9), (3, 0.7), (2, 0.5)]
    assert ranked(BM25, 2) == [(0, 3), (2, 2)]
    # Ranks by meaning: rows 1 3 2 0 4; by keywords: rows 0 2 4, the others have no share.
    both = {0: 1 / 64 + 1 / 61, 1: 1 / 61, 2: 1 / 63 + 1 / 62, 3: 1 / 62, 4: 1 / 65 + 1 / 63}
    order = [0, 2, 4, 1, 3]
    assert ranked(HYBRID, 5) == [(row, both[row]) for row in order]
    assert ranked(HYBRID, 2) == [(row, both[row]) for row in order[:2]]


def test_equal_scores_go_by_row_and_share_their_best_rank() -> None:
    assert rows(SEMANTIC, 2, [0.5, 0.7, 0.7, 0.7], [0] * 4) == [1, 2]
    assert rows(BM25, 3, [0] * 4, [1, 2, 1, 2]) == [1, 3, 0]
    similarity = np.array([0.2, 0.8, 0.8, 0.1], dtype=np.float32)
    words = np.array([1, 1, 1, 2], dtype=np.float32)
    # By meaning 1 and 2 share rank 1, 0 and 3 follow; by keywords 3 is first, all others 2nd.
    assert ranked(HYBRID, 4, similarity, words) == [
        (1, 1 / 61 + 1 / 62),
        (2, 1 / 61 + 1 / 62),
        (3, 1 / 64 + 1 / 61),
        (0, 1 / 63 + 1 / 62),
    ]


@pytest.mark.parametrize("mode", SearchMode)
def test_k_beyond_the_rows_gives_all_that_answer(mode: SearchMode) -> None:
    assert len(ranked(mode, 1_000)) == (3 if mode is BM25 else 5)
    assert ranked(mode, 1_000)[:2] == ranked(mode, 2)


def test_without_a_keyword_anywhere_keywords_answer_nothing_and_both_goes_by_meaning() -> None:
    nothing = np.zeros(5, dtype=np.float32)
    assert ranked(BM25, 5, words=nothing) == []
    assert ranked(HYBRID, 2, words=nothing) == [(1, 1 / 61), (3, 1 / 62)]


@pytest.mark.parametrize("mode", SearchMode)
def test_the_best_few_of_many_equal_those_of_a_full_sort(mode: SearchMode) -> None:
    generator = np.random.default_rng(3)
    similarity = generator.integers(-9, 9, 500).astype(np.float32) / 9
    words = np.maximum(0, generator.integers(-9, 9, 500)).astype(np.float32)
    everything = ranked(mode, 500, similarity, words)
    for k in (1, 7, 100, 499):
        assert ranked(mode, k, similarity, words) == everything[:k]
    scores = [hit.score for hit in rank_rows(similarity, words, mode, 500)]
    assert scores == sorted(scores, reverse=True)


def found(texts: list[str], question: str) -> list[int]:
    """Rows with a keyword of the question, best first."""
    scores = KeywordIndex(texts).scores(question)
    assert scores.shape == (len(texts),)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    return [row for row in np.argsort(-scores, kind="stable").tolist() if scores[row] > 0]


def test_scores_are_bm25_by_hand() -> None:
    texts = ["red fish blue fish", "red house", "green tree grows tall quickly"]
    # Lucene's form: ln(1 + (N - n + 0.5) / (n + 0.5)) * f / (f + 1.5 (0.25 + 0.75 length / mean))
    mean = 11 / 3

    def weight(holding: int, count: int, length: int) -> float:
        rarity = math.log(1 + (3 - holding + 0.5) / (holding + 0.5))
        return rarity * count / (count + 1.5 * (0.25 + 0.75 * length / mean))

    expected = [weight(1, 2, 4) + weight(2, 1, 4), weight(2, 1, 2), 0]
    assert KeywordIndex(texts).scores("Red fish?") == pytest.approx(expected, rel=1e-5)


def test_single_letters_and_digits_are_words() -> None:
    texts = ["Oranges hold vitamin C.", "Carrots hold vitamin A.", "The C major scale", "Room 7"]
    assert found(texts, "vitamin c")[0] == 0
    assert set(found(texts, "vitamin c")) == {0, 1, 2}
    assert found(texts, "7") == [3]


@pytest.mark.parametrize("question", ["", "   ", "the of and", "?!…", "zebra", "🐈"])
def test_a_question_without_a_known_word_finds_nothing(question: str) -> None:
    assert found(["a cat sleeps", "the dog"], question) == []


@pytest.mark.parametrize(
    "texts", [[""], ["", "  "], ["the", "of and the"], ["!!!", "…"], ["🐈"], ["the", "", "?"]]
)
def test_texts_without_a_word_are_no_answers(texts: list[str]) -> None:
    assert found(texts, "cat") == []
    assert found(texts, "the") == []


def test_an_empty_text_among_others_is_no_answer() -> None:
    assert found(["cat", "", "the", "a cat and a cat"], "cat") == [3, 0]
    assert found(["cat", "", "the"], "") == []


def test_other_scripts_and_accents() -> None:
    texts = ["猫が好きです", "Le café est fermé", "Кошка спит", "قطة صغيرة", "Straße"]
    assert found(texts, "CAFÉ") == [1]
    assert found(texts, "кошка") == [2]
    assert found(texts, "قطة") == [3]
    assert found(texts, "猫が好きです") == [0]
    assert found(texts, "straße") == [4]


def test_one_text_can_be_searched_twice() -> None:
    index = KeywordIndex(["one red cat"])
    first = index.scores("cat")
    assert first[0] > 0
    assert index.scores("cat").tolist() == first.tolist()
    assert index.scores("dog").tolist() == [0]


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    texts = ["common words here", "common words there", "common rare words"]
    assert found(texts, "common rare")[0] == 2


CASES = Path(__file__).parent.parent / "cases" / "keywords"


def found_in(file: str, question: str) -> set[str]:
    """The rows of a case that keywords find."""
    texts = (CASES / file).read_text("utf-8").splitlines()
    scores = KeywordIndex(texts).scores(question)
    return {text for text, score in zip(texts, scores, strict=True) if score > 0}


@pytest.mark.parametrize(
    ("file", "question"),
    [
        ("ja.txt", "標準化"),
        ("ja.txt", "天気"),
        ("ja.txt", "ラーメン"),
        ("ja.txt", "ﾗｰﾒﾝ"),  # half as wide
        ("zh.txt", "好吃"),
        ("zh.txt", "面条"),
        ("zh.txt", "好"),
        ("zh.txt", "服务员态度"),
    ],
)
def test_scripts_without_blanks_are_found_by_their_characters(file: str, question: str) -> None:
    texts = (CASES / file).read_text("utf-8").splitlines()
    wanted = unicodedata.normalize("NFKC", question)
    assert found_in(file, question) == {text for text in texts if wanted in text} != set()


def test_thai_and_korean_words_are_found_within_longer_ones() -> None:
    thai = ["อาหารอร่อยมาก", "บริการดีมาก", "ราคาแพง"]
    assert found(thai, "อร่อย")[0] == 0
    assert found(["맛있는 음식이 나왔다", "서비스가 좋다"], "음식") == [0]


def test_case_is_folded_as_unicode_does() -> None:
    texts = ["Die Straße ist lang", "Der Weg ist kurz", "ΟΔΟΣ", "Ａ１ in full width"]
    assert found(texts, "strasse") == [0]
    assert found(texts, "STRASSE") == [0]
    assert found(texts, "οδος") == found(texts, "οδός".replace("ό", "ο")) == [2]
    assert found(texts, "a1") == [3]
