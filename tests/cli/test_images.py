"""``python -m core images``: its JSON, what it finds, its errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.cli.main import main
from core.images import openmoji
from tests.cli.test_main import call
from tests.support.picture_files import encoded, write_parquet

pytestmark = pytest.mark.usefixtures("emoji")
Capture = pytest.CaptureFixture[str]
INSTRUMENTS = {item.id for item in openmoji.list_emoji() if item.subgroup == "musical-instrument"}


@pytest.fixture
def photo(tmp_path: Path, shared_data: Callable[[str], Path]) -> Iterator[Callable[..., str]]:
    """A held-out photo of a class, as a file."""
    from core.images.sources import load_gallery

    def write(name: str, label: str, number: int = 0) -> str:
        gallery = load_gallery(str(shared_data(f"images/{name}.parquet"))).held_out()
        rows = np.flatnonzero(np.array(gallery.labels("label")) == label)
        path = tmp_path / f"{label}-{number}.png"
        gallery.open(int(rows[number])).save(path)
        return str(path)

    yield write


def test_words_find_emoji_by_picture_alone_and_better_with_captions(capsys: Capture) -> None:
    status, answer, _ = call(capsys, "images", "--text", "musical instrument", "--blend", "0")
    assert status == 0
    assert list(answer) == ["gallery", "count", "space", "blend", "neighbors", "attribution"]
    assert (answer["gallery"], answer["count"], answer["space"]) == (
        "openmoji",
        1_914,
        "minilm-imagenet-v1",
    )
    found = [near["id"] for near in answer["neighbors"]]
    assert len(INSTRUMENTS & set(found[:5])) >= 3
    scores = [near["score"] for near in answer["neighbors"]]
    assert scores == sorted(scores, reverse=True)
    _, blended, _ = call(capsys, "images", "--text", "musical instrument", "-k", "5")
    assert {near["id"] for near in blended["neighbors"]} <= INSTRUMENTS
    assert blended["blend"] == 0.5
    assert "CC BY-SA" in blended["attribution"]


def test_an_emoji_finds_itself_and_captions_are_shown_in_the_language(
    tmp_path: Path, capsys: Capture
) -> None:
    openmoji.draw("1F34E", 192).save(tmp_path / "apple.png")
    _, answer, _ = call(
        capsys, "images", "--image", str(tmp_path / "apple.png"), "--blend", "0", "--language", "de"
    )
    first = answer["neighbors"][0]
    assert (first["id"], first["caption"]) == ("1F34E", "roter apfel")
    assert first["score"] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "label", "wanted"),
    [
        ("cifar10_test_half", "cat", {"1F408", "1F431", "1F408-200D-2B1B"}),
        ("caltech101", "strawberry", {"1F353"}),
        ("cifar10_test_half", "automobile", {"1F697", "1F699", "1F698", "1F695", "1F3CE-FE0F"}),
        ("flower_photos", "sunflowers", {"1F33B"}),
    ],
)
def test_photos_it_never_saw_find_their_emoji(
    photo: Callable[..., str], capsys: Capture, name: str, label: str, wanted: set[str]
) -> None:
    """Two of the first three photos of the class; how often over all stands in the model card."""
    hits = 0
    for number in range(3):
        _, answer, _ = call(capsys, "images", "--image", photo(name, label, number))
        hits += bool(wanted & {near["id"] for near in answer["neighbors"]})
    assert hits >= 2


@pytest.mark.slow
def test_zero_shot_accuracy_of_the_held_out_photos(
    shared_data: Callable[[str], Path], capsys: Capture
) -> None:
    path = str(shared_data("images/flower_photos.parquet"))
    status, answer, _ = call(
        capsys,
        "images",
        "--gallery",
        path,
        "--zero-shot",
        "a photo of a {}",
        "--label-column",
        "label",
        "--split",
        "validation",
    )
    assert status == 0
    assert (answer["count"], answer["classes"], answer["split"]) == (463, 5, "validation")
    assert answer["accuracy"] == pytest.approx(0.898, abs=0.01)
    assert set(answer["per_class"]) == {"daisy", "dandelion", "roses", "sunflowers", "tulips"}


def test_own_tables_without_captions_are_searched_by_picture(
    tmp_path: Path, capsys: Capture, own_home: Path
) -> None:
    made = [encoded("red"), b"damaged", encoded("blue")]
    path = str(write_parquet(tmp_path / "t.parquet", made))
    (tmp_path / "q.png").write_bytes(encoded("blue"))
    _, answer, _ = call(capsys, "images", "--gallery", path, "--image", str(tmp_path / "q.png"))
    assert answer["count"] == 2
    assert answer["neighbors"][0]["id"] == "p2.png"
    assert "caption" not in answer["neighbors"][0]
    assert answer["damaged"] == ["p1.png"]
    assert answer["blend"] == 0
    assert main(["images", "--gallery", path, "--text", "red"]) == 0
    told = capsys.readouterr().out
    assert "could not be opened: 1 picture" in told
    assert "\n  p1.png\n" in told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--text", " "], "words are empty"),
        (["--text", "()"], "words are empty"),
        (["--image", "missing.png"], "could not be read"),
        (["--image", "~nobody-of-this-name/x.png"], "is no path"),
        (["--text", "a", "--image", "b.png"], "not allowed"),
        ([], "required"),
        (["--text", "a", "-k", "0"], "-k is 0"),
        (["--text", "a", "--blend", "2"], "caption weight is 2"),
        (["--zero-shot", "a {}", "--label-column", "group", "--blend", "2"], "caption weight is 2"),
        (["--text", "a", "--language", "tlh"], "no captions in"),
        (["--text", "a", "--space", "minilm-layer2"], "no embedding model of images"),
        (["--text", "a", "--gallery", "nowhere"], "no such file"),
        (["--zero-shot", "a {}"], "--label-column"),
        (["--zero-shot", "a photo", "--label-column", "group"], "0 places for the label"),
        (["--zero-shot", "a {}", "--label-column", "kind"], "no column “kind”"),
        (["--text", "a", "--split", "validation"], "set aside"),
    ],
)
def test_what_is_wrong_is_told(capsys: Capture, arguments: list[str], says: str) -> None:
    status, answer, error = call(capsys, "images", *arguments)
    assert status == 2
    assert says in answer["error"]["message"]
    assert error.startswith("error: ")


def test_a_picture_that_is_none_is_told(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "words.png"
    path.write_text("no picture")
    status, answer, _ = call(capsys, "images", "--image", str(path))
    assert status == 2
    assert answer["error"]["type"] == "PictureError"


def test_the_answer_for_a_person(capsys: Capture) -> None:
    assert main(["images", "--text", "red apple", "-k", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [lines[0].split()[0], "1F34E", "red", "apple"]
    assert len(lines) == 3
