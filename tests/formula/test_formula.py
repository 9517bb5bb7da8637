"""Formulas are read as people write them, and every bad one gets a clear message."""

import pytest
from hypothesis import given, settings, strategies as st

from core.base.errors import FormulaError
from core.base.types import Term, TermKind
from core.formula.formula import format_formula, parse_formula


def read(formula: str, *words: str) -> list[tuple[float, str]]:
    return [(term.weight, term.text) for term in parse_formula(formula, set(words).__contains__)]


@pytest.mark.parametrize(
    ("formula", "terms"),
    [
        ("king - man + woman", [(1, "king"), (-1, "man"), (1, "woman")]),
        ("king-man+woman", [(1, "king"), (-1, "man"), (1, "woman")]),
        ("king − man + woman", [(1, "king"), (-1, "man"), (1, "woman")]),  # U+2212
        ("king−man", [(1, "king"), (-1, "man")]),
        ("king–man—woman", [(1, "king"), (-1, "man"), (-1, "woman")]),
        ("king － man ＋ woman", [(1, "king"), (-1, "man"), (1, "woman")]),
        ("0.5*cat + 0.5*dog", [(0.5, "cat"), (0.5, "dog")]),
        ("0.5 × cat + dog · 2", [(0.5, "cat"), (2, "dog")]),
        ("0,5*cat", [(0.5, "cat")]),
        (".5 cat + 2(dog - fox)", [(0.5, "cat"), (2, "dog"), (-2, "fox")]),
        ("(cat + dog)/2 - pet", [(0.5, "cat"), (0.5, "dog"), (-1, "pet")]),
        ("-(cat - dog)", [(-1, "cat"), (1, "dog")]),
        ("cat * -2", [(-2, "cat")]),
        ("1e-3*cat", [(0.001, "cat")]),
        ("cat + cat", [(2, "cat")]),
        ("new york - usa", [(1, "new york"), (-1, "usa")]),
        ('"rock and roll" + 2*jazz', [(1, "rock and roll"), (2, "jazz")]),
        ("“at night – alone” + 'new york'", [(1, "at night – alone"), (1, "new york")]),
        ("mother-in-law - woman + man", [(1, "mother-in-law"), (-1, "woman"), (1, "man")]),
        ("state-of-the-art", [(1, "state-of-the-art")]),
        ("don't + it’s", [(1, "don't"), (1, "it’s")]),
        ("windows 95 + 3d", [(1, "windows 95"), (1, "3d")]),
        ('"7" + lucky', [(1, "7"), (1, "lucky")]),
        ("ملك - رجل + امرأة", [(1, "ملك"), (-1, "رجل"), (1, "امرأة")]),
        ("\u202bملك\u202c", [(1, "ملك")]),
        ("👑 - 👨‍🦰 + 👩", [(1, "👑"), (-1, "👨‍🦰"), (1, "👩")]),
        ("cafe\u0301", [(1, "café")]),
        ("\tking\n+ queen\x00", [(1, "king"), (1, "queen")]),
    ],
)
def test_a_formula_is_read_into_these_terms(formula: str, terms: list[tuple[float, str]]) -> None:
    assert read(formula) == terms


def test_a_hyphenated_word_of_the_vocabulary_stays_whole_in_a_tight_formula() -> None:
    assert read("x-ray+doctor", "x-ray") == [(1, "x-ray"), (1, "doctor")]
    assert read("x-ray+doctor") == [(1, "x"), (-1, "ray"), (1, "doctor")]


def test_a_name_in_square_brackets_is_an_item() -> None:
    assert parse_formula('[my photo] + "at night"') == (
        Term(1, "my photo", TermKind.ITEM),
        Term(1, "at night", TermKind.WORD),
    )


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("+ - *", "no word"),
        ("()", "no word"),
        ("7", "only numbers"),
        ("((king)", "never closed"),
        ("king)", "no “(” before"),
        ("king + (", "ends with a sign"),
        ("king + ()", "word was expected"),
        ("king -", "ends with a sign"),
        ("king + + man", "no word between"),
        ("king (man)", "no sign before"),
        ('"king', "never closed"),
        ("king“", "never closed"),
        ("king”", "nothing was opened"),
        ("[king", "never closed"),
        ("king]", "nothing was opened"),
        ("[ ] + king", "nothing inside"),
        ('"" + king', "nothing inside"),
        ("king * man", "between two words"),
        ("nan*king", "number as its weight"),
        ("king / man", "followed by a word"),
        ("king / 0", "followed by zero"),
        ("king + 2", "stands alone"),
        ("1,000*king + queen", "thousands"),
        ("1e308*king", "too large"),
        ("1e308*1e308*king", "too large"),
        ("king - king", "cancel out"),
        ("0*king", "cancel out"),
        (" + ".join(["king"] * 10_000), "characters"),
        ("+".join(["a"] * 1_000), "500 terms"),
        ("(" * 60 + "king" + ")" * 60, "50 deep"),
    ],
)
def test_a_bad_formula_is_told_what_is_wrong(formula: str, told: str) -> None:
    with pytest.raises(FormulaError, match=r".+") as caught:
        parse_formula(formula)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


text = st.text(st.characters(blacklist_categories=("Cs",)), max_size=60)
pieces = st.sampled_from([*"+-*/()[]\"'“”−0.5 ", "king", "1e9", "new york", "a-b", "👑"])


@pytest.mark.slow
@given(st.one_of(text, st.lists(pieces, max_size=40).map("".join)))
@settings(max_examples=1500, deadline=None)
def test_any_text_gives_terms_or_a_formula_error(formula: str) -> None:
    try:
        terms = parse_formula(formula)
    except FormulaError as error:
        assert str(error)
    else:
        assert terms
        assert all(term.text.strip() and term.weight != 0 for term in terms)
        assert parse_formula(format_formula(terms)) == terms


words = st.text(
    st.characters(whitelist_categories=("L", "N"), whitelist_characters="'’-_+*"), min_size=1
).filter(lambda word: word.strip() == word)
weights = st.floats(-1e6, 1e6).filter(lambda weight: abs(weight) > 1e-300)


@pytest.mark.slow
@given(st.dictionaries(words, weights, min_size=1, max_size=8))
@settings(max_examples=500, deadline=None)
def test_a_written_formula_reads_back_the_same(given_terms: dict[str, float]) -> None:
    import unicodedata

    normal = {unicodedata.normalize("NFC", word): w for word, w in given_terms.items()}
    terms = tuple(Term(weight, word) for word, weight in normal.items())
    assert parse_formula(format_formula(terms)) == terms
