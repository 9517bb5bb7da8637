"""How several workers (pytest-xdist) share the tests: what stays together, what begins first."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadFileScheduling

# The tests of a folder that run in one worker: they have one server, or a process's caches, in
# common. Of the others each file is by itself.
TOGETHER = ("tests/browser/", "tests/pages/")
# The slowest, which begin first so that no worker has one left when the others are done.
FIRST = (
    "tests/browser/",
    "tests/training/",
    "tests/pages/",
)


def pytest_configure(config: pytest.Config) -> None:
    """Gives each worker its share of the processor: more threads would wait for each other."""
    if workers := config.getoption("numprocesses", None):
        threads = str(max(1, (os.cpu_count() or 1) // workers))
        os.environ.update(OMP_NUM_THREADS=threads, NUMBA_NUM_THREADS=threads)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Hands out files, and some folders whole, in the order in which they are collected."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folder = next((one for one in TOGETHER if nodeid.startswith(one)), None)
            return folder or super()._split_scope(nodeid)

    return Scheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest first; otherwise as they were."""

    def place(item: pytest.Item) -> int:
        slow = (at for at, start in enumerate(FIRST) if item.nodeid.startswith(start))
        return next(slow, len(FIRST))

    items.sort(key=place)
