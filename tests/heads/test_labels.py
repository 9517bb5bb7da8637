"""Which classes a column gives, and which columns nothing can be learnt from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.base.errors import InputError
from core.heads import labels


def test_cells_without_a_value_are_of_no_class() -> None:
    frame = pd.DataFrame({"year": [1900.0, np.nan, 1800.0, 1900.0], "kind": ["b", "", None, " a "]})
    year, kind = (labels.read_labels(frame, name) for name in frame.columns)
    assert year.classes == ("1800", "1900")
    assert year.numbers.tolist() == [1, -1, 0, 1]
    assert (year.missing, year.counts.tolist()) == (1, [1, 2])
    assert kind.classes == ("a", "b")
    assert kind.numbers.tolist() == [1, -1, -1, 0]
    assert kind.take(np.array([3, 0])).numbers.tolist() == [0, 1]


def test_a_column_is_named_that_is_not_there() -> None:
    with pytest.raises(InputError, match=r"There is no column “style”\. There are: kind\."):
        labels.read_labels(pd.DataFrame({"kind": ["a"]}), "style")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["a", "a", ""], "“kind” has one class."),
        (["", ""], "“kind” has no class."),
        (["a", "b", "c"], "Each of the 3 values of “kind” occurs once."),
        ([str(at // 2) for at in range(2 * labels.MAX_CLASSES + 2)], "has 10,001 classes."),
    ],
)
def test_nothing_can_be_learnt_from_some_columns(values: list[str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        labels.require_trainable(labels.label("kind", values))


def test_5000_classes_can_be_trained_on() -> None:
    labels.require_trainable(labels.label("kind", [str(at // 2) for at in range(10_000)]))


def test_columns_to_choose_from_are_those_that_repeat() -> None:
    frame = pd.DataFrame({"id": ["1", "2", "3"], "kind": ["a", "b", "b"], "same": ["x"] * 3})
    assert list(labels.usable_columns(frame)) == ["kind"]
