"""Weighing what is near in subject, style and colour."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from core.base.errors import InputError
from core.images import aspects


def test_each_aspect_counts_by_its_weight_whatever_its_range() -> None:
    subject = np.array([0.9, 0.1, 0.1, 0.1], np.float32)
    style = np.array([0.990, 0.995, 0.990, 0.990], np.float32)  # all high: only differences count
    alone = aspects.combine({"subject": subject, "style": style}, {"style": 1.0})
    assert aspects.best(alone, 1).tolist() == [1]
    both = aspects.combine({"subject": subject, "style": style}, {"subject": 3.0, "style": 1.0})
    expected = 0.75 * (subject - subject.mean()) / subject.std()
    expected += 0.25 * (style - style.mean()) / style.std()
    assert both == pytest.approx(expected, abs=1e-3)
    assert aspects.best(both, 2).tolist() == [0, 1]
    assert aspects.best(both, 9, but=0).tolist() == [1, 2, 3]


def test_what_is_the_same_for_all_says_nothing() -> None:
    same, other = np.full(3, 0.5, np.float32), np.array([0.1, 0.3, 0.2], np.float32)
    mixed = aspects.combine({"subject": same, "colour": other}, {"subject": 1.0, "colour": 1.0})
    assert aspects.best(mixed, 3).tolist() == [1, 2, 0]
    with pytest.raises(InputError, match="No aspect has a weight"):
        aspects.combine({"subject": same}, {"subject": 0.0, "colour": 1.0})


@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=30), st.floats(0.5, 4))
def test_standardising_knows_no_offset_and_no_scale(values: list[float], scale: float) -> None:
    given_values = np.array(values, np.float64)
    found = aspects.standardised(given_values)
    assert np.isfinite(found).all()
    if given_values.std() > 1e-3:
        assert aspects.standardised(given_values * scale + 3) == pytest.approx(found, abs=1e-6)


def test_weights_are_read() -> None:
    assert aspects.read_weights("subject=1, style = 0.5") == {"subject": 1.0, "style": 0.5}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "style",
        "style=",
        "style=x",
        "style=-1",
        "style=nan",
        "size=1",
        "style=1,style=2",
        "style=0",
        "style=inf",
    ],
)
def test_wrong_weights_are_told(text: str) -> None:
    with pytest.raises(InputError) as caught:
        aspects.read_weights(text)
    assert caught.value.remedy


def test_rows_are_found_by_id() -> None:
    assert aspects.rows_of(["b", "c"], ["a", "b", "c"]).tolist() == [1, 2]
