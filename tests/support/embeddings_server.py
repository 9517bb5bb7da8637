"""A small server of embeddings on this computer, which answers as OpenAI does, or wrongly.

``plan`` says how the next requests are answered, in order, and ``then`` all after them: "" is
right, the other words are those of ``EmbeddingsServer._answer``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

import numpy as np

KEY = "sk-test-4711-Geheim"
HTML = "<!doctype html><html><title>Welcome</title></html>"


def vector(text: str, dim: int) -> list[float]:
    """The vector that the server gives a text: drawn by its bytes, of length 2."""
    seed = list(hashlib.sha256(text.encode()).digest())
    row = np.random.default_rng(seed).normal(size=dim)
    return [float(number) for number in 2 * row / np.linalg.norm(row)]


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    model: str
    texts: list[str]
    encoding: str
    dimensions: int = 0

    @property
    def authorization(self) -> str:
        return self.headers.get("authorization", "")


class EmbeddingsServer:
    """Serves ``POST /v1/embeddings`` while it is open: ``with EmbeddingsServer() as server``."""

    def __init__(self, dim: int = 8, key: str = KEY) -> None:
        self.dim = dim
        self.key = key
        self.models = ["embed-test", "bge-m3"]
        self.plan: list[str] = []
        self.then = ""
        self.retry_after = "0.001"
        self.asked: list[Asked] = []
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._http = _Quiet(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> EmbeddingsServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stops it and lets go of its port; a second time does nothing."""
        if not self._closing.is_set():
            self._closing.set()
            self._http.shutdown()
            self._http.server_close()

    def _answer(self, asked: Asked) -> tuple[int, str]:
        """Status and body for a request."""
        with self._lock:
            self.asked.append(asked)
            how = self.plan.pop(0) if self.plan else self.then
        if how == "hang":
            self._closing.wait(60)
            return 503, "{}"
        if how == "" and asked.authorization != f"Bearer {self.key}":
            how = "401"
        if how.isdigit():  # a status; the message says the key, as some services do
            message = f"No {how} for {asked.authorization}, {asked.model}"
            code = "rate_limit_exceeded" if how == "429" else None
            return int(how), json.dumps({"error": {"message": message, "code": code}})
        if how == "no credit":
            return 429, json.dumps({"error": {"message": "pay", "code": "insufficient_quota"}})
        if how == "html":
            return 200, HTML
        if how == "echo":
            return 200, "x" * 190 + asked.authorization
        if how == "error":
            return 200, json.dumps({"error": {"message": "upstream is away"}})
        rows = self._rows(asked.texts, how)
        if asked.dimensions:
            rows = [row | {"embedding": row["embedding"][: asked.dimensions]} for row in rows]  # type: ignore[index]
        return 200, json.dumps({"object": "list", "data": rows})

    def _rows(self, texts: list[str], how: str) -> list[dict[str, object]]:
        dim = self.dim + 1 if how == "dim" else self.dim
        rows: list[dict[str, object]] = [
            {"object": "embedding", "index": at, "embedding": vector(text, dim)}
            for at, text in enumerate(texts)
        ]
        last: list[object] = [*vector(texts[-1], dim)]
        wrong: dict[str, object] = {
            "nan": [*last[:-1], float("nan")],
            "infinite": [*last[:-1], 1e300],
            "zero": [0.0] * dim,
            "words": ["a"] * dim,
            "missing": [*last[:-1], None],
            "ragged": [last, [1.0]],
            "longer": [*last, 1.0],
            "null": None,
        }
        if how in wrong:
            rows[-1]["embedding"] = wrong[how]
        elif how == "base64":
            for row in rows:
                raw = np.array(row["embedding"], dtype="<f4").tobytes()
                row["embedding"] = base64.b64encode(raw).decode()
        elif how == "shuffle":
            rows = rows[::-1]
        elif how == "drop":
            rows = rows[:-1]
        elif how == "twice":
            rows[-1]["index"] = 0
        return rows

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                headers = {name.lower(): value for name, value in self.headers.items()}
                texts, encoding = body["input"], body.get("encoding_format", "")
                dimensions = int(body.get("dimensions", 0))
                status, text = server._answer(
                    Asked(self.path, headers, body["model"], texts, encoding, dimensions)
                )
                if urlsplit(self.path).path != "/v1/embeddings":
                    status, text = 404, HTML
                self._send(status, text)

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.asked.append(Asked(self.path, headers, "", [], ""))
                known = headers.get("authorization") == f"Bearer {server.key}"
                if urlsplit(self.path).path != "/v1/models":
                    self._send(404, HTML)
                elif not known:
                    self._send(401, json.dumps({"error": {"message": "no key"}}))
                else:
                    names = [{"id": name, "object": "model"} for name in server.models]
                    self._send(200, json.dumps({"object": "list", "data": names}))

            def _send(self, status: int, text: str) -> None:
                raw = text.encode()
                self.send_response(status)
                kind = "text/html" if text == HTML else "application/json"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(raw)))
                if status >= 429:
                    self.send_header("Retry-After", server.retry_after)
                elif status >= 300:
                    self.send_header("Location", f"{server.url}/elsewhere")
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the tests read what was asked from ``asked``."""

        return Handler


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: a client that went away after its time-out is what the test wants."""
