"""The Web Gallery of Art: its catalogue, real and hostile, and its pictures one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from core.base.errors import Cancelled, ExplorerError, InputError, ServiceError
from core.images import galleries
from core.images.galleries import Brought
from core.images.public import (
    sets as public_sets,
    wga,
    wga_catalogue,
)
from core.images.public.catalog import WEB_GALLERY
from core.images.public.wga_catalogue import KEPT, Wanted, choose, picture_path, read_catalogue
from core.readers import archives, isolated
from tests.support.hub_fixtures import (
    Reports,
    hub_with_a_model,  # noqa: F401  the fixture “server”
)
from tests.support.hub_server import FakeHub, serve_hub
from tests.support.public_files import (
    HEADER,
    add_web_gallery,
    catalogue,
    kept,
    known_set,
    noise,
    packed,
    work,
)

HOST = "www.wga.hu"


@pytest.fixture(name="site")
def web_gallery_on_loopback(server: FakeHub, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    """The server as the site, asked without pauses."""
    monkeypatch.setattr(wga, "PAUSE", 0)
    monkeypatch.setenv(wga.VARIABLE, server.url)
    return server


def fetch(wanted: Wanted | None = None, reports: Reports | None = None) -> Brought:
    return public_sets.download(known_set(WEB_GALLERY), reports or Reports(), wanted)


def asked_pictures(site: FakeHub) -> list[str]:
    return [a.path.removeprefix("/art/") for a in site.requests if a.path.startswith("/art/")]


# The catalogue


def test_the_real_catalogue_is_read(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("text/wga_paintings.csv")
    found = read_catalogue(path.name, path.read_bytes())
    assert list(found.columns) == [
        "address",
        "author",
        "title",
        "technique",
        "location",
        "type",
        "school",
        "timeframe",
    ]
    assert len(found) == 9_423
    rows, left_out = choose(found, Wanted(400, ("SCHOOL=Italian", "type=portrait")), HOST)
    assert not left_out
    assert len(rows) == 400
    assert set(rows["school"]) == {"Italian"}
    assert set(rows["type"]) == {"portrait"}
    first = found["address"].iloc[0]
    assert picture_path(first, HOST) == ("m/master/zunk_sp/zunk_sp4/man_wine.jpg", "")
    assert all(not picture_path(cell, HOST)[1] for cell in found["address"])


def test_the_site_s_own_form_is_read() -> None:
    rows = [work("https://www.wga.hu/html/b/bruegel/x.html", " Two\n lines "), work("x")]
    for name, data in {"c.csv": catalogue(rows), "c.zip": packed(catalogue(rows))}.items():
        found = read_catalogue(name, data)
        assert set(found.columns) == {"address", *KEPT}
        assert found["title"].iloc[0] == "Two lines"
        assert found["location"].iloc[0] == "Musée"


def test_more_pictures_are_those_before_and_others() -> None:
    rows = [work(f"http://wga.hu/art/a/{at}.jpg", f"Title {at}") for at in range(50)]
    found = read_catalogue("c.csv", catalogue(rows))
    ten, _ = choose(found, Wanted(10), HOST)
    twenty, _ = choose(found, Wanted(20), HOST)
    assert (len(ten), len(twenty)) == (10, 20)
    assert set(ten["file"]) < set(twenty["file"])
    numbers = [int(title.split()[1]) for title in twenty["title"]]
    assert numbers == sorted(numbers)
    assert numbers != list(range(20))


@pytest.mark.parametrize(
    ("cell", "path"),
    [
        ("https://www.wga.hu/html/a/aachen/adonis.html", "a/aachen/adonis.jpg"),
        ("http://WWW.wga.hu/html_m/a/adonis.html", "a/adonis.jpg"),
        ("http://wga.hu/art/a/adonis.jpg", "a/adonis.jpg"),
        ("art/a/adonis.jpg", "a/adonis.jpg"),
        (" /html/a/adonis.htm ", "a/adonis.jpg"),
    ],
)
def test_addresses_of_pictures(cell: str, path: str) -> None:
    assert picture_path(cell, HOST) == (path, "")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("https://evil.example/art/a/x.jpg", "another site"),
        ("//evil.example/art/a/x.jpg", "another site"),
        ("https://www.wga.hu@evil.example/art/a/x.jpg", "another site"),
        ("https://www.wga.hu:8080/art/a/x.jpg", "another site"),
        ("http://127.0.0.1/art/a/x.jpg", "another site"),
        ("file:///art/a/x.jpg", "not of the web"),
        ("file://www.wga.hu/art/a/x.jpg", "not of the web"),
        ("javascript:alert(1)", "not of the web"),
        ("http:/art/a/x.jpg", "not of the web"),
        ("https://www.wga.hu/art/../../etc/x.jpg", "leads out"),
        ("art/../x.jpg", "leads out"),
        ("https://www.wga.hu/art/%2e%2e/x.jpg", "not of a picture"),
        ("https://www.wga.hu/art/a/x.jpg?u=1", "not of a picture"),
        ("https://www.wga.hu/art/a\\..\\x.jpg", "not of a picture"),
        ("https://www.wga.hu/art/.hidden/x.jpg", "not of a picture"),
        ("https://www.wga.hu/cgi-bin/x.jpg", "not of a picture"),
        ("https://www.wga.hu/art/a/x.svg", "not of a picture"),
        ("http://[", "is none"),
        ("", "not of a picture"),
    ],
)
def test_addresses_that_are_refused(cell: str, reason: str) -> None:
    path, why = picture_path(cell, HOST)
    assert path == ""
    assert reason in why


@given(st.text(max_size=60) | st.from_regex(r"(https?:)?//?[\w.@:/%?#\\-]*", fullmatch=True))
def test_any_address_gives_a_path_that_stays_inside_or_a_reason(cell: str) -> None:
    path, reason = picture_path(cell, HOST)
    assert bool(path) is not bool(reason)
    if path:
        parts = path.split("/")
        assert path.endswith(".jpg")
        assert path.isascii()
        assert not any(part in {"", ".", ".."} or part.startswith(".") for part in parts)
        assert not set(path) & set("\\%?#:@ \n")


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_a_catalogue_or_refused(data: bytes) -> None:
    packed_or_not = (data, b"PK\x03\x04" + data, "\n".join([";".join(HEADER)]).encode() + data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolated, "inside", True)  # or each packed one starts a process
        for given_data in packed_or_not:
            try:
                found = read_catalogue("c.csv", given_data)
            except ExplorerError:
                continue
            assert {"address", "author", "title"} <= set(found.columns)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (catalogue([("a", "b")], header=("AUTHOR", "URL")), "needs author, title and url"),
        (catalogue([("a", "b")], header=("AUTHOR", "TITLE")), "url or jpg_link"),
        (packed(b"x", "readme.md"), "holds 0 tables"),
        (packed(catalogue([work("x")]))[:-30], "could not be unpacked"),
    ],
)
def test_what_is_no_catalogue_is_told(data: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_catalogue("c.csv", data)


def test_a_packed_catalogue_is_unpacked_in_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("it is unpacked in this process")

    monkeypatch.setattr(archives.Zip, "__init__", refuse)
    found = read_catalogue("c.zip", packed(catalogue([work("art/a.jpg")])))
    assert list(found["address"]) == ["art/a.jpg"]


def test_a_catalogue_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wga_catalogue, "MAX_BYTES", 100)
    with pytest.raises(InputError, match=r"unpacks to 10 kB\. At most 100 bytes are read"):
        read_catalogue("c.zip", packed(bytes(10_000)))


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted(0), "0 pictures are asked for"),
        (Wanted(5_001), "From 1 to 5,000"),
        (Wanted(5, ("nonsense",)), "is no filter"),
        (Wanted(5, ("style=Baroque",)), "has no column “style”"),
        (Wanted(5, ("school=Martian",)), "passes the filter"),
    ],
)
def test_wishes_that_cannot_be_met(wanted: Wanted, told: str) -> None:
    found = read_catalogue("c.csv", catalogue([work("art/a.jpg")]))
    with pytest.raises(InputError, match=told):
        choose(found, wanted, HOST)


# The pictures


def test_pictures_become_a_gallery_with_what_is_known_of_them(
    site: FakeHub, own_home: Path
) -> None:
    paths = add_web_gallery(site)
    reports = Reports()
    found = fetch(reports=reports).entry
    gallery = galleries.load(found)
    assert found.name == WEB_GALLERY
    assert sorted(gallery.ids) == paths
    assert gallery.captions is not None
    assert gallery.captions[gallery.ids.index(paths[3])] == "Title 3 in two lines"
    assert gallery.labels("school").count("Italian") == 2
    assert gallery.labels("timeframe") == ["1551-1600"] * 5
    assert "may not be passed on" in gallery.attribution
    assert np.array_equal(gallery.open(gallery.ids.index(paths[0])), decoded(noise(100, 16)))
    assert (5, 5, "pictures") in reports.seen
    assert kept(own_home) == []


def decoded(data: bytes) -> object:
    from core.readers.pictures import open_picture

    return np.asarray(open_picture(data))


def test_only_what_is_not_here_is_fetched(site: FakeHub) -> None:
    paths = add_web_gallery(site)
    fetch(Wanted(2))
    first = asked_pictures(site)
    assert len(first) == 2
    site.requests.clear()
    more = fetch(Wanted(5)).entry
    assert sorted(asked_pictures(site) + first) == paths
    assert more.name == f"{WEB_GALLERY}-2"
    assert len(galleries.load(more)) == 5
    site.requests.clear()
    assert fetch(Wanted(5)).entry == more  # the same again is not kept twice
    assert not asked_pictures(site)


def test_after_a_cancel_it_goes_on_picture_by_picture(site: FakeHub) -> None:
    paths = add_web_gallery(site)
    with pytest.raises(Cancelled):
        fetch(reports=Reports(stop=3))
    before = asked_pictures(site)
    assert len(before) == 3
    assert [e.name for e in galleries.list_galleries()] == ["openmoji"]
    site.requests.clear()
    fetch()
    assert sorted(before + asked_pictures(site)) == paths
    assert not any(asked.path.endswith(".zip") for asked in site.requests)


def test_pictures_that_cannot_be_had_are_left_out_and_told(site: FakeHub) -> None:
    paths = add_web_gallery(site, 8)
    del site.plain[f"/art/{paths[0]}"]
    site.kinds = {f"/art/{paths[1]}": "text/html; charset=utf-8"}
    site.plain[f"/art/{paths[2]}"] = noise(1)[:100]
    site.sends = {f"/art/{paths[3]}": "http://evil.invalid/x.jpg"}
    site.status = {f"/art/{paths[5]}": 500}
    site.cut = {f"/art/{paths[6]}"}  # once: the second try has it
    brought = fetch()
    reasons = {one.id: one.reason for one in brought.skipped}
    assert set(reasons) == {paths[at] for at in (0, 1, 2, 3, 5)}
    for at, told in {
        0: "HTTP status 404",
        1: "a page in place of a picture",
        2: "is damaged",
        3: "sends those who ask elsewhere, to evil.invalid",
        5: "could not be reached: it answers with HTTP status 500",
    }.items():
        assert told in reasons[paths[at]], at
    gallery = galleries.load(brought.entry)
    assert sorted(gallery.ids) == [paths[4], paths[6], paths[7]]
    assert {one.id: one.reason for one in gallery.skipped} == reasons


def test_a_site_that_is_gone_ends_it_and_keeps_what_came(site: FakeHub) -> None:
    paths = add_web_gallery(site, 8)
    site.status = {f"/art/{path}": 503 for path in paths[2:]}
    with pytest.raises(ServiceError, match="goes on where it stopped"):
        fetch()
    asked = set(asked_pictures(site))
    assert len(asked - set(paths[:2])) == wga.GIVE_UP
    site.status = {}
    site.requests.clear()
    assert len(galleries.load(fetch().entry)) == 8
    assert not set(asked_pictures(site)) & (asked & set(paths[:2]))


def test_none_of_the_pictures(site: FakeHub) -> None:
    paths = add_web_gallery(site, 2)
    for path in paths:
        del site.plain[f"/art/{path}"]
    with pytest.raises(InputError, match="None of 2 pictures could be had"):
        fetch()


def test_an_own_catalogue_and_hostile_rows(site: FakeHub) -> None:
    paths = add_web_gallery(site, 2)
    rows = [
        ("A", "fine", f"http://www.wga.hu/art/{paths[0]}"),
        ("A", "local", f"{site.url}/art/{paths[1]}"),
        ("B", "twice", f"http://www.wga.hu/art/{paths[0]}"),
        ("C", "out", "../../etc/passwd"),
        ("D", "other", "http://evil.invalid/art/x.jpg"),
        ("E", "file", "file:///etc/passwd"),
    ]
    data = catalogue(rows, header=("author", "title", "jpg_link"))
    brought = fetch(Wanted(10, (), data, "mine.csv"))
    gallery = galleries.load(brought.entry)
    assert gallery.captions == ["fine", "local"]
    assert {one.id: one.reason for one in gallery.skipped} == {
        f"http://www.wga.hu/art/{paths[0]}": "another row names the same picture",
        "../../etc/passwd": "its path leads out of the site's pictures",
        "http://evil.invalid/art/x.jpg": "its address is of another site",
        "file:///etc/passwd": "its address is not of the web",
    }
    assert set(asked_pictures(site)) == set(paths)
    assert not any(asked.path.endswith(".zip") for asked in site.requests)
    only_bad = catalogue(rows[3:], header=("author", "title", "jpg_link"))
    with pytest.raises(InputError, match=r"No row of “bad\.csv” can be fetched"):
        fetch(Wanted(10, (), only_bad, "bad.csv"))


def test_a_catalogue_that_is_damaged_is_asked_for_again(site: FakeHub) -> None:
    add_web_gallery(site)
    site.lie = {"/database/download/data_txt.zip": b"PK damaged"}
    with pytest.raises(InputError, match="could not be unpacked"):
        fetch()
    site.lie = {}
    assert len(galleries.load(fetch().entry)) == 5


@pytest.mark.parametrize(
    "value", ["ftp://host", "wga", "http://", "http://[", "http://u:p@host", "http://h/?a=1"]
)
def test_an_address_of_the_site_that_is_none(
    site: FakeHub, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(wga.VARIABLE, value)
    with pytest.raises(InputError, match=wga.VARIABLE):
        fetch()


def test_a_site_out_of_reach(site: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_hub() as gone:
        pass
    monkeypatch.setenv(wga.VARIABLE, gone.url)
    with pytest.raises(ServiceError, match="is out of reach"):
        fetch()
