"""Serves the app: `python serve.py [options of Streamlit]`, which is what run.py starts.

Beside `streamlit run app.py`, which serves it too, every answer is guarded: a request that calls
the server by another name than those of `server.allowedHosts` is refused, also over plain HTTP
(Streamlit itself asks that of its websocket alone), and no other page may frame the app, so that
none can have a person click in it without seeing it. What nobody foresaw is told by a page of ours,
and the process ends with status 0 where it is told to end.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.base import demo
from core.ui.common import last_resort

WITH_STDIN = "EMBEDDING_EXPLORER_ENDS_WITH_STDIN"  # said by who holds the other end
HEADERS = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


# Scripts of charts (Plotly's has 5 MB) lie under addresses that name their content, so that they
# may be fetched once and kept. Streamlit says nothing of it: a browser would ask at each visit.
KEPT = {"Cache-Control": "private, max-age=31536000, immutable"}


class GuardHeaders:
    """Puts ``HEADERS`` on every answer over HTTP, and ``KEPT`` on scripts."""

    def __init__(self, inner: ASGIApp) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI's interface."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                script = headers.get("content-type", "").startswith("text/javascript")
                if message["status"] == 200 and script and "/media/" in scope["path"]:
                    headers.update(KEPT)
            await send(message)

        await self.inner(scope, receive, guarded)


def host_names() -> list[str]:
    """Names that a browser may call this server by; of none Streamlit makes all."""
    names = [str(name) for name in st.get_option("server.allowedHosts") or ["*"]]
    return [f"[{name}]" if ":" in name else name for name in names]


@asynccontextmanager
async def told_at_the_end(_: object) -> AsyncIterator[None]:
    """Says when the server stops, as `streamlit run` does."""
    yield
    sys.stdout.write("  Stopping...\n")
    sys.stdout.flush()


def end_with_stdin() -> None:
    """Ends the process when whoever started it is gone, and with it the other end of the pipe."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def end(*_: Any) -> None:
    """Ends the process with status 0, after what is registered for that: jobs are stopped."""
    sys.exit(0)


if __name__ == "__main__":
    from streamlit.web import cli

    if demo.is_on():  # what Streamlit's own door takes, whatever a box says
        os.environ["STREAMLIT_SERVER_MAX_UPLOAD_SIZE"] = str(demo.MEGABYTES)
    # The server takes signals while it runs, and then raises what it took once more.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    if os.environ.get(WITH_STDIN) == "1":
        threading.Thread(target=end_with_stdin, daemon=True).start()
    cli.main(["run", __file__, *sys.argv[1:]], prog_name="streamlit")
else:  # Streamlit has looked for this assignment, and imports the file once its options are read
    app = st.App(
        "app.py",
        middleware=[
            Middleware(GuardHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=host_names(), www_redirect=False),
        ],
        lifespan=told_at_the_end,
        on_script_error=last_resort.show,
    )
