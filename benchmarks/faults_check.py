"""What a data home holds, checked: every finished piece by its own digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from core.base.errors import ExplorerError
from core.generation import history
from core.graphs import models as graph_models
from core.knn import index_store
from core.maps import store as map_store
from core.spaces import vector_store, vocabulary_files
from core.storage import cleanup, data_home, locks

CHUNKS = ("texts", "pictures")


def finished(home: Path) -> dict[str, tuple[str, int]]:
    """Every finished file by its path: SHA-256 and the time it was written, in nanoseconds."""
    found = {}
    for path in sorted(home.rglob("*")):
        parts = path.relative_to(home).parts
        inside = any(part.endswith(data_home.PARTIAL) for part in parts)
        if path.is_file() and not inside and parts[0] != locks.FOLDER:
            found["/".join(parts)] = (data_home.digest_file(path), path.stat().st_mtime_ns)
    return found


def orphans(home: Path) -> list[Path]:
    """Unfinished things that no living process writes."""
    return [path for path in cleanup.unfinished(home) if not cleanup.belongs(path, home)]


def faults(home: Path) -> list[str]:
    """Pieces that are not what was written, in words."""
    checks: list[tuple[str, Callable[[Path], object]]] = [
        ("maps/*", map_store.load),
        ("graph-models/*", graph_models.load),
        ("indexes/*", _index),
        ("vocabularies/*[!s]", vocabulary_files.load),
        ("vocabularies/*.parts/*", lambda path: _named(path, path.name.split(".")[1])),
        ("history/*.png", lambda path: history.read(history.Item(path, "", 0))),
        *((f"{kind}/*/*.safetensors", lambda path: _named(path, path.stem)) for kind in CHUNKS),
    ]
    wrong = []
    for pattern, check in checks:
        for path in home.glob(pattern):
            if not path.name.startswith("."):
                try:
                    check(path)
                except (ExplorerError, OSError, ValueError) as error:
                    wrong.append(f"{path.relative_to(home)}: {error}")
    return wrong


def encoded(home: Path, kind: str) -> Counter[bytes]:
    """How often each item of a kind was encoded."""
    from safetensors import safe_open

    seen: Counter[bytes] = Counter()
    size = vector_store.DIGEST_BYTES
    for path in home.glob(f"{kind}/*/[!.]*.safetensors"):
        with safe_open(path, framework="numpy") as chunk:
            data = chunk.get_tensor("digests").tobytes()
        seen.update(
            (path.parent.name.encode() + data[at : at + size]) for at in range(0, len(data), size)
        )
    return seen


def _named(path: Path, digest: str) -> None:
    if data_home.digest_file(path) != digest:
        raise ValueError("its name is not the digest of its bytes")


def _index(path: Path) -> None:
    import json

    told = json.loads((path / index_store.ABOUT).read_bytes())["sha256"]
    _named(path / index_store.INDEX, told)
