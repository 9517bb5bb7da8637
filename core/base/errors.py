"""Errors a person can act on: what was given, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Sequence

# What taking a JSON description apart raises where it is not as it was written.
NOT_AS_WRITTEN = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)


class ExplorerError(Exception):
    """Base of every error that is shown to a person.

    Each of the three parts is one sentence. ``str(error)`` is the three in a row, on one line.
    """

    def __init__(self, given: str, expected: str, remedy: str) -> None:
        super().__init__(given, expected, remedy)
        self.given = given
        self.expected = expected
        self.remedy = remedy

    def __str__(self) -> str:
        text = " ".join(part for part in (self.given, self.expected, self.remedy) if part)
        return " ".join(text.split())


class InputError(ExplorerError):
    """What the person gave cannot be used as it is."""


class FormulaError(InputError):
    """A formula that cannot be read."""


class UnknownTermError(InputError):
    """A word that the space does not have and cannot encode."""

    def __init__(self, given: str, expected: str, remedy: str, term: str) -> None:
        super().__init__(given, expected, remedy)
        self.term = term


class VectorFileError(InputError):
    """A file of vectors that is damaged, of another format, or too large."""


class TableError(InputError):
    """A table of texts that is damaged, of another format, or holds nothing to encode."""


class PictureError(InputError):
    """A picture that is damaged, too large, or in a format that cannot be read."""


class GoneError(InputError):
    """A picture of a person's is not here; where it was kept for a time that is no mistake."""


class ServiceError(ExplorerError):
    """A service on the network is out of reach, refuses, or answers what cannot be used."""


class NotReadyError(ExplorerError):
    """Something in the catalog must be installed, downloaded or built first."""


class StorageError(ExplorerError):
    """The data home cannot be read or written, or what lies there is damaged."""


class DamagedError(StorageError):
    """Something in the data home is not what was written."""


class OutOfMemoryError(ExplorerError):
    """The memory of the machine or of its GPU does not suffice; the app lives on."""


class Cancelled(ExplorerError):  # noqa: N818  # asked for, not an error
    """The person stopped a long piece of work; what was finished is kept."""

    def __init__(self, work: str) -> None:
        super().__init__(
            f"{work} was cancelled.", "", "Start it again to go on from where it stopped."
        )


def counted(number: int, thing: str) -> str:
    """A count with its noun, as in ``1 text``, ``2,000 texts`` or ``2 entities``."""
    if number == 1:
        return f"1 {thing}"
    ends_so = thing.endswith("y") and thing[-2:-1] not in "aeiou"
    return f"{number:,} {thing[:-1]}ies" if ends_so else f"{number:,} {thing}s"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names in a row, the first ``most`` of them: ``a, b and 3 more``."""
    told = ", ".join(shorten(name) for name in names[:most])
    return told if len(names) <= most else f"{told} and {len(names) - most:,} more"


def shorten(text: str, limit: int = 60) -> str:
    """``text`` on one line and at most ``limit`` characters, for quoting in a message."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
