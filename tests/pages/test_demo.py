"""A demo on a public host: on its pages nothing is linked, added, trained or deleted."""

from __future__ import annotations

import pytest

from core.base import demo
from core.base.errors import InputError
from core.ui.common import access
from tests.pages.test_sentences import told
from tests.support.app_page import open_page

pytestmark = pytest.mark.usefixtures("own_home")


@pytest.fixture(autouse=True)
def _on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(demo.VARIABLE, "1")
    monkeypatch.setenv(access.SAID, "1")  # which does not undo it


def test_nobody_is_local() -> None:
    assert not access.is_local()
    with pytest.raises(InputError, match="off in this demo"):
        access.given_path("/etc/passwd")


@pytest.mark.parametrize(
    ("page", "link", "says"),
    [
        ("train", {}, "Training is off in this demo"),
        ("sentences", {"do": "Datasets"}, "Adding datasets is off"),
        ("sentences", {"do": "Models"}, "Adding an embedding model is off"),
        ("images", {"see": "Datasets"}, "Adding galleries is off"),
        ("graph", {"do": "Datasets"}, "Adding graphs is off"),
        ("graph", {"graph": "nations", "do": "Train"}, "Training is off"),
        ("storage", {}, "list of what the data folder holds is off"),
    ],
)
def test_what_is_off_is_told_in_its_place(page: str, link: dict[str, str], says: str) -> None:
    opened = open_page(page, **link)
    assert not opened.exception, opened.exception
    assert says in told(opened)
    assert "Demo: nothing is kept" in told(opened)


def test_an_upload_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    assert demo.megabytes(1_000) == demo.MEGABYTES == 5
    assert demo.megabytes(2) == 2
    monkeypatch.delenv(demo.VARIABLE)
    assert demo.megabytes(1_000) == 1_000
