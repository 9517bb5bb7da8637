"""Tags of rows that are called otherwise now: found, taken over by row, deleted."""

from __future__ import annotations

import numpy as np
import pytest

from core.maps import items, orphan_tags, tags
from core.maps.items import MapData

pytestmark = pytest.mark.usefixtures("own_home")


def places(called: str, count: int = 4, name: str = "places") -> MapData:
    vectors = np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32)
    numbers = [str(at) for at in range(count)]
    texts = [f"{called} {at}" for at in numbers]
    return items.from_vectors(name, numbers, vectors, texts=texts)


def tag(data: MapData, name: str, *rows: int, browser: str = "") -> None:
    tags.change(data, lambda known: tags.with_tag(known, name, np.array(rows)), browser=browser)


def test_tags_are_taken_over_by_row_where_the_names_changed() -> None:
    before, now = places("comment"), places("name")
    tag(before, "seen", 1, 3, browser="b")
    tag(now, "seen", 0, browser="b")
    tag(before, "theirs", 2, browser="c")
    (found,) = orphan_tags.find(now, tags.load(now, browser="b"), browser="b")
    assert {name: rows.tolist() for name, rows in found.tags.items()} == {"seen": [1, 3]}
    orphan_tags.take_over(now, found, browser="b")
    held = tags.load(now, browser="b")
    assert held["seen"].tolist() == [0, 1, 3]
    assert orphan_tags.find(now, held, browser="b") == []
    assert tags.load(before, browser="b")["seen"].tolist() == [1, 3]


def test_they_are_deleted_for_this_browser_alone() -> None:
    before, now = places("comment"), places("name")
    tag(before, "old", 1)  # from before browsers had their own
    (found,) = orphan_tags.find(now, {}, browser="b")
    orphan_tags.delete(found, now.name, "b")
    assert orphan_tags.find(now, {}, browser="b") == []
    assert len(orphan_tags.find(now, {}, browser="c")) == 1


def test_those_of_other_data_or_of_more_rows_are_none() -> None:
    tag(places("comment", name="others"), "seen", 1)
    tag(places("comment", count=5), "seen", 1)
    damaged = tags.path_of("0" * 12)
    damaged.write_text("{")
    assert orphan_tags.find(places("name"), {}) == []
