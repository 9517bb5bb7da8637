"""Sizes as a person reads them."""

from __future__ import annotations

import pytest

from core.base.memory import format_bytes


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (9_960, "10 kB"),
        (4_400_000, "4.4 MB"),
        (45_780_000, "46 MB"),
        (999_600_000, "1.0 GB"),
        (16_340_000_000, "16.3 GB"),
        (1.5e12, "1.5 TB"),
        (2.5e15, "2,500.0 TB"),
    ],
)
def test_a_size_has_two_digits_or_more_and_the_unit_that_fits(count: float, told: str) -> None:
    assert format_bytes(count) == told
