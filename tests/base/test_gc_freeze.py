"""What stays for good is set aside; garbage is still collected."""

import gc
import sys
import tomllib
import types
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.base import gc_freeze


@pytest.fixture(autouse=True)
def as_at_the_start() -> Iterator[None]:
    """Nothing is set aside, before and after."""
    gc.unfreeze()
    gc_freeze._counted[0], gc_freeze._due[0] = 0, 0.0
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


def test_garbage_is_collected_after_runs_for_a_share_of_the_time_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, collected = [100.0], list[float]()

    def collect() -> int:
        collected.append(now[0])
        now[0] += 0.5  # seconds that it takes
        return 0

    monkeypatch.setattr(gc_freeze, "time", types.SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(gc_freeze, "gc", types.SimpleNamespace(collect=collect))
    for _ in range(1_000):  # twenty sessions with a run every four seconds
        gc_freeze.collect_when_due()
        now[0] += 0.2
    assert len(collected) * 0.5 / (now[0] - 100) == pytest.approx(gc_freeze.SHARE, rel=0.3)


def test_streamlit_itself_collects_after_no_run() -> None:
    settings = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"
    assert tomllib.loads(settings.read_text(encoding="utf-8"))["runner"]["postScriptGC"] is False
