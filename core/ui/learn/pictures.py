"""A learner's picture: dropped, or one of the emoji that come along."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from core.base.errors import ExplorerError, InputError
from core.cache import images as images_cache
from core.formula.names import name_pictures
from core.images import galleries, openmoji, thumbnails
from core.images.gallery import Gallery
from core.readers.pictures import open_picture
from core.storage import data_home
from core.ui.common import page
from core.ui.learn import boxes
from core.ui.session import own_pictures, page_state

if TYPE_CHECKING:
    from PIL import Image

PICTURE = "lesson-picture"  # the box, one for all lessons
_CODE = "lesson-picture-code"
FOX = "1F98A"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its name; two are the same where their bytes are.

    Attributes:
        code: its name in square brackets, as the boxes of other pages take it.
        digest: of what it is made from.
        small: a thumbnail.
    """

    name: str
    code: str
    digest: str
    open: Callable[[], Image.Image] = field(compare=False, repr=False)
    small: bytes | None = field(compare=False, repr=False)


def emoji() -> Gallery:
    """The emoji that come along.

    Raises:
        NotReadyError: a package that they are drawn from is not installed.
    """
    entry = next(one for one in galleries.list_galleries() if one.name == openmoji.NAME)
    return images_cache.gallery(entry, "en")


def find(name: str) -> Picture:
    """The picture of a name in square brackets, or of an emoji's caption.

    Raises:
        InputError: there is none.
        PictureError, StorageError: it cannot be read.
    """
    if len(several := re.findall(r"\[[^\[\]]+\]", name)) > 1:  # dropped together, or chips clicked
        raise InputError(
            f"{len(several)} pictures are named: {', '.join(several)}.",
            "This box takes one picture.",
            f"Leave one, such as {several[0]}.",
        )
    wanted = name.strip().removeprefix("[").removesuffix("]").strip()
    data = own_pictures.find(wanted)
    if data is not None:
        small = images_cache.small_picture(data)
        digest = data_home.sha256(data)
        return Picture(wanted, f"[{wanted}]", digest, lambda: open_picture(data, wanted), small)
    gallery = emoji()
    row = name_pictures(gallery.ids).find(wanted)
    captions = [one.casefold() for one in gallery.captions or ()]
    if row is None and wanted.casefold() in captions:
        row = captions.index(wanted.casefold())
    if row is None:
        raise own_pictures.missing(wanted, FOX)
    at, caption = row, (gallery.captions or gallery.ids)[row]
    small_ = thumbnails.thumbnail(gallery, at)
    code, digest = f"[{gallery.ids[at]}]", gallery.digests[at].hex()
    return Picture(caption, code, digest, lambda: gallery.open(at), small_)


def asked() -> str:
    """The picture that ``ask`` found last, as the boxes of other pages take it."""
    return str(boxes.kept(_CODE, f"[{FOX}]"))


def ask(key: str = PICTURE, first: str = FOX) -> Picture | None:
    """A box for a picture, kept in the address; ``None`` after the page has said what is wrong."""
    boxes.keep(key)
    page_state.settle(key)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        typed = st.text_input(
            "A picture: drop one, or name an emoji, such as red apple",
            f"[{first}]",
            key=key,
            bind="query-params",
            width="stretch",
            max_chars=200,
            help="The name of a picture that you dropped, in square brackets, or an emoji by its "
            "code in square brackets or by its name, such as *red apple*.",
        )
        own_pictures.show_drop(key)
    boxes.note(key, typed)
    with page.steady():
        own_pictures.show_errors()
    with st.container(horizontal=True, gap="xsmall"):
        own_pictures.show_chips(key)
    try:
        found = find(str(typed or ""))
    except ExplorerError as error:
        page.show_error(error)
        return None
    boxes.note(_CODE, found.code)
    show(found)
    return found


def ask_several(label: str, first: str, count: int, *, key: str) -> tuple[Picture, ...] | None:
    """A box for ``count`` pictures, separated by commas."""
    typed = boxes.text(label, first, key=key, max_chars=400)
    listed = [one for one in re.split(r"[,;\n]", typed) if one.strip()]
    if len(listed) != count:
        st.info(f"Name {count} pictures, separated by commas; there are {len(listed)}.")
        return None
    try:
        found = tuple(map(find, listed))
    except ExplorerError as error:
        page.show_error(error)
        return None
    with st.container(horizontal=True, gap="small"):
        for one in found:
            show(one, 72)
    return found


def show(picture: Picture, width: int = 112) -> None:
    """Its thumbnail."""
    if picture.small is not None:
        st.image(thumbnails.as_address(picture.small), width=width, alt=picture.name)
