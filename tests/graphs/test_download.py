"""Known graphs against a server on loopback: fetched, checked, kept, refused, gone on with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.base.errors import Cancelled, InputError, ServiceError
from core.graphs import download, sources
from core.graphs.catalog import KNOWN, KnownGraph, RemoteTable
from core.storage import data_home
from tests.graphs.test_triples import FILES, packed

ARCHIVE = packed("tar", FILES)
PARTS = {
    f"/{part}.txt": f"a\tr\t{part}\nb\tr\ta\n{part}\tr\tb\n".encode()
    for part in ("train", "valid", "test")
}


class Server(ThreadingHTTPServer):
    files: dict[str, bytes]
    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        data = self.server.files.get(self.path)
        self.send_response(404 if data is None else 200)
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server(("127.0.0.1", 0), Handler)
    running.files = {"/kg.tar.gz": ARCHIVE, "/names.json": b'{"a": "Anna"}', **PARTS}
    running.asked = []
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()


def known(server: Server, *, whole: bool = True) -> KnownGraph:
    """FB15k-237, or CoDEx-small, with its files on the server."""
    place = f"http://127.0.0.1:{server.server_port}"
    if whole:
        table = RemoteTable(
            "kg.tar.gz", f"{place}/kg.tar.gz", len(ARCHIVE), data_home.sha256(ARCHIVE)
        )
        labels = RemoteTable("names.json", f"{place}/names.json")
        return replace(KNOWN["fb15k237"], files=(table,), labels=labels)
    tables = tuple(RemoteTable(name[1:], f"{place}{name}") for name in PARTS)
    return replace(KNOWN["codexsmall"], files=tables)


def test_what_is_known_says_what_a_person_must_know() -> None:
    for one in KNOWN.values():
        assert one.licence
        assert one.page.startswith("https://")
        assert min(one.counts) > 0
        assert one.bundled is (one.bytes_told == 0)
        assert all(table.url.startswith("https://") for table in one.files)
    assert sources.find_known("FB15k-237") is KNOWN["fb15k237"]
    assert sources.find_known("CoDEx-S") is KNOWN["codexsmall"]


def test_an_archive_is_fetched_checked_and_kept(server: Server, own_home: Path) -> None:
    graph = download.download(known(server))
    assert [len(part) for part in graph.parts.values()] == [2, 1, 1]
    assert graph.label(0) == "Anna"
    assert sources.state(KNOWN["fb15k237"]) == "ready"
    again = sources.load_graph("fb15k-237")
    assert again.digest == graph.digest
    assert again.labels == graph.labels
    server.asked.clear()
    download.download(known(server))
    assert not server.asked
    assert not list(own_home.glob("downloads/*/files"))


def test_single_files_are_fetched_too(server: Server, own_home: Path) -> None:
    graph = download.download(known(server, whole=False))
    assert graph.name == "codexsmall"
    assert len(graph.train) == 3


def test_without_names_it_has_ids(server: Server, own_home: Path) -> None:
    del server.files["/names.json"]
    graph = download.download(known(server))
    assert graph.labels == {}
    assert download.NO_LABELS in graph.notes


def test_what_is_damaged_or_refused_is_told(server: Server, own_home: Path) -> None:
    server.files["/kg.tar.gz"] = ARCHIVE[:-1] + b"x"
    with pytest.raises(ServiceError, match="damaged"):
        download.download(known(server))
    del server.files["/kg.tar.gz"]
    with pytest.raises(ServiceError, match="404"):
        download.download(known(server))
    server.files["/train.txt"] = b"no triples here\n"
    with pytest.raises(InputError, match="holds no triple"):
        download.download(known(server, whole=False))
    assert sources.state(KNOWN["fb15k237"]).startswith("needs download (7.6 MB)")


def test_a_cancelled_download_keeps_nothing_half(server: Server, own_home: Path) -> None:
    def cancel(done: int, total: int, note: str = "") -> None:
        raise Cancelled("Downloading")

    with pytest.raises(Cancelled):
        download.download(known(server), cancel)
    assert sources.state(KNOWN["fb15k237"]).startswith("needs download")
    assert download.download(known(server)).name == "fb15k237"
