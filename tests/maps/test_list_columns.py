"""Columns with several names in a cell: what they name, and how points are coloured by them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.maps.colors import KINDS, color_by, columns_to_color
from core.maps.list_columns import names_in

SETS = [("green", "old"), ("old",), (), ("green", "old"), ("new", "old")]


@pytest.mark.parametrize(
    "cells",
    [
        [["old", "green"], ["old"], [], ("green", "old", "old"), np.array(["new", "old"])],
        ['["old", "green"]', '["old"]', "[]", ' ["green","old"]', '["new", "old"]'],
        ["['old', 'green']", "['old']", None, "['green', 'old']", "['new', 'old']"],
        ["old|green", "old", "", "green | old", "new|old"],
        ["old; green", "old", None, "green;old;", "new; old"],
    ],
)
def test_a_cell_names_several(cells: list[object]) -> None:
    column = pd.Series(cells, dtype=object)
    assert names_in(column) == SETS
    found = color_by("tags", column)
    assert found.names == ("green, old", "new, old", "old", "no value")
    assert found.members == ("green", "new", "old", "no value")
    told = [[found.members[part] for part in parts] for parts in found.parts]
    assert told == [["green", "old"], ["new", "old"], ["old"], ["no value"]]
    assert found.codes is not None
    assert found.codes.tolist() == [0, 2, 3, 0, 1]


@pytest.mark.parametrize(
    "cells",
    [
        ["plain", "texts", "plain"],
        ["a; b", "one of a kind; here", "another; there"],  # no name comes again
        ["[1, 2]", "[3, 4]", "[1, 2]"],  # numbers
        ["[not a list]", "['a']", "['a']"],
        ["['a']", "none", "['a']"],
        [[0.5, 1.0], [0.5, 2.0]],
        ["[" * 5_000 + "]" * 5_000, "['a']"],
        [None, None],
        [1, 2],
    ],
)
def test_other_columns_are_no_lists(cells: list[object]) -> None:
    assert names_in(pd.Series(cells, dtype=object)) is None


def test_lists_are_offered_by_how_many_names_they_have() -> None:
    # 40 rows of 40 different sets of 9 names
    sets = ["|".join(sorted({f"n{at % 9}", f"n{at // 9}", f"n{at % 5}"})) for at in range(40)]
    assert columns_to_color(pd.DataFrame({"genres": sets})) == ["genres"]


def test_rare_sets_are_told_as_others() -> None:
    sets = [[f"n{at}", "all"] for at in range(KINDS + 5)]
    found = color_by("many", pd.Series(sets, dtype=object))
    assert len(found.names) == KINDS
    others = found.names[-1]
    assert others.startswith("others")
    assert found.members[found.parts[-1][0]] == others
    assert len(found.members) == KINDS - 1 + 2  # a name of each kept set, what all have, others
