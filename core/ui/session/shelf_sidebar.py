"""The shelf in the sidebar of every page: what is kept, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.base import demo
from core.base.errors import Cancelled, ExplorerError, counted
from core.base.types import Progress
from core.shelf.combine import combine
from core.shelf.file import MAX_BYTES, Contents, pack, unpack_given
from core.shelf.shelf import MAX_KEPT
from core.shelf.store import DAYS, StoredShelf
from core.spaces import registry
from core.ui.common import frame, jobs, keep as common_keep, page
from core.ui.common.markdown import plain
from core.ui.session import shelf_cookie, shelf_row, shelf_set_aside

SHOWN = 10
PAGE = common_keep.SHELF_PAGE
_IMPORT = "shelf-import"
_SAID, _ERROR, _ROUND, _HERE = "shelf-said", "shelf-error", "shelf-round", "shelf-here"


def show(page_name: str) -> None:
    """The whole shelf, in the sidebar; ``page_name`` is that of the page below it."""
    held = shelf_cookie.open_shelf()
    with frame.saved(), st.container():
        _import(held)
    count = f" ({len(held.items)})" if held.items else ""
    # Folded up only where it has nothing to show and nothing to tell.
    told = held.note or held.aside or held.trouble or held.removed or _SAID in st.session_state
    unfolded = bool(held.items or told or st.session_state.get(_ERROR))
    with frame.saved(), st.expander(f"Saved vectors{count}", expanded=unfolded):
        _show_state(held)
        _show_rows(held, page_name)
        _show_tools(held)
        if held.path is not None and held.items and held.trouble is None:
            st.caption(f"Found again in this browser for {DAYS} days after its last use.")
        shelf_cookie.remember(held)


def _help() -> str:
    return (
        "For use on every page: in a formula of the same embedding model, a name in square "
        f"brackets stands for one. What is saved here stays for {DAYS} days after its last use, on "
        "the computer that runs the app; a cookie of this browser leads back to it. Other "
        "browsers do not see it, and links to a page do not carry it."
    )


def _show_state(held: StoredShelf) -> None:
    if not held.items:
        st.caption("Nothing saved yet. “Save vector” puts a result here.")
    st.caption(_help())
    if held.note:
        st.warning(plain(held.note))
    shelf_set_aside.show(held, attempt, _say)
    if held.trouble is not None:
        st.warning(
            "The saved vectors could not be written, so they end when this page is reloaded; "
            f"“Export” takes them along.  \n{plain(str(held.trouble))}"
        )
    elif held.items and shelf_cookie.is_off():
        st.warning(
            "This browser keeps no cookies for this page, so the saved vectors end when it is "
            "reloaded. “Export” takes them along."
        )
    told = {key: st.session_state.pop(key, None) for key in (_ERROR, _SAID)}
    st.session_state[shelf_cookie.TOLD] = told
    if told[_ERROR] is not None:
        page.show_error(told[_ERROR])
    if told[_SAID]:
        st.success(plain(told[_SAID]))
    if held.removed:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{counted(len(held.removed), 'vector')} removed.")
            st.button(
                "Undo",
                key="shelf-undo",
                icon=":material/undo:",
                type="tertiary",
                on_click=attempt,
                args=(held.undo,),
            )


def _show_rows(held: StoredShelf, page_name: str) -> None:
    first = 0
    if len(held.items) > SHOWN:
        pages = -(-len(held.items) // SHOWN)
        st.session_state[PAGE] = min(max(1, st.session_state.get(PAGE, 1)), pages)
        first = SHOWN * (st.session_state[PAGE] - 1)
    here = _spaces_here(held, page_name)
    rows = [
        shelf_row.show(held, at, here, attempt)
        for at in range(first, min(first + SHOWN, len(held.items)))
    ]
    shelf_row.mark_others(rows, page_name)
    if len(held.items) > SHOWN:
        st.pagination(pages, key=PAGE, max_visible_pages=5)
        last = min(first + SHOWN, len(held.items))
        st.caption(f"{first + 1} to {last} of {len(held.items)} vectors")


def _spaces_here(held: StoredShelf, page_name: str) -> set[str]:
    """Names of the spaces that are known here; looked up when the page or the spaces change."""
    asked = (page_name, frozenset(item.space for item in held.items))
    found = st.session_state.get(_HERE)
    if not asked[1]:
        return set()
    if found is None or found[0] != asked:
        found = (asked, {entry.space.name for entry in registry.list_spaces()})
        st.session_state[_HERE] = found
    names: set[str] = found[1]
    return names


def _say(told: str) -> None:
    st.session_state[_SAID] = told


def attempt(action: Callable[..., object], *given: object) -> None:
    """Does what a button asks; what goes wrong stands on the shelf in the next run."""
    try:
        action(*given)
    except ExplorerError as error:
        st.session_state[_ERROR] = error


def _show_tools(held: StoredShelf) -> None:
    with st.container(horizontal=True, gap="xsmall", key="shelf-tools"):
        if held.items:
            with st.popover("New from formula", type="tertiary", icon=":material/calculate:"):
                _show_combine(held)
        with st.popover("Export, import", type="tertiary", icon=":material/swap_vert:"):
            _show_files(held)
        if held.items:
            with st.popover("Remove all", type="tertiary", icon=":material/delete:"):
                st.caption("They can be put back by “Undo” until this page is reloaded.")
                st.button(
                    f"Remove {counted(len(held.items), 'vector')}",
                    key="shelf-clear",
                    on_click=attempt,
                    args=(held.clear,),
                )


def _show_combine(held: StoredShelf) -> None:
    def keep() -> None:
        formula, name = st.session_state["shelf-formula"], st.session_state["shelf-sum-name"]
        kept = combine(held, formula, name)
        st.session_state.update({"shelf-formula": "", "shelf-sum-name": ""})
        _say(f"Saved as [{kept.name}].")
        st.session_state[PAGE] = -(-len(held.items) // SHOWN)

    st.text_input(
        "A formula over names of one embedding model",
        key="shelf-formula",
        placeholder="[a] + 0.5*[b] - [c]",
    )
    st.text_input("Name (optional)", key="shelf-sum-name")
    st.button("Save", key="shelf-combine", on_click=attempt, args=(keep,))


def _show_files(held: StoredShelf) -> None:
    st.download_button(
        "Export as a file",
        lambda: pack(held.items),
        file_name="shelf.zip",
        mime="application/zip",
        on_click="ignore",
        icon=":material/download:",
        disabled=not held.items,
        key="shelf-export",
        help="A ZIP archive: JSON and safetensors with their SHA-256.",
    )
    key = f"shelf-file-{st.session_state.setdefault(_ROUND, 0)}"
    st.file_uploader(
        f"Import such a file (at most {MAX_KEPT} vectors)",
        type="zip",
        key=key,
        on_change=attempt,
        args=(_take_file, held, key),
        max_upload_size=demo.megabytes(MAX_BYTES // 1_000_000),
    )


def _take_file(held: StoredShelf, key: str) -> None:
    file = st.session_state[key]
    # A browser that speaks before it has seen the empty uploader sends the same file once more.
    if file is None or key != f"shelf-file-{st.session_state[_ROUND]}":
        return
    st.session_state[_ROUND] += 1  # an empty uploader: what it brought is read
    name, data = file.name, file.getvalue()
    jobs.ask(_IMPORT, f"Importing {name}", lambda progress: _read(data, name, progress))


def _read(data: bytes, name: str, progress: Progress) -> Contents | ExplorerError:
    """What a file holds; an error is told once and not again on every page."""
    try:
        return unpack_given(data, name, progress)
    except ExplorerError as error:
        return error


def _import(held: StoredShelf) -> None:
    """Adds what was read, or shows how far that is."""
    read = jobs.run(_IMPORT)
    if isinstance(read, Cancelled):
        _say("The import was cancelled: nothing was added.")
    elif isinstance(read, ExplorerError):
        st.session_state[_ERROR] = read
    elif read is not None:
        attempt(_add, held, read)


def _add(held: StoredShelf, found: Contents) -> None:
    items = found.items
    added = held.add(items)
    known = {entry.space.name for entry in registry.list_spaces()}
    unknown = sorted({item.space_title for item in items if item.space not in known})
    said = f"{counted(added, 'vector')} imported."
    if len(items) > added:
        said += f" {len(items) - added} of the file were here already."
    if found.left_out:
        reasons = " ".join(found.left_out[:3])
        said += f" Left out: {counted(len(found.left_out), 'vector')}. {reasons}"
    if unknown:
        said += f" Of embedding models that are not here: {', '.join(unknown)}."
    _say(said)
