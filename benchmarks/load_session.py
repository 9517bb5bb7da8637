"""A session of the app without a browser: it speaks Streamlit's protocol as the browser does.

A page is fetched for its cookie, then a websocket is opened with that cookie, the token out of it
and the page's origin. A rerun sends the address's query, all values of widgets, the page, and which
long messages are held from before; the server answers with elements and, at last, that the script
has finished.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.load_answer import Answer
from benchmarks.load_widgets import default_of, find_widget, is_default, written

_COOKIE = "_streamlit_xsrf"
_HELD = 2  # runs for which a long message is held without being used, as in the browser
_DONE = (
    ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY,
    ForwardMsg.ScriptFinishedStatus.FINISHED_WITH_COMPILE_ERROR,
)


class Session:
    """One person's page; ``open`` it first. Each call is one rerun and gives what it answered."""

    def __init__(self, address: str, *, patience: float = 300) -> None:
        self.address = address
        self.patience = patience  # seconds to wait for an answer
        self.origin = address  # where the browser says that its page came from
        self.headers: dict[str, str] = {}  # what a proxy adds to the request
        self.called = urlsplit(address).netloc  # how the request names the server
        self.answer = Answer()
        self._socket: ClientConnection | None = None
        self._page, self._query = "", ""
        self._pages: dict[str, str] = {}  # name in the address -> hash
        self._states: dict[str, WidgetState] = {}
        self._held: dict[str, tuple[ForwardMsg, int]] = {}  # long messages, and when last used
        self._runs = 0
        self._cookie = ""

    async def open(self, page: str = "", query: Mapping[str, str] | None = None) -> Answer:
        """A fresh page at an address."""
        token = await asyncio.to_thread(self._fetch_cookie)
        self._cookie = f"{_COOKIE}={token}"
        self._socket = await connect(
            f"ws://{self.called}/_stcore/stream",
            host=urlsplit(self.address).hostname,
            port=urlsplit(self.address).port,
            origin=self.origin,  # type: ignore[arg-type]
            subprotocols=["streamlit", token],  # type: ignore[list-item]
            additional_headers={"Cookie": self._cookie, **self.headers},
            max_size=None,
        )
        self._query = urlencode(query or {})
        return await self._run(page=page)

    async def go(self, page: str, query: Mapping[str, str] | None = None) -> Answer:
        """A click on a link to another page."""
        self._states = {}
        self._query, self._page = urlencode(query or {}), self._pages[page]
        return await self._run()

    async def put(self, key: str, value: Any) -> Answer:
        """Gives the widget called ``key`` another value."""
        widget = find_widget(self.answer.elements(), key)
        state = written(widget, value)
        self._states[state.id] = state
        name = widget.query_param_key
        if name:
            query = {k: v for k, v in parse_qsl(self._query) if k != name}
            if not is_default(widget, value):
                query[name] = str(value).lower() if isinstance(value, bool) else str(value)
            self._query = urlencode(query)
        return await self._run()

    async def press(self, key: str) -> Answer:
        """Clicks the button called ``key``."""
        widget = find_widget(self.answer.elements(), key)
        return await self._run(WidgetState(id=widget.id, trigger_value=True))

    async def send(self, *states: WidgetState) -> Answer:
        """Sends values of widgets as they are, whether these are on the page or not."""
        return await self._run(*states)

    async def fetch(self, path: str) -> bytes:
        """A file of the server, such as a picture, as the browser asks for it."""
        return await asyncio.to_thread(self._fetch, path)

    async def close(self) -> None:
        """Ends the session, as closing the window does."""
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    def _fetch(self, path: str) -> bytes:
        request = urllib.request.Request(self.address + path, headers={"Cookie": self._cookie})
        with urllib.request.urlopen(request) as answer:
            return bytes(answer.read())

    def _fetch_cookie(self) -> str:
        with urllib.request.urlopen(f"{self.address}/_stcore/health") as answer:
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.split(";")[0].partition("=")
                if name == _COOKIE:
                    return str(value)
        raise RuntimeError("The server gave no XSRF cookie: is its protection off?")

    async def _run(self, *pressed: WidgetState, page: str = "") -> Answer:
        if self._socket is None:
            raise RuntimeError("The session is not open.")
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string, rerun.page_script_hash, rerun.page_name = self._query, self._page, page
        rerun.widget_states.widgets.extend([*self._states.values(), *pressed])
        rerun.cached_message_hashes.extend(self._held)
        context = rerun.context_info
        context.timezone, context.locale, context.color_scheme = "UTC", "en-US", "light"
        context.url = f"{self.address}/{page}"
        begun = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(self.patience):
            await self._receive(self._socket)
        self.answer.seconds = time.perf_counter() - begun
        self._after_run()
        return self.answer

    async def _receive(self, socket: ClientConnection) -> None:
        """Takes messages until the script has finished; one that starts over goes on."""
        self.answer = Answer()
        while True:
            data = await socket.recv()
            message = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.answer = Answer()
            elif kind == "navigation":
                self._page = message.navigation.page_script_hash
                self._pages = {
                    "" if page.is_default else page.url_pathname: page.page_script_hash
                    for page in message.navigation.app_pages
                }
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "script_finished":
                if message.script_finished in _DONE:
                    self.answer.failed = message.script_finished != _DONE[0]
                    return
            elif kind in ("delta", "ref_hash"):
                self.answer.take(self._resolved(message), len(data))

    def _resolved(self, message: ForwardMsg) -> ForwardMsg:
        """The message itself, or the one held from before that it stands for."""
        if message.WhichOneof("type") == "ref_hash":
            held = ForwardMsg()
            held.CopyFrom(self._held[message.ref_hash][0])
            self._held[message.ref_hash] = held, self._runs
            held.metadata.CopyFrom(message.metadata)
            return held
        if message.metadata.cacheable:
            self._held[message.hash] = message, self._runs
        return message

    def _after_run(self) -> None:
        """Takes new widgets' values over, drops those that went, and forgets unused messages."""
        states = {}
        for widget in self.answer.widgets():
            state = default_of(widget)
            if state is not None:
                known = None if getattr(widget, "set_value", False) else self._states.get(widget.id)
                states[widget.id] = known or state
        self._states = states
        self._runs += 1
        self._held = {
            name: (message, used)
            for name, (message, used) in self._held.items()
            if self._runs - used <= _HELD
        }
