"""What is said of several pictures of one prompt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from core.base.queue import Queue
from core.generation import runs
from core.generation.history import Item
from core.generation.request import Generated, Request
from core.generation.runs import Drawing, almost_the_same


def test_pictures_that_differ_by_little_are_almost_the_same() -> None:
    red, redder, blue = (Image.new("RGB", (80, 80), one) for one in ("#c01020", "#c21122", "blue"))
    assert almost_the_same([red, redder])
    assert not almost_the_same([red, redder, blue])
    assert not almost_the_same([red])


def test_a_drawing_looks_at_its_pictures_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def look(pictures: Sequence[Image.Image]) -> bool:
        looked.append(len(pictures))
        return True

    monkeypatch.setattr(runs, "almost_the_same", look)
    drawing = Drawing([], Queue())
    made = Generated(Image.new("RGB", (8, 8)), Request("small", "a cat"), 1, 0.1)
    for count in (2, 3):
        drawing.done = [(made, Item(Path(), "", 0))] * count
        assert drawing.alike and drawing.alike
    assert looked == [2, 3]
