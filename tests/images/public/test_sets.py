"""Public sets by name against a server on loopback: fetched, checked, gone on with, refused."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.base.errors import (
    Cancelled,
    InputError,
    NotReadyError,
    PictureError,
    ServiceError,
    StorageError,
)
from core.images import galleries
from core.images.galleries import GalleryEntry
from core.images.public import sets
from core.images.public.catalog import CIFAR, FASHION, PUBLIC_SETS, Way, find_set
from core.storage import downloads, hub
from tests.support.hub_fixtures import (
    Reports,
    hub_with_a_model,  # noqa: F401  the fixture “server”
    starts,
)
from tests.support.hub_server import FakeHub, serve_hub
from tests.support.public_files import add_cifar, add_flowers, kept, known_set, noise, table

TEST_PART = "test-00000-of-00001.parquet"


def names() -> list[str]:
    return [entry.name for entry in galleries.list_galleries()]


def entry(name: str) -> GalleryEntry:
    return next(one for one in galleries.list_galleries() if one.name == name)


def test_each_set_says_what_a_person_must_know_first() -> None:
    assert len({known.name for known in PUBLIC_SETS}) == len(PUBLIC_SETS)
    for known in PUBLIC_SETS:
        assert known.licence.endswith(".")
        assert known.checked
        assert known.labels
        assert known.pictures > 0
        assert urlsplit(known.page).scheme == "https"
        assert (known.size > 0) is (known.way is not Way.PICTURES)
        assert bool(known.sha256) is (known.way is Way.ARCHIVE)
        assert find_set(known.name) is known
    assert find_set("gone") is None
    assert (len(CIFAR), len(FASHION)) == (10, 10)


@pytest.mark.slow
def test_cifar10_becomes_a_gallery_with_named_classes(server: FakeHub, own_home: Path) -> None:
    add_cifar(server)
    known = known_set("cifar10")
    assert sets.state(known) == "needs download (24 MB)"
    reports = Reports()
    brought = sets.download(known, reports)
    assert brought.entry.name == "cifar10"
    assert sets.state(known) == "here"
    gallery = galleries.load(entry("cifar10"))
    assert gallery.labels("label") == list(CIFAR[:6])
    assert gallery.open(2).tobytes() == gallery_pixels(2)
    assert "Krizhevsky" in gallery.attribution
    assert "6 pictures" in entry("cifar10").about
    assert reports.seen[-1][0] == reports.seen[-1][1]
    assert kept(own_home) == []  # the gallery has the files, and nothing lies there twice
    galleries.remove(entry("cifar10"))
    assert sets.state(known).startswith("needs download")


def test_what_a_person_has_elsewhere_is_not_taken_away_after_the_download(
    server: FakeHub, own_home: Path, tmp_path: Path
) -> None:
    add_cifar(server)
    known = known_set("cifar10")
    first = hub.download_tables(known.source, known.files)
    cache = tmp_path / "cache"  # as one who keeps all models and datasets in one place
    (own_home / "hub").rename(cache)
    (own_home / "hub").symlink_to(cache, target_is_directory=True)
    assert sets.download(known).entry.name == "cifar10"
    assert all(path.is_file() for path in first)


def gallery_pixels(number: int) -> bytes:
    from core.readers.pictures import open_picture

    return open_picture(noise(number)).tobytes()


def test_a_set_that_is_here_is_not_asked_for_again(server: FakeHub) -> None:
    add_cifar(server)
    first = sets.download(known_set("cifar10")).entry
    server.requests.clear()
    assert sets.download(known_set("cifar10")).entry == first
    assert not server.requests


def test_classes_without_names_get_those_of_the_set(server: FakeHub) -> None:
    add_cifar(server)
    sets.download(known_set("cifar10-train"))
    assert galleries.load(entry("cifar10-train")).labels("label") == ["truck"]


def test_a_set_in_several_files_is_one_gallery(server: FakeHub) -> None:
    known = known_set("fashion-products")
    shards = [
        table([noise(at)], None, id=[at], productDisplayName=[f"Shirt {at}"], baseColour=["Blue"])
        for at in range(3)
    ]
    server.datasets[known.source] = {
        f"data/train-0000{at}-of-00003-ab.parquet": shards[at] for at in (1, 0, 2)
    }
    gallery = galleries.load(sets.download(known).entry)
    assert gallery.captions == ["Shirt 0", "Shirt 1", "Shirt 2"]
    assert gallery.ids == ["1", "2", "3"]
    assert list(gallery.frame["id"]) == [0, 1, 2]


def test_files_that_are_not_parts_of_one_table_are_refused(server: FakeHub) -> None:
    known = known_set("fashion-products")
    server.datasets[known.source] = {
        "data/train-0.parquet": table([noise(0)], None, id=[1]),
        "data/train-1.parquet": table([noise(1)], None, other=["x"]),
    }
    with pytest.raises(InputError, match="could not be read as Parquet file"):
        sets.download(known)
    assert names() == ["openmoji"]


def test_what_was_cut_is_gone_on_with_and_no_byte_comes_twice(server: FakeHub) -> None:
    data = add_cifar(server, 40)
    server.cut = {f"plain_text/{TEST_PART}"}
    sets.download(known_set("cifar10"))
    first, second = [a for a in server.asked_files() if a.path.endswith(TEST_PART)]
    assert first.sent == second.start == len(data) // 2
    assert first.sent + second.sent == len(data)
    assert len(galleries.load(entry("cifar10"))) == 40


def test_a_cancelled_download_is_gone_on_with(server: FakeHub) -> None:
    data = add_cifar(server, 40)
    with pytest.raises(Cancelled):
        sets.download(known_set("cifar10"), Reports(stop=20_000))
    assert names() == ["openmoji"]
    server.requests.clear()
    sets.download(known_set("cifar10"))
    (asked,) = [a for a in server.asked_files() if a.path.endswith(TEST_PART)]
    assert asked.start is not None
    assert asked.start + asked.sent == len(data)


def test_a_server_without_ranges_starts_again(server: FakeHub) -> None:
    add_cifar(server, 40)
    server.ranges = False
    with pytest.raises(Cancelled):
        sets.download(known_set("cifar10"), Reports(stop=20_000))
    sets.download(known_set("cifar10"))
    assert len(galleries.load(entry("cifar10"))) == 40


def test_another_digest_is_refused_and_deleted(server: FakeHub, own_home: Path) -> None:
    data = add_cifar(server)
    server.lie = {f"plain_text/{TEST_PART}": data[:-1] + b"X"}
    with pytest.raises(ServiceError, match="damaged"):
        sets.download(known_set("cifar10"))
    assert names() == ["openmoji"]
    assert kept(own_home) == []


def test_a_set_that_is_gone_or_a_hub_out_of_reach_is_told(
    server: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="There is no dataset uoft-cs/cifar10"):
        sets.download(known_set("cifar10"))
    server.datasets["uoft-cs/cifar10"] = {"other.parquet": b"x"}
    with pytest.raises(InputError, match="no table"):
        sets.download(known_set("cifar10"))
    with serve_hub() as gone:
        pass
    monkeypatch.setenv("HF_ENDPOINT", gone.url)
    with pytest.raises(ServiceError, match="out of reach"):
        sets.download(known_set("cifar10"))


def test_two_downloads_at_once(server: FakeHub) -> None:
    add_cifar(server, 40)
    server.hold = {f"plain_text/{TEST_PART}"}
    first = threading.Thread(target=sets.download, args=(known_set("cifar10"),))
    first.start()
    assert server.held.wait(30)
    with pytest.raises(NotReadyError, match="CIFAR-10, test part is being downloaded already"):
        sets.download(known_set("cifar10"))
    server.release.set()
    first.join(30)
    assert names() == ["openmoji", "cifar10"]


def test_an_own_gallery_of_the_same_name_stays(server: FakeHub) -> None:
    galleries.import_files("cifar10", [("a.png", noise(7))])
    add_cifar(server)
    assert sets.state(known_set("cifar10")).startswith("needs")
    assert sets.download(known_set("cifar10")).entry.name == "cifar10-2"
    assert len(galleries.load(entry("cifar10"))) == 1


def test_a_full_disk_is_told_before(server: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 10

    add_cifar(server)
    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage)
    with pytest.raises(StorageError, match="Free some space"):
        sets.download(known_set("cifar10"))
    assert not server.asked_files()


def test_a_disk_that_fills_while_the_gallery_is_kept(
    server: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(target: Path, data: object) -> None:
        raise OSError(28, "No space left on device")

    add_cifar(server)
    with monkeypatch.context() as patched:
        patched.setattr("core.storage.data_home.put", full)
        with pytest.raises(StorageError, match="No space left"):
            sets.download(known_set("cifar10"))
    assert names() == ["openmoji"]
    server.requests.clear()
    sets.download(known_set("cifar10"))
    assert not server.asked_files()  # what had come was still there
    assert names() == ["openmoji", "cifar10"]


def test_flowers_come_as_an_archive_with_their_licence(server: FakeHub, own_home: Path) -> None:
    known = add_flowers(server)
    server.cut = {"/flower_photos.tgz"}
    reports = Reports()
    found = sets.download(known, reports).entry
    assert starts(server, "flower_photos.tgz") == [None, known.size // 2]
    gallery = galleries.load(found)
    assert gallery.ids == ["daisy/1.jpg", "roses/2.jpg"]
    assert gallery.labels("folder") == ["daisy", "roses"]
    assert gallery.open(1).tobytes() == gallery_pixels(2)
    assert "CC BY" in gallery.attribution
    assert not gallery.skipped
    assert found.folder is not None
    assert (found.folder / "LICENSE.txt").read_bytes() == b"daisy/1.jpg CC-BY by Someone"
    assert not list(own_home.rglob("*evil*"))
    assert kept(own_home) == []
    phases = {"bytes downloaded", "pictures unpacked", "pictures read"}
    assert {note for *_, note in reports.seen} - {""} == phases


def test_an_archive_that_is_not_the_published_one_is_refused(server: FakeHub) -> None:
    known = replace(add_flowers(server), sha256="0" * 64)
    with pytest.raises(ServiceError, match="damaged"):
        sets.download(known)
    with pytest.raises(ServiceError, match="refuses with HTTP status 404"):
        sets.download(replace(known, source=f"{server.url}/gone.tgz"))
    server.plain["/x.tgz"] = b"no archive"
    digest = "3d3bd9d7a7ed3cd5aa1b4f6d9a1fd3b4"  # not compared: the size is wrong
    with pytest.raises(ServiceError, match="connection was cut"):
        sets.download(replace(known, source=f"{server.url}/x.tgz", sha256=digest))
    assert names() == ["openmoji"]


def test_an_archive_that_cannot_be_unpacked_is_told(server: FakeHub) -> None:
    server.plain["/x.tgz"] = b"no archive"
    known = replace(add_flowers(server), source=f"{server.url}/x.tgz", size=10, sha256="")
    with pytest.raises(PictureError, match="could not be unpacked"):
        sets.download(known)
    assert names() == ["openmoji"]


def test_a_small_file_follows_redirections_on_its_host_only(server: FakeHub) -> None:
    server.plain["/small"] = b"small"
    server.sends = {
        "/here": "/small",
        "/away": "http://localhost.invalid/small",
        "/round": "/round",
    }
    with downloads.opened(downloads.Host("a file", "host")) as host:
        assert host.read(f"{server.url}/here", 10)[0] == b"small"
        for path, told in {
            "/away": "sends those who ask elsewhere, to localhost.invalid",
            "/round": "redirects more than 3 times",
            "/gone": "refuses with HTTP status 404",
        }.items():
            with pytest.raises(ServiceError, match=told):
                host.read(f"{server.url}{path}", 10)
        with pytest.raises(ServiceError, match="more than the 4 bytes"):
            host.read(f"{server.url}/small", 4)
    with (
        pytest.raises(ServiceError, match="host is out of reach"),
        downloads.opened(downloads.Host("a file", "host")) as host,
    ):
        host.read("file:///etc/passwd", 10)
