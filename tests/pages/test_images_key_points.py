"""The tool Key points of the Images page, on OpenMoji and on dropped pictures."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.images import openmoji
from tests.pages.test_images import open_page, told
from tests.support.picture_files import encoded


def key_points(**params: str) -> AppTest:
    return open_page(see="Keypoint matching", **params)


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def table(page: AppTest, column: str) -> list[object]:
    frame = next(one.value for one in page.dataframe if column in one.value)
    return list(frame[column])


def png(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def test_a_picture_turned_and_shrunk_is_found_at_once() -> None:
    page = key_points()
    shown = figures(page)
    assert int(shown["Inliers"]) > 50
    assert int(shown["Inliers"]) == sum(map(bool, table(page, "inlier")))
    assert int(shown["Matches"]) == len(table(page, "x in A"))
    assert int(shown["Correct"].rstrip("%")) > 90
    assert shown["Correct inliers"] == "100%"
    assert "turned by 30°, size × 0.50" in told(page)
    page.slider(key="turn").set_value(-90)
    page.slider(key="shrink").set_value(0.75).run()
    assert "turned by -90°, size × 0.75" in told(page)


def test_the_same_house_is_found_in_another_drawing_and_another_castle_is_not() -> None:
    page = key_points(a="[1F3E0]", b="[1F3E1]", detector="ORB")
    assert int(figures(page)["Inliers"]) > 10
    assert "not turned, size × 0.7" in told(page)
    assert "Correct" not in figures(page)
    page.button(key="example-Two castles").click().run()
    assert page.text_input(key="b").value == "[1F3EF]"
    page.segmented_control(key="detector").set_value("SIFT").run()
    assert figures(page)["Inliers"] == "0"
    assert "so there are no inliers" in told(page)


def test_a_lower_ratio_keeps_fewer_matches() -> None:
    many = int(figures(key_points(a="[1F63A]", b="[1F638]", ratio="1.0"))["Matches"])
    few = int(figures(key_points(a="[1F63A]", b="[1F638]", ratio="0.5"))["Matches"])
    assert 0 < few < many


def test_two_dropped_pictures_fill_both_boxes_and_change_places() -> None:
    page = key_points()
    drawn = openmoji.draw("1F3E0", 200)
    files = [
        ("house.png", png(drawn), "image/png"),
        ("turned.png", png(drawn.rotate(90)), "image/png"),
    ]
    page.get("file_uploader")[0].set_value(files).run()
    assert page.text_input(key="a").value == "[house.png]"
    assert page.text_input(key="b").value == "[turned.png]"
    assert "turned by 90°, size × 1.00" in told(page)
    page.button(key="use-1-a").click().run()
    page.button(key="use-0-b").click().run()
    assert "turned by -90°, size × 1.00" in told(page)


def test_a_flat_picture_has_no_points_and_that_is_told() -> None:
    page = key_points()
    page.get("file_uploader")[0].set_value([("flat.png", encoded("red"), "image/png")]).run()
    assert figures(page)["Keypoints in A"] == "0"
    assert "No keypoints were found in A" in told(page)
    assert not page.exception


def test_an_unknown_name_is_told() -> None:
    assert "no picture called [gone]" in told(key_points(a="[gone]"))
    assert "no picture called [gone]" in told(key_points(b="gone"))


@pytest.mark.slow
def test_the_nearest_of_the_gallery_are_ranked_by_agreeing_matches() -> None:
    page = key_points(a="[1F3E0]", rerank="true")
    agree = [int(str(one)) for one in table(page, "inliers")]
    assert len(agree) == 20
    assert agree == sorted(agree, reverse=True)
    assert table(page, "id")[0] == "1F3E1"
    assert "1F3E0" not in table(page, "id")
    assert sorted(map(int, map(str, table(page, "rank by similarity")))) == list(range(1, 21))
