"""Marks: which can be made, how they are kept, and those of a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.base.errors import DamagedError, InputError
from core.base.types import Modality
from core.heads import marks
from core.heads.mark_files import read_pairs
from core.heads.marks import Collection, Item, Mark

A, B, C = (Item(name, digest * 4) for name, digest in (("a", "0f"), ("b", "1e"), ("ü, c", "2d")))
ABC = Collection(Modality.IMAGE, "some pictures", (A, B, C))


def test_of_a_pair_the_last_mark_counts_whichever_item_is_first() -> None:
    made = marks.with_marks((), [Mark(A, B, True), Mark(A, C, True), Mark(B, A, False)])
    assert made == (Mark(A, C, True), Mark(B, A, False))


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        (Mark(A, A, True), "“a” is paired with itself."),
        (Mark(A, Item("", "0f"), True), "cannot be marked"),
        (Mark(A, Item("x", "no digest"), True), "cannot be marked"),
    ],
)
def test_what_is_no_pair_is_refused(mark: Mark, told: str) -> None:
    with pytest.raises(InputError, match=told):
        marks.with_mark((), mark)


def test_no_more_are_kept_than_can_be_learnt_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "MOST", 1)
    one = marks.with_mark((), Mark(A, B, True))
    assert marks.with_mark(one, Mark(B, A, False)) == (Mark(B, A, False),)
    with pytest.raises(InputError, match="There are 1 mark"):
        marks.with_mark(one, Mark(A, C, True))


def test_what_is_kept_is_read_and_nothing_is_kept_of_no_marks(own_home: Path) -> None:
    made = (Mark(A, B, True), Mark(C, B, False))
    assert marks.load(ABC) == ()
    assert marks.change(ABC, lambda before: marks.with_marks(before, made)) == made
    assert marks.load(ABC) == made
    assert marks.load(Collection(Modality.TEXT, ABC.name, ())) == ()
    assert marks.stamp(ABC) is not None
    marks.change(ABC, lambda _: ())
    assert not ABC.path.exists()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('"format": 1', '"format": 2', "its format is 2"),
        ('"b",', '"a",', "paired with itself"),
        ("true", "1", "neither true nor false"),
        ('"marks"', '"others"', "“marks” is missing"),
        ("}", "", "it is no JSON from line"),
    ],
)
def test_what_writing_would_refuse_is_not_read(
    own_home: Path, before: str, after: str, told: str
) -> None:
    marks.change(ABC, lambda _: (Mark(A, B, True),))
    text = ABC.path.read_text().replace(before, after).replace("1e1e1e1e", "0f0f0f0f")
    ABC.path.write_text(text)
    with pytest.raises(DamagedError, match=told):
        marks.load(ABC)
    with pytest.raises(DamagedError):
        marks.change(ABC, lambda _: ())
    assert ABC.path.read_text() == text


def test_marks_of_items_that_are_gone_or_others_now_are_told_apart() -> None:
    made = (Mark(A, B, True), Mark(C, B, False), Mark(A, C, True))
    other = Item("b", "ff")
    now = Collection(Modality.IMAGE, "some pictures", (C, other, A))
    pairs, gone = marks.locate(made, now)
    assert (pairs.rows.tolist(), pairs.alike.tolist()) == ([[2, 0]], [True])
    assert gone == made[:2]


def test_more_and_less_of_a_query_become_pairs() -> None:
    assert marks.of_query(ABC, [0, 1], [2]) == (
        Mark(A, B, True),
        Mark(A, C, False),
        Mark(B, C, False),
    )
    assert marks.of_query(ABC, [0], []) == ()


def test_each_row_of_a_file_is_taken_or_left_out_with_the_reason() -> None:
    ids = ["a", "b", "ü, c", "d"]
    text = (
        '\ufeffid,id,alike\na,b,1\n\n"ü, c",a,no\nb,a,yes\na,a,1\nx,b,0\na,d,maybe\na\n'
        "b,d,1\nd,b,0\n"
    ).removeprefix("\ufeff")
    given = read_pairs(text, ids)
    assert given.pairs.rows.tolist() == [[0, 1], [2, 0]]
    assert given.pairs.alike.tolist() == [True, False]
    assert {one.row: one.reason for one in given.left_out} == {
        3: "the same pair is marked before",
        4: "“a” is paired with itself",
        5: "there is no item “x”",
        6: "“maybe” says neither alike (1) nor not alike (0)",
        7: "it has 1 cell in place of id,id,alike",
        8: "the same pair is marked alike and not alike",
        9: "the same pair is marked alike and not alike",
    }
    assert given.count == len(given.pairs) + len(given.left_out) == 9


def test_a_file_without_a_header_or_with_another_separator_is_read() -> None:
    for text in ("1;2;+\n2;3;-", "first\tsecond\tsame\n1\t2\t1\n2\t3\t0"):
        given = read_pairs(text, ["1", "2", "3"])
        assert given.pairs.rows.tolist() == [[0, 1], [1, 2]]
        assert not given.left_out
    for text in ("", "id,id,alike\n"):
        with pytest.raises(InputError, match="has no pair"):
            read_pairs(text, ["1"])
