"""Some of many items as text: what is packed reads back, and what others wrote is refused."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from core.base.errors import InputError
from core.maps.row_ranges import items_digest, pack, unpack

IDS = [f"n{row}" for row in range(1_000)]
TEXTS = [f"text {row}" for row in range(1_000)]


def forged(data: bytes, count: int = 1_000) -> str:
    """An entry as anybody could write it, with these bytes for the bits."""
    packed = base64.urlsafe_b64encode(zlib.compress(data)).decode().rstrip("=")
    return f"{count}~{items_digest(IDS, TEXTS)}~{packed}"


@settings(deadline=None)
@given(
    st.integers(1, 300).flatmap(
        lambda count: st.tuples(st.just(count), st.sets(st.integers(0, count - 1), min_size=1))
    )
)
def test_what_is_packed_reads_back_in_ascending_order(case: tuple[int, set[int]]) -> None:
    count, rows = case
    entry = pack(np.array([*rows]), IDS[:count], TEXTS[:count])
    assert unpack(entry, IDS[:count], TEXTS[:count]).tolist() == sorted(rows)


def test_half_of_20_000_items_takes_3_400_characters_and_few_where_they_lie_together() -> None:
    ids = [str(row) for row in range(20_000)]
    drawn = np.random.default_rng(0).permutation(20_000)[:10_000]
    assert 3_300 < len(pack(drawn, ids, ids)) < 3_400
    assert len(pack(np.arange(5_000, 15_000), ids, ids)) < 80


@pytest.mark.parametrize(
    ("ids", "texts"),
    [
        (IDS[:-1], TEXTS[:-1]),
        (["other", *IDS[1:]], TEXTS),
        (IDS, [*TEXTS[:-1], "other"]),
        (IDS[::-1], TEXTS[::-1]),
    ],
)
def test_other_items_are_refused(ids: list[str], texts: list[str]) -> None:
    entry = pack(np.array([3, 5]), IDS, TEXTS)
    with pytest.raises(InputError, match="names some of 1,000 items") as caught:
        unpack(entry, ids, texts)
    assert f"Here are {len(ids):,}" in str(caught.value)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "3",
        "~~",
        "1000~0~AAAA",
        "9" * 5_000,
        pack(np.array([3, 5]), IDS, TEXTS)[:-2],
        pack(np.array([3, 5]), IDS, TEXTS) + "A",
        forged(b""),
        forged(bytes(125)),  # none of them
        forged(b"\xff" * 124),  # too few bits
        forged(b"\xff" * 126),  # too many
        forged(b"\xff" * 50_000_000),
        f"1000~{items_digest(IDS, TEXTS)}~AAAA",  # not deflated
        f"1000~{items_digest(IDS, TEXTS)}~A",  # not base64
    ],
    ids=lambda entry: entry[:30],
)
def test_what_was_cut_changed_or_made_up_is_refused(entry: str) -> None:
    with pytest.raises(InputError, match="names no part of the items"):
        unpack(entry, IDS, TEXTS)


def test_bits_behind_the_last_item_are_refused() -> None:
    entry = pack(np.array([3]), IDS[:9], TEXTS[:9])
    digest = entry.split("~")[1]
    packed = base64.urlsafe_b64encode(zlib.compress(b"\x10\x01")).decode().rstrip("=")
    with pytest.raises(InputError, match="names no part"):
        unpack(f"9~{digest}~{packed}", IDS[:9], TEXTS[:9])
