"""``python -m core images … --why ID``: what carries a result, and how other models rank it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.cli.main import main
from tests.cli.test_main import call
from tests.support.picture_files import encoded, write_parquet

Capture = pytest.CaptureFixture[str]


def with_spot(color: str, left: int, upper: int) -> bytes:
    """A white picture with a spot of 24 pixels of 96."""
    picture = Image.new("RGB", (96, 96), "white")
    picture.paste(color, (left, upper, left + 24, upper + 24))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def test_the_regions_of_both_pictures_and_the_ranks_of_other_models(
    tmp_path: Path, capsys: Capture, own_home: Path
) -> None:
    (tmp_path / "q.png").write_bytes(with_spot("red", 0, 0))
    pictures = [with_spot("red", 72, 72), encoded("blue"), encoded("green"), encoded("yellow")]
    gallery = str(write_parquet(tmp_path / "four.parquet", pictures, label=list("abcd")))
    asked = ("images", "--gallery", gallery, "--image", str(tmp_path / "q.png"))
    space = ("--space", "colours")
    status, found, _ = call(capsys, *asked, *space)
    result = found["neighbors"][0]["id"]
    why = ("--why", result, "--why-spaces", "colour-outline")
    status, answer, _ = call(capsys, *asked, *space, *why)
    assert status == 0
    assert (answer["why"], answer["rank"], answer["of"]) == (result, 1, 4)
    assert answer["similarity"] == pytest.approx(found["neighbors"][0]["score"], abs=1e-5)
    drops = np.array(answer["regions"]["result"]["drops"])
    assert np.unravel_index(drops.argmax(), drops.shape) == (6, 6)  # where the spot is
    drops = np.array(answer["regions"]["query"][str(tmp_path / "q.png")]["drops"])
    assert np.unravel_index(drops.argmax(), drops.shape) == (0, 0)
    assert answer["words"] == []
    (model,) = answer["models"]
    assert (model["space"], model["of"], model["overlap"], model["top"]) == (
        "colour-outline",
        *(4, 4, 4),
    )
    assert main([*asked, *space, *why]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"{result}: rank 1 of 4")
    assert any(line.startswith("colour-outline: rank ") for line in told)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--text", "a cat", "--why-spaces", "all"), "--why-spaces goes with --why"),
        (("--review", "--why", "1F431"), "It goes with --text"),
        (("--text", "a cat", "--why", "1F431", "--why-spaces", "gone"), "called “gone”"),
    ],
)
def test_what_cannot_be_explained_is_told(
    more: tuple[str, ...], said: str, capsys: Capture
) -> None:
    status, answer, _ = call(capsys, "images", *more)
    assert (status, said in answer["error"]["message"]) == (2, True)


@pytest.mark.slow
def test_words_of_the_question_and_a_picture_that_is_not_there(
    emoji: object, capsys: Capture
) -> None:
    asked = ("images", "--text", "a red apple", "--space", "minilm", "--why-spaces", "minilm-gone")
    status, answer, _ = call(capsys, *asked[:-2], "--why", "1F34E")
    assert status == 0
    drops = {one["text"]: one["drop"] for one in answer["words"]}
    assert max(drops, key=lambda word: drops[word]) == "apple"
    assert drops["red"] > drops["a"]
    status, answer, _ = call(capsys, *asked[:-2], "--why", "gone")
    assert (status, "is no picture of" in answer["error"]["message"]) == (2, True)
