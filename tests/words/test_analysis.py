"""Word questions with answers worked out by hand, and known answers on the real words."""

from pathlib import Path

import numpy as np
import pytest

from core.base import vectors as vec
from core.base.axes import lay_along_axis
from core.base.errors import FormulaError, InputError, UnknownTermError
from core.formula.formula import parse_formula
from core.formula.resolve import resolve, unknown_word
from core.knn.exact import ExactIndex
from core.spaces import vocabularies
from core.spaces.vocabulary import Vocabulary
from core.spaces.vocabulary_files import Loaded
from core.words.analysis import draw_arithmetic, odd_one_out, rank_words
from core.words.word_list import resolve_words, split_words
from tests.conftest import SMALL, FakeEncoder

VECTORS = Path(__file__).parent.parent / "cases" / "vectors"


def test_king_minus_man_plus_woman_is_queen_by_hand(
    royal: Vocabulary, royal_index: ExactIndex
) -> None:
    query = resolve(parse_formula("king - man + woman"), royal)
    half = 0.5**0.5
    assert query.sum == pytest.approx([half, half - 1, 1, 0], abs=1e-6)
    ranking = rank_words(royal, royal_index, query, 3)
    assert ranking.neighbors[0].id == "queen"
    length = (half**2 + (half - 1) ** 2 + 1) ** 0.5
    assert ranking.neighbors[0].score == pytest.approx((half * half + half) / length, abs=1e-6)


def test_input_words_are_left_out_by_row_and_shown_when_asked(
    royal: Vocabulary, royal_index: ExactIndex
) -> None:
    query = resolve(parse_formula("KING"), royal)
    without = rank_words(royal, royal_index, query, 5)
    assert "king" not in [found.id for found in without.neighbors]
    assert without.neighbors[0].rank == 2
    assert without.inputs == []
    with_inputs = rank_words(royal, royal_index, query, 5, include_inputs=True)
    assert with_inputs.neighbors[0].id == "king"
    assert [(found.id, found.rank) for found in with_inputs.inputs] == [("king", 1)]
    assert with_inputs.neighbors[0].score == pytest.approx(1)


def test_more_results_than_words_gives_all_of_them(
    royal: Vocabulary, royal_index: ExactIndex
) -> None:
    query = resolve(parse_formula("apple"), royal)
    assert len(rank_words(royal, royal_index, query, 100).neighbors) == 5


def test_ignoring_case_a_word_of_its_own_comes_before_a_further_spelling() -> None:
    rows = np.eye(4, dtype=np.float32)
    words = ["Paris", "x", "US", "us"]
    aliases = {"PARIS": 1, "pAris": 1, "Lutetia": 0, "uS": 1, "Y": 1}
    found = Vocabulary(SMALL, words, rows, "aliases", aliases=aliases)
    asked = ("Paris", "paris", "PARIS", "lutetia", "us", "Us", "uS", "y")
    assert [found.row(word) for word in asked] == [0, 0, 1, 0, 3, 2, 1, 1]
    assert found.centered.row("paris") == 0


def test_a_word_is_found_ignoring_case_and_with_underscores(royal: Vocabulary) -> None:
    assert royal.row("KING") == 0
    assert royal.row("new york") == 5
    assert royal.row("pear") is None


def test_an_unknown_word_is_an_error_with_near_spellings(royal: Vocabulary) -> None:
    with pytest.raises(UnknownTermError, match="Did you mean queen") as caught:
        resolve(parse_formula("king + quen"), royal)
    assert caught.value.term == "quen"


def test_a_hyphenated_unknown_word_is_told_how_to_subtract(royal: Vocabulary) -> None:
    with pytest.raises(UnknownTermError, match="king - man"):
        resolve(parse_formula("king-man"), royal)


def test_unknown_words_are_encoded_in_one_call_where_that_is_possible(royal: Vocabulary) -> None:
    encoder = FakeEncoder()
    query = resolve(parse_formula("king + pear - plum"), royal, encoder=encoder)
    assert encoder.asked == ["pear", "plum"]
    assert [term.encoded for term in query.terms] == [False, True, True]
    assert query.terms[1].vector == pytest.approx(FakeEncoder().encode(["pear"])[0])


def test_a_kept_vector_is_used_by_its_name_and_only_if_it_fits(royal: Vocabulary) -> None:
    items = {"mine": royal.vectors[4], "other": np.ones(9, dtype=np.float32)}
    query = resolve(parse_formula("[mine]"), royal, items=items)
    assert query.vector == pytest.approx(royal.vectors[4])
    with pytest.raises(InputError, match="nothing called"):
        resolve(parse_formula("[yours]"), royal, items=items)
    with pytest.raises(InputError, match="has 9 numbers"):
        resolve(parse_formula("[other]"), royal, items=items)


def test_terms_that_point_nowhere_together_are_an_error(royal: Vocabulary) -> None:
    items = {"mine": royal.vectors[0]}
    with pytest.raises(FormulaError, match="length zero"):
        resolve(parse_formula("king - [mine]"), royal, items=items)


def test_tiny_weights_count_by_their_proportions(royal: Vocabulary) -> None:
    tiny = resolve(parse_formula("1e-30*king - 1e-30*man + 1e-30*woman"), royal)
    plain = resolve(parse_formula("king - man + woman"), royal)
    assert tiny.vector == pytest.approx(plain.vector, abs=1e-6)


def test_centering_takes_the_mean_away_and_shifts_kept_vectors_too(royal: Vocabulary) -> None:
    centered = royal.centered
    mean = royal.vectors.mean(axis=0)
    assert centered.vectors == pytest.approx(vec.normalize(royal.vectors - mean), abs=1e-6)
    query = resolve(parse_formula("[mine]"), centered, items={"mine": royal.vectors[2]})
    assert query.vector == pytest.approx(centered.vectors[2], abs=1e-6)


def test_the_odd_one_out_has_the_lowest_mean_similarity() -> None:
    vectors = vec.normalize(np.array([[1, 0], [1, 0.1], [0, 1]], dtype=np.float32))
    odd = odd_one_out(["a", "b", "c"], vectors)
    assert odd.word == "c"
    assert odd.similarity[2] == pytest.approx((0 + vectors[1] @ vectors[2]) / 2, abs=1e-6)
    with pytest.raises(InputError, match="At least three"):
        odd_one_out(["a", "b"], vectors[:2])


def test_an_axis_has_its_ends_at_minus_and_plus_one() -> None:
    low, high = np.eye(2, dtype=np.float32)[[0]], np.eye(2, dtype=np.float32)[[1]]
    middle = vec.normalize(np.array([[1, 1]], dtype=np.float32))
    places = lay_along_axis(low, high, np.vstack([low, high, middle]))
    assert places == pytest.approx([-1, 1, 0], abs=1e-6)
    with pytest.raises(InputError, match="same"):
        lay_along_axis(low, low, middle)


def test_the_picture_of_an_analogy_is_a_parallelogram(royal: Vocabulary) -> None:
    query = resolve(parse_formula("king - man + woman"), royal)
    picture = draw_arithmetic(query, ["queen"], royal.vectors[[1]])
    assert picture.labels == ["king", "man", "woman", "result", "queen"]
    steps = {pair: picture.points[pair[1]] - picture.points[pair[0]] for pair in picture.arrows}
    assert set(steps) == {(1, 0), (2, 3), (1, 2), (0, 3)}
    assert steps[1, 0] == pytest.approx(steps[2, 3], abs=1e-5)
    assert steps[1, 2] == pytest.approx(steps[0, 3], abs=1e-5)


def test_a_list_of_words_is_split_and_resolved(royal: Vocabulary) -> None:
    assert split_words("king, new york;  king\n“queen”") == ["king", "new york", "queen"]
    assert split_words("king queen") == ["king", "queen"]
    found = resolve_words(["apple", "pear"], royal, FakeEncoder(SMALL))
    assert found.encoded == ["pear"]
    assert found.vectors[0] == pytest.approx(royal.vectors[4])
    with pytest.raises(InputError, match="no words"):
        split_words(" , ; ")
    with pytest.raises(InputError, match="At most 200"):
        split_words(",".join(f"w{n}" for n in range(300)))
    with pytest.raises(UnknownTermError, match="pear"):
        resolve_words(["pear"], royal)


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("king - man + woman", "queen"),
        ("paris - france + japan", "tokyo"),
        ("walking - walk + swim", "swimming"),
        ("bigger - big + small", "smaller"),
        ("cats - cat + dog", "dogs"),
    ],
)
def test_known_analogies_on_the_real_words(minilm: Loaded, formula: str, answer: str) -> None:
    vocabulary, index = minilm
    ranking = rank_words(vocabulary, index, resolve(parse_formula(formula), vocabulary), 10)
    assert ranking.neighbors[0].id == answer


def test_near_spellings_on_the_real_words(minilm: Loaded) -> None:
    assert "queen" in minilm[0].suggest("qeen")
    assert "restaurant" in minilm[0].suggest("restaraunt")
    assert minilm[0].suggest("zzzzqqqqxxxx") == []


def test_a_phrase_of_known_words_is_no_slip_and_one_with_a_slip_stays_a_phrase(
    minilm: Loaded,
) -> None:
    assert minilm[0].suggest("new york") == []
    assert minilm[0].suggest("ice craem")[0] == "ice cream"
    assert minilm[0].suggest("zzqq vvkk") == []


def test_suggestions_are_written_as_they_can_be_typed() -> None:
    found = vocabularies.load_path(VECTORS / "conceptnet.vec")[0]
    assert found.suggest("tea") == ["/c/en/tea"]
    assert found.suggest("Coffee pot") == ["/c/en/coffee_pot"]
    assert 'Did you mean "/c/en/king"?' in str(unknown_word("king", found))
    terms = parse_formula("/c/en/king - 2 * /c/en/man + /c/en/woman/2", found.__contains__)
    assert [(term.weight, term.text) for term in terms] == [
        (1, "/c/en/king"),
        (-2, "/c/en/man"),
        (0.5, "/c/en/woman"),
    ]
    assert parse_formula("/c/en/king-/c/en/man", found.__contains__)[1].weight == -1
    error = unknown_word("/c/en/coffee", found)
    assert '"/c/en/' in error.remedy
    typed = error.remedy.removeprefix("Did you mean ").removesuffix("?").split(", ")
    for one in typed:
        terms = parse_formula(one, found.__contains__)
        assert [term.text in found for term in terms] == [True]
