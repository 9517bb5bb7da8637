"""Images → Your pictures → Known public sets, against a server on loopback."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.images import galleries
from core.images.public import wga
from core.images.public.catalog import PUBLIC_SETS, WEB_GALLERY
from tests.pages.test_images import open_page, told
from tests.support.hub_fixtures import hub_with_a_model  # noqa: F401  the fixture “server”
from tests.support.hub_server import FakeHub
from tests.support.public_files import add_cifar, add_web_gallery, catalogue

OWN = "Datasets"


@pytest.fixture(autouse=True)
def site(server: FakeHub, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    monkeypatch.setattr(wga, "PAUSE", 0)
    monkeypatch.setenv(wga.VARIABLE, server.url)
    return server


def press(page: AppTest, label: str) -> None:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception


def choose(page: AppTest, name: str) -> None:
    page.selectbox(key="public-set").set_value(name).run()


def names() -> list[str]:
    return [entry.name for entry in galleries.list_galleries()]


def test_size_licence_and_state_are_told_before_anything_is_asked_for(site: FakeHub) -> None:
    page = open_page(see=OWN)
    table = page.dataframe[0].value.set_index("dataset")
    assert list(table.index) == [known.name for known in PUBLIC_SETS]
    assert table.loc["cifar10", "state"] == "needs download (24 MB)"
    assert table.loc["cifar10", "classes"] == "10"
    assert table.loc["tf-flowers", "licence"].startswith("CC BY")
    assert "Licence: none stated" in told(page)
    assert "Download (24 MB)" in [button.label for button in page.button]
    choose(page, "tf-flowers")
    assert "Download (229 MB)" in [button.label for button in page.button]
    assert "who made which is kept beside it" in told(page)
    assert not site.requests


def test_a_set_is_fetched_chosen_searched_and_removed(site: FakeHub) -> None:
    add_cifar(site)
    page = open_page(see=OWN)
    press(page, "Download (24 MB)")
    assert "cifar10 is ready" in told(page).replace("**", "")
    assert page.selectbox(key="gallery").value == "cifar10"
    assert "It is here" in told(page)
    assert "Download (24 MB)" not in [button.label for button in page.button]
    page.segmented_control(key="see").set_value("Search").run()
    assert "All 6 pictures" in told(page)
    assert "Krizhevsky" in told(page)
    page.segmented_control(key="see").set_value(OWN).run()
    page.button(key="remove-pictures-cifar10").click().run()
    assert names() == ["openmoji"]
    assert "Download (24 MB)" in [button.label for button in page.button]


def test_a_download_that_fails_is_told_once_and_tried_again(site: FakeHub) -> None:
    data = add_cifar(site)
    path = "plain_text/test-00000-of-00001.parquet"
    site.lie = {path: data[:-1] + b"X"}
    page = open_page(see=OWN)
    press(page, "Download (24 MB)")
    assert len(page.error) == 1
    assert "damaged" in told(page)
    assert names() == ["openmoji"]
    site.lie = {}
    press(page, "Try again")
    assert names() == ["openmoji", "cifar10"]


def test_pictures_of_the_web_gallery(site: FakeHub) -> None:
    paths = add_web_gallery(site, 6)
    del site.plain[f"/art/{paths[1]}"]
    page = open_page(see=OWN)
    choose(page, WEB_GALLERY)
    page.text_input(key="public-where").set_value("school=Italian").run()
    page.number_input(key="public-count").set_value(3).run()
    assert "may not be passed on" in told(page)
    press(page, "Download (3 pictures)")
    assert "web-gallery-of-art is ready" in told(page).replace("**", "")
    assert "Left out: 1 file" in told(page)
    page.segmented_control(key="see").set_value("Search").run()
    assert "All 2 pictures" in told(page)
    assert "1 file left out: see why" in [box.label for box in page.expander]


def test_an_own_catalogue_whose_columns_are_missing(site: FakeHub, tmp_path: Path) -> None:
    add_web_gallery(site, 2)
    page = open_page(see=OWN)
    choose(page, WEB_GALLERY)
    uploader = next(one for one in page.get("file_uploader") if "catalogue" in one.label)
    uploader.set_value([("mine.csv", catalogue([("a", "b")], header=("a", "b")), "text/csv")]).run()
    press(page, "Download (500 pictures)")
    assert "“mine.csv” is no catalogue" in told(page)
    page.number_input(key="public-count").set_value(2).run()  # another wish: not begun by itself
    assert "Download (2 pictures)" in [button.label for button in page.button]
    assert not site.requests
