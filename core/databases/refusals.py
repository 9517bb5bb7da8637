"""What databases of all kinds refuse or fail at, told alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.base.errors import InputError, NotReadyError, ServiceError, listed, shorten
from core.databases.protocol import Field


def require_known(name: str, known: Sequence[str]) -> None:
    """Passes where a collection is there.

    Raises:
        InputError: it is not.
    """
    if name not in known:
        raise InputError(
            f"There is no collection “{shorten(name)}” there.",
            f"There are: {listed(list(known), 20) or 'none'}.",
            "Name one of these.",
        )


def require_dim(collection: str, field: Field, dim: int) -> None:
    """Passes where vectors of ``dim`` numbers fit a field.

    Raises:
        InputError: they do not.
    """
    if field.dim != dim:
        raise InputError(
            f"The vector has {dim:,} numbers.",
            f"Those in “{shorten(field.name)}” of “{shorten(collection)}” have {field.dim:,}.",
            "Use the embedding model that made them, or another collection.",
        )


def missing(library: str, packages: str) -> NotReadyError:
    """The error where the driver of a database is not installed, with the line that installs it."""
    return NotReadyError(
        f"Opening it needs {library}, which is not installed.",
        "",
        f"Install it: pip install {packages}",
    )


@contextmanager
def told_errors(
    where: str, lost: tuple[type[Exception], ...], other: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """A driver's errors as ours.

    Args:
        where: the address without secrets.
        lost: those of a connection that cannot be made or was lost.
        other: those of what was asked.

    Raises:
        ServiceError: the database is out of reach, or the connection was lost.
        InputError: it refuses what was asked.
    """
    try:
        yield
    except lost as error:
        raise ServiceError(
            f"{where} does not answer: {_reason(error)}.",
            "The database must be running, and take this user and key.",
            "Check the address, the key and that it runs; then try again.",
        ) from None  # drivers quote what they were given
    except other as error:
        raise InputError(
            f"{where} refuses: {_reason(error)}.",
            "It must be a database of that kind, and may be read.",
            "Check the name and what this user may do.",
        ) from None


def _reason(error: Exception) -> str:
    told = str(getattr(error, "message", "") or error)  # pymilvus has its own sentence there
    return shorten(told, 160).rstrip(".… ") or type(error).__name__
