"""What the chart of a map is sent: values, kinds, colours; and the page that stands alone."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from skimage.color import deltaE_ciede2000, rgb2lab

from core.charts import scatter, scatter_page
from core.charts.contrast import contrast
from core.charts.scatter import BLANK, PALETTE, STAR, Mark, Over, payload
from core.maps.colors import PLAIN, Coloring, by_kind, by_number, color_by
from tests.support.colors import DARK, LIGHT, SHAPES

POINTS = np.array([[0, 0], [1, 0], [0, 1], [5, 5]], dtype=np.float32)


def lab(colors: list[str]) -> Any:
    """Colours ``#rrggbb`` as CIELAB, ``(n, 3)``."""
    rgb = [[int(one[at : at + 2], 16) / 255 for at in (1, 3, 5)] for one in colors]
    return rgb2lab(np.array([rgb]))[0]


class Kept:
    """Keeps files by made-up addresses."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def __call__(self, data: bytes, kind: str) -> str:
        self.files[address := f"{kind}/{len(self.files)}"] = data
        return address


def sent(coloring: Coloring = PLAIN, **options: Any) -> tuple[dict[str, Any], Kept]:
    kept = Kept()
    return payload(POINTS, kept, coloring, **options), kept


def test_points_travel_axis_by_axis_as_float32() -> None:
    told, kept = sent()
    assert told["points"]["n"] == 4
    values = np.frombuffer(kept.files[told["points"]["url"]], "<f4").reshape(2, 4)
    np.testing.assert_array_equal(values.T, POINTS)


def test_kinds_travel_as_codes_with_a_colour_each_and_none_in_grey() -> None:
    told, kept = sent(by_kind("k", ["a", "b", "a", ""]))
    colors = told["colors"]
    assert np.frombuffer(kept.files[colors["url"]], "<u2").tolist() == [0, 1, 0, 2]
    assert colors["names"] == ["a", "b", "no value"]
    assert colors["palette"] == [PALETTE[0], PALETTE[1], BLANK]
    assert colors["symbols"] is None


def test_more_kinds_than_hues_differ_in_shape() -> None:
    names = [f"{n:03}" for n in range(100)]
    told = payload(np.zeros((100, 2), np.float32), Kept(), by_kind("k", names))["colors"]
    assert len(set(zip(told["palette"], told["symbols"], strict=True))) == 100


@pytest.mark.parametrize("title", ["kind", "number"])
def test_a_column_travels_with_the_very_colours_that_a_run_gives(title: str) -> None:
    columns = {"kind": by_kind("kind", list("abac")), "number": by_number("number", [3, 1, 2, 1])}
    told, kept = sent(columns[title], columns=columns, recolor=True)
    assert told["colors"] in told["columns"]
    assert (told["colors"]["name"], told["recolor"], len(kept.files)) == (title, True, 3)


def test_numbers_travel_with_their_range_and_dates_with_their_days() -> None:
    numbers = by_number("<i>lost", [0, 0.5, np.nan, 1])
    told, kept = sent(numbers, columns={"lost": numbers})
    colors = told["colors"]
    assert (colors["low"], colors["high"], colors["ticks"]) == (0, 1, ["0", "0.5", "1"])
    values = np.frombuffer(kept.files[colors["url"]], "<f4")
    np.testing.assert_array_equal(values, np.array([0, 0.5, np.nan, 1], np.float32))
    assert told["columns"][0] | {"url": ""} == {
        "name": "lost",
        "kind": "number",
        "low": 0,
        "high": 1,
        "ticks": ["0", "0.5", "1"],
        "url": "",
    }
    import pandas as pd

    days = color_by(
        "day", pd.Series(pd.to_datetime(["1970-01-03", "1970-01-01", None, "1970-01-02"]))
    )
    told, kept = sent(columns={"day": days})
    [column] = told["columns"]
    assert (column["kind"], column["low"], column["high"]) == ("date", 0, 2)
    nothing, _ = sent(by_number("x", [np.nan] * 4))
    assert (nothing["colors"]["low"], nothing["colors"]["high"]) == (0, 1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_scale_of_numbers_grows_steadily_in_brightness(theme: str) -> None:
    steps = scatter.scale(theme)
    lab = rgb2lab(
        np.array([[int(one[at : at + 2], 16) / 255 for at in (1, 3, 5)] for one in steps])[None]
    )[0]
    assert (np.diff(lab[:, 0]) > 0).all()


def test_hues_are_told_apart_and_seen_on_light_and_dark_ground() -> None:
    assert len(set(PALETTE)) == 24
    for color in (*PALETTE, BLANK, STAR):
        ground = min(contrast(color, LIGHT), contrast(color, DARK))
        assert ground >= SHAPES, color
    seen = lab(PALETTE)
    apart = deltaE_ciede2000(seen[:, None], seen[None])
    assert apart[~np.eye(24, dtype=bool)].min() > 9  # of Okabe and Ito's own; the others 15


def test_marks_lines_and_names_keep_their_places() -> None:
    over = Over(
        [Mark("dropped", POINTS[:1], STAR, ["new"])],
        np.stack([POINTS[:2], POINTS[2:]]),
        [("a & b", POINTS[3])],
    )
    told, _ = sent(over=over)
    assert told["marks"] == [
        {"name": "dropped", "points": [[0, 0]], "color": STAR, "labels": ["new"]}
    ]
    assert told["lines"] == [[0, 0, 1, 0], [0, 1, 5, 5]]
    assert told["labels"] == [{"text": "a & b", "x": 5, "y": 5}]


def test_texts_are_cut_and_stay_on_one_line() -> None:
    texts = json.loads(scatter.chart_texts(["a\n b", "x" * 100_000, "\ud800", "مرحبا"]))
    assert texts[0] == "a b"
    assert len(texts[1]) == 200
    assert texts[3] == "مرحبا"


@given(st.lists(st.booleans(), max_size=400))
def test_a_selection_travels_as_bits(chosen: list[bool]) -> None:
    points = np.flatnonzero(chosen).astype(np.int64)
    assert (
        scatter.unpack(scatter.pack(points, len(chosen)), len(chosen)).tolist() == points.tolist()
    )


@pytest.mark.slow
@given(st.text(), st.integers(0, 50))
def test_what_is_no_selection_selects_nothing_that_is_not_there(bits: str, count: int) -> None:
    assert (scatter.unpack(bits, count) < count).all()


def test_a_page_that_stands_alone_holds_all_and_runs_none_of_its_data() -> None:
    hostile = "</script><script>alert(1)</script>"
    texts = scatter.chart_texts([hostile, "b", "c", "d"])
    recipe = json.dumps({"name": hostile})
    page = scatter_page.html(
        hostile, lambda put: payload(POINTS, put, by_kind("k", [hostile] * 4), texts=texts), recipe
    )
    assert hostile not in page
    scripts = re.findall(r"<script[^>]*>", page)
    assert page.count("</script>") == len(scripts)
    [data] = re.findall(r'id="data">(.*?)</script>', page, re.DOTALL)
    told = json.loads(data)
    assert told["colors"]["names"] == [hostile]
    inline = base64.b64decode(told["texts"].split(",", 1)[1])
    assert json.loads(inline)[0] == hostile
    [kept] = re.findall(r'id="recipe">(.*?)</script>', page, re.DOTALL)
    assert json.loads(kept) == {"name": hostile}
