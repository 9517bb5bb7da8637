"""``python -m core images`` with formulas, filters, reports and lists of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.cli.main import main
from core.images import openmoji
from tests.cli.test_main import call
from tests.support.picture_files import encoded, write_parquet

pytestmark = pytest.mark.usefixtures("emoji")
Capture = pytest.CaptureFixture[str]


def ids(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [near["id"] for near in answer["neighbors"]]


def test_a_formula_over_a_file_words_and_the_gallery(tmp_path: Path, capsys: Capture) -> None:
    photo = tmp_path / "photo.png"
    openmoji.draw("1F63A", 160).save(photo)  # a smiling cat
    _, alone, _ = call(capsys, "images", "--query", f"[{photo}]", "-k", "3")
    _, image, _ = call(capsys, "images", "--image", str(photo), "-k", "3")
    assert ids(alone) == ids(image)
    _, mixed, _ = call(capsys, "images", "--query", f"[{photo}] - cat + dog", "-k", "5")
    assert ids(mixed) != ids(image)
    assert {"1F436", "1F415"} & set(ids(mixed))  # a dog's face, or a dog
    _, own, _ = call(capsys, "images", "--query", "[1F34E]", "-k", "1")
    assert ids(own) == ["1F34E"]
    assert own["neighbors"][0]["score"] == pytest.approx(1, abs=1e-5)


def test_names_that_would_be_the_same_in_brackets_name_each_its_own(
    tmp_path: Path, capsys: Capture
) -> None:
    for name, shade in (("a[1].png", (250, 0, 0)), ("a(1).png", (0, 0, 250))):
        (tmp_path / name).write_bytes(encoded(shade))
    for asked, expected in (("a(1).png (2)", "a[1].png"), ("a(1).png", "a(1).png")):
        _, answer, _ = call(
            capsys, "images", "--gallery", str(tmp_path), "--query", f"[{asked}]", "-k", "1"
        )
        assert ids(answer) == [expected]


def test_filters_keep_k_results(capsys: Capture) -> None:
    asked = ("images", "--text", "a red heart", "-k", "5", "--filter")
    _, answer, _ = call(capsys, *asked, "group=animals-nature", "--filter", "subgroup=animal-bird")
    birds = {one.id for one in openmoji.list_emoji() if one.subgroup == "animal-bird"}
    assert len(ids(answer)) == 5
    assert set(ids(answer)) <= birds
    assert answer["count"] == len(birds)


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """Two classes that any encoder tells apart, and one picture in the wrong one."""
    shades = [(250, 10 * at, 0) for at in range(4)] + [(0, 10 * at, 250) for at in range(4)]
    labels = ["red"] * 4 + ["blue"] * 3 + ["red"]
    return write_parquet(tmp_path / "c.parquet", [encoded(shade) for shade in shades], label=labels)


def test_the_report_of_a_labelled_gallery(colours: Path, capsys: Capture) -> None:
    asked = ("images", "--gallery", str(colours), "--report", "--label-column", "label")
    status, answer, _ = call(capsys, *asked, "-k", "3")
    assert status == 0
    assert (answer["count"], answer["classes"], answer["k"]) == (8, 2, 3)
    # Reds find the three other reds; each blue finds two blues and the red in disguise.
    assert answer["per_class"] == pytest.approx({"red": 4 / 5, "blue": 2 / 3}, abs=1e-6)
    assert answer["precision_at_k"] == pytest.approx((4 + 3 * 2 / 3) / 8)
    assert answer["confusion"] == [{"class": "red", "taken_for": "blue", "count": 1}]
    assert answer["accuracy"] == pytest.approx(7 / 8)


def test_a_list_of_pictures_is_searched_and_what_it_lacks_is_told(
    tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "a.png").write_bytes(encoded((255, 0, 0)))
    (tmp_path / "list.csv").write_text("file,title\na.png,a red square\nb.png,gone\n")
    asked = ("images", "--gallery", str(tmp_path / "list.csv"), "--text", "red")
    _, answer, _ = call(capsys, *asked)
    assert [(near["id"], near["caption"]) for near in answer["neighbors"]] == [
        ("a.png", "a red square")
    ]
    assert answer["skipped"] == [{"id": "b.png", "reason": "there is no such picture"}]
    assert main([*asked]) == 0
    told = capsys.readouterr().out
    assert "(left out: 1 picture)\n  b.png: there is no such picture\n" in told


def test_of_many_pictures_that_are_left_out_twenty_are_named(
    tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "a.png").write_bytes(encoded((255, 0, 0)))
    rows = "".join(f"gone{at}.png,x\n" for at in range(25))
    (tmp_path / "list.csv").write_text(f"file,title\na.png,a red square\n{rows}")
    assert main(["images", "--gallery", str(tmp_path / "list.csv"), "--text", "red"]) == 0
    told = capsys.readouterr().out
    assert told.count("there is no such picture") == 20
    assert "(left out: 25 pictures)" in told
    assert "and 5 more; --json names all" in told


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--query", "[gone.jpg] + night"], "no picture or saved vector called"),
        (["--query", f"[{'x' * 300}] + night"], "no picture or saved vector called"),
        (["--query", " "], "nothing to search for"),
        (["--query", "[a"], "never closed"),
        (["--text", "x", "--filter", "group"], "no filter"),
        (["--text", "x", "--filter", "size=3"], "no column"),
        (["--text", "x", "--filter", "group=nothing"], "passes the filter"),
        (["--report"], "--label-column"),
        (["--report", "--label-column", "colour"], "no column"),
    ],
)
def test_wrong_questions_are_told(asked: list[str], told: str, capsys: Capture) -> None:
    status, answer, said = call(capsys, "images", *asked)
    assert status == 2
    assert told in answer["error"]["message"]
    assert told in said


@pytest.mark.slow
def test_the_report_of_real_flowers(shared_data: Callable[[str], Path], capsys: Capture) -> None:
    path = shared_data("images/flower_photos.parquet")
    asked = ("images", "--gallery", str(path), "--report", "--label-column", "label")
    _, answer, _ = call(capsys, *asked, "--split", "validation")
    assert (answer["count"], answer["classes"]) == (463, 5)
    assert 0.5 < answer["precision_at_k"] < 1
    assert set(answer["per_class"]) == {"daisy", "dandelion", "roses", "sunflowers", "tulips"}
