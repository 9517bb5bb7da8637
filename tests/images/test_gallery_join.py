"""Two galleries as one: pictures of the second stand behind those of the first."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from tests.heads.test_store import pictures


def test_pictures_captions_and_metadata_stand_behind_each_other() -> None:
    one = replace(pictures(3), frame=pd.DataFrame({"a": [1, 2, 3]}), attribution="by A")
    other = replace(
        pictures(5), captions=list("vwxyz"), frame=pd.DataFrame({"b": range(5)}), name="five"
    ).take([4, 1])
    both = one.join(other)
    assert (both.name, len(both)) == ("six and five", 5)
    assert both.ids == ["0.png", "1.png", "2.png", "4.png", "1.png"]
    assert both.captions == ["", "", "", "z", "w"]
    assert [both.title(row) for row in range(5)] == ["0.png", "1.png", "2.png", "z", "w"]
    assert both.frame["b"].tolist()[3:] == [4, 1]
    assert both.attribution == "by A"
    for at, given in ((2, one.open(2)), (3, pictures(5).open(4)), (4, pictures(5).open(1))):
        assert both.open(at).getpixel((0, 0)) == given.getpixel((0, 0))
    assert both.take([3]).open(0).getpixel((0, 0)) == pictures(5).open(4).getpixel((0, 0))
    with pytest.raises(TypeError):
        one.join(object())  # type: ignore[arg-type]
