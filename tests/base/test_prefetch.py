"""Items made ahead come in order, with their errors, and no further than asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.base.prefetch import ahead


def test_items_come_in_order_from_another_thread() -> None:
    threads = set()

    def items() -> Iterator[int | None]:
        for number in range(50):
            threads.add(threading.get_ident())
            yield None if number == 7 else number

    expected = [None if number == 7 else number for number in range(50)]
    for size in (1, 4, 200):
        assert list(ahead(items(), size)) == expected
    assert threading.get_ident() not in threads
    assert list(ahead([], 3)) == []


def test_an_error_comes_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield from (1, 2)
        raise ValueError("third")

    found = ahead(items(), 8)
    assert (next(found), next(found)) == (1, 2)
    with pytest.raises(ValueError, match="third"):
        next(found)


def test_who_stops_early_stops_the_thread() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(1_000):
            made.append(number)
            yield number

    before = threading.active_count()
    found = ahead(items(), 5)
    assert next(found) == 0
    found.close()  # type: ignore[attr-defined]
    assert len(made) <= 7
    assert threading.active_count() == before
