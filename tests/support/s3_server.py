"""What a bucket of S3 answers on this computer, as far as readers ask: listing, heads and bytes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "shop"
_PAGE = 5  # keys of one answer: further ones are asked for by its token
_XML = '<?xml version="1.0"?>'


@dataclass
class Bucket:
    """Its objects by key, those that may not be read, and what was asked."""

    objects: dict[str, bytes]
    forbidden: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    signed: list[bool] = field(default_factory=list)
    server: str = ""

    def address(self, path: str = "", user: str = "") -> str:
        options = f"endpoint_override={self.server}&scheme=http&region=us-east-1"
        return f"s3://{user}{BUCKET}/{path}?{options}"

    def listing(self, asked: dict[str, list[str]]) -> str:
        prefix = asked.get("prefix", [""])[0]
        delimiter = asked.get("delimiter", [""])[0]
        after = asked.get("continuation-token", [""])[0]
        keys, folders = [], set[str]()
        for key in sorted(one for one in self.objects if one.startswith(prefix)):
            rest = key.removeprefix(prefix)
            if delimiter and delimiter in rest:
                folders.add(prefix + rest.partition(delimiter)[0] + delimiter)
            elif key > after:
                keys.append(key)
        page, more = keys[:_PAGE], len(keys) > _PAGE
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.objects[key])}</Size>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for key in page
        )
        found += "".join(
            f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in folders
        )
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        told = f"<KeyCount>{len(page)}</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>"
        return f"{_XML}<ListBucketResult>{told}{token}{found}</ListBucketResult>"


@contextmanager
def bucket(objects: dict[str, bytes]) -> Iterator[Bucket]:
    """Serves objects while it is open."""
    held = Bucket(objects)
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(held))
    held.server = f"127.0.0.1:{http.server_address[1]}"
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield held
    finally:
        http.shutdown()
        http.server_close()


def _handler(held: Bucket) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *parts: Any) -> None:
            """Nothing is printed."""

        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            key = unquote(parts.path).removeprefix(f"/{BUCKET}").removeprefix("/")
            held.asked.append(f"{self.command} {key}")
            held.signed.append("Authorization" in self.headers)
            if not key:
                self._send(200, held.listing(parse_qs(parts.query)).encode(), "application/xml")
            elif key in held.forbidden:
                told = f"{_XML}<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
                self._send(403, told.encode(), "application/xml")
            elif key not in held.objects:
                told = f"{_XML}<Error><Code>NoSuchKey</Code><Message>no</Message></Error>"
                self._send(404, told.encode(), "application/xml")
            else:
                self._send_part(held.objects[key])

        def _send_part(self, data: bytes) -> None:
            asked = self.headers.get("Range", "")
            if self.command == "HEAD" or not asked:
                self._send(200, data, "binary/octet-stream")
                return
            first, _, last = asked.removeprefix("bytes=").partition("-")
            self._send(206, data[int(first) : int(last) + 1], "binary/octet-stream")

        def _send(self, status: int, data: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

    return Handler
