"""The shelf keeps names distinct and spaces apart, and says why a vector fits nowhere."""

import numpy as np
import pytest
from PIL import Image

from core.base import vectors as vec
from core.base.errors import FormulaError, InputError
from core.base.types import FloatArray, Modality, Space
from core.formula.formula import parse_formula
from core.images import thumbnails
from core.shelf.combine import combine
from core.shelf.shelf import MAX_KEPT, Shelf, why_not

ONE = vec.unit(np.ones(3, dtype=np.float32))
A = Space("a", "The space A", 3, (Modality.WORD,))


def axis(at: int) -> FloatArray:
    return np.eye(3, dtype=np.float32)[at]


def names(shelf: Shelf) -> list[str]:
    return [item.name for item in shelf.items]


def test_kept_vectors_have_distinct_names_and_are_offered_in_their_space_only() -> None:
    shelf = Shelf()
    kept = [shelf.keep("a", axis(at), "king - man").name for at in range(3)]
    assert kept == ["king - man", "king - man (2)", "king - man (3)"]
    shelf.keep("b", ONE, "other", name="mine")
    assert list(shelf.of_space("b")) == ["mine"]
    assert list(shelf.of_space("a")) == kept
    assert list(shelf.of_space("a", 3)) == kept
    assert not shelf.of_space("a", 4)


def test_what_is_kept_already_is_not_kept_twice() -> None:
    shelf = Shelf()
    first = shelf.keep("a", ONE, "king - man")
    shelf.rename("king - man", "royal")
    assert shelf.keep("a", ONE, "king - man").key == first.key
    assert names(shelf) == ["royal"]
    shelf.keep("a", ONE, "king - man", name="another")
    shelf.keep("b", ONE, "king - man")
    shelf.keep("a", axis(0), "king - man")
    assert names(shelf) == ["royal", "another", "king - man", "king - man (2)"]


def test_renaming_and_removing() -> None:
    shelf = Shelf()
    shelf.keep("a", ONE, "one")
    shelf.keep("a", ONE, "two")
    shelf.rename("one", "[first]")
    assert names(shelf) == ["(first)", "two"]
    with pytest.raises(InputError, match="distinct"):
        shelf.rename("two", "(first)")
    with pytest.raises(InputError, match="empty"):
        shelf.rename("two", "  ")
    shelf.remove("two")
    assert names(shelf) == ["(first)"]


def test_a_name_is_kept_as_a_formula_reads_it() -> None:
    shelf = Shelf()
    kept = shelf.keep("a", ONE, "x", name="cafe\u0301  \u200b[one]")
    (term,) = parse_formula(f"[{kept.name}]")
    assert term.text == kept.name == "café (one)"


def test_a_full_shelf_says_so_and_takes_nothing_more() -> None:
    shelf = Shelf()
    for number in range(MAX_KEPT):
        shelf.keep("a", ONE, str(number))
    with pytest.raises(InputError, match="full"):
        shelf.keep("a", ONE, "one more")
    other = Shelf()
    other.keep("a", axis(0), "x")
    other.keep("a", axis(1), "y")
    with pytest.raises(InputError, match="2 more do not fit"):
        shelf.add(other.items)
    assert len(shelf.items) == MAX_KEPT


def test_items_are_moved_and_stop_at_the_ends() -> None:
    shelf = Shelf()
    for name in "abcd":
        shelf.keep("a", ONE, name)
    shelf.move("c", -1)
    assert names(shelf) == ["a", "c", "b", "d"]
    shelf.move("a", -1)
    shelf.move("d", 1)
    assert names(shelf) == ["a", "c", "b", "d"]
    shelf.move("d", -99)
    assert names(shelf) == ["d", "a", "c", "b"]
    shelf.move("no such name", 1)
    assert names(shelf) == ["d", "a", "c", "b"]


def test_what_was_removed_comes_back_where_it_stood() -> None:
    shelf = Shelf()
    for name in "abc":
        shelf.keep("a", ONE, name)
    shelf.remove("b")
    shelf.keep("a", ONE, "b")
    shelf.undo()
    assert names(shelf) == ["a", "b (2)", "c", "b"]
    shelf.undo()
    assert names(shelf) == ["a", "b (2)", "c", "b"]
    shelf.clear()
    assert names(shelf) == []
    shelf.undo()
    assert names(shelf) == ["a", "b (2)", "c", "b"]


def test_adding_leaves_out_what_is_here_already() -> None:
    shelf, other = Shelf(), Shelf()
    shelf.keep("a", axis(0), "x")
    other.keep("a", axis(0), "x")
    other.keep("a", axis(1), "y", name="x")
    assert shelf.add(other.items) == 1
    assert names(shelf) == ["x", "x (2)"]
    np.testing.assert_array_equal(shelf.items[1].vector, axis(1))
    assert len({item.key for item in [*shelf.items, *other.items]}) == 4


def test_a_combination_is_the_unit_vector_of_the_sum() -> None:
    shelf = Shelf()
    shelf.keep("a", axis(0), "made a", name="a", title="The space A")
    small = thumbnails.shrink(Image.new("RGB", (9, 9), "red"))
    shelf.keep("a", axis(1), "made b", name="b b", picture=small)
    shelf.keep("a", axis(2), "made c", name="c")
    kept = combine(shelf, "[a] + 0.5*[b b] - [c]", "sum")
    np.testing.assert_allclose(kept.vector, np.array([1, 0.5, -1]) / 1.5, atol=1e-7)
    assert (kept.name, kept.space, kept.title) == ("sum", "a", "The space A")
    assert kept.made == "[a] + 0.5*[b b] - [c]"
    assert kept.picture == small
    assert combine(shelf, "[a] - [b b]").picture == b""
    assert names(shelf)[-1] == "(a) - (b b)"


def test_a_combination_over_two_spaces_says_which() -> None:
    shelf = Shelf()
    shelf.keep("a", axis(0), "x", title="The space A")
    shelf.keep("b", axis(0), "y", title="The space B")
    with pytest.raises(
        InputError, match=r"The space A.*The space B.*two embedding models can't be compared"
    ):
        combine(shelf, "[x] + [y]")


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("[x] + cat", "“cat” is a word"),
        ("x", "Write \\[x\\]"),
        ("[nothing] + [x]", "nothing called \\[nothing\\]"),
        ("[x] - [x]", "cancel out"),
        ("", "empty"),
    ],
)
def test_a_combination_that_cannot_be_made_says_why(formula: str, told: str) -> None:
    shelf = Shelf()
    shelf.keep("a", axis(0), "x")
    with pytest.raises(InputError, match=told):
        combine(shelf, formula)
    assert names(shelf) == ["x"]


def test_opposite_vectors_have_no_sum() -> None:
    shelf = Shelf()
    shelf.keep("a", axis(0), "x")
    shelf.keep("a", -axis(0), "y")
    with pytest.raises(FormulaError, match="length zero"):
        combine(shelf, "[x] + [y]")


def test_a_vector_of_another_space_is_refused_by_name() -> None:
    shelf = Shelf()
    shelf.keep("b", axis(0), "mine", title="The space B")
    shelf.keep("a", axis(0), "fits")
    shelf.keep("a", np.array([0.6, 0.8], dtype=np.float32), "of fewer numbers")
    with pytest.raises(InputError, match="The space B; this page uses The space A") as refused:
        shelf.refuse("mine", A)
    assert refused.value.expected == "Vectors of two embedding models can't be compared."
    with pytest.raises(InputError, match="of 2 numbers, and The space A now has 3"):
        shelf.refuse("of fewer numbers", A)
    shelf.refuse("fits", A)
    shelf.refuse("unknown", A)
    assert (
        why_not(shelf.items[0], A)
        == "of the embedding model The space B; this page uses The space A"
    )
