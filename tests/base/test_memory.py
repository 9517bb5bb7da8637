"""Sizes as a person reads them, and whether something fits into the memory that is left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.base import memory
from core.base.errors import InputError
from core.base.memory import (
    available_bytes,
    fits,
    format_bytes,
    require_memory,
    total_bytes,
)


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


# What is left, from faked numbers: the machine's, and those of control groups.

UNLIMITED = 9_223_372_036_854_771_712  # what version 1 says where there is no limit


@pytest.fixture
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A machine with so much memory, in control groups; gives the folder that they lie in."""

    def make(total: int, available: int, groups: str = "") -> Path:
        left = SimpleNamespace(total=total, available=available)
        monkeypatch.setattr("psutil.virtual_memory", lambda: left)
        (tmp_path / "cgroup").write_text(groups)
        monkeypatch.setattr(memory, "_GROUPS", tmp_path / "cgroup")
        monkeypatch.setattr(memory, "_MOUNT", tmp_path / "fs")
        return tmp_path / "fs"

    return make


def group(folder: Path, **files: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(f"{content}\n")


def test_a_busy_laptop_takes_small_things_and_compares_large_ones(
    computer: Callable[..., Path],
) -> None:
    computer(8_000_000_000, 900_000_000)  # 15 % of all is more than what is free
    require_memory(580, "Reading “a.csv”", "")
    require_memory(memory.SMALL, "Reading “a.csv”", "")
    require_memory(900_000_000, "Reading “a.csv”", "")
    with pytest.raises(InputError) as caught:
        require_memory(900_000_001, "Reading “a.csv”", "Give it in several parts.")
    assert caught.value.given == "Reading “a.csv” needs 900 MB of memory."
    assert caught.value.expected == "900 MB are free on this computer now."
    assert caught.value.remedy.startswith("Give it in several parts. ")


def test_where_nothing_is_left_what_is_small_is_still_taken(
    computer: Callable[..., Path],
) -> None:
    computer(8_000_000_000, 0)
    require_memory(memory.SMALL, "a", "")
    assert not fits(memory.SMALL + 1)


def test_a_container_of_version_2_leaves_its_limit_less_what_is_used(
    computer: Callable[..., Path],
) -> None:
    mount = computer(64_000_000_000, 50_000_000_000, "0::/\n")
    group(
        mount,
        memory__max=2_000_000_000,
        memory__current=1_500_000_000,
        memory__stat="anon 1\ninactive_anon 5\ninactive_file 700000000\nactive_file 3",
    )
    assert available_bytes() == 1_200_000_000
    assert total_bytes() == 2_000_000_000


def test_a_group_above_limits_too_and_max_is_no_limit(computer: Callable[..., Path]) -> None:
    mount = computer(64_000_000_000, 50_000_000_000, "0::/user.slice/app.scope\n")
    group(mount / "user.slice/app.scope", memory__max="max", memory__current=10)
    assert available_bytes() == 50_000_000_000
    group(mount / "user.slice", memory__max=900, memory__current=1_000)
    assert available_bytes() == 0  # over its limit
    assert total_bytes() == 900


def test_a_container_of_version_1_is_seen_by_its_own_mount(computer: Callable[..., Path]) -> None:
    # /proc tells the path on the host, which is not there inside.
    groups = "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/system.slice/docker\n"
    mount = computer(64_000_000_000, 50_000_000_000, groups)
    group(
        mount / "memory",
        memory__limit_in_bytes=1_000_000_000,
        memory__usage_in_bytes=800_000_000,
        memory__stat="inactive_file 1\ntotal_inactive_file 300000000",
    )
    assert available_bytes() == 500_000_000
    group(mount / "memory", memory__limit_in_bytes=UNLIMITED)
    assert available_bytes() == 50_000_000_000
    assert total_bytes() == 64_000_000_000


@pytest.mark.parametrize(
    "groups", ["", "0::\n", "nonsense\n", "0::/../..\n", "4:memory:\n", "\0::/\n"]
)
def test_groups_that_tell_nothing_limit_nothing(computer: Callable[..., Path], groups: str) -> None:
    mount = computer(64_000_000_000, 50_000_000_000, groups)
    group(mount, memory__max="none", memory__current=7)
    assert available_bytes() == 50_000_000_000
