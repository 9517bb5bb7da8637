"""A small Hugging Face hub on loopback, for tests: models and datasets from dicts of files.

It answers what ``core.storage.hub`` asks: the list of a repository's files with their sizes and, of
the weights and tables, SHA-256; and the files themselves, also from the middle on. It has plain
files too, as any other site. Ways to fail are its attributes; what it was asked is in ``requests``.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

Files = dict[str, bytes]
LFS = (".safetensors", ".bin", ".parquet", ".xlsx", ".model")
PIECE = 16_384
CONVERTED = "refs/convert/parquet"


@dataclass
class Asked:
    """A request: its path without the query, its headers, and the bytes of the body sent."""

    path: str
    headers: dict[str, str]
    sent: int = 0

    @property
    def start(self) -> int | None:
        """The byte from which the file was asked for, if not from its first."""
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(found[1]) if found else None


@dataclass
class FakeHub:
    """What the hub has, how it fails, and what it was asked.

    Attributes:
        models, datasets: files of each name.
        converted: files of the branch ``refs/convert/parquet`` of datasets.
        gated: names whose files answer 401; with ``private`` the list of files as well.
        cut: paths whose next answer ends in the middle, as if the connection broke.
        hold: paths whose next answer stops in the middle until ``release`` is set.
        status: path of a file or API address to the status it answers, every time.
        lie: path to the bytes sent instead of those that the list of files states.
        ranges: whether it honours ``Range``.
        elsewhere: address of another server that it sends those who ask for files to, as the real
            hub does.
        pause: seconds before each piece of a file.
        plain: bytes of addresses that are no hub's.
        kinds: what type those are said to be of.
        sends: where those who ask for an address are sent.
    """

    models: dict[str, Files] = field(default_factory=dict)
    datasets: dict[str, Files] = field(default_factory=dict)
    converted: dict[str, Files] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    private: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    hold: set[str] = field(default_factory=set)
    status: dict[str, int] = field(default_factory=dict)
    lie: Files = field(default_factory=dict)
    ranges: bool = True
    elsewhere: str = ""
    pause: float = 0.0
    plain: Files = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    sends: dict[str, str] = field(default_factory=dict)
    requests: list[Asked] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def asked_files(self) -> list[Asked]:
        """The requests for files, without those for lists of files."""
        return [asked for asked in self.requests if not asked.path.startswith("/api/")]

    def repository(self, kind: str, name: str, revision: str) -> Files | None:
        """The files of a branch or commit."""
        branches = {"main": self.datasets if kind == "datasets" else self.models}
        if kind == "datasets":
            branches[CONVERTED] = self.converted
        for branch, names in branches.items():
            if name in names and revision in {branch, commit_of(names[name])}:
                return names[name]
        return None


def commit_of(files: Files) -> str:
    """The commit of a branch, drawn from its files."""
    digest = hashlib.sha256()
    for path, data in sorted(files.items()):
        digest.update(path.encode() + b"\0" + data + b"\0")
    return digest.hexdigest()[:40]


def listing(files: Files) -> bytes:
    """The answer of the hub's API with ``blobs=true``."""
    siblings: list[dict[str, object]] = []
    for path, data in files.items():
        entry: dict[str, object] = {"rfilename": path, "size": len(data), "blobId": "0" * 40}
        if path.endswith(LFS):
            digest = hashlib.sha256(data).hexdigest()
            entry["lfs"] = {"sha256": digest, "size": len(data), "pointerSize": 130}
        siblings.append(entry)
    return json.dumps({"id": "any", "sha": commit_of(files), "siblings": siblings}).encode()


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        asked = Asked(path, dict(self.headers.items()))
        self.hub.requests.append(asked)
        with suppress(ConnectionError):  # who asked may leave
            if status := self.hub.status.get(path):
                return self.refuse(status)
            api = re.fullmatch(r"/api/(models|datasets)/(.+?)(?:/revision/(.+))?", path)
            if api:
                return self.list_files(api[1], api[2], api[3] or "main")
            found = re.fullmatch(r"/(datasets/)?(.+?)/resolve/([^/]+)/(.+)", path)
            if found:
                kind = "datasets" if found[1] else "models"
                return self.send_file(asked, kind, found[2], found[3], found[4])
            if path in self.hub.sends:
                return self.redirect(self.hub.sends[path])
            if path in self.hub.plain:
                return self.send_data(asked, path, self.hub.plain[path])
            self.refuse(404)

    def redirect(self, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def refuse(self, status: int, code: str = "") -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def list_files(self, kind: str, name: str, revision: str) -> None:
        if name in self.hub.private:
            return self.refuse(401, "GatedRepo")
        files = self.hub.repository(kind, name, revision)
        if files is None:
            known = self.hub.repository(kind, name, "main") is not None
            return self.refuse(404, "RevisionNotFound" if known else "RepoNotFound")
        body = listing(files)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_file(self, asked: Asked, kind: str, name: str, revision: str, path: str) -> None:
        if name in self.hub.gated | self.hub.private:
            return self.refuse(403 if "Authorization" in asked.headers else 401, "GatedRepo")
        files = self.hub.repository(kind, name, revision)
        if files is None or path not in files:
            return self.refuse(404, "EntryNotFound")
        if self.hub.elsewhere:
            return self.redirect(self.hub.elsewhere + self.path)
        self.send_data(asked, path, files[path])

    def send_data(self, asked: Asked, path: str, data: bytes) -> None:
        data = self.hub.lie.get(path, data)
        start = asked.start if self.hub.ranges else None
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        body = data[start or 0 :]
        if path in self.hub.kinds:
            self.send_header("Content-Type", self.hub.kinds[path])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.send_body(asked, path, body)

    def send_body(self, asked: Asked, path: str, body: bytes) -> None:
        stop = len(body)
        if path in self.hub.cut:
            self.hub.cut.discard(path)
            stop, self.close_connection = len(body) // 2, True
        hold = len(body) // 2 if path in self.hub.hold else None
        self.hub.hold.discard(path)
        for at in range(0, stop, PIECE):
            if hold is not None and at >= hold:
                self.hub.held.set()
                self.hub.release.wait(60)
                hold = None
            time.sleep(self.hub.pause)
            piece = body[at : min(at + PIECE, stop)]
            self.wfile.write(piece)
            asked.sent += len(piece)


@contextmanager
def serve_hub(hub: FakeHub | None = None) -> Iterator[FakeHub]:
    """A hub that answers at ``hub.url`` until the block ends; then nothing does."""
    hub = hub or FakeHub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        hub.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
