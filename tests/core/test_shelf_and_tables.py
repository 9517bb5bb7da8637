"""The shelf keeps distinct names and spaces apart; downloads are safe to open."""

import numpy as np
import pytest

from core.errors import InputError
from core.formula import parse_formula
from core.shelf import MAX_KEPT, Shelf
from core.tables import to_csv

ONE = np.ones(3, dtype=np.float32)


def test_kept_vectors_have_distinct_names_and_are_offered_in_their_space_only() -> None:
    shelf = Shelf()
    names = [shelf.keep("a", ONE, "king - man").name for _ in range(3)]
    assert names == ["king - man", "king - man (2)", "king - man (3)"]
    shelf.keep("b", ONE, "other", name="mine")
    assert list(shelf.of_space("b")) == ["mine"]
    assert list(shelf.of_space("a")) == names


def test_renaming_and_removing() -> None:
    shelf = Shelf()
    shelf.keep("a", ONE, "one")
    shelf.keep("a", ONE, "two")
    shelf.rename("one", "[first]")
    assert [item.name for item in shelf.items] == ["(first)", "two"]
    with pytest.raises(InputError, match="distinct"):
        shelf.rename("two", "(first)")
    with pytest.raises(InputError, match="empty"):
        shelf.rename("two", "  ")
    shelf.remove("two")
    assert [item.name for item in shelf.items] == ["(first)"]


def test_a_name_is_kept_as_a_formula_reads_it() -> None:
    shelf = Shelf()
    kept = shelf.keep("a", ONE, "x", name="cafe\u0301  \u200b[one]")
    (term,) = parse_formula(f"[{kept.name}]")
    assert term.text == kept.name == "café (one)"


def test_a_full_shelf_says_so() -> None:
    shelf = Shelf()
    for number in range(MAX_KEPT):
        shelf.keep("a", ONE, str(number))
    with pytest.raises(InputError, match="full"):
        shelf.keep("a", ONE, "one more")


def test_csv_is_quoted_and_cannot_run_in_a_spreadsheet() -> None:
    data = to_csv({"word": ['say "hi", you', "=1+1", "@x", "-king", "über"], "score": [1] * 5})
    assert data.decode("utf-8-sig").splitlines() == [
        "word,score",
        '"say ""hi"", you",1',
        "'=1+1,1",
        "'@x,1",
        "'-king,1",
        "über,1",
    ]
