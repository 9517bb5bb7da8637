"""A server that others reach through a proxy: what is this computer's own is not theirs to name."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.load_session import Session
from core.base.errors import InputError
from core.images import galleries
from core.storage.data_home import HOME_VARIABLE
from tests.browser.conftest import running_server
from tests.browser.test_load import at_once
from tests.browser.test_security import answer, listening_addresses
from tests.support.picture_files import encoded

FOLDER = "Or a folder, ZIP archive, Parquet file or CSV of this computer"


def pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(server: str, header: str) -> Iterator[str]:
    """A proxy on this computer that adds a header to the first request of each connection."""
    there = urlsplit(server)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(client: socket.socket) -> None:
        head = b""
        while b"\r\n" not in head:
            head += client.recv(65_536)
        line, rest = head.split(b"\r\n", 1)
        upstream = socket.create_connection(("127.0.0.1", there.port or 0))
        upstream.sendall(line + b"\r\n" + header.encode() + b"\r\n" + rest)
        threading.Thread(target=pump, args=(upstream, client), daemon=True).start()
        pump(client, upstream)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with listening:
        yield f"http://localhost:{listening.getsockname()[1]}"


@pytest.mark.slow
@pytest.mark.parametrize("header", ["X-Forwarded-For: 10.0.0.7", "Forwarded: for=10.0.0.7"])
def test_through_a_proxy_of_this_computer_no_path_can_be_named(
    browser: Browser, server: str, header: str
) -> None:
    with proxy(server, header) as shared, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{server}/images?see=Datasets")
        expect(page.get_by_role("textbox", name=FOLDER)).to_be_visible()
        page.goto(f"{shared}/images?see=Datasets")
        expect(page.get_by_text("Upload pictures")).to_be_visible()
        expect(page.get_by_text("Public datasets")).to_be_visible()  # below it
        expect(page.get_by_role("textbox", name=FOLDER)).to_have_count(0)


def test_values_of_a_box_that_is_not_shown_do_nothing(
    server: str, browser_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a browser sends of itself: the ids of boxes are the same in every session."""
    monkeypatch.setenv(HOME_VARIABLE, str(browser_home))
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "red.png").write_bytes(encoded("red"))

    async def link(headers: dict[str, str], known: list[WidgetState]) -> list[WidgetState]:
        """Asks for the folder as the page's form does; the values that did it."""
        session = Session(server)
        session.headers = headers
        answer = await session.open("images", {"see": "Datasets"})
        boxes = [one for one in answer.widgets() if getattr(one, "label", "") == FOLDER]
        buttons = [
            one for one in answer.widgets() if getattr(one, "label", "") == "Add folder or file"
        ]
        assert (len(boxes), len(buttons)) == ((0, 0) if known else (1, 1))
        forged = known or [
            WidgetState(id=boxes[0].id, string_value=str(tmp_path / "theirs")),
            WidgetState(id=buttons[0].id, trigger_value=True),
        ]
        assert not (await session.send(*forged)).errors()
        await session.close()
        return forged

    def is_linked() -> bool:
        return any(entry.path == tmp_path / "theirs" for entry in galleries.list_galleries())

    values = at_once(link({}, []))
    assert is_linked()  # who sits here may
    [linked] = [one for one in galleries.list_galleries() if one.path == tmp_path / "theirs"]
    galleries.remove(linked)
    at_once(link({"X-Forwarded-For": "10.0.0.7"}, values))
    assert not is_linked()
    with pytest.raises(InputError):
        galleries.link_folder(str(tmp_path / "none"))


@pytest.mark.slow
def test_a_server_behind_a_proxy_answers_by_its_public_name_and_stays_on_this_computer(
    browser_home: Path,
) -> None:
    """As docs/security.md has it: the address stays as it is, the proxy's name is given."""
    names = ("--server.allowedHosts", "app.example", "--server.allowedHosts", "localhost")
    with running_server(browser_home, *names) as server:
        assert answer(server, "/", "app.example")[0] == 200
        assert answer(server, "/", "evil.example")[0] == 400
        assert listening_addresses(server) <= {"127.0.0.1", "::1"}

        async def visit(called: str, origin: str, **headers: str) -> tuple[bool, list[str]]:
            """Whether a path may be named, and errors."""
            session = Session(server)
            session.called, session.origin, session.headers = called, origin, headers
            page = await session.open("images", {"see": "Your pictures"})
            await session.close()
            labels = [getattr(one, "label", "") for one in page.widgets()]
            assert "Upload pictures" in labels
            return FOLDER in labels, page.errors()

        public, own = ("app.example", "https://app.example"), (urlsplit(server).netloc, server)
        assert at_once(visit(*public, **{"X-Forwarded-For": "10.0.0.7"})) == (False, [])
        # A proxy that says nothing of itself passes on what the browser says.
        assert at_once(visit(*public)) == (False, [])
        assert at_once(visit(*own)) == (True, [])
