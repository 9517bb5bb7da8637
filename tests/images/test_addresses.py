"""Tables of pictures' addresses: fetched within limits, private addresses refused, reasons told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from core.base.errors import Cancelled, InputError
from core.images import addresses, galleries
from core.storage import public_web
from tests.cli.test_main import call
from tests.support.app_page import checked, open_page
from tests.support.picture_files import COLORS, encoded

RED, GREEN, BLUE = COLORS.values()


class Site:
    """A site on loopback; ``asked`` are the paths it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.together = threading.Barrier(addresses.AT_ONCE, timeout=10)
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                status, headers, body = site.answer(self.path, self.headers["Host"])
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.url = f"http://pictures.example:{self.port}"

    def answer(self, path: str, host: str) -> tuple[int, dict[str, str], bytes]:
        pictures = {"/r.png": RED, "/g": GREEN, "/b.png": BLUE}
        if path in pictures:
            return 200, {"Content-Type": "image/png"}, encoded(pictures[path])
        if path.startswith("/together"):
            self.together.wait()  # until as many are asked for at once
            return 200, {"Content-Type": "image/png"}, encoded(RED)
        if path == "/page":
            return 200, {"Content-Type": "text/html"}, b"<html>no picture</html>"
        if path == "/large.png":
            return 200, {}, b"x" * 200_000
        moved = {
            "/there": "/g",
            "/inside": f"http://inside.example:{self.port}/r.png",
            "/literal": f"http://169.254.169.254:{self.port}/r.png",
            "/file": "file:///etc/passwd",
            "/loop": "/loop",
        }
        if path in moved:
            return 302, {"Location": moved[path]}, b""
        return 404, {}, b""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site that stands for the public internet: its name resolves to loopback, which is taken
    for public; ``inside.example`` resolves to an address of a private network."""
    made = Site()
    real = socket.getaddrinfo
    known = {"pictures.example": "127.0.0.1", "inside.example": "10.0.0.7"}

    def resolve(host: str, *more: Any, **others: Any) -> Any:
        return real(known.get(host, host), *more, **others)

    public = public_web.is_public
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(public_web, "is_public", lambda one: one == "127.0.0.1" or public(one))
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def table(site: Site, *paths: str) -> bytes:
    rows = "".join(f"{site.url}{path},c{at}\n" for at, path in enumerate(paths))
    return f"image_url,label\n{rows}".encode()


def test_reading_a_table_fetches_nothing(site: Site, own_home: Path) -> None:
    data = table(site, "/r.png", "/g", "/r.png") + b"nothing,c9\n"
    listed = addresses.find_addresses("l.csv", data)
    assert listed.column == "image_url"
    assert listed.addresses == (f"{site.url}/r.png", f"{site.url}/g")
    assert listed.hosts == [f"pictures.example:{site.port}"]
    assert site.asked == []


def test_pictures_come_with_their_rows_and_failures_with_reasons(
    site: Site, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "MAX_PICTURE", 100_000)
    paths = ("/r.png", "/gone.png", "/there", "/page", "/large.png", "/b.png")
    data = table(site, *paths, "/r.png") + b"nothing,c9\n"
    brought = addresses.fetch(addresses.find_addresses("l.csv", data))
    gallery = galleries.load(brought.entry)
    assert [gallery.open(row).getpixel((0, 0)) for row in range(3)] == [RED, GREEN, BLUE]
    assert gallery.labels("label") == ["c0", "c2", "c5"]
    assert gallery.labels("image_url") == [f"{site.url}{p}" for p in ("/r.png", "/there", "/b.png")]
    left = {one.id.removeprefix(site.url): one.reason for one in gallery.skipped}
    assert left == {
        "/gone.png": "it answers with HTTP status 404",
        "/page": left["/page"],
        "/large.png": "it has more than the 100 kB that are taken",
        "/r.png": "an earlier row has the same address",
        "nothing": "it is no address that begins with http:// or https://",
    }
    assert "is no picture that can be read" in left["/page"]


def test_private_addresses_are_refused_also_after_a_redirection(site: Site, own_home: Path) -> None:
    data = table(site, "/r.png", "/inside", "/literal", "/file", "/loop")
    data += (
        f"http://inside.example:{site.port}/r.png,x\nhttp://[::1]:{site.port}/r.png,x\n".encode()
    )
    data += b"http://nowhere.invalid/a.png,x\n"
    brought = addresses.fetch(addresses.find_addresses("l.csv", data))
    assert len(galleries.load(brought.entry)) == 1
    reasons = [one.reason for one in brought.skipped]
    assert reasons[0] == "inside.example is 10.0.0.7, which is no public address"
    assert reasons[1] == "169.254.169.254 is 169.254.169.254, which is no public address"
    assert reasons[2] == "it is no address that begins with http:// or https://"
    assert reasons[3] == "it redirects more than 3 times"
    assert reasons[4] == reasons[0]
    assert reasons[5] == "::1 is ::1, which is no public address"
    assert reasons[6] == "there is no host nowhere.invalid"
    assert site.asked.count("/r.png") == 1


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        *((one, False) for one in ("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.5.5")),
        *((one, False) for one in ("169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1")),
        *((one, False) for one in ("::1", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1")),
        *((one, False) for one in ("::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::")),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert public_web.is_public(address) is public


def test_number_bytes_and_time_are_bounded(
    site: Site, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = addresses.find_addresses("l.csv", table(site, "/r.png", "/g", "/b.png"))
    brought = addresses.fetch(listed, 2, "two")
    assert len(galleries.load(brought.entry)) == 2
    assert [(one.id, one.reason) for one in brought.skipped] == [("1 more", "not asked for")]
    monkeypatch.setattr(addresses, "MAX_TOTAL", 1)
    brought = addresses.fetch(listed, 3, "bytes")
    assert len(galleries.load(brought.entry)) == 1
    assert {one.reason for one in brought.skipped} == {"the limit of 1 byte was reached before it"}
    monkeypatch.setattr(addresses, "TOTAL_SECONDS", -1.0)
    with pytest.raises(InputError, match="minutes went by"):
        addresses.fetch(listed, 3, "time")
    with pytest.raises(InputError, match="From 1 to"):
        addresses.fetch(listed, 0)


def test_some_are_asked_for_at_a_time_and_stay_in_their_order(site: Site, own_home: Path) -> None:
    paths = [f"/together{number}" for number in range(addresses.AT_ONCE)]
    listed = addresses.find_addresses("l.csv", table(site, *paths, "/r.png", "/nothing", "/g"))
    brought = addresses.fetch(listed)
    assert [one.id for one in brought.skipped] == [f"{site.url}/nothing"]
    labels = galleries.load(brought.entry).labels("label")
    assert labels == [f"c{number}" for number in (*range(addresses.AT_ONCE + 1), 10)]


def test_after_a_cancel_it_goes_on(site: Site, own_home: Path) -> None:
    listed = addresses.find_addresses("l.csv", table(site, "/r.png", "/g"))

    def cancel(done: int, total: int, note: str = "") -> None:
        if done == 1:
            raise Cancelled("Fetching")

    with pytest.raises(Cancelled):
        addresses.fetch(listed, progress=cancel)
    assert len(galleries.load(addresses.fetch(listed).entry)) == 2
    assert site.asked.count("/r.png") == 1


def test_the_command_asks_before_it_fetches(
    site: Site, own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "l.csv"
    path.write_bytes(table(site, "/r.png", "/g", "/b.png"))
    asked = ("images", "--gallery", str(path), "--query", "[00001.png]")
    status, _, err = call(capsys, *asked)
    assert (status, site.asked) == (2, [])
    assert "names pictures by addresses" in err
    assert "3 URLs in “image_url”, of 1 host: pictures.example" in err
    status, answer, _ = call(capsys, *asked, "--download", "--pictures", "2")
    assert (status, answer["count"], sorted(site.asked)) == (0, 2, ["/g", "/r.png"])
    assert answer["skipped"] == [{"id": "1 more", "reason": "not asked for"}]


def test_the_page_fetches_after_a_click(site: Site, own_home: Path) -> None:
    page = open_page("images", see="Datasets")
    uploader = next(one for one in page.get("file_uploader") if "addresses" in str(one.proto.label))
    uploader.set_value([("l.csv", table(site, "/r.png", "/gone.png"), "text/csv")])
    checked(page)
    assert site.asked == []
    assert any("2 URLs" in one.value for one in page.caption)
    with pytest.MonkeyPatch.context() as patch:  # the next run has the table already
        patch.setattr(addresses, "find_addresses", lambda *_: pytest.fail("read again"))
        checked(page)
    next(one for one in page.button if one.label == "Fetch 2 pictures").click()
    checked(page)
    assert sorted(site.asked) == ["/gone.png", "/r.png"]
    [entry] = [one for one in galleries.list_galleries() if one.folder is not None]
    assert [one.reason for one in entry.left_out] == ["it answers with HTTP status 404"]


def test_a_table_without_addresses_says_so(own_home: Path) -> None:
    with pytest.raises(InputError, match="holds addresses of pictures"):
        addresses.find_addresses("l.csv", b"a,b\nx,y\n")
