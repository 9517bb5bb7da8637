"""What stays for good is set aside; garbage is still collected."""

import gc
import sys
import types
import weakref
from collections.abc import Iterator

import pytest

from core.base import gc_freeze


@pytest.fixture(autouse=True)
def as_at_the_start() -> Iterator[None]:
    """Nothing is set aside, before and after."""
    gc.unfreeze()
    gc_freeze._counted[0] = 0
    yield
    gc.unfreeze()
    gc_freeze._counted[0] = 0


class Holder:
    """May hold itself."""

    def __init__(self) -> None:
        self.own: Holder | None = None


def test_objects_are_set_aside_once_and_again_when_a_library_came() -> None:
    assert gc_freeze.set_libraries_aside()
    aside = gc.get_freeze_count()
    assert aside > 10_000
    assert not gc_freeze.set_libraries_aside()
    names = [f"made_up_{number}" for number in range(gc_freeze.MANY)]
    try:
        sys.modules.update({name: types.ModuleType(name) for name in names})
        assert gc_freeze.set_libraries_aside()
    finally:
        for name in names:
            del sys.modules[name]
    assert gc.get_freeze_count() > aside


def test_garbage_made_before_and_after_is_collected_and_what_is_set_aside_can_go() -> None:
    def in_a_circle() -> weakref.ref[Holder]:
        holder = Holder()
        holder.own = holder
        return weakref.ref(holder)

    before, held = in_a_circle(), Holder()
    kept = weakref.ref(held)
    gc_freeze.set_aside()
    assert before() is None
    after = in_a_circle()
    gc.collect()
    assert after() is None
    del held
    assert kept() is None
