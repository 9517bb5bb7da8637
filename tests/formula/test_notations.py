"""Formulas in the notations that people use: all of them mean the same sum."""

import json

import pytest
from hypothesis import given, strategies as st

from core.base.errors import FormulaError
from core.base.types import Term, TermKind
from core.cli.main import main
from core.formula.formula import parse_formula
from core.formula.question import read_query
from core.spaces.vocabulary_files import Loaded

QUEEN = {"king": 1.0, "man": -1.0, "woman": 1.0}
ANALOGIES = (
    "man : king :: woman : ?",
    "man:king::woman:?",
    "man : king :: woman :",
    "man : king = woman : ?",
    "man is to king as woman is to ?",
    "Man is to king, as woman is to what?",
    "man is to king like woman is to ...",
)
FORMULAS = (
    "king – man + woman = ?",
    "king - man + woman =",
    "=king-man+woman",
    "= king − man + woman = ?",
    "king-man+woman=?",
)
WORD = st.from_regex(r"[a-z]{2,8}", fullmatch=True).filter(
    lambda word: word not in {"is", "to", "as", "like", "what"}
)


def weights(text: str) -> dict[str, float]:
    return {term.text.lower(): term.weight for term in parse_formula(text)}


@pytest.mark.parametrize("text", [*ANALOGIES, *FORMULAS])
def test_every_notation_is_the_same_sum(text: str) -> None:
    assert weights(text) == QUEEN


@pytest.mark.parametrize("text", ANALOGIES)
def test_an_analogy_is_a_formula_also_where_text_is_taken_whole(text: str) -> None:
    assert {term.text.lower(): term.weight for term in read_query(text)} == QUEEN


@given(WORD, WORD, WORD)
def test_an_analogy_asks_for_b_minus_a_plus_c(a: str, b: str, c: str) -> None:
    expected = {}
    for word, weight in ((b, 1.0), (a, -1.0), (c, 1.0)):
        expected[word] = expected.get(word, 0.0) + weight
    expected = {word: weight for word, weight in expected.items() if weight}
    for text in (f"{a} : {b} :: {c} : ?", f"{a} is to {b} as {c} is to ?"):
        if expected:
            assert weights(text) == expected


def test_parts_of_an_analogy_may_be_phrases_names_and_sums() -> None:
    assert weights("usa : new york :: japan : ?") == {"new york": 1, "usa": -1, "japan": 1}
    assert weights("man : 0.5*king + crown :: mother-in-law : ?") == {
        "king": 0.5,
        "crown": 1,
        "man": -1,
        "mother-in-law": 1,
    }
    named = parse_formula("[a : b] : king :: woman : ?")
    assert Term(-1.0, "a : b", TermKind.ITEM) in named


def test_what_stands_in_quotes_is_no_notation() -> None:
    assert weights('"a is to b as c is to d"') == {"a is to b as c is to d": 1.0}
    assert weights('"= x" + cat') == {"= x": 1.0, "cat": 1.0}
    assert weights("e=mc2") == {"e=mc2": 1.0}
    assert weights("3:16") == {"3:16": 1.0}


def test_a_result_that_is_given_is_told() -> None:
    with pytest.raises(FormulaError, match="“=” is followed by “queen”"):
        parse_formula("king - man + woman = queen")


def test_the_command_line_reads_them_too(
    minilm: Loaded, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["words", "man : king :: woman : ?", "--space", "minilm", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {one["term"]: one["weight"] for one in answer["terms"]} == QUEEN
    assert answer["neighbors"][0]["id"] == "queen"
