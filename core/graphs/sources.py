"""Where graphs come from: known ones by name, files, archives and folders of triples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from core.base.errors import InputError, NotReadyError, shorten
from core.base.paths import COMMAND
from core.base.types import Progress, no_progress
from core.graphs import store as graph_store
from core.graphs.archives import is_packed, is_triples, unpack
from core.graphs.catalog import ALIASES, KNOWN, KnownGraph
from core.graphs.graph import PARTS, Graph, near_names
from core.graphs.names import read_names
from core.graphs.parts import Named, is_part, read_parts
from core.graphs.triples import FOUND_OUT, MAX_BYTES, ReadAs
from core.readers import isolated
from core.storage import data_home

FOLDER = "graphs"
MAX_LABELS = 50_000_000  # bytes of a file with readable names
SMALL = 1_000_000  # bytes, up to which a child waits for the next graph
_LABELS = "labels"


def graph_folder(name: str) -> Path:
    """Where a graph that was fetched or brought lies."""
    return data_home.data_home() / FOLDER / data_home.safe_name(name)


def state(known: KnownGraph) -> str:
    """``ready``, or ``needs download (size)``."""
    if known.bundled or (graph_folder(known.name) / graph_store.ABOUT).is_file():
        return "ready"
    return f"needs download ({known.size_told})"


def list_states() -> dict[str, str]:
    """The graphs that can be chosen with the state of each: known ones, then those brought."""
    states = {known.name: state(known) for known in KNOWN.values()}
    return states | dict.fromkeys(list_own(), "ready")


def find_known(name: str) -> KnownGraph | None:
    """The known graph of this name, however it is spelled."""
    plain = name.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    return KNOWN.get(ALIASES.get(plain, plain))


def load_graph(source: str, labels: Path | None = None, read_as: ReadAs = FOUND_OUT) -> Graph:
    """The graph of this name, or in the file, archive or folder of this path.

    Args:
        labels: a file with readable names of entities and relations: JSON, or a table of id
            and name.
        read_as: how files are read.

    Raises:
        InputError: there is nothing of this name, or it cannot be used.
        NotReadyError: it is a known graph that is not downloaded.
    """
    known = find_known(source)
    if known is not None:
        graph = load_known(known)
    else:
        path = data_home.given_path(source)
        if (path / graph_store.ABOUT).is_file():
            graph = graph_store.read_graph(path)
        elif path.exists():
            return read_files(path.name, dict(_files(path)), _named(labels), read_as)
        elif (graph_folder(source) / graph_store.ABOUT).is_file():
            graph = graph_store.read_graph(graph_folder(source))
        else:
            raise _no_such(source)
    return _with_labels(graph, _named(labels))


def _named(path: Path | None) -> Named | None:
    """The name and bytes of a file."""
    if path is None:
        return None
    return path.name, data_home.read_given(path, MAX_LABELS)


def _with_labels(graph: Graph, labels: Named | None) -> Graph:
    if labels is None:
        return graph
    return replace(graph, labels=read_names(*labels, graph.entities))


def load_named(name: str) -> Graph:
    """A graph that was brought, or a known one, by its name alone: no path is looked at.

    Raises:
        InputError: there is none of this name.
        NotReadyError: it is a known graph that is not downloaded.
    """
    if name in list_own():
        return graph_store.read_graph(data_home.data_home() / FOLDER / name)
    known = find_known(name)
    if known is None:
        raise _no_such(name)
    return load_known(known)


def load_known(known: KnownGraph) -> Graph:
    """A known graph that is here.

    Raises:
        NotReadyError: it is not downloaded, or the package that it comes with is not installed.
        DamagedError: what was downloaded is not what it was.
    """
    if not known.bundled:
        folder = graph_folder(known.name)
        if not (folder / graph_store.ABOUT).is_file():
            raise NotReadyError(
                f"{known.title} is not on this computer yet.",
                f"It is downloaded at a wish ({known.size_told}; licence: {known.licence}).",
                f"Download it in the app, on the page Graph, or by: {COMMAND} graph train "
                f"{known.name} --download",
            )
        return graph_store.read_graph(folder)
    found = find_spec("pykeen")
    places = list(found.submodule_search_locations or ()) if found is not None else []
    if not places:
        raise NotReadyError(
            f"{known.title} comes with the package pykeen, which is not installed.",
            "It is among the requirements of the app.",
            "pip install pykeen",
        )
    folder = Path(places[0]) / "datasets" / known.name
    with data_home.storage_errors("read", folder):
        files = {part: (folder / f"{part}.txt").read_bytes() for part in PARTS}
    return read_parts(known.name, {f"{part}.txt": data for part, data in files.items()})


def read_files(
    name: str,
    files: Mapping[str, bytes],
    labels: Named | None = None,
    read_as: ReadAs = FOUND_OUT,
    progress: Progress = no_progress,
) -> Graph:
    """A graph from files of parts, one file, or one archive, which a child reads.

    Args:
        labels: name and bytes of a file with readable names of entities and relations.

    Raises:
        InputError: they cannot be used.
        Cancelled: by ``progress``.
    """
    size = sum(map(len, files.values())) + (0 if labels is None else len(labels[1]))
    given = {str(number): data for number, data in enumerate(files.values())}
    with isolated.folder_with(given | ({} if labels is None else {_LABELS: labels[1]})) as folder:
        answer = isolated.run(
            f"{__name__}:read_in_child",
            {
                "folder": str(folder),
                "name": name,
                "files": list(files),
                "labels": None if labels is None else labels[0],
                "read_as": read_as.as_dict(),
            },
            name=name,
            limits=isolated.limits_for(size),
            progress=progress,
            keep=size <= SMALL,
        )
        arrays = {part: np.load(folder / f"{part}.npy", allow_pickle=False) for part in PARTS}
        lists = {field: tuple(answer[field]) for field in ("notes", "detected")}
        return Graph(**answer | arrays | lists)


def read_in_child(  # noqa: PLR0913, PLR0917
    folder: str,
    name: str,
    files: list[str],
    labels: str | None,
    read_as: dict[str, Any],
    progress: Progress,
) -> dict[str, Any]:
    """What ``read_files`` has a child do: triples go to files, the rest is returned."""
    given = {file: (Path(folder) / str(number)).read_bytes() for number, file in enumerate(files)}
    read: dict[str, bytes] = {}
    left_out = _others(given)
    for file in [file for file in given if file not in left_out]:
        read |= unpack(file, given[file], left_out)
    named = None if labels is None else (labels, (Path(folder) / _LABELS).read_bytes())
    graph = read_parts(name, read, ReadAs(**read_as), named, left_out=left_out, count=True)
    for part, triples in graph.parts.items():
        np.save(Path(folder) / f"{part}.npy", triples, allow_pickle=False)
    arrays = {"train", "valid", "test"}
    return {one.name: getattr(graph, one.name) for one in fields(Graph) if one.name not in arrays}


def _others(files: Mapping[str, bytes]) -> list[str]:
    """The names of files that came with those of triples, and are none by their names."""
    if len(files) == 1:
        return []
    return [
        file for file, data in files.items() if not is_triples(file) and not is_packed(file, data)
    ]


def _files(path: Path) -> Iterator[Named]:
    """The files of triples in a folder or archive, or the file itself."""
    if not path.is_dir():
        yield path.name, data_home.read_given(path, MAX_BYTES)
        return
    with data_home.storage_errors("read", path):
        files = [file for file in sorted(path.iterdir()) if file.is_file()]
    files = [file for file in files if file.name[0] != "."]
    found = [file for file in files if is_triples(file.name)]
    for file in files:
        # Of several, those that are no part are told, and not read however large they are.
        wanted = file in found and (len(found) == 1 or is_part(file.name))
        yield file.name, data_home.read_given(file, MAX_BYTES) if wanted else b""


def _no_such(source: str) -> InputError:
    near = near_names(source.lower(), list(KNOWN), 3)
    return InputError(
        f"There is no graph called “{shorten(source)}” and no such file.",
        f"Known: {', '.join(KNOWN)}; or a file, archive or folder of triples.",
        f"Did you mean {', '.join(near)}?" if near else "Check the name.",
    )


def list_own() -> list[str]:
    """The names of the graphs that were brought."""
    place = data_home.data_home() / FOLDER
    found = sorted(place.iterdir()) if place.is_dir() else []
    return [
        one.name
        for one in found
        if (one / graph_store.ABOUT).is_file() and one.name not in KNOWN and one.name[0] != "."
    ]


def keep_own(
    name: str,
    files: Mapping[str, bytes],
    labels: Named | None = None,
    read_as: ReadAs = FOUND_OUT,
    progress: Progress = no_progress,
) -> str:
    """Keeps a graph from files, or from one archive; as ``keep``.

    Raises:
        InputError: it cannot be used.
        StorageError: it cannot be written.
        Cancelled: by ``progress``.
    """
    return keep(name, read_files(name, files, labels, read_as, progress))


def keep(name: str, graph: Graph) -> str:
    """Keeps a graph that was read; its name, with a number where another graph has it.

    One that is there under this name already is not kept again.

    Raises:
        StorageError: it cannot be written.
    """
    wanted = data_home.safe_name(name.split(".", maxsplit=1)[0], fallback="graph")
    taken = {*KNOWN}
    for own in list_own():
        numbered = own.removeprefix(f"{wanted}-").isdigit()
        if (own == wanted or numbered) and graph_store.is_written(graph, graph_folder(own)):
            return own
        taken.add(own)
    chosen = data_home.distinct_name(wanted, taken, "{}-{}")
    with data_home.write_folder(graph_folder(chosen), exclusive=True) as beside:
        graph_store.write_graph(replace(graph, name=chosen), beside)
    return chosen
