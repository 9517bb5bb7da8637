"""Files of the shelf that could not be read whole: looking into them, restoring, deleting them."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from core.base.errors import ExplorerError, counted
from core.base.memory import format_bytes
from core.shelf.file import Contents
from core.shelf.store import DAYS, SetAside, StoredShelf
from core.ui.common.markdown import plain

_REASONS = 20  # that are told
_DONE = "shelf-aside-done"  # something was done in the dialog


def show(held: StoredShelf, attempt: Callable[..., None], say: Callable[[str], None]) -> None:
    """A button that opens the files, where there are any.

    ``attempt`` does what a button asks, ``say`` tells what came of it.
    """
    st.session_state.pop(_DONE, None)  # the whole page runs: the dialog is closed
    if held.aside and st.button(
        f"Look into what is set aside ({len(held.aside)})",
        key="shelf-aside",
        type="tertiary",
        icon=":material/inventory_2:",
    ):
        _show_files(held, attempt, say)


@st.dialog("Set aside", width="large")
def _show_files(
    held: StoredShelf, attempt: Callable[..., None], say: Callable[[str], None]
) -> None:
    if st.session_state.pop(_DONE, False):
        st.rerun()  # closes the dialog, and shows the shelf as it is now
    st.caption(
        f"Files of saved vectors that could not be read whole. They are deleted after {DAYS} days."
    )
    for file in held.aside:
        with st.container(border=True, key=f"aside-{file.path.name}"):
            _show_file(held, file, attempt, say)


def _show_file(
    held: StoredShelf,
    file: SetAside,
    attempt: Callable[..., None],
    say: Callable[[str], None],
) -> None:
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(file.since))
    st.markdown(f"**{when}** · {format_bytes(file.size)}")
    found, data = Contents([]), b""
    try:
        data = file.read()
        found = file.contents()
        _show_contents(found)
    except ExplorerError as error:
        st.warning(plain(str(error)))

    def restore() -> None:
        st.session_state[_DONE] = True
        added, contents = held.restore(file)
        here = len(contents.items) - added
        said = f"{counted(added, 'vector')} restored."
        say(said + (f" {here} are saved already." if here else ""))

    def delete() -> None:
        st.session_state[_DONE] = True
        held.drop(file)

    with st.container(horizontal=True):
        st.button(
            f"Restore {counted(len(found.items), 'vector')}",
            key=f"aside-restore-{file.path.name}",
            icon=":material/restore:",
            on_click=attempt,
            args=(restore,),
            disabled=not found.items,
        )
        st.download_button(
            "Download the file",
            data,
            file_name="shelf-damaged.zip",
            mime="application/zip",
            on_click="ignore",
            icon=":material/download:",
            key=f"aside-download-{file.path.name}",
            disabled=not data,
        )
        st.button(
            "Delete the file",
            key=f"aside-delete-{file.path.name}",
            icon=":material/delete:",
            on_click=attempt,
            args=(delete,),
        )


def _show_contents(found: Contents) -> None:
    if found.changed:
        st.warning(
            f"{plain(' and '.join(found.changed))}: not as written, so what can be read of it may "
            "differ from what was saved."
        )
    if found.items:
        st.dataframe(
            {
                "name": [item.name for item in found.items],
                "space": [item.space_title for item in found.items],
                "numbers": [item.vector.size for item in found.items],
                "made": [item.made for item in found.items],
            },
            hide_index=True,
            alt="Vectors of the file that can be read",
        )
    else:
        st.caption("No vector of it can be read.")
    if found.left_out:
        reasons = [f"- {plain(reason)}" for reason in found.left_out[:_REASONS]]
        more = len(found.left_out) - _REASONS
        told = "\n".join([*reasons, f"- and {more} more"] if more > 0 else reasons)
        st.markdown(f"Cannot be used:\n{told}")
