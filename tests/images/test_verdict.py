"""What a picture is by its neighbours: votes, certainty, numbers, and galleries that say little."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.base import vectors as vec
from core.base.errors import PictureError
from core.base.types import FloatArray
from core.images.gallery import Gallery
from core.images.metadata_columns import NumberColumn, usable
from core.images.verdict import (
    KindVerdict,
    NumberVerdict,
    Verdict,
    as_columns,
    judge,
    leave_one_out,
)


def gallery(**columns: Any) -> Gallery:
    frame = pd.DataFrame(columns)
    ids = [f"p{row}" for row in range(len(frame))]
    return Gallery(
        "made", ids, [b""] * len(ids), lambda row: Image.new("RGB", (1, 1)), None, (), frame
    )


def groups(sizes: list[int], spread: float = 0.1, seed: int = 0) -> FloatArray:
    """Unit rows around an axis of their own for each group."""
    random = np.random.default_rng(seed)
    middles = np.repeat(np.eye(len(sizes), 8), sizes, axis=0)
    return vec.normalize((middles + spread * random.normal(size=middles.shape)).astype(np.float32))


def asked(one: Gallery, vectors: FloatArray, query: FloatArray, **options: Any) -> Verdict:
    return judge(one, leave_one_out(one, vectors), vec.normalize(query[None])[0], **options)


def axis(number: int) -> FloatArray:
    return np.eye(8, dtype=np.float32)[number]


def kinds(found: Verdict, name: str) -> KindVerdict:
    (one,) = [one for one in found.columns if one.name == name]
    assert isinstance(one, KindVerdict)
    return one


def numbers(found: Verdict, name: str) -> NumberVerdict:
    (one,) = [one for one in found.columns if one.name == name]
    assert isinstance(one, NumberVerdict)
    return one


def test_the_neighbours_vote_for_each_column_and_the_deciding_are_named() -> None:
    vectors = groups([30, 30])
    made = gallery(kind=["rose"] * 30 + ["daisy"] * 30, color=["red", "white"] * 30)
    found = asked(made, vectors, axis(0))
    assert found.near
    kind = kinds(found, "kind")
    assert (kind.votes[0].value, kind.votes[0].neighbors, kind.asked) == ("rose", 24, 24)
    assert kind.votes[0].share == pytest.approx(1)
    assert kind.sure
    assert kind.accuracy == 1
    assert kind.certainty == pytest.approx(51 / 52)  # all of the 50 that are alike, by Laplace
    assert kind.commonest == 0.5
    assert kind.deciding.tolist() == found.rows.tolist()
    assert set(kind.deciding.tolist()) <= set(range(30))
    color = kinds(found, "color")
    assert {one.value for one in color.votes} == {"red", "white"}
    assert sum(one.neighbors for one in color.votes) == 24
    assert color.accuracy is not None
    assert color.accuracy < 0.75  # the colour is not in these vectors, and that is told
    assert color.certainty is not None
    assert color.certainty < 0.8


def test_weights_let_one_that_is_much_nearer_win() -> None:
    vectors = vec.normalize(np.array([[1, 0.05], [1, 0.6], [1, 0.62], [1, 0.64]], np.float32))
    made = gallery(kind=["a", "b", "b", "b"])
    found = judge(made, leave_one_out(made, vectors), np.array([1, 0], np.float32))
    votes = kinds(found, "kind").votes
    near = np.exp(20 * (vectors[:, 0] - vectors[0, 0]))
    assert [one.value for one in votes] == ["a", "b"]
    assert votes[0].share == pytest.approx(near[0] / near.sum(), abs=1e-5)
    assert votes[1].neighbors == 3


def test_where_no_value_has_half_of_the_votes_it_is_not_sure() -> None:
    vectors = groups([24])
    values = ["a"] * 3 + [f"b{at // 2}" for at in range(21)]  # 3 of 24 lead
    made = gallery(kind=values)
    found = judge(made, leave_one_out(made, vectors), axis(0))
    kind = kinds(found, "kind")
    assert kind.votes[0].share < 0.5
    assert not kind.sure
    assert as_columns(found)["vote"] == ["not sure"]


def test_certainty_is_the_share_of_votes_as_clear_that_were_right() -> None:
    """Two kinds that lie on one another: a vote says little, and the certainty says so."""
    random = np.random.default_rng(3)
    vectors = groups([400], spread=0.3)
    made = gallery(kind=random.choice(["a", "b"], 400).tolist())
    kind = kinds(asked(made, vectors, axis(0)), "kind")
    assert kind.accuracy == pytest.approx(0.5, abs=0.1)
    assert kind.certainty == pytest.approx(0.5, abs=0.2)


def test_clear_votes_do_not_make_an_unclear_one_certain() -> None:
    vectors = groups([30, 30, 30])  # so that all votes of the gallery are clear
    made = gallery(kind=["a"] * 30 + ["b"] * 30 + ["c"] * 30)
    kind = kinds(asked(made, vectors, axis(0) + axis(1) + axis(2)), "kind")
    assert kind.votes[0].share < 0.6
    assert kind.certainty == 0.5


def test_where_nothing_is_near_it_is_none_of_these() -> None:
    vectors = groups([30, 30])
    made = gallery(kind=["rose"] * 30 + ["daisy"] * 30)
    far = asked(made, vectors, axis(5))
    assert not far.near
    assert far.similarities[0] < far.threshold < 1
    assert asked(made, vectors, axis(1)).near


def test_a_picture_of_the_gallery_is_told_by_the_others() -> None:
    vectors = groups([3, 3])
    made = gallery(kind=["a", "a", "a", "b", "b", "b"])
    found = judge(made, leave_one_out(made, vectors), vectors[1], itself=1, k=2)
    assert set(found.rows.tolist()) == {0, 2}
    assert kinds(found, "kind").votes[0].value == "a"


def test_years_are_a_timeline_with_a_weighted_median() -> None:
    vectors = groups([30, 30])
    years = [*range(1600, 1630), *range(1850, 1880)]
    made = gallery(date=[f"c. {year}" for year in years], price=[year / 7 for year in years])
    found = asked(made, vectors, axis(1))
    date = numbers(found, "date")
    assert date.years
    assert date.median is not None
    assert 1850 <= date.low <= date.median <= date.high < 1880
    assert date.shares.sum() == pytest.approx(1)
    assert [years[row] for row in date.deciding] == date.values.tolist()
    assert date.error is not None
    assert date.error < 15 < 100 < date.guessing
    assert not numbers(found, "price").years


def test_a_picture_of_each_year_is_a_timeline_and_no_numbering() -> None:
    years = list(range(1900, 1940))
    frame = pd.DataFrame(
        {
            "year": years,
            "date": [f"{year}-05-01" for year in years],
            "number": years,
            "page": years,
            "index_of_dates": range(40),
        }
    )
    columns, left_out = usable(frame)
    assert [(one.name, isinstance(one, NumberColumn) and one.years) for one in columns] == [
        ("year", True),
        ("date", True),
    ]
    assert [one.name for one in left_out] == ["number", "page", "index_of_dates"]


def test_ids_and_columns_of_thousands_of_values_are_left_out_and_told() -> None:
    count = 12_000
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": [f"x{row}" for row in range(count)],
            "number": np.arange(count) + 7,
            "url": [f"https://a/{row}" for row in range(count)],
            "tag": [f"t{value}" for value in random.integers(0, 5_000, count)],
            "title": [f"t{row // 2}" for row in range(count)],
            "empty": [""] * count,
            "year": random.integers(1500, 1900, count),
            "kind": random.choice(["a", "b"], count),
            "stars": random.integers(1, 6, count),
        }
    )
    columns, left_out = usable(frame)
    assert {one.name: type(one).__name__ for one in columns} == {
        "year": "NumberColumn",
        "kind": "KindColumn",
        "stars": "KindColumn",
    }
    told = {one.name: one.reason for one in left_out}
    assert told["id"] == told["url"] == "an id: each picture has its own value"
    assert told["number"].startswith("an id")
    assert told["tag"].endswith("distinct values, more than 1,000")
    assert told["title"] == "6,000 distinct values, more than 1,000"
    assert told["empty"] == "no picture has a value"
    few = pd.DataFrame({"name": [f"n{row // 2}" if row < 8 else f"m{row}" for row in range(16)]})
    assert usable(few)[1][0].reason == "12 distinct values in 16 pictures"


def test_a_gallery_of_one_class_says_that_there_is_nothing_to_tell() -> None:
    found = asked(gallery(kind=["a"] * 5), groups([5]), axis(0))
    kind = kinds(found, "kind")
    assert (kind.votes[0].value, kind.accuracy, kind.commonest) == ("a", 1, 1)
    assert kind.certainty is None


def test_a_gallery_of_one_picture_tells_others_and_not_itself() -> None:
    vectors = groups([1])
    made = gallery(kind=["a"], year=[1900])
    found = asked(made, vectors, axis(0))
    kind = kinds(found, "kind")
    assert (kind.votes[0].value, kind.accuracy, kind.certainty) == ("a", None, None)
    assert found.near
    with pytest.raises(PictureError, match="no other picture"):
        judge(made, leave_one_out(made, vectors), vectors[0], itself=0)


def test_pictures_without_a_value_take_no_part() -> None:
    vectors = groups([4, 4])
    made = gallery(kind=["a", "", "a", None, "", "", "", ""])
    found = asked(made, vectors, axis(0), k=4)
    kind = kinds(found, "kind")
    assert (kind.votes[0].neighbors, kind.asked) == (2, 2)
    nothing = kinds(asked(made, vectors, axis(1), k=4), "kind")
    assert (nothing.votes, nothing.asked, nothing.certainty) == ([], 0, None)
    assert nothing.deciding.tolist() == []
