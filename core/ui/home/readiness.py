"""Home: what is ready on this computer, what it has left, and what one click would add."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from core.base.errors import shorten
from core.base.memory import format_bytes
from core.cache import inventory as inventory_cache
from core.inventory import readiness
from core.inventory.readiness import Offer, Ready
from core.spaces import registry
from core.spaces.entry import SpaceEntry
from core.storage import data_home
from core.ui.common.markdown import plain

NAMED = 12  # of one kind
FIGURE = 145  # pixels: six beside each other on a wide screen, three at 800


def show() -> None:
    """The whole panel."""
    entries = registry.list_spaces()
    st.subheader("Installed", anchor=False)
    _show_machine()
    with st.container(border=True):
        for ready in readiness.ready(entries):
            st.markdown(_told(ready))
    with st.expander("Embedding models"):
        for entry in entries:
            _show_space(entry)
    st.subheader("Available downloads", anchor=False)
    st.caption(
        "Each link leads to the place with the button, which says the size and the licence again. "
        "Nothing is downloaded without that click."
    )
    for kind, found in groupby(readiness.offers(entries), key=lambda offer: offer.kind):
        offers = list(found)
        with st.expander(f"{kind} ({len(offers)})", icon=":material/add_circle:"):
            for offer in offers:
                _show_offer(offer)


def _show_machine() -> None:
    now, used = readiness.machine(), inventory_cache.disk_used()
    size = "measuring …" if used is None else format_bytes(used[0])
    free = "not known" if now.free_disk is None else format_bytes(now.free_disk)
    told = (
        ("Data folder", size, "On the disk; the page Storage shows what it holds."),
        ("Disk free", free, "Where the data folder is."),
        ("Server's memory", format_bytes(now.server_memory), "RAM that this server takes now."),
        ("Memory free", format_bytes(now.free_memory), "What models may still take."),
        ("Threads", f"{now.threads}", f"Of this server; the computer has {now.cores} cores."),
        ("Device", now.device, f"Where networks run. {now.device_told}"),
    )
    with st.container(horizontal=True, gap="small", key="machine"):
        for label, value, about in told:
            with st.container(width=FIGURE):
                st.metric(label, value, help=about)
    st.caption(f"The data folder is {plain(str(data_home.data_home()))}")
    st.page_link(
        "pages/storage.py", label="What it holds, and deleting", icon=":material/hard_drive:"
    )


def _told(ready: Ready) -> str:
    names = [plain(shorten(name)) for name in ready.names[:NAMED]]
    more = len(ready.names) - len(names)
    if more:
        names.append(f"and {more:,} more")
    return f":material/check_circle: **{ready.kind}** · {'; '.join(names)}"


def _show_space(entry: SpaceEntry) -> None:
    if entry.ready:
        state = ":material/check_circle: ready"
    else:
        state = f":material/download: {plain(entry.state)}"
    st.markdown(f"**{plain(entry.space.title)}** · {state}  \n{plain(entry.about)}")


def _show_offer(offer: Offer) -> None:
    label = f"{offer.title} · {offer.size}"
    if offer.page:
        st.page_link(
            f"pages/{offer.page}.py",
            label=plain(label),
            icon=":material/download:",
            query_params=dict(offer.params or {}),
        )
        return
    st.markdown(f":material/terminal: {plain(label)}")
    if offer.command:
        st.code(offer.command, language=None, wrap_lines=True)
