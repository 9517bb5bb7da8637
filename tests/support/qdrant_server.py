"""Qdrant's REST interface on this computer, answered by the local mode of Qdrant's own client.

Bodies go through the models that Qdrant makes from its OpenAPI description, which refuse what is
not in it.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

from qdrant_client import QdrantClient, models

KEY = "qdrant-key-4711-Geheim"


class QdrantServer:
    """Serves while it is open: ``with QdrantServer() as server``; ``broken`` drops connections."""

    def __init__(self) -> None:
        self.client = QdrantClient(":memory:")
        self.broken = False
        self.asked: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> QdrantServer:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self.client.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *parts: Any) -> None:
                """Nothing is printed."""

            def _answer(self) -> None:
                size = int(self.headers.get("content-length", 0))
                body = json.loads(self.rfile.read(size) or b"{}")
                server.asked.append((self.command, self.path))
                if server.broken:
                    self.close_connection = True
                    return
                if self.headers.get("api-key") != KEY:
                    self._send(401, {"status": {"error": "Must provide an API key"}})
                    return
                try:
                    with server._lock:
                        result = server.result(self.command, self.path, body)
                except (ValueError, KeyError) as error:
                    self._send(400, {"status": {"error": str(error)}})
                    return
                self._send(200, {"result": result, "status": "ok", "time": 0.0})

            do_GET = do_POST = do_PUT = _answer  # noqa: N815

            def _send(self, status: int, told: Any) -> None:
                data = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        return Handler

    def result(self, method: str, address: str, body: dict[str, Any]) -> Any:
        """What Qdrant's own local mode answers, as its REST interface writes it."""
        parts = [unquote(part) for part in urlsplit(address).path.split("/")[1:]]
        name = parts[1] if len(parts) > 1 else ""
        match (method, len(parts), parts[2:]):
            case ("GET", 1, _):
                return self.client.get_collections().model_dump(mode="json")
            case ("GET", 2, _):
                return self.client.get_collection(name).model_dump(mode="json")
            case ("PUT", 2, _):
                wanted = models.CreateCollection(**body)
                return self.client.create_collection(name, wanted.vectors)
            case ("POST", _, ["points", "scroll"]):
                scroll = models.ScrollRequest(**body)
                points, offset = self.client.scroll(
                    name,
                    limit=scroll.limit or 10,
                    offset=scroll.offset,
                    with_payload=scroll.with_payload,
                    with_vectors=scroll.with_vector or False,
                )
                dumped = [point.model_dump(mode="json") for point in points]
                return {"points": dumped, "next_page_offset": offset}
            case ("POST", _, ["points", "query"]):
                query = models.QueryRequest(**body)
                found = self.client.query_points(
                    name,
                    query=query.query,
                    using=query.using,
                    limit=query.limit or 10,
                    query_filter=query.filter,
                    with_payload=query.with_payload,
                )
                return found.model_dump(mode="json")
            case ("PUT", _, ["points"]):
                self.client.upsert(name, models.PointsList(**body).points)
                return {"operation_id": 0, "status": "completed"}
        raise KeyError(address)
