"""A running server refuses strangers, and hostile data stays data on every page."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

import psutil
import pytest
from playwright.sync_api import Browser, Page

from core.graphs import sources
from core.images import galleries
from core.sentences import datasets
from core.storage.data_home import HOME_VARIABLE
from tests.browser.test_access import settled
from tests.support.picture_files import encoded

EVIL = "http://evil.example"
HOSTILE = (
    f'<img src=x onerror="window.pwned=1"> <a href="{EVIL}/">b</a> [c]({EVIL}/) '
    f"![d]({EVIL}/x.png) $\\href{{{EVIL}/}}{{e}}$ :red[f] `g` {EVIL}/h =1+1"
)
SHORT = '<img src=x onerror="window.pwned=1">'
# An address of ours may hold a text with another one in it; its slashes are encoded then.
FOUND = """() => ({
  ran: window.pwned !== undefined,
  elements: document.querySelectorAll(
    'img[src="x"], [onerror], a[href*="//evil"], image[href*="evil"], img[src*="evil"]').length,
  formulas: document.querySelectorAll('.katex').length,
  told: document.body.innerText,
})"""


@contextmanager
def http_server(folder: Path) -> Iterator[str]:
    """Another site: the files of a folder; its address."""
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}"
        site.shutdown()


def status(server: str, origin: str, host: str = "") -> int:
    """What the websocket answers a page of ``origin`` that calls the server ``host``."""
    asked = {
        "Host": host or urlsplit(server).netloc,
        "Origin": origin,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    connection = http.client.HTTPConnection(urlsplit(server).netloc)
    connection.request("GET", "/_stcore/stream", headers=asked)
    with contextlib.closing(connection):
        return connection.getresponse().status


def test_only_the_servers_own_page_may_open_its_websocket(server: str) -> None:
    port = urlsplit(server).port
    assert status(server, server) == 101
    assert status(server, EVIL) == 403
    assert status(server, f"{EVIL}:{port}") == 403
    # A name of a stranger's that leads to this computer: the page and the server agree on it.
    assert status(server, f"{EVIL}:{port}", f"evil.example:{port}") == 400


def answer(server: str, path: str, host: str) -> tuple[int, dict[str, str]]:
    """Status and headers of what is answered to a browser that calls the server ``host``."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc)
    connection.request("GET", path, headers={"Host": host})
    with contextlib.closing(connection):
        told = connection.getresponse()
        return told.status, {name.lower(): value for name, value in told.getheaders()}


@pytest.mark.parametrize("path", ["/", "/storage", "/_stcore/health", "/_stcore/host-config"])
def test_over_plain_http_only_the_servers_own_names_are_answered(server: str, path: str) -> None:
    port = urlsplit(server).port
    for own in ("localhost", "127.0.0.1", f"localhost:{port}", "LOCALHOST", f"[::1]:{port}"):
        assert answer(server, path, own)[0] == 200, own
    for foreign in ("evil.example", f"localhost.evil.example:{port}", "evil.example@localhost", ""):
        assert answer(server, path, foreign)[0] == 400, foreign


def test_no_page_may_frame_the_app_or_take_its_files_for_another_kind(server: str) -> None:
    for path in ("/", "/storage", "/_stcore/health", "/media/none", "/nothing/here"):
        headers = answer(server, path, "localhost")[1]
        assert headers["x-frame-options"] == "DENY", path
        assert headers["content-security-policy"] == "frame-ancestors 'none'", path
        assert headers["x-content-type-options"] == "nosniff", path


@pytest.mark.slow
def test_a_hostile_page_that_frames_storage_shows_nothing_of_it(
    browser: Browser, server: str, tmp_path: Path
) -> None:
    """A click that a person means for that page would else go to a button of ours beneath it."""
    trap = tmp_path / "trap.html"
    trap.write_text(f'<h1>You have won</h1><iframe src="{server}/storage" id="app"></iframe>')
    with http_server(tmp_path) as elsewhere, browser.new_context() as context:
        page = context.new_page()
        refused: list[str] = []
        page.on("console", lambda told: refused.append(told.text))
        page.goto(f"{elsewhere}/trap.html")
        page.wait_for_timeout(3_000)
        framed = page.frames[1]
        assert framed.locator("[data-testid=stApp]").count() == 0
        assert framed.locator("body").inner_text().strip() in {"", "localhost refused to connect."}
        assert any("frame-ancestors" in one or "X-Frame-Options" in one for one in refused), refused
        page.goto(f"{server}/storage")  # by itself it opens
        page.get_by_role("heading", name="Storage").wait_for()


def upload(server: str, headers: dict[str, str]) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(server).netloc)
    body = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\na\r\n--x--\r\n'
    )
    told = {"Content-Type": "multipart/form-data; boundary=x", **headers}
    connection.request("PUT", "/_stcore/upload_file/nobody/1", body, told)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_a_file_is_taken_only_with_the_token_that_the_servers_page_has(server: str) -> None:
    assert upload(server, {})[0] == 403
    assert upload(server, {"Origin": EVIL})[0] == 403
    assert upload(server, {"X-Xsrftoken": "2|a|b|1", "Cookie": "_streamlit_xsrf=2|c|d|1"})[0] == 403
    connection = http.client.HTTPConnection(urlsplit(server).netloc)
    connection.request("GET", "/_stcore/health")
    token = (connection.getresponse().getheader("Set-Cookie") or "").split(";")[0].split("=", 1)[1]
    with_token = {"X-Xsrftoken": token.strip('"'), "Cookie": f"_streamlit_xsrf={token}"}
    code, told = upload(server, with_token)
    assert (code, "session" in told) == (400, True)  # past the token; there is no such session


def test_no_other_site_may_read_what_the_server_answers(server: str) -> None:
    for path in ("/", "/_stcore/health", "/_stcore/host-config", "/media/none"):
        connection = http.client.HTTPConnection(urlsplit(server).netloc)
        connection.request("GET", path, headers={"Origin": EVIL})
        allowed = connection.getresponse().getheader("Access-Control-Allow-Origin")
        assert allowed is None or allowed.startswith("http://localhost"), path


def listening_addresses(server: str) -> set[str]:
    """The addresses at which the server listens."""
    port = urlsplit(server).port
    found = set()
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, FileNotFoundError):  # one of the browser's, just ended
            found |= {
                each.laddr.ip
                for each in child.net_connections("tcp")
                if each.status == psutil.CONN_LISTEN and each.laddr.port == port
            }
    assert found
    return found


def test_the_server_listens_to_this_computer_alone(server: str) -> None:
    assert listening_addresses(server) <= {"127.0.0.1", "::1"}


@pytest.fixture
def hostile(browser_home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Data of each kind with hostile names in the home of the server; the names they got."""
    monkeypatch.setenv(HOME_VARIABLE, str(browser_home))
    cells = [HOSTILE, SHORT, "a plain text", f"$x$ {SHORT} two"]
    lines = [
        {SHORT: cell, f"col {HOSTILE}": cell, "group": f"{SHORT} {at % 2}"}
        for at, cell in enumerate(cells)
    ]
    table = "\n".join(json.dumps(line) for line in lines).encode()
    texts = datasets.import_table(f"{SHORT}.jsonl", table)
    files = [(f"{SHORT}{at}.png", encoded(color)) for at, color in enumerate(("red", "blue"))]
    listed = f'file,caption,"{SHORT.replace(chr(34), chr(34) * 2)}"\n' + "".join(
        f'"{name.replace(chr(34), chr(34) * 2)}","{SHORT.replace(chr(34), chr(34) * 2)}","$x$"\n'
        for name, _ in files
    )
    gallery = galleries.import_files(SHORT, [*files, ("list.csv", listed.encode())])
    triples = "".join(f"{SHORT} {at}\tr {HOSTILE}\t{SHORT} {at + 1}\n" for at in range(6))
    graph = sources.keep_own(f"{SHORT}.tsv", {"a.tsv": triples.encode()})
    return {"texts": texts.name, "gallery": gallery.entry.name, "graph": graph}


@pytest.fixture
def watched(browser: Browser, server: str) -> Iterator[Callable[[str], Page]]:
    """Opens addresses in one page, which notes every dialog and every call that leaves."""
    context = browser.new_context(viewport={"width": 1440, "height": 1400})
    page = context.new_page()
    page.set_default_timeout(60_000)
    told: list[str] = []
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda asked: told.append(asked.url) if leaves(asked.url) else None)

    def leaves(url: str) -> bool:
        return not url.startswith((server, server.replace("http", "ws"), "data:", "blob:"))

    def visit(path: str) -> Page:
        page.goto(f"{server}/{path}")
        settled(page)
        assert not told, told
        return page

    yield visit
    context.close()


@pytest.mark.slow
def test_hostile_data_is_shown_and_never_run(
    hostile: dict[str, str], watched: Callable[[str], Page]
) -> None:
    short, long = quote(SHORT), quote(HOSTILE)
    texts, gallery, graph = (quote(hostile[name]) for name in ("texts", "gallery", "graph"))
    for path in (
        f"words?q={long}",
        f"words?space={short}&q={short}",
        f"sentences?data={texts}&row=1&near=2",
        f"sentences?data={texts}&do=Semantic+search&ask={long}",
        f"sentences?data={texts}&do=Similarity+matrix",
        f"sentences?data={texts}&do=Near-duplicates",
        "sentences?do=Datasets",
        f"sentences?data={short}&space={short}&column={short}",
        f"images?gallery={gallery}&find={short}",
        f"images?gallery={gallery}&filter={short}",
        f"images?gallery={gallery}&see=Zero-shot+classification%3F",
        "images?see=Datasets",
        f"map?of=Texts&data={texts}&method=PCA&seek={short}&color={short}",
        f"map?of=Pictures&gallery={gallery}&method=PCA&drop={short}",
        f"generate?prompt={long}&generator={short}",
        f"graph?graph={graph}",
        f"graph?graph={graph}&do=Train",
    ):
        page = watched(path)
        found = page.evaluate(FOUND)
        assert not found["ran"], path
        assert not found["elements"], path
        assert not found["formulas"], path
        assert page.get_by_test_id("stException").count() == 0, (path, found["told"][-800:])
    shown = watched(f"sentences?data={texts}&row=2&near=2").evaluate(FOUND)["told"]
    assert SHORT in shown
    # Exactly so, or who copies it has another address.
    assert f"{EVIL}/h" in watched(f"sentences?data={texts}&row=1").evaluate(FOUND)["told"]
