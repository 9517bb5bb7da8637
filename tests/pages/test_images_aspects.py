"""Images → Subject, style, colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.images import galleries
from core.spaces import registry
from tests.pages.test_images import open_page, told
from tests.support.picture_files import encoded

TOOL = "Subject, style, colour"


@pytest.fixture
def shades(own_home: Path) -> str:
    """Thirty pictures of one colour each: ten reds, ten greens, ten blues."""
    files = []
    for at in range(30):
        shade = [0, 0, 0]
        shade[at // 10] = 255 - 5 * (at % 10)
        files.append((f"p{at}.png", encoded(tuple(shade))))
    return galleries.import_files("shades", files).entry.name


def ids(page: AppTest) -> list[str]:
    return list(next(one.value for one in page.dataframe if "score" in one.value)["id"])


def test_the_sliders_decide_what_near_means(shades: str) -> None:
    asked = {"see": TOOL, "gallery": shades, "space": "colour-outline", "like": "[p3.png]"}
    page = open_page(**asked, **{"aspect-subject": "0", "aspect-style": "0"})
    assert set(ids(page)[:9]) == {f"p{at}.png" for at in range(10)} - {"p3.png"}
    table = next(one.value for one in page.dataframe if "score" in one.value)
    entry = registry.find_space("colours")
    gallery = galleries.load(next(one for one in galleries.list_galleries() if one.name == shades))
    vectors = entry.image_encoder().encode_pictures(gallery.open(row) for row in range(30))
    cosines = dict(zip(gallery.ids, vectors @ vectors[gallery.ids.index("p3.png")], strict=True))
    expected = [cosines[name] for name in table["id"]]
    assert list(table["colour"]) == pytest.approx(expected, abs=1e-4)
    assert "style" not in table
    page.slider(key="aspect-colour").set_value(0.0).run()
    assert "No aspect has a weight" in told(page)
    page.slider(key="aspect-style").set_value(1.0).run()
    table = next(one.value for one in page.dataframe if "score" in one.value)
    assert np.all(np.diff(table["style"]) <= 1e-6)


def test_a_picture_that_is_not_there_is_told(shades: str) -> None:
    page = open_page(see=TOOL, gallery=shades, space="colour-outline", like="[gone]")
    assert "no picture called [gone]" in told(page)
