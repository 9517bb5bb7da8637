"""What people brought to the data home, one below the other, each with “Remove”."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.spaces.entry import SpaceEntry
from core.ui.common import jobs, page
from core.ui.common.markdown import plain

NOTHING = (
    "Nothing yet. What you upload stays in the data folder, where all users of this server see it, "
    "until it is removed."
)


@dataclass(frozen=True, slots=True)
class Item:
    """Something that was brought.

    Attributes:
        title: what it is called on the page.
        name: its own among the items of the page.
        remove: deletes it.
        read_again: where it is read from a place that may have changed: asks for that.
    """

    title: str
    name: str
    about: str
    remove: Callable[[], None]
    read_again: Callable[[], None] | None = None


def show(
    items: Sequence[Item],
    requests_name: str,
    leave: Callable[[str], None],
    *,
    heading: str = "Your datasets",
    nothing: str = NOTHING,
) -> None:
    """The list, or that there is nothing.

    Args:
        requests_name: the page's own for ``requests``: under it stands what was done.
        leave: called with the name of what was removed: the page chooses something else.
    """
    st.subheader(heading, anchor=False)
    if not items:
        st.caption(nothing)
    for item in items:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            title = plain(item.title)
            st.markdown(f"**{title}**  \n{plain(item.about)}")
            key = f"{requests_name}-{item.name}"
            if item.read_again is not None and st.button("Read again", key=f"again-{key}"):
                item.read_again()
                st.rerun()
            if st.button("Remove", key=f"remove-{key}"):
                with page.errors_shown():
                    item.remove()
                    jobs.tell(requests_name, f"**{title}** was removed.")
                    leave(item.name)
                    st.rerun()


def show_added_spaces(entries: Sequence[SpaceEntry], requests_name: str) -> None:
    """A button for each space that was added on a page, which removes it from the list."""
    for entry in entries:
        name = entry.space.name
        if entry.removable and st.button(
            f"Remove {plain(name)}", key=f"remove-{requests_name}-{name}"
        ):
            with page.errors_shown():
                entry.remove()
                jobs.tell(requests_name, None)
                st.rerun()
