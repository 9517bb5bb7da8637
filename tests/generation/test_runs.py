"""What is said of several pictures of one prompt."""

from __future__ import annotations

from PIL import Image

from core.generation.runs import almost_the_same


def test_pictures_that_differ_by_little_are_almost_the_same() -> None:
    red, redder, blue = (Image.new("RGB", (80, 80), one) for one in ("#c01020", "#c21122", "blue"))
    assert almost_the_same([red, redder])
    assert not almost_the_same([red, redder, blue])
    assert not almost_the_same([red])
