"""The shelf in the sidebar, as AppTest runs it: a browser without a cookie."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.base import vectors as vec
from core.base.errors import StorageError
from core.base.types import Progress
from core.cache import jobs as jobs_cache
from core.images import thumbnails
from core.shelf.file import pack, unpack_given
from core.shelf.kept import Kept
from core.shelf.shelf import Shelf
from core.shelf.store import FOLDER, StoredShelf, new_id, path_of
from core.storage.data_home import data_home
from core.ui.session import shelf_cookie, shelf_sidebar
from tests.support.app_page import APP, checked, open_page

ZIP = "application/zip"


def shelf_with(count: int, *, picture: bytes = b"", dim: int = 384) -> StoredShelf:
    shelf = StoredShelf()
    rows = vec.normalize(np.random.default_rng(3).normal(size=(count, dim)).astype(np.float32))
    for at, row in enumerate(rows):
        shelf.keep("minilm", row, f"made {at}", f"v{at}", title="MiniLM", picture=picture)
    return shelf


def opened(shelf: StoredShelf | None = None) -> AppTest:
    """The home page with a shelf."""
    page = AppTest.from_file(APP, default_timeout=120)
    if shelf is not None:
        page.session_state["shelf"] = shelf
        page.session_state["shelf-browser"] = new_id()
    return checked(page)


def told(page: AppTest) -> str:
    """All that the sidebar says, as it is read."""
    side = page.sidebar
    kinds = (side.markdown, side.caption, side.error, side.success, side.warning)
    return re.sub(r"\\(.)", r"\1", " ".join(one.value for kind in kinds for one in kind))


def names(page: AppTest) -> list[str]:
    return [item.name for item in page.session_state["shelf"].items]


def click(page: AppTest, key: str) -> None:
    page.button(key=key).click()
    checked(page)


def test_a_fresh_browser_sees_an_empty_shelf_and_no_error() -> None:
    page = opened()
    assert "Nothing saved yet" in told(page)
    assert not page.sidebar.warning
    assert not page.sidebar.error


def test_without_a_cookie_it_works_in_the_session_and_writes_nothing(own_home: Path) -> None:
    page = opened(shelf_with(2))
    assert "[v0]" in told(page)
    assert "MiniLM · made 1" in told(page)
    assert not (own_home / FOLDER).exists()


def test_what_was_kept_before_the_app_was_there_is_not_lost() -> None:
    page = AppTest.from_file(APP, default_timeout=120)
    early = Shelf()
    early.keep("minilm", vec.unit(np.ones(384, np.float32)), "made", "early", title="MiniLM")
    page.session_state["shelf"] = early
    checked(page)
    assert "[early]" in told(page)
    assert isinstance(page.session_state["shelf"], StoredShelf)


def test_renaming_moving_removing_and_undoing() -> None:
    page = opened(shelf_with(3))
    keys = {item.name: item.key for item in page.session_state["shelf"].items}
    click(page, f"kept-Down-{keys['v0']}")
    assert names(page) == ["v1", "v0", "v2"]
    click(page, f"kept-Up-{keys['v2']}")
    click(page, f"kept-top-{keys['v2']}")
    assert names(page) == ["v2", "v1", "v0"]
    assert page.button(key=f"kept-Up-{keys['v2']}").disabled
    assert page.button(key=f"kept-Down-{keys['v0']}").disabled
    page.text_input(key=f"kept-name-{keys['v1']}-v1").set_value("v0")
    click(page, f"kept-rename-{keys['v1']}")
    assert "“v0” is saved already" in told(page)
    page.text_input(key=f"kept-name-{keys['v1']}-v1").set_value("middle")
    click(page, f"kept-rename-{keys['v1']}")
    assert names(page) == ["v2", "middle", "v0"]
    assert "saved already" not in told(page)
    click(page, f"kept-remove-{keys['v1']}")
    assert names(page) == ["v2", "v0"]
    assert "1 vector removed" in told(page)
    click(page, "shelf-undo")
    assert names(page) == ["v2", "middle", "v0"]
    click(page, "shelf-clear")
    assert names(page) == []
    click(page, "shelf-undo")
    assert names(page) == ["v2", "middle", "v0"]


def test_combining_by_a_formula() -> None:
    page = opened(shelf_with(3))
    page.text_input(key="shelf-formula").set_value("[v0] + 0.5*[v1] - [v2]")
    page.text_input(key="shelf-sum-name").set_value("sum")
    click(page, "shelf-combine")
    assert "Saved as [sum]." in told(page)
    a, b, c, kept = (item.vector for item in page.session_state["shelf"].items)
    np.testing.assert_allclose(kept, vec.unit(a + 0.5 * b - c), atol=1e-6)
    assert page.text_input(key="shelf-formula").value == ""
    page.text_input(key="shelf-formula").set_value("[v0] + cat")
    click(page, "shelf-combine")
    assert "“cat” is a word" in told(page)
    assert page.text_input(key="shelf-formula").value == "[v0] + cat"


def test_two_hundred_are_shown_ten_at_a_time() -> None:
    page = opened(shelf_with(200))
    assert "[v9]" in told(page)
    assert "[v10]" not in told(page)
    assert "1 to 10 of 200 vectors" in told(page)
    page.session_state["shelf-shown"] = 20
    assert "191 to 200 of 200 vectors" in told(checked(page))
    click(page, "shelf-clear")
    assert "Nothing saved yet" in told(page)
    click(page, "shelf-undo")
    assert "1 to 10 of 200 vectors" in told(page)


def test_a_vector_of_an_unknown_space_is_named_as_such() -> None:
    shelf = shelf_with(1)
    shelf.keep("lost", vec.unit(np.ones(7, np.float32)), "made", "x", title="Lost vectors")
    assert "Lost vectors, an embedding model that is not here" in told(opened(shelf))


def test_an_imported_file_is_added_and_a_wrong_one_refused() -> None:
    page = opened(shelf_with(2))
    other = shelf_with(3)
    other.keep("lost", vec.unit(np.ones(7, np.float32)), "made", "v0", title="Lost vectors")
    page.file_uploader(key="shelf-file-0").set_value(
        ("s.zip", pack(other.items), "application/zip")
    )
    checked(page)
    assert names(page) == ["v0", "v1", "v2", "v0 (2)"]
    said = told(page)
    assert "2 vectors imported. 2 of the file were here already." in said
    assert "Of embedding models that are not here: Lost vectors." in said
    page.file_uploader(key="shelf-file-1").set_value(("no.zip", b"PK no", ZIP))
    checked(page)
    assert "“no.zip” cannot be used as saved vectors" in told(page)
    assert len(names(page)) == 4


def test_an_import_is_a_job_that_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is cancelled from Storage, which lists all jobs, while it goes on."""
    began = []

    def read(data: bytes, name: str, progress: Progress) -> None:
        began.append(jobs_cache.jobs().running(""))
        progress(0, 3, "vectors read")
        for job in began[0]:
            job.cancel()
        progress(1, 3, "vectors read")

    monkeypatch.setattr(shelf_sidebar, "unpack_given", read)
    page = opened(shelf_with(2))
    page.file_uploader(key="shelf-file-0").set_value(("s.zip", b"PK", ZIP))
    checked(page)
    assert [job.title for job in began[0]] == ["Importing s.zip"]
    assert "The import was cancelled: nothing was added." in told(page)
    assert names(page) == ["v0", "v1"]
    assert "The import was cancelled" not in told(checked(page))
    monkeypatch.setattr(shelf_sidebar, "unpack_given", unpack_given)
    page.file_uploader(key="shelf-file-1").set_value(("s.zip", pack(shelf_with(3).items), ZIP))
    assert "1 vector imported. 2 of the file" in told(checked(page))


def test_a_picture_stands_beside_its_vector() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (300, 200), "red").save(stream, "PNG")
    small = thumbnails.mark(stream.getvalue())
    page = opened(shelf_with(1, picture=small))
    (image,) = page.sidebar.get("image")
    assert image.proto.imgs[0].url == thumbnails.as_address(small)


def test_a_picture_of_the_gallery_is_kept_with_its_small_picture() -> None:
    page = open_page("images", find="[1F98A] + snow", results="3")
    click(page, "keep-query")
    (kept,) = page.session_state["shelf"].items
    with Image.open(io.BytesIO(kept.picture)) as small:
        assert (small.format, max(small.size)) == ("WEBP", thumbnails.MARK_SIDE)
    page = open_page("images", find="snow - [1F98A]", results="3")
    click(page, "keep-query")
    (kept,) = page.session_state["shelf"].items
    assert kept.picture == b""


@pytest.mark.parametrize("page_name", ["images", "map", "generate"])
def test_a_formula_with_a_vector_of_another_space_says_so(page_name: str) -> None:
    box = {"images": "find", "map": "drop", "generate": "prompt"}[page_name]
    page = open_page(page_name, **{box: "[other] + snow"})
    shelf = StoredShelf()
    shelf.keep("lost", vec.unit(np.ones(7, np.float32)), "made", "other", title="Lost vectors")
    page.session_state["shelf"] = shelf
    checked(page)
    if page_name == "generate":
        click(page, "query-go")
    errors = " ".join(re.sub(r"\\(.)", r"\1", one.value) for one in page.main.error)
    used = "minilm-imagenet-v1" if page_name == "map" else "MiniLM"
    assert (
        f"[other] is a vector of the embedding model Lost vectors; this page uses {used}" in errors
    )
    assert "Vectors of two embedding models can't be compared." in errors
    assert f"Not for this page: of the embedding model Lost vectors; this page uses {used}" in (
        told(page).replace("\\", "")
    )


def test_a_browser_that_takes_no_cookies_and_a_full_disk_are_told() -> None:
    page = opened(shelf_with(1))
    page.session_state[shelf_cookie.OFF] = True
    assert "keeps no cookies for this page" in told(checked(page))
    shelf = shelf_with(1)
    shelf.trouble = StorageError("Could not write “x”: No space left.", "", "Free some space.")
    assert "could not be written, so they end when this page is reloaded" in told(opened(shelf))


def test_one_bad_vector_of_an_imported_file_is_left_out_and_told() -> None:
    page = opened(shelf_with(1))
    items = [*shelf_with(2).items, Kept("lost", " ", vec.unit(np.ones(7, np.float32)), "made")]
    page.file_uploader(key="shelf-file-0").set_value(("s.zip", pack(items), ZIP))
    checked(page)
    assert names(page) == ["v0", "v1"]
    said = told(page)
    assert "1 vector imported. 1 of the file were here already." in said
    assert "Left out: 1 vector. [lost] names no embedding model." in said


def test_a_damaged_file_is_looked_into_restored_and_deleted(own_home: Path) -> None:
    browser = new_id()
    shelf = StoredShelf()
    shelf.attach(browser)
    for item in shelf_with(3).items:
        shelf.keep(item.space, item.vector, item.made, item.name)
    path = path_of(browser)
    data = bytearray(path.read_bytes())
    data[bytes(data).index(shelf.items[1].vector.tobytes()) + 3] ^= 0x40
    path.write_bytes(data)
    damaged = StoredShelf()
    damaged.attach(browser)
    page = opened(damaged)
    assert "Nothing saved yet" in told(page)
    assert "damaged and are set aside" in told(page)
    click(page, "shelf-aside")
    [table] = page.dataframe
    assert [*table.value["name"]] == ["v0", "v2"]
    shown = " ".join(one.value for one in page.markdown)
    assert re.search(r"v1.* has length", shown)
    [file] = damaged.aside
    click(page, f"aside-restore-{file.path.name}")
    assert names(page) == ["v0", "v2"]
    assert "2 vectors restored." in told(page)
    assert "set aside" not in told(page)
    click(page, "shelf-aside")
    click(page, f"aside-delete-{file.path.name}")
    assert names(page) == ["v0", "v2"]
    assert not [one for one in page.button if one.key == "shelf-aside"]
    assert sorted(one.suffix for one in (own_home / FOLDER).glob("[0-9a-f]*")) == [".zip"]


def test_a_damaged_shelf_is_told(own_home: Path) -> None:
    browser = new_id()
    path_of(browser).parent.mkdir(parents=True)
    path_of(browser).write_bytes(b"no shelf")
    shelf = StoredShelf()
    shelf.attach(browser)
    assert "damaged and are set aside" in told(opened(shelf))
    assert data_home() == own_home
