"""Questions to a gallery: formulas over pictures, moving a question, filters, tables of paths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as some

from core.base.errors import FormulaError, GoneError, InputError
from core.base.filters import Filter, example_filters, format_filter, parse_filter, split_filters
from core.base.types import Encoded, FloatArray, Modality, Space, Term, TermKind
from core.formula.names import bracket_name, name_pictures
from core.formula.question import LESS, MORE, move, read_query, resolve_query
from core.formula.resolve import add_up
from core.images.filters import apply_filters, facets, ranges
from core.readers.picture_lists import match_files

AXES = np.eye(4, dtype=np.float32)
ITEMS = {"photo": AXES[2], "odd name (1).png": AXES[3]}


class Words:
    """Two words on two axes."""

    space = Space("tiny", "Tiny", 4, (Modality.TEXT,))
    chunk = 8

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        found = np.stack([AXES[("red apple", "night").index(text)] for text in texts])
        ones = np.ones(len(found), dtype=np.float32)
        return Encoded(found, ones, np.zeros(len(found), dtype=np.bool_))

    def encode_query(self, text: str) -> Encoded:
        return self.encode_texts([text])


def vector(text: str) -> FloatArray:
    return resolve_query(read_query(text), Words(), ITEMS.get).vector


def test_words_are_taken_whole_and_formulas_are_read() -> None:
    assert read_query("a  red t-shirt, men's (blue)") == (Term(1.0, "a red t-shirt, men's (blue)"),)
    assert read_query("[photo] + 0.5*night") == (
        Term(1.0, "photo", TermKind.ITEM),
        Term(0.5, "night"),
    )
    assert read_query("fruit - red") == (Term(1.0, "fruit"), Term(-1.0, "red"))


@pytest.mark.parametrize("text", ["", "  ", "()", "*", "?!", "\u200b", "…"])
def test_a_question_without_a_term_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="nothing to search for"):
        read_query(text)


def test_an_emoji_alone_is_a_question() -> None:
    assert read_query("\U0001f34e") == (Term(1.0, "\U0001f34e"),)


@given(some.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        assert read_query(text)
    except InputError as error:
        assert error.given


def test_a_formula_over_pictures_and_words_is_their_weighted_sum() -> None:
    expected = np.array([2, -1, 1, 0]) / np.sqrt(6)
    assert vector("[photo] + 2*(red apple) - night") == pytest.approx(expected, abs=1e-6)
    assert vector("[odd name (1).png]") == pytest.approx(AXES[3])


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("  ", InputError, "nothing to search for"),
        ("[gone] + night", InputError, r"\[gone\]"),
        ("[gone.JPG] + night", GoneError, r"called \[gone.JPG\] here"),
        ("[gone.png (2)]", GoneError, "has to be given"),
        ("[photo", FormulaError, "never closed"),
        ("[photo] - [photo]", FormulaError, "cancel"),
        ("red apple - 1*(red apple) + 0*night", FormulaError, "cancel"),
    ],
)
def test_what_cannot_be_asked_is_told(text: str, kind: type[InputError], told: str) -> None:
    with pytest.raises(kind, match=told):
        vector(text)


def test_a_question_moves_as_rocchio_wrote() -> None:
    base = resolve_query(read_query("2*(red apple) + 2*night"), Words(), ITEMS.get)
    terms = move(base, more=["photo"], less=["odd name (1).png"])
    found = resolve_query(terms, Words(), ITEMS.get)
    by_hand = base.vector + MORE * AXES[2] - LESS * AXES[3]
    assert found.vector == pytest.approx(by_hand / np.linalg.norm(by_hand), abs=1e-4)


def test_several_pictures_share_the_weight() -> None:
    base = resolve_query(read_query("night"), Words(), ITEMS.get)
    terms = move(base, more=["photo", "odd name (1).png"], less=[])
    assert [term.weight for term in terms] == [1.0, MORE / 2, MORE / 2]
    assert move(base, ["photo"], ["photo"])[1].weight == pytest.approx(MORE - LESS)


def test_the_moved_question_reads_back_as_a_formula() -> None:
    from core.formula.formula import format_formula

    base = resolve_query(read_query("red apple"), Words(), ITEMS.get)
    terms = move(base, more=["odd name (1).png"], less=["photo"])
    again = read_query(format_formula(terms))
    assert again == terms
    assert add_up(resolve_query(again, Words(), ITEMS.get).terms).vector[3] > 0


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (["a.png", "b.png"], ["a.png", "b.png"]),
        (["a[1].jpg", "b"], ["a(1).jpg", "b"]),
        (["a[1].jpg", "a(1).jpg", "a[1).jpg"], ["a(1).jpg (2)", "a(1).jpg", "a(1).jpg (3)"]),
        (["a[1]", "a(1]", "a(1) (2)"], ["a(1)", "a(1) (3)", "a(1) (2)"]),
        (["two  spaces.png", "e\u0301.png"], ["two spaces.png", "\u00e9.png"]),
        ([" ", "picture"], ["picture (2)", "picture"]),
    ],
)
def test_names_for_brackets_are_distinct_and_lead_back(ids: list[str], names: list[str]) -> None:
    found = name_pictures(ids)
    assert found.names == names
    assert [found.find(name) for name in names] == list(range(len(ids)))
    assert [found.find(one) for one in ids] == list(range(len(ids)))


@given(some.lists(some.text(some.sampled_from("a()[]1 2\u0301e\u200b"), max_size=8), unique=True))
def test_any_ids_have_names_that_lead_back_and_stand_in_brackets(ids: list[str]) -> None:
    found = name_pictures(ids)
    assert len(set(found.names)) == len(ids)
    for row, (one, name) in enumerate(zip(ids, found.names, strict=True)):
        assert found.find(one) == found.find(name) == row
        assert read_query(f"[{name}]") == (Term(1.0, name, TermKind.ITEM),)
        if bracket_name(one) == one and one:
            assert name == one
    assert found.find("no such picture") is None


FRAME = pd.DataFrame(
    {
        "colour": ["red", "blue", "red", "green"],
        "year": [1990, 2000, 2010, np.nan],
        "title": ["a", "b", "c", "d"],
        "same": ["x"] * 4,
    }
)


@pytest.mark.parametrize(
    ("texts", "rows"),
    [
        (["colour=red"], [0, 2]),
        (["colour=red|green"], [0, 2, 3]),
        (["year=1995..2010"], [1, 2]),
        (["year=..1995"], [0]),
        (["year=2000.."], [1, 2]),
        (["year=2000"], [1]),
        (["colour=red", "year=2000.."], [2]),
        ([], [0, 1, 2, 3]),
    ],
)
def test_filters_keep_what_passes_all_of_them(texts: list[str], rows: list[int]) -> None:
    filters = [parse_filter(text) for text in texts]
    assert apply_filters("g", FRAME, filters).tolist() == rows


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour", "no filter"),
        ("=red", "no filter"),
        ("colour=", "no filter"),
        ("year=a..b", "no number"),
        ("year=1999..1990", "lower end, 1999, above its upper one, 1990.*Write year=1990..1999"),
        ("size=3", "no column"),
        ("colour=pink", "passes the filter"),
    ],
)
def test_filters_that_cannot_be_used_are_told(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        apply_filters("g", FRAME, [parse_filter(text)])


SIGNS = some.text(some.sampled_from('ab |;."=\u00e9\n1'), max_size=8)
ENDS = some.none() | some.floats(max_value=0), some.none() | some.floats(min_value=0)
FILTERS = some.builds(
    Filter, SIGNS, some.lists(SIGNS, min_size=1, max_size=3).map(tuple)
) | some.builds(Filter, SIGNS, some.just(()), *ENDS)


@pytest.mark.slow
@given(some.lists(FILTERS, max_size=4))
@settings(max_examples=400, deadline=None)
def test_what_is_written_reads_back(filters: list[Filter]) -> None:
    texts = [format_filter(one) for one in filters]
    assert [parse_filter(text) for text in texts] == filters
    joined = "; ".join(texts)
    assert [parse_filter(text) for text in split_filters(joined)] == filters


def test_an_example_is_of_the_columns_that_there_are() -> None:
    columns = {"title": ["A long one", "Another"], "kind": ["film", ""], "year": [1990, 2010.0]}
    assert example_filters({**columns, "seen": [True]}) == "kind=film; year=1990..2010"
    assert example_filters({"a": [float("nan"), None, 3]}) == "a=3..3"
    with pytest.raises(InputError, match="For example: kind=film"):
        parse_filter("1990", example_filters({"kind": ["film"]}))


@given(some.text(some.sampled_from('ab |;."='), max_size=12))
def test_any_text_is_filters_or_a_clear_message(text: str) -> None:
    try:
        filters = [parse_filter(part) for part in split_filters(text)]
    except InputError as error:
        assert error.given
        return
    written = "; ".join(map(format_filter, filters))
    assert [parse_filter(part) for part in split_filters(written)] == filters


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (Filter("colour", ("red", "dark blue")), "colour=red|dark blue"),
        (Filter("size", ('5" disk',)), 'size=5" disk'),
        (Filter("kind", ("cats|dogs", "x")), 'kind="cats|dogs"|x'),
        (Filter("title", ("to be...",)), 'title="to be..."'),
        (Filter("title", ('"no"; he said',)), 'title="""no""; he said"'),
        (Filter("a=b", (" c",)), '"a=b"=" c"'),
        (Filter("year", (), 1990.0, 2010.0), "year=1990..2010"),
        (Filter("size", (), 1234567.891, None), "size=1234567.891.."),
        (Filter("size", (), None, 1e300), "size=..1e+300"),
    ],
)
def test_filters_are_written_plainly_where_they_can_be(one: Filter, text: str) -> None:
    assert format_filter(one) == text
    assert parse_filter(text) == one


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a=1; b=2|3 ;; c=4..5;", ["a=1", "b=2|3", "c=4..5"]),
        ('a="x;y"; b=z', ['a="x;y"', "b=z"]),
        ('size=5" disk; b="z', ['size=5" disk', 'b="z']),
        ('a="x;y" z; b', ['a="x', 'y" z', "b"]),  # the marks enclose no whole value
        ("", []),
    ],
)
def test_joined_filters_are_split_outside_of_marks(text: str, parts: list[str]) -> None:
    assert split_filters(text) == parts


def test_alone_a_filter_holds_semicolons_as_it_did() -> None:
    assert parse_filter("a=x;y|z") == Filter("a", ("x;y", "z"))


def test_a_range_from_the_lowest_to_the_highest_keeps_every_number() -> None:
    frame = pd.DataFrame({"size": [1234567.891, 2e6, 7654321.123, np.nan]})
    low, high = ranges(frame)["size"]
    written = format_filter(Filter("size", low=low, high=high))
    assert apply_filters("g", frame, [parse_filter(written)]).tolist() == [0, 1, 2]


def test_a_value_may_hold_an_equals_sign() -> None:
    assert parse_filter("a=b=c") == Filter("a", ("b=c",))


def test_columns_that_tell_kinds_apart_are_offered() -> None:
    assert facets(FRAME) == {"colour": ["red", "blue", "green"], "year": ["1990", "2000", "2010"]}
    assert ranges(FRAME) == {"year": (1990.0, 2010.0)}


PATHS = ["a/one.jpg", "a/two.jpg", "b/two.jpg", "1163.jpg", "line\nbreak 🐈.png"]


def test_rows_find_their_files_by_path_name_or_stem() -> None:
    frame = pd.DataFrame(
        {
            "n": [1, 2, 3, 4, 5],
            "picture": ["./a/one.jpg", "b\\two.jpg", "1163", "line\nbreak 🐈.png", "one.jpg"],
        }
    )
    found = match_files(frame, PATHS, "list.csv")
    assert found.column == "picture"
    assert found.rows == [0, 1, 2, 3]
    assert found.files == [0, 2, 3, 4]
    assert found.missing == [("one.jpg", "another row names the same file")]


def test_numbers_name_files_too() -> None:
    found = match_files(pd.DataFrame({"id": [1163.0, np.nan]}), PATHS, "list.csv")
    assert (found.rows, found.files) == ([0], [3])
    assert found.missing == [("row 2", "no path is given")]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("../1163.jpg", "leads out"),
        ("/etc/passwd", "leads out"),
        ("a/../1163.jpg", "leads out"),
        ("two.jpg", "no such picture"),  # there are two of this name
        ("c/two.jpg", "no such picture"),
        ("", "no path"),
    ],
)
def test_cells_that_name_no_file_are_told_with_the_reason(cell: str, reason: str) -> None:
    frame = pd.DataFrame({"file": ["a/one.jpg", cell]})
    found = match_files(frame, PATHS, "list.csv")
    assert found.rows == [0]
    assert reason in found.missing[0][1]


def test_a_table_that_names_nothing_is_refused() -> None:
    with pytest.raises(InputError, match=r"No column of “list\.csv” names"):
        match_files(pd.DataFrame({"x": ["1", "2"]}), PATHS, "list.csv")
