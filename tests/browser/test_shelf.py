"""The shelf in real Chromium: it survives switches and reloads, and is one browser's alone."""

from __future__ import annotations

import io
import re
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from core.base import vectors as vec
from core.images import thumbnails
from core.shelf.file import pack, unpack
from core.shelf.shelf import Shelf
from core.shelf.store import FOLDER
from core.storage import data_home
from tests.browser.conftest import WAIT, downloaded, running_server, settled

Open = Callable[..., Page]
COOKIE = "embedding-explorer-shelf"


def side(page: Page) -> Locator:
    return page.get_by_test_id("stSidebar")


def expect_names(page: Page, *names: str) -> None:
    """The kept vectors from top to bottom."""
    shown = side(page).locator('[class*="st-key-kept-"] strong')
    expect(shown).to_have_text([f"[{name}]" for name in names])


def open_group(page: Page) -> None:
    """Unfolds the saved vectors; without any they are folded up."""
    group = side(page).locator("details", has_text="Saved vectors")
    expect(group).to_be_attached()
    if group.get_attribute("open") is None:
        group.locator("summary").click()


def expect_none_saved(page: Page) -> None:
    open_group(page)
    expect(side(page).get_by_text("Nothing saved yet")).to_be_visible()


def tool(page: Page, label: str) -> None:
    open_group(page)
    side(page).get_by_role("button", name=label, exact=False).first.click()


def keep_word(page: Page, word: str) -> None:
    box = page.locator('input[aria-label="Formula"]')
    box.fill(word)
    box.press("Enter")
    expect(page.get_by_text(f"Read as: {word}")).to_be_visible()
    settled(page)  # until then the button is that of the formula before
    page.get_by_role("button", name="Save vector").click()
    expect(side(page).get_by_text(f"[{word}]", exact=True)).to_be_visible()


def browser_id(page: Page) -> str:
    page.wait_for_function(f"document.cookie.includes('{COOKIE}=')")
    (found,) = (one for one in page.context.cookies() if one["name"] == COOKIE)
    assert found["sameSite"] == "Strict"
    assert found["path"] == "/"
    assert re.fullmatch(r"[\w-]{43}", found["value"])
    return str(found["value"])


def wait_until_written(page: Page) -> None:
    expect(side(page).get_by_text("Found again in this browser for 30 days")).to_be_visible()


def shelf_file(count: int) -> bytes:
    """A file with vectors of MiniLM's size, every third with a picture, the last of no space."""
    shelf = Shelf()
    rows = vec.normalize(np.random.default_rng(5).normal(size=(count, 384)).astype(np.float32))
    for at, row in enumerate(rows):
        stream = io.BytesIO()
        Image.new("RGB", (90, 60), (at * 40 % 256, 90, 200)).save(stream, "PNG")
        small = thumbnails.mark(stream.getvalue()) if at % 3 == 0 else b""
        last = at == count - 1
        shelf.keep(
            "lost" if last else "minilm",
            row,
            f"number {at}",
            f"v{at}",
            title="Lost vectors" if last else "MiniLM",
            picture=small,
        )
    return pack(shelf.items)


def import_file(page: Page, data: bytes) -> None:
    tool(page, "Export, import")
    page.get_by_test_id("stPopoverBody").locator('input[type="file"]').set_input_files(
        {"name": "shelf.zip", "mimeType": "application/zip", "buffer": data}
    )


@pytest.mark.slow
def test_a_damaged_file_is_restored_from_the_page(open_page: Open, browser_home: Path) -> None:
    page = open_page("words?q=cat")
    for word in ("cat", "dog", "house"):
        keep_word(page, word)
    wait_until_written(page)
    path = browser_home / FOLDER / f"{data_home.sha256(browser_id(page).encode())}.zip"
    items = unpack(path.read_bytes(), path.name).items
    data = bytearray(path.read_bytes())
    data[bytes(data).index(items[1].vector.tobytes()) + 3] ^= 0x40  # a bit that fell over
    path.write_bytes(data)
    page.reload()
    expect(side(page).get_by_text("damaged and are set aside")).to_be_visible()
    expect_none_saved(page)
    tool(page, "Look into what is set aside")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("[dog] has length")).to_be_visible()
    file = downloaded(page, dialog.get_by_role("button", name="Download the file"))
    assert file.path().read_bytes() == data
    dialog.get_by_role("button", name="Restore 2 vectors").click()
    expect_names(page, "cat", "house")
    expect(dialog).to_be_hidden()
    tool(page, "Look into what is set aside")
    dialog.get_by_role("button", name="Delete the file").click()
    expect(dialog).to_be_hidden()
    expect(side(page).get_by_text("Look into what is set aside")).to_be_hidden()
    page.reload()
    expect_names(page, "cat", "house")


@pytest.mark.slow
def test_it_survives_a_page_switch_and_a_reload_and_no_other_browser_sees_it(
    open_page: Open, server: str, browser_home: Path
) -> None:
    page = open_page("words")
    expect_none_saved(page)
    page.get_by_role("button", name="Save vector").click()
    expect_names(page, "king - man + woman")
    wait_until_written(page)
    page.get_by_role("link", name="Graph", exact=True).click()
    expect(page.get_by_role("heading", name="Graph", exact=True)).to_be_visible()
    expect_names(page, "king - man + woman")
    page.reload()
    expect_names(page, "king - man + woman")
    tab = page.context.new_page()
    tab.set_default_timeout(WAIT)
    tab.goto(f"{server}/words?q=%5Bking+-+man+%2B+woman%5D+%2B+france")
    expect_names(tab, "king - man + woman")
    expect(tab.get_by_text("Read as: [king - man + woman] + france")).to_be_visible()

    browser = browser_id(page)
    held = [path.name for path in (browser_home / FOLDER).iterdir()]
    assert f"{data_home.sha256(browser.encode())}.zip" in held
    assert not [name for name in held if browser in name]
    for one in (page, tab):
        assert browser not in urllib.parse.unquote(one.url)

    other = open_page("words")
    expect_none_saved(other)
    expect(other.get_by_text("The arithmetic as a picture")).to_be_visible()
    assert browser_id(other) != browser


@pytest.mark.slow
def test_two_tabs_share_the_shelf_and_lose_nothing(open_page: Open, server: str) -> None:
    one = open_page("words?q=cat")
    two = one.context.new_page()
    two.set_default_timeout(WAIT)
    two.goto(f"{server}/words?q=dog")
    for page, word in ((one, "cat"), (two, "dog")):
        expect(page.get_by_text("The arithmetic as a picture")).to_be_visible()
        page.get_by_role("button", name="Save vector").click()
        expect(side(page).get_by_text(f"[{word}]", exact=True)).to_be_visible()
        wait_until_written(page)
    expect_names(two, "cat", "dog")
    one.locator('input[aria-label="Formula"]').fill("cat + 1*dog")
    one.locator('input[aria-label="Formula"]').press("Enter")
    expect_names(one, "cat", "dog")


@pytest.mark.slow
def test_a_visit_runs_the_page_once_and_only_the_first_keeping_twice(open_page: Open) -> None:
    page = open_page("words?q=cat", alone=True)
    settled(page)  # its socket is open: only those of later visits are listened to
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(len(data))))

    def runs_until(text: str) -> int:
        expect(page.get_by_text(text)).to_be_visible()
        page.wait_for_timeout(3_000)  # what would run again does so at once
        count = len(sent)
        sent.clear()
        return count

    page.context.clear_cookies()
    page.reload()
    assert runs_until("The arithmetic as a picture") == 1
    for runs in (2, 1):  # the second time it is there already, which a toast says
        page.get_by_role("button", name="Save vector").click()
        expect(side(page).get_by_text("[cat]", exact=True)).to_be_visible()
        assert runs_until("Found again in this browser") == runs
    page.reload()
    assert runs_until("Found again in this browser") == 1
    page.get_by_role("link", name="Graph", exact=True).click()
    assert runs_until("Found again in this browser") == 1


@pytest.mark.slow
def test_tabs_that_were_opened_at_once_agree_on_one_id(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    one, two = context.new_page(), context.new_page()
    for page, word in ((one, "cat"), (two, "dog")):
        page.set_default_timeout(WAIT)
        page.goto(f"{server}/words?q={word}", wait_until="commit")
    for page in (one, two):
        expect(page.get_by_text("The arithmetic as a picture")).to_be_visible()
        page.get_by_role("button", name="Save vector").click()
        wait_until_written(page)
    expect_names(two, "cat", "dog")
    one.reload()
    expect_names(one, "cat", "dog")
    context.close()


@pytest.mark.slow
def test_renaming_reordering_combining_and_undo(open_page: Open) -> None:
    page = open_page("words?q=cat")
    expect(page.get_by_text("Read as: cat")).to_be_visible()
    page.get_by_role("button", name="Save vector").click()
    expect_names(page, "cat")
    keep_word(page, "dog")
    side(page).get_by_role("button", name="Down").first.click()
    expect_names(page, "dog", "cat")
    side(page).get_by_role("button", name="Rename, delete").last.click()
    body = page.get_by_test_id("stPopoverBody")
    body.get_by_label("Name").fill("my cat")
    body.get_by_role("button", name="Rename").click()
    expect_names(page, "dog", "my cat")
    page.keyboard.press("Escape")
    tool(page, "New from formula")
    body.get_by_label("A formula over names of one embedding model").fill("[my cat] + 0.5*[dog]")
    body.get_by_label("Name (optional)").fill("pet")
    body.get_by_role("button", name="Save").click()
    expect_names(page, "dog", "my cat", "pet")
    page.keyboard.press("Escape")
    page.reload()
    expect_names(page, "dog", "my cat", "pet")
    tool(page, "Remove all")
    body.get_by_role("button", name="Remove 3 vectors").click()
    expect(side(page).get_by_text("3 vectors removed.")).to_be_visible()
    side(page).get_by_role("button", name="Undo").click()
    expect_names(page, "dog", "my cat", "pet")


@pytest.mark.slow
def test_export_remove_all_and_import_give_the_same_vectors(
    open_page: Open, tmp_path: Path
) -> None:
    page = open_page("")
    given = shelf_file(12)
    import_file(page, given)
    wait_until_written(page)
    said = "12 vectors imported. Of embedding models that are not here: Lost vectors."
    expect(side(page).get_by_text(said)).to_be_visible()
    tool(page, "Export, import")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export as a file").click()
    waiting.value.save_as(tmp_path / "shelf.zip")
    assert browser_id(page).encode() not in (tmp_path / "shelf.zip").read_bytes()
    page.keyboard.press("Escape")
    tool(page, "Remove all")
    page.get_by_role("button", name="Remove 12 vectors").click()
    expect(side(page).get_by_text("12 vectors removed.")).to_be_visible()
    page.reload()
    expect_none_saved(page)
    import_file(page, (tmp_path / "shelf.zip").read_bytes())
    expect(side(page).get_by_text("12 vectors imported.")).to_be_visible()
    wait_until_written(page)
    tool(page, "Export, import")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export as a file").click()
    waiting.value.save_as(tmp_path / "again.zip")
    files = [tmp_path / "shelf.zip", tmp_path / "again.zip"]
    one, two = (unpack(file.read_bytes(), file.name).items for file in files)
    first = unpack(given, "given").items
    for a, b, c in zip(one, two, first, strict=True):
        assert a.vector.tobytes() == b.vector.tobytes() == c.vector.tobytes()
        assert (a.name, a.space, a.made, a.picture) == (b.name, b.space, b.made, b.picture)


@pytest.mark.slow
def test_a_vector_of_another_space_is_marked_where_it_does_not_fit(open_page: Open) -> None:
    page = open_page("words?space=minilm&q=%5Bv1%5D+%2B+cat")
    import_file(page, shelf_file(2))
    expect(side(page).get_by_text("2 vectors imported.")).to_be_visible()
    mark = side(page).get_by_text("of the embedding model Lost vectors; this page uses MiniLM")
    expect(mark).to_be_visible()
    expect(mark).to_contain_text("Vectors of two embedding models can't be compared.")
    alert = page.get_by_test_id("stMain").get_by_test_id("stAlert")
    expect(alert).to_contain_text("[v1] is a vector of the embedding model Lost vectors")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Home", exact=True).click()
    expect(page.get_by_role("heading", name="More to try")).to_be_visible()
    expect(mark).to_have_count(0)


@pytest.fixture
def read_only_home(browser_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A data home whose folder of shelves is a file, so that nothing can be written there."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "vocabularies").symlink_to(browser_home / "vocabularies")
    (home / FOLDER).write_text("")
    yield home


@pytest.mark.slow
def test_where_nothing_can_be_written_it_works_and_says_that_it_ends(
    browser: Browser, read_only_home: Path
) -> None:
    with running_server(read_only_home) as address:
        page = browser.new_page()
        page.set_default_timeout(WAIT)
        page.goto(f"{address}/words?q=cat")
        expect(page.get_by_text("Read as: cat")).to_be_visible()
        page.get_by_role("button", name="Save vector").click()
        expect_names(page, "cat")
        expect(side(page).get_by_text("they end when this page is reloaded")).to_be_visible()
        keep_word(page, "dog")
        expect_names(page, "cat", "dog")
        page.close()


@pytest.mark.slow
def test_a_browser_without_cookies_is_told(open_page: Open) -> None:
    page = open_page("", alone=True)
    expect_none_saved(page)
    page.context.clear_cookies()
    page.context.add_init_script(
        "Object.defineProperty(document, 'cookie', {get: () => '', set: () => {}})"
    )
    page.goto(f"{page.url}words?q=cat")
    expect(page.get_by_text("Read as: cat")).to_be_visible()
    page.get_by_role("button", name="Save vector").click()
    expect_names(page, "cat")
    expect(side(page).get_by_text("This browser keeps no cookies")).to_be_visible()


@pytest.mark.slow
def test_pages_opened_in_one_moment_on_a_fresh_server_all_have_the_sidebar(
    browser: Browser, browser_home: Path
) -> None:
    with running_server(browser_home) as address:
        contexts = [browser.new_context() for _ in range(4)]
        pages = [context.new_page() for context in contexts]
        for page in pages:  # the first link that a fresh server is asked for leads to a page
            page.goto(f"{address}/words", wait_until="commit")
        for page in pages:
            expect(side(page).get_by_text("Saved vectors")).to_be_visible(timeout=WAIT)
            expect(page.locator('input[aria-label="Formula"]')).to_be_visible()
        for context in contexts:
            context.close()
