"""Generate: pictures made before, their settings, and settings read from a dropped PNG."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from core.base import demo
from core.base.errors import ExplorerError, counted, shorten
from core.base.memory import format_bytes
from core.generation import history
from core.generation.history import Item
from core.generation.png_metadata import Record
from core.ui.common import frame, page as common_page
from core.ui.common.markdown import plain
from core.ui.generate import png_settings, prompt as prompt_panel, result

PAGE, STRIP = 12, 10
WIDTH, SMALL = 200, 96


def show() -> None:
    """The whole tool."""
    _take_png()
    items = history.list_items()
    if not items:
        st.info("Nothing was generated yet. What you generate is kept here with all its settings.")
        return
    pages = -(-len(items) // PAGE)
    page = 1
    if pages > 1:
        page = int(
            frame.settings().number_input(f"Page (of {pages})", 1, pages, key="history-page")
        )
    with (
        frame.result(),
        st.container(horizontal=True, key="history", vertical_alignment="distribute"),
    ):
        for item in items[(page - 1) * PAGE : page * PAGE]:
            with st.container(width=WIDTH + 34, border=True, key=f"history-{item.id}"):
                _show_item(item)
    used = sum(item.size for item in items)
    st.caption(
        f"{counted(len(items), 'picture')}, {format_bytes(used)}; above "
        f"{format_bytes(history.LIMIT)} the oldest go. They are on this computer for all who use "
        "this server."
    )


def show_strip() -> None:
    """The last pictures in one line, and the way to all of them."""
    items = history.list_items()[:STRIP]
    if not items:
        return
    with st.container(horizontal=True, gap="xsmall", key="history-strip"):
        for item in items:
            with suppress(ExplorerError):  # the history says what is wrong with one
                record = history.record(item)
                prompt = "" if record is None else shorten(record.request.prompt, 80)
                st.image(history.read(item), width=SMALL, alt=f"An earlier image: {prompt}")
    st.page_link(
        "pages/generate.py",
        label="History",
        icon=":material/history:",
        query_params={"tool": "History"},
    )


def _show_item(item: Item) -> None:
    try:
        data, record = history.read(item), history.record(item)
    except ExplorerError as error:
        common_page.show_error(error)
        _offer_removal(item)
        return
    prompt = "" if record is None else record.request.prompt
    st.image(data, width=WIDTH, alt=f"Generated: {prompt}")
    told = shorten(prompt, 60) or "its settings cannot be read"
    st.caption(f"{plain(told)} · {item.made}")
    if record is not None:
        request = record.request
        st.caption(
            f"{plain(request.generator)}, seed {request.seed}, {record.steps_told}, "
            f"guidance {request.guidance:g}"
        )
        st.button(
            "Use these settings",
            key=f"take-{item.id}",
            type="tertiary",
            on_click=prompt_panel.restore,
            args=(record.request,),
        )
    result.actions(item, data, prompt)
    _offer_removal(item)


def _offer_removal(item: Item) -> None:
    st.button("Delete", key=f"delete-{item.id}", type="tertiary", on_click=_remove, args=(item,))


def _remove(item: Item) -> None:
    try:
        history.remove(item)
    except ExplorerError as error:
        st.toast(plain(str(error)))


def _take_png() -> None:
    """Shows what a PNG that was given in the settings says."""
    file = frame.settings().file_uploader(
        "Drop a PNG that was generated, to get its settings",
        type=["png"],
        key="settings-png",
        max_upload_size=demo.megabytes(20),
        help="By this app, AUTOMATIC1111, ComfyUI, InvokeAI or Fooocus.",
    )
    if file is None:
        return
    with common_page.errors_shown():
        if not png_settings.show(file.getvalue(), file.name, own=_show_record):
            st.warning(
                f"{plain(file.name)} holds no settings that can be read: those of this app, "
                "AUTOMATIC1111, ComfyUI, InvokeAI and Fooocus can. It can still be used as an "
                "initial image: drop it on the prompt."
            )


def _show_record(record: Record, name: str) -> None:
    request = record.request
    st.success(
        f"{plain(name)}: “{plain(shorten(request.prompt, 80))}”, seed {request.seed}, "
        f"{record.steps_told}, guidance {request.guidance:g}."
    )
    if record.lost:
        st.caption(plain(f"It was made from {record.lost}, which is not in the PNG."))
    st.button(
        "Use these settings",
        key="take-png",
        on_click=prompt_panel.restore,
        args=(request,),
    )
