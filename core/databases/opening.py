"""From an address to an open database: which kind it is, and where its key comes from."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from core.base.errors import InputError, shorten
from core.databases import duck, lance, milvus, postgres
from core.databases.protocol import Database
from core.storage import data_home

KEY_VARIABLE = "EMBEDDING_EXPLORER_DATABASE_KEY"
EXAMPLES = (
    "films.duckdb",
    "vectors.parquet",
    "milvus.db",
    "a LanceDB folder",
    "postgresql://me@localhost/films",
    "milvus:http://localhost:19530",
    "qdrant:http://localhost:6333",
)
_PORTS = {19530: "milvus", 6333: "qdrant"}
_SERVERS = ("milvus", "qdrant")


def environment_key() -> str:
    """The key or password in the environment; empty for none."""
    return os.environ.get(KEY_VARIABLE, "")


@contextmanager
def opened(
    address: str, key: str = "", *, write: bool = False, query: str = ""
) -> Iterator[Database]:
    """The database at an address, for reading unless ``write``; it is closed afterwards.

    Args:
        address: one like those of ``EXAMPLES``: a path, or a server with its kind before it.
        key: a password, token or API key; it is neither kept nor told.
        query: a SELECT for DuckDB or Parquet, whose answer is the collection ``query``.

    Raises:
        InputError: the address is none, or there is nothing there.
        NotReadyError: the driver is not installed.
        ServiceError: the server does not answer.
    """
    database = _open(address.strip(), key, write=write, query=query)
    try:
        yield database
    finally:
        database.close()


def _open(address: str, key: str, *, write: bool, query: str) -> Database:
    if not address:
        raise _unknown(address)
    if address.startswith(postgres.SCHEMES):
        _require_no_secret(address)
        _require_no_query(query)
        return postgres.PostgresDatabase(address, key, write=write)
    kind, server = _server(address)
    if server:
        _require_no_secret(server)
        _require_no_query(query)
        _require_private(server, key)
        if kind == "milvus":
            return milvus.MilvusDatabase(server, key)
        from core.databases import qdrant

        return qdrant.QdrantDatabase(server, key)
    return _open_path(data_home.given_path(address), write=write, query=query)


def _server(address: str) -> tuple[str, str]:
    """The kind of a server and its address; empty for a path."""
    kind, colon, rest = address.partition(":")
    if colon and kind.lower() in _SERVERS and "//" in rest:
        kind, server = kind.lower(), rest if "://" in rest else f"http:{rest}"
    else:
        kind, server = "", address
    try:
        parts = urlsplit(server)
        port = parts.port
    except ValueError:
        raise _unknown(address) from None
    if parts.scheme not in {"http", "https"}:
        return "", ""
    kind = kind or _PORTS.get(port or 0, "")
    if not kind or not parts.hostname:
        _require_no_secret(server)
        raise _unknown(address)
    return kind, server


def _open_path(path: Path, *, write: bool, query: str) -> Database:
    """A file or folder of this computer, by its ending and by what is in it."""
    new = write and not path.exists() and path.parent.is_dir()
    if not path.exists() and not new:
        raise InputError(
            f"There is no database at “{shorten(str(path), 120)}”.",
            f"An address is like: {', '.join(EXAMPLES)}.",
            "Check the path, or name the kind before a server's address.",
        )
    ending = path.suffix.lower()
    parquet = not new and (ending == ".parquet" if path.is_file() else _holds(path, "*.parquet"))
    if ending in duck.ENDINGS or (parquet and not write):
        return duck.DuckDatabase(path, write=write, query=query)
    _require_no_query(query)
    if ending == milvus.ENDING:
        return milvus.MilvusDatabase(path)
    if (new and ending in {".lancedb", ".lance"}) or _holds(path, f"*{lance.ENDING}"):
        return lance.LanceDatabase(path, write=write)
    if path.is_dir() and (ending == ".lancedb" or (write and not any(path.iterdir()))):
        return lance.LanceDatabase(path, write=write)
    raise _unknown(str(path))


def _holds(path: Path, pattern: str) -> bool:
    return path.is_dir() and any(path.glob(pattern))


def _unknown(address: str) -> InputError:
    return InputError(
        f"“{shorten(address, 120)}” is no database that is known here.",
        f"An address is like: {', '.join(EXAMPLES)}.",
        "Name the kind before a server's address, or the right ending of a file.",
    )


def _require_no_secret(address: str) -> None:
    """Passes where no password stands in an address.

    Raises:
        InputError: one does; the address is not told again.
    """
    try:
        parts = urlsplit(address)
        asked = {name.lower() for name in parse_qs(parts.query)}
        secret = parts.password is not None or bool(asked & {"password", "token", "api-key"})
    except ValueError:
        secret = "@" in address
    if secret:
        raise InputError(
            "A password or key stands in the address.",
            "It would be seen in lists of processes, in histories and on the screen.",
            f"Leave it out: type it in its box, or set {KEY_VARIABLE}.",
        )


def _require_private(server: str, key: str) -> None:
    """Passes where a key may go to a server.

    Raises:
        InputError: it is another computer's by http, which shows the key to others.
    """
    parts = urlsplit(server)
    if key and parts.scheme == "http" and not _is_here(parts.hostname or ""):
        raise InputError(
            f"The address of {parts.hostname} begins with http, which shows the key to others.",
            "A key goes to another computer by https.",
            "Use its https address, or a tunnel to it (ssh -L).",
        )


def stays_here(address: str) -> bool:
    """Whether an address leads to no other computer: a path, or a server on this one."""
    address = address.strip()
    if address.startswith(("//", "\\\\")):  # another computer's folder
        return False
    try:
        if address.startswith(postgres.SCHEMES):
            parts = urlsplit(address)
            return not parts.query and _is_here(parts.hostname or "")
        kind, server = _server(address)
        return not kind or _is_here(urlsplit(server).hostname or "")
    except (InputError, ValueError):
        return False


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _require_no_query(query: str) -> None:
    if query:
        raise InputError(
            "A SELECT was given for what is neither DuckDB nor Parquet.",
            "SQL is for these two.",
            "Name a collection in its place.",
        )
