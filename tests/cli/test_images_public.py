"""``python -m core images`` on galleries by name, and on public sets that are fetched first."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.main import main
from core.images import galleries
from core.images.public import wga
from core.images.public.catalog import WEB_GALLERY
from tests.cli.test_main import call
from tests.support.hub_fixtures import hub_with_a_model  # noqa: F401  the fixture “server”
from tests.support.hub_server import FakeHub
from tests.support.picture_files import encoded
from tests.support.public_files import add_cifar, add_web_gallery, catalogue

Capture = pytest.CaptureFixture[str]


def test_a_set_that_is_not_here_says_how_to_get_it(server: FakeHub, capsys: Capture) -> None:
    status, answer, error = call(capsys, "images", "--gallery", "cifar10", "--text", "a cat")
    assert status == 2
    assert answer["error"]["type"] == "NotReadyError"
    for told in ("10,000 pictures", "24 MB", "Licence: none stated", "Add --download"):
        assert told in answer["error"]["message"]
    assert error.startswith("error: The public set cifar10 is not here.")
    assert not server.requests


def test_a_set_is_fetched_searched_and_then_here(server: FakeHub, capsys: Capture) -> None:
    add_cifar(server)
    status, answer, error = call(
        capsys, "images", "--gallery", "cifar10", "--download", "--text", "a cat", "-k", "6"
    )
    assert status == 0
    assert (answer["gallery"], answer["count"]) == ("cifar10", 6)
    assert sorted(near["id"] for near in answer["neighbors"]) == list("123456")
    assert "Krizhevsky" in answer["attribution"]
    assert "to download: 24 MB. Licence: none stated" in error
    server.requests.clear()
    status, answer, _ = call(
        capsys, "images", "--gallery", "cifar10", "--report", "--label-column", "label", "-k", "1"
    )
    assert status == 0
    assert "airplane" in answer["per_class"]
    assert not server.requests


def test_a_brought_gallery_by_name_and_a_file_before_it(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    files = [("a.png", encoded("red")), ("t.csv", b"file,colour\na.png,rot\n")]
    galleries.import_files("mine", files)
    status, answer, _ = call(
        capsys, "images", "--gallery", "mine", "--text", "red", "--caption-column", "colour"
    )
    assert status == 0
    assert answer["neighbors"][0]["caption"] == "rot"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "other.png").write_bytes(encoded("blue"))
    monkeypatch.chdir(tmp_path)
    _, answer, _ = call(capsys, "images", "--gallery", "mine", "--text", "red")
    assert answer["neighbors"][0]["id"] == "other.png"


def test_the_web_gallery_with_a_number_and_an_own_catalogue(
    server: FakeHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    monkeypatch.setattr(wga, "PAUSE", 0)
    monkeypatch.setenv(wga.VARIABLE, server.url)
    paths = add_web_gallery(server)
    ask = ["images", "--gallery", WEB_GALLERY, "--text", "a painting", "--download"]
    status, answer, _ = call(capsys, *ask, "--pictures", "2")
    assert (status, answer["count"]) == (0, 2)
    assert answer["neighbors"][0]["caption"].startswith("Title")
    table = tmp_path / "own.csv"
    rows = [("A", "Mine", f"art/{paths[0]}"), ("B", "Evil", "http://evil.invalid/x.jpg")]
    table.write_bytes(catalogue(rows, header=("author", "title", "url")))
    status, answer, error = call(capsys, *ask, "--catalogue", str(table))
    assert (status, answer["count"]) == (0, 1)
    assert [one["reason"] for one in answer["skipped"]] == ["its address is of another site"]
    assert "left out: http://evil.invalid/x.jpg: its address is of another site" in error
    assert "education" in answer["attribution"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--download"], "“openmoji” is no public set"),
        (["--gallery", "nowhere", "--download"], "“nowhere” is no public set"),
        (["--gallery", "nowhere"], "no gallery called “nowhere”"),
        (["--pictures", "5"], "say what is downloaded"),
        (["--gallery", "cifar10", "--download", "--pictures", "5"], "They go with --gallery web-"),
        (["--gallery", WEB_GALLERY, "--pictures", "5"], "say what is downloaded"),
        (["--gallery", WEB_GALLERY, "--download", "--pictures", "0"], "0 pictures are asked for"),
        (["--gallery", WEB_GALLERY, "--download", "--catalogue", "no.csv"], "could not be read"),
        (["--gallery", "cifar10", "--download"], "There is no dataset uoft-cs/cifar10"),
    ],
)
def test_what_is_wrong_is_told(
    server: FakeHub, capsys: Capture, arguments: list[str], says: str
) -> None:
    status, answer, _ = call(capsys, "images", "--text", "a", *arguments)
    assert status == 2
    assert says in answer["error"]["message"]


def test_help_names_the_sets(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["images", "--help"])
    assert WEB_GALLERY in capsys.readouterr().out.replace("\n", "").replace(" ", "")
