"""Making the next items in a thread while the last ones are used."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterable[T], size: int) -> Iterator[T]:
    """The items in their order, made by another thread, at most ``size`` of them ahead.

    Meant for opening and scaling pictures while a network runs on those before: both leave Python's
    lock free. What the items raise is raised here, in its place; when the caller stops, so does the
    thread, after the item at hand.
    """
    made, end = iter(items), object()
    pool = ThreadPoolExecutor(1)
    try:
        waiting = deque(pool.submit(next, made, end) for _ in range(size))
        while (item := waiting.popleft().result()) is not end:
            waiting.append(pool.submit(next, made, end))
            yield item  # type: ignore[misc]
    finally:
        pool.shutdown(cancel_futures=True)
