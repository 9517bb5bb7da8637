"""Every reader on fifty files changed by chance; `run.py bench fuzz` takes thousands."""

from __future__ import annotations

import sys

import pytest

if sys.platform == "win32":
    pytest.skip("its limits are POSIX's", allow_module_level=True)

from benchmarks import fuzz
from benchmarks.fuzz_readers import READERS, files, read
from benchmarks.fuzz_readers_models import HEAVY
from core.readers import isolated

FEW, MANY, SEED = 50, 200, 1
QUICK = [reader for reader in READERS if reader not in HEAVY]
SLOW = [pytest.param(reader, marks=pytest.mark.slow) for reader in HEAVY]


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_changed_files_are_read_or_refused_and_lose_no_row_without_a_word(count: int) -> None:
    results = fuzz.fuzz(QUICK if count < MANY else [*READERS], count, SEED)
    failed = {reader: result.failures for reader, result in results.items() if result.failures}
    assert not failed
    for reader, result in results.items():
        assert sum(result.counts.values()) == count
        assert count < MANY or result.counts["read"] > 0, reader
        assert count < MANY or result.counts["refused"] > 0 or reader in NEVER_REFUSED, reader


# Whatever is changed in them, some text remains.
NEVER_REFUSED = ("table txt", "table csv", "table tsv")


@pytest.mark.parametrize("reader", [*QUICK, *SLOW])
def test_the_files_that_are_changed_are_whole(reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "inside", True)  # or each file starts a process
    for data in files(reader):
        assert read(reader, data) is False


def test_a_case_is_the_same_whenever_it_is_asked_for() -> None:
    cases = [fuzz.case("table csv", seed, number) for seed in (0, 1) for number in (0, 1)]
    assert cases == [fuzz.case("table csv", seed, number) for seed in (0, 1) for number in (0, 1)]
    assert len({*cases}) == 4


def test_what_goes_wrong_is_counted_and_the_next_file_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Readers of the child are those of its environment, so the faults stand in a module."""
    monkeypatch.setattr(fuzz, "CHILD", "tests.support.fuzz_faults")
    result = fuzz.fuzz(["table txt"], 6, 0)["table txt"]
    assert result.counts == {"read": 1, "crash": 2, "loss": 1, "memory": 2}
    assert [(number, outcome) for number, outcome, _ in result.failures] == [
        (1, "crash"),
        (2, "loss"),
        (4, "crash"),
    ]
    assert "ZeroDivisionError" in result.failures[0][2]
