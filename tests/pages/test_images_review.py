"""Images → Review, on a small gallery with a copy, a leak, a wrong label and an odd picture."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.images import galleries
from tests.pages.test_images import open_page, told
from tests.support.picture_files import encoded

ASKED = {"see": "Review", "space": "colour-outline"}


def speckled(kind: int, seed: int) -> bytes:
    """A picture of mostly red, green or blue, with noise of its own."""
    pixels = np.random.default_rng(seed).integers(0, 120, (32, 32, 3), dtype=np.uint8)
    pixels[:, :, kind] += 120
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def untidy(own_home: Path) -> str:
    """Reds, greens and blues; p3 is a copy of p0, and p4 is a green that is called red."""
    files, rows = [], ["file,class,split"]
    for at in range(24):
        name = "red" if at == 4 else ("red", "green", "blue")[at % 3]
        files.append((f"p{at:02d}.png", speckled(at % 3, 0 if at == 3 else at)))
        rows.append(f"p{at:02d}.png,{name},{'test' if at in (0, 1, 2) else 'train'}")
    files.append(("known.csv", "\n".join(rows).encode()))
    return galleries.import_files("untidy", files).entry.name


def boxes(page: AppTest) -> dict[str, str]:
    """The action of each picture on screen, by its title."""
    return {
        box.label.removeprefix("Action for ").replace("\\", ""): str(box.value)
        for box in page.selectbox
        if box.label.startswith("Action for ")
    }


def test_each_check_shows_its_pictures_and_an_action_can_be_changed(untidy: str) -> None:
    asked = {**ASKED, "gallery": untidy, "review-threshold": "1.0"}
    page = open_page(**asked, **{"review-split": "(none)"})
    assert boxes(page)["p00.png"] == "keep"
    assert boxes(page)["p03.png"] == "drop"
    assert "of 24 pictures" in told(page)
    assert "**1** drop" in told(page)
    box = next(one for one in page.selectbox if one.label == r"Action for p03\.png")
    box.set_value("keep").run()
    assert "**0** drop" in told(page)
    assert boxes(page)["p03.png"] == "keep"
    next(one for one in page.button if one.label.startswith("Undo 1")).click().run()
    assert "**1** drop" in told(page)

    page.selectbox(key="review-split").set_value("split").run()
    page.session_state["review-view"] = "Leaks"
    page.run()
    assert boxes(page) == {"p03.png": "drop", "p00.png": "keep"}
    assert "in “train”, its duplicate p00.png in “test”" in told(page)
    page = open_page(**asked, **{"review-view": "Labels"})
    assert boxes(page) == {"p04.png": "look"}
    assert "1 picture whose 10 nearest say another label" in told(page)
    assert "label “red”, neighbours say “green”" in told(page)
    page.session_state["review-view"] = "Outliers"
    page.run()
    assert "Typical" in told(page)
    assert not page.exception


def test_one_picture_and_no_labels_are_told(own_home: Path) -> None:
    one = galleries.import_files("one", [("a.png", encoded("red"))]).entry.name
    assert "There is one picture" in told(open_page(**ASKED, gallery=one))
    files = [(f"{name}.png", encoded("red")) for name in "abc"]
    same = galleries.import_files("same", files).entry.name
    page = open_page(**ASKED, gallery=same, **{"review-view": "Labels", "review-by": "Embedding"})
    assert "Choose a column under “Labels”" in told(page)
