"""Fetching a known graph: files from their host, checked where that is stated, kept as a graph."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from core.base.errors import InputError, ServiceError
from core.base.types import Progress, no_progress
from core.graphs import archives, sources, store as graph_store
from core.graphs.catalog import KnownGraph, RemoteTable
from core.graphs.graph import Graph
from core.graphs.names import read_names
from core.graphs.parts import read_parts
from core.storage import data_home, downloads
from core.storage.downloads import Host, RemoteFile

LIMIT = 20_000_000  # bytes of a file of which no size is stated
NO_LABELS = "The readable names could not be had: the entities have their ids alone."


def download(known: KnownGraph, progress: Progress = no_progress) -> Graph:
    """A known graph, fetched if it is not here.

    Raises:
        InputError: what came holds no triples.
        ServiceError: its host is out of reach, refuses, or sent what is damaged.
        StorageError: it cannot be written.
        NotReadyError: another process is fetching it.
        Cancelled: by ``progress``.
    """
    folder = sources.graph_folder(known.name)
    if sources.state(known) == "ready":
        return sources.load_known(known)
    work = data_home.data_home() / "downloads" / known.name
    with downloads.alone(work, known.title):
        files: dict[str, bytes] = {}
        for number, table in enumerate(known.files):
            progress(number, len(known.files), "files fetched")
            files |= archives.unpack(table.name, _fetch(known, table, work / "files", progress))
        graph = read_parts(known.name, files)
        if known.labels is not None:
            graph = _with_labels(graph, known, known.labels)
        with data_home.write_folder(folder) as beside:
            graph_store.write_graph(graph, beside)
        shutil.rmtree(work / "files", ignore_errors=True)
    return graph


def _fetch(known: KnownGraph, table: RemoteTable, work: Path, progress: Progress) -> bytes:
    with downloads.opened(Host(known.title, urlsplit(table.url).netloc)) as host:
        if not table.size:
            return host.read(table.url, LIMIT)[0]
        host.fetch([RemoteFile(table.name, table.size, table.sha256, table.url)], work, progress)
    with data_home.storage_errors("read", work):
        return (work / table.name).read_bytes()


def _with_labels(graph: Graph, known: KnownGraph, table: RemoteTable) -> Graph:
    """The graph with readable names, if they can be had: it works without them too."""
    with (
        suppress(ServiceError, InputError),
        downloads.opened(Host(known.title, urlsplit(table.url).netloc)) as host,
    ):
        data = host.read(table.url, LIMIT)[0]
        return replace(graph, labels=read_names(table.name, data, graph.entities))
    return replace(graph, notes=(*graph.notes, NO_LABELS))
