"""Asking whether something fits into memory before making it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from core.base.errors import InputError, counted

# Bytes that are never refused: this much is to be had wherever the app itself runs, and where
# nothing is left a refusal would close the app to the smallest file.
SMALL = 200_000_000
# Share of all memory that the system and the app take: the rest is what one model can ever have.
RESERVE = 0.15
_GROUPS = Path("/proc/self/cgroup")
_MOUNT = Path("/sys/fs/cgroup")


def available_bytes() -> int:
    """Memory that can be taken without swapping, within the limits of a container."""
    import psutil

    left = (max(0, limit - used) for limit, used in _limits())
    return min((int(psutil.virtual_memory().available), *left))


def total_bytes() -> int:
    """All memory that this process may ever have: the machine's, or a container's part of it."""
    import psutil

    return min((int(psutil.virtual_memory().total), *(limit for limit, _ in _limits())))


def fits(needed: int) -> bool:
    """Whether ``needed`` bytes are to be had, or are so few that they are never refused."""
    return needed <= SMALL or needed <= available_bytes()


def require_memory(needed: int, what: str, remedy: str) -> None:
    """Raises ``InputError`` where ``needed`` bytes for ``what`` are not to be had.

    Args:
        needed: fewer than ``SMALL`` are never refused.
        remedy: what makes it need less; that other programs may be ended is said as well.
    """
    if not fits(needed):
        raise InputError(
            f"{what} needs {format_bytes(needed)} of memory.",
            f"{format_bytes(available_bytes())} are free on this computer now.",
            f"{remedy} Ending other programs frees memory too.",
        )


def format_bytes(count: float) -> str:
    """A number of bytes for a person, as in ``46 MB``, ``4.4 MB`` or ``16.3 GB``."""
    if round(count) < 1000:
        return counted(round(count), "byte")
    for unit in ("kB", "MB", "GB", "TB"):
        count /= 1000
        if count < 999.5 or unit == "TB":
            break
    return f"{count:,.{int(count < 9.95 or unit in ('GB', 'TB'))}f} {unit}"


def _limits() -> Iterator[tuple[int, int]]:
    """Limit and use, in bytes, of each control group that this process is in (Linux).

    A group's use counts file contents that the kernel drops when memory is wanted; the part of
    them that was not used lately (``inactive_file``) is taken off, as ``docker stats`` does.
    https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
    """
    for folder, limit_file, used_file, dropped in _group_folders():
        limit, used = _number(folder / limit_file), _number(folder / used_file)
        if limit is not None and used is not None:
            yield limit, max(0, used - _stat(folder / "memory.stat", dropped))


def _group_folders() -> Iterator[tuple[Path, str, str, str]]:
    """Folders of memory groups with the names of their files: version 2, then version 1."""
    try:
        lines = _GROUPS.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):  # no Linux, or not ours to read
        return
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if number == "0" and not controllers:
            for mount in (_MOUNT, _MOUNT / "unified"):
                for folder in _with_parents(mount, group):
                    yield folder, "memory.max", "memory.current", "inactive_file"
        elif "memory" in controllers.split(","):
            for folder in _with_parents(_MOUNT / "memory", group):
                yield (
                    folder,
                    "memory.limit_in_bytes",
                    "memory.usage_in_bytes",
                    "total_inactive_file",
                )


def _with_parents(mount: Path, group: str) -> list[Path]:
    """The group's folder and those above it, whose limits hold for it too.

    In a container the path may be that of the host; then only the mount itself is there, which is
    the container's own group.
    """
    parts = PurePosixPath(group.lstrip("/"))
    return [mount / one for one in (parts, *parts.parents) if ".." not in one.parts]


def _number(path: Path) -> int | None:
    """The number in a file; ``None`` where there is none, as in ``max``."""
    try:
        return int(path.read_bytes())
    except (OSError, ValueError):
        return None


def _stat(path: Path, name: str) -> int:
    """A number of ``memory.stat`` by its name, 0 where it is not told."""
    try:
        lines = path.read_bytes().decode("ascii", "replace").splitlines()
    except OSError:
        return 0
    for line in lines:
        key, _, value = line.partition(" ")
        if key == name and value.strip().isdecimal():
            return int(value)
    return 0
