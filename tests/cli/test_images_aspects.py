"""``python -m core images --image FILE --aspects WEIGHTS``: near in subject, style and colour."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_main import call
from tests.support.picture_files import encoded, write_parquet

Capture = pytest.CaptureFixture[str]


@pytest.mark.slow
def test_the_nearest_by_colour_with_the_cosine_in_each(
    tmp_path: Path, capsys: Capture, own_home: Path
) -> None:
    (tmp_path / "q.png").write_bytes(encoded("#e01010"))
    pictures = [encoded(color) for color in ("blue", "#d81414", "green", "#ff0000")]
    file = str(write_parquet(tmp_path / "four.parquet", pictures, label=["b", "r", "g", "r"]))
    asked = ("images", "--gallery", file, "--image", str(tmp_path / "q.png"), "-k", "2")
    space = ("--space", "colour-outline")
    status, answer, _ = call(capsys, *asked, *space, "--aspects", "colour=1,style=0.1")
    assert status == 0
    assert answer["aspects"] == {"colour": 1.0, "style": 0.1}
    first, second = answer["neighbors"]
    assert first["score"] >= second["score"]
    assert first["colour"] > 0.6
    assert {"subject", "style", "colour"} <= first.keys()
    assert answer["count"] == 4


@pytest.mark.parametrize("weights", ["size=1", "style=0", "style"])
def test_wrong_weights_and_wrong_company_are_told(
    weights: str, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "q.png").write_bytes(encoded("red"))
    status, _, said = call(
        capsys, "images", "--image", str(tmp_path / "q.png"), "--aspects", weights
    )
    assert status == 2
    assert "aspect" in said
    status, _, said = call(capsys, "images", "--text", "a cat", "--aspects", "style=1")
    assert status == 2
    assert "--image" in said
