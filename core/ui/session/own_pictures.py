"""Pictures that a person dropped, chose or pasted: found again in this browser for a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal

import streamlit as st

from core.base import demo
from core.base.errors import ExplorerError, GoneError, InputError, shorten
from core.base.memory import format_bytes
from core.base.paths import ASSETS
from core.cache import images as images_cache
from core.formula.names import bracket_name, unknown_name
from core.generation import history
from core.images import thumbnails
from core.readers.picture_folders import SUFFIXES
from core.readers.pictures import open_picture
from core.shelf.pictures import HOURS, MAX_BYTES, MOST
from core.ui.common import page
from core.ui.common.markdown import plain
from core.ui.session import link_vectors, page_state, shelf_cookie

TYPES = tuple(sorted(suffix.removeprefix(".") for suffix in SUFFIXES))
MEGABYTES = 50
_ROUND, _ERRORS = "drop-round", "drop-errors"
_NEWEST = "drop-newest"  # page, round and name of the picture that was dropped last


def dropped() -> Mapping[str, bytes]:
    """The browser's pictures by the name that stands for them in square brackets."""
    held = shelf_cookie.pictures()
    held.refresh()
    return held.items


def how_long() -> str:
    """How long pictures are kept, and how many."""
    if shelf_cookie.pictures().trouble is not None or shelf_cookie.is_off():
        return "Your pictures are kept until this page is reloaded."
    return (
        f"Your pictures are kept for {HOURS} hours, for this browser alone: the last {MOST}, "
        f"{format_bytes(MAX_BYTES)} at most."
    )


def find(name: str) -> bytes | None:
    """The picture that a name in square brackets stands for: dropped here, or generated.

    Raises:
        StorageError: it was generated, and cannot be read.
    """
    held = dropped().get(name)
    if held is not None:
        return held
    item = history.find(name)
    return None if item is None else history.read(item)


def add(name: str, data: bytes) -> str:
    """Keeps a picture under its name, made distinct; one that is here already keeps its name."""
    return shelf_cookie.pictures().add(bracket_name(name), data, link_vectors.held())


def missing(name: str, example: str) -> InputError:
    """The error that says that no picture is called ``name``; ``example`` is one of the gallery."""
    unknown = unknown_name(name)
    if isinstance(unknown, GoneError):
        return unknown
    return InputError(
        f"There is no picture called [{shorten(name)}] here.",
        "Drop one, or name one of the gallery by its id.",
        f"For example [{example}].",
    )


def follow(box: str) -> None:
    """Has a box that is asked about one picture, before it is drawn, ask about the newest one.

    Who drops a picture on one tool and turns to another, maybe while the first still encodes it,
    means this picture. What was asked since then, here or by a link, stays.
    """
    state, seen, last = st.session_state, f"{box}-newest", f"{box}-last"
    newest: tuple[str, int, str] | None = state.get(_NEWEST)
    before = state.get(box, st.query_params.get(box))
    if newest != state.get(seen) and before in (None, state.get(last)):
        page, _, name = newest or ("", 0, "")
        if page == page_state.current():
            page_state.write(box, f"[{name}]")
    state[seen], state[last] = newest, state.get(box, before)


def show_inputs(target: str | Mapping[str, str]) -> None:
    """Places to drop or paste a picture; what is new is written into the box ``target``.

    Where pictures go into boxes of their own, ``target`` holds the key of each box by what its
    button says; several new pictures then fill them in turn.
    """
    boxes = {"Use": target} if isinstance(target, str) else target
    keys = tuple(boxes.values())
    left, right = st.columns(2, vertical_alignment="top")
    with left, st.container(key="own-drop"):
        _show_uploader(keys)
    with right:
        st.caption("Or paste a picture (Ctrl+V in this box), with words if you like, and send:")
        st.chat_input(
            "Paste a picture here",
            key="paste",
            accept_file="multiple",
            file_type=list(TYPES),
            max_upload_size=demo.megabytes(MEGABYTES),
            on_submit=_take_pasted,
            args=(keys,),
        )
    _follow_drops("inputs")
    with page.steady():
        show_errors()
        _show(boxes)


@cache
def _script() -> str:
    return (ASSETS / "picture_drops.js").read_text(encoding="utf-8")


def _follow_drops(place: str) -> None:
    """Has pictures dropped or pasted at a place go to its uploader, one drop after another."""
    component: Any = st.components.v2.component("picture_drops", js=_script())
    with st.sidebar:  # where what it takes moves nothing
        component(key=f"picture-drops-{place}", height=1)


def show_drop(target: str) -> None:
    """A small place to drop or choose pictures; what is new is written into the box ``target``."""
    with st.container(key="query-drop", width=44):
        _show_uploader((target,), label="collapsed")
    _follow_drops("query")


def _show_uploader(
    boxes: tuple[str, ...], *, label: Literal["visible", "collapsed"] = "visible"
) -> None:
    key = f"drop-{st.session_state.setdefault(_ROUND, 0)}"  # a new one is empty again
    st.file_uploader(
        "Drop pictures here, or choose files",
        type=list(TYPES),
        accept_multiple_files=True,
        key=key,
        on_change=_take_files,
        args=(key, boxes),
        max_upload_size=demo.megabytes(MEGABYTES),
        label_visibility=label,
    )


def show_place(target: str, label: str) -> None:
    """A place to drop one picture, whose name is noted in the session's ``target``."""
    key = f"{target}-drop-{st.session_state.setdefault(_ROUND, 0)}"
    with st.container(key="own-drop"):
        st.file_uploader(
            label,
            type=list(TYPES),
            key=key,
            on_change=_take_choice,
            args=(key, target),
            max_upload_size=demo.megabytes(MEGABYTES),
        )
    _follow_drops("place")


def _take_choice(key: str, target: str) -> None:
    file: Any = st.session_state[key]
    if file is None:
        return
    st.session_state[_ROUND] += 1
    kept = _keep([(file.name, file.getvalue())])
    if kept:
        st.session_state[target] = kept[0]


def show_camera(target: str) -> None:
    """Takes a picture with the camera; it is written into the box ``target``."""
    key = f"camera-{st.session_state.setdefault(_ROUND, 0)}"
    st.camera_input("Camera", key=key, on_change=_take_photo, args=(key, target), width=320)


def show_errors() -> None:
    """What was wrong with pictures that were given last."""
    for error in st.session_state.pop(_ERRORS, []):
        page.show_error(error)


def show_chips(target: str) -> None:
    """The session's pictures in one line; a click writes one into the box ``target``."""

    def use(name: str) -> None:
        page_state.write(target, f"[{name}]")

    for at, (name, data) in enumerate(dropped().items()):
        small = thumbnails.as_address(images_cache.small_picture(data))
        with st.container(
            horizontal=True,
            gap=None,
            key=f"dropped-{at}",
            vertical_alignment="center",
            width="content",  # or each would fill the line, and the second stand beyond its end
        ):
            st.image(small, width=28, alt=f"Your picture {name}")
            st.button(
                plain(shorten(name, 24)),
                key=f"use-{at}-{target}",
                help=f"Searches with this picture. {how_long()}",
                on_click=use,
                args=(name,),
            )
            st.button(
                "",
                key=f"forget-{at}",
                icon=":material/close:",
                help="Remove",
                type="tertiary",
                on_click=_remove,
                args=(name,),
            )


def _remove(name: str) -> None:
    shelf_cookie.pictures().remove(name)


def _take_photo(key: str, target: str) -> None:
    photo: Any = st.session_state[key]
    if photo is not None:
        st.session_state[_ROUND] += 1
        _take([("camera.jpg", photo.getvalue())], [target], "")


def _take_files(key: str, targets: Sequence[str]) -> None:
    files = [(file.name, file.getvalue()) for file in st.session_state[key] or []]
    st.session_state[_ROUND] += 1  # an empty uploader: what it held is shown below it
    _take(files, targets, "")


def _take_pasted(targets: Sequence[str]) -> None:
    sent: Any = st.session_state["paste"]
    if sent is None:
        return
    words = (sent.text or "").strip()
    files = [(file.name, file.getvalue()) for file in sent.files or []]
    if not files and words:
        page_state.write(targets[0], words)
    _take(files, targets, words)


def _take(files: Sequence[tuple[str, bytes]], targets: Sequence[str], words: str) -> None:
    names = _keep(files)
    if names:
        state = st.session_state
        state[_NEWEST] = (page_state.current(), state[_ROUND], names[-1])
    parts = [f"[{name}]" for name in dict.fromkeys(names)]
    if len(targets) > 1:
        for target, part in zip(targets, parts, strict=False):
            page_state.write(target, part)
    elif names:
        page_state.write(targets[0], " + ".join([*parts, f"({words})"] if words else parts))


def _keep(files: Sequence[tuple[str, bytes]]) -> list[str]:
    """Keeps the pictures among files; their names here. ``show_errors`` tells of the others."""
    errors = []
    names = []
    for name, data in files:
        try:
            open_picture(data, name)
        except ExplorerError as error:
            errors.append(error)
            continue
        names.append(add(name, data))
    st.session_state[_ERRORS] = errors
    return names


def _show(boxes: Mapping[str, str]) -> None:
    kept = dropped()
    if not kept:
        return

    def use(name: str, box: str) -> None:
        page_state.write(box, f"[{name}]")

    with st.container(horizontal=True, key="dropped-row", vertical_alignment="distribute"):
        for at, (name, data) in enumerate(kept.items()):
            with st.container(width=148, border=True, key=f"dropped-{at}"):
                small = thumbnails.as_address(images_cache.small_picture(data))
                st.image(small, width=110, alt=f"Your picture {name}")
                st.caption(f"\\[{plain(name)}\\]")
                with st.container(horizontal=True, gap="xsmall"):
                    for label, box in boxes.items():
                        st.button(
                            label,
                            key=f"use-{at}-{box}",
                            type="tertiary",
                            on_click=use,
                            args=(name, box),
                        )
                    st.button(
                        "Remove",
                        key=f"forget-{at}",
                        type="tertiary",
                        on_click=_remove,
                        args=(name,),
                    )
    st.caption(f"{how_long()} A link may hold their vectors, never the pictures.")
