"""Where graphs come from: known ones by name, files, archives and folders of triples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from core.base.errors import InputError, NotReadyError, listed, shorten
from core.base.types import Progress, no_progress
from core.graphs import store as graph_store
from core.graphs.archives import SUFFIXES, is_packed, unpack
from core.graphs.catalog import ALIASES, KNOWN, KnownGraph
from core.graphs.graph import PARTS, Graph, Triple, build_graph, near_names
from core.graphs.triples import MAX_BYTES, read_triples
from core.readers import isolated
from core.storage import data_home

FOLDER = "graphs"
MAX_LABELS = 50_000_000  # bytes of a file with readable names
SMALL = 1_000_000  # bytes of text that are read in this process
Named = tuple[str, bytes]  # a file's name and bytes
_LABELS = "labels"
_PART_WORDS = {"train": "train", "valid": "valid", "dev": "valid", "test": "test"}


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


def load_graph(source: str, labels: Path | None = None) -> Graph:
    """The graph of this name, or in the file, archive or folder of this path.

    Args:
        labels: a file with readable names of entities: JSON, or TSV of id and name.

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
            return read_files(path.name, dict(_files(path)), _named(labels))
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
    return replace(graph, labels=read_labels(*labels, graph.entities))


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
                "Download it in the app, on the page Graph, or by: python -m core graph train "
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
    progress: Progress = no_progress,
) -> Graph:
    """A graph from files of parts, one file, or one archive; what is not small by a child.

    Args:
        labels: name and bytes of a file with readable names of entities.

    Raises:
        InputError: they cannot be used.
        Cancelled: by ``progress``.
    """
    size = sum(map(len, files.values())) + (0 if labels is None else len(labels[1]))
    if size <= SMALL and not any(map(is_packed, files, files.values())):
        return _with_labels(read_parts(name, files), labels)
    with TemporaryDirectory(prefix="graph-") as folder:
        for number, data in enumerate(files.values()):
            (Path(folder) / str(number)).write_bytes(data)
        if labels is not None:
            (Path(folder) / _LABELS).write_bytes(labels[1])
        answer = isolated.run(
            f"{__name__}:read_in_child",
            {
                "folder": folder,
                "name": name,
                "files": list(files),
                "labels": None if labels is None else labels[0],
            },
            name=name,
            limits=isolated.limits_for(size),
            progress=progress,
        )
        arrays = {part: np.load(Path(folder) / f"{part}.npy", allow_pickle=False) for part in PARTS}
        return Graph(**answer | arrays | {"notes": tuple(answer["notes"])})


def read_in_child(
    folder: str, name: str, files: list[str], labels: str | None, progress: Progress
) -> dict[str, Any]:
    """What ``read_files`` has a child do: triples go to files, the rest is returned."""
    read = {file: (Path(folder) / str(number)).read_bytes() for number, file in enumerate(files)}
    if len(read) == 1:
        [(file, data)] = read.items()
        read = unpack(file, data)
    named = None if labels is None else (labels, (Path(folder) / _LABELS).read_bytes())
    graph = _with_labels(read_parts(name, read), named)
    for part, triples in graph.parts.items():
        np.save(Path(folder) / f"{part}.npy", triples, allow_pickle=False)
    fields = ("name", "entities", "relations", "labels", "notes", "digest")
    return {field: getattr(graph, field) for field in fields}


def read_parts(name: str, files: Mapping[str, bytes]) -> Graph:
    """A graph from files; those with train, valid (or dev) and test in their names are its parts.

    Raises:
        InputError: they hold no triple to train on, or are too large.
    """
    named = {file: _part_of(file) for file in files}
    parts: dict[str, list[Triple]] = {part: [] for part in PARTS}
    notes: list[str] = []
    if len(files) > 1:
        others = [file for file, part in named.items() if not part]
        if others:
            reason = "Left out, since their names tell neither train, valid nor test"
            notes.append(f"{reason}: {listed(others)}.")
        named = {file: part for file, part in named.items() if part}
        files = {file: data for file, data in files.items() if file in named}
    if not files or ("train" not in named.values() and len(files) > 1):
        raise InputError(
            f"“{shorten(name)}” holds no file of training triples.",
            "Files called train, valid and test, or one file alone.",
            "Check what it holds.",
        )
    for file, data in files.items():
        triples_of, read_notes = read_triples(file, data)
        own = named[file] if len(files) > 1 else ""
        for part, triples in triples_of.items():
            parts[own if own and part == "train" else part] += triples
        notes += [f"{file}: {note}" if len(files) > 1 else note for note in read_notes]
    graph = build_graph(name, parts, notes)
    if len(graph.train) < 2:
        raise InputError(
            f"“{shorten(name)}” has {len(graph.train)} training triple.",
            "Training needs two triples or more.",
            "Add triples.",
        )
    return graph


def read_labels(name: str, data: bytes, entities: list[str]) -> dict[str, str]:
    """Readable names of entities: JSON (id to name, or to an object with ``label``) or TSV.

    Raises:
        InputError: it names none of the entities.
    """
    text = data.decode("utf-8-sig", "replace")
    found: dict[str, str] = {}
    if text.lstrip().startswith("{"):
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            told = {}
        for key, value in told.items():
            label = value.get("label") if isinstance(value, dict) else value
            if isinstance(label, str) and label.strip():
                found[key] = " ".join(label.split())
    else:
        for line in text.splitlines():
            key, _, label = line.partition("\t")
            if label.strip():
                found[key.strip()] = " ".join(label.split("\t")[0].split())
    kept = {entity: found[entity] for entity in entities if entity in found}
    if not kept:
        raise InputError(
            f"“{shorten(name)}” names none of the {len(entities):,} entities.",
            "A JSON object from id to name, or lines of id, tab, name.",
            "Check the file.",
        )
    return kept


def _part_of(file: str) -> str:
    stem = PurePosixPath(file.lower()).stem
    return next((part for word, part in _PART_WORDS.items() if word in stem), "")


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """The files of triples in a folder or archive, or the file itself."""
    if not path.is_dir():
        yield path.name, data_home.read_given(path, MAX_BYTES)
        return
    with data_home.storage_errors("read", path):
        files = [file for file in sorted(path.iterdir()) if file.is_file()]
    found = [file for file in files if file.suffix.lower() in SUFFIXES]
    for file in found:
        # Of several, those that are no part are told, and not read however large they are.
        wanted = len(found) == 1 or _part_of(file.name)
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
    labels: bytes | None = None,
    progress: Progress = no_progress,
) -> str:
    """Keeps a graph from files, or from one archive; its name, which is free.

    Raises:
        InputError: it cannot be used.
        StorageError: it cannot be written.
        Cancelled: by ``progress``.
    """
    graph = read_files(name, files, None if labels is None else ("names", labels), progress)
    wanted = data_home.safe_name(name.split(".", maxsplit=1)[0], fallback="graph")
    chosen = data_home.distinct_name(wanted, {*KNOWN, *list_own()}, "{}-{}")
    with data_home.write_folder(graph_folder(chosen), exclusive=True) as beside:
        graph_store.write_graph(replace(graph, name=chosen), beside)
    return chosen
