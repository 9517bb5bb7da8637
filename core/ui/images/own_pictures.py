"""Images → Your pictures: bringing a gallery by upload, from a folder or by name; removing one."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.base import demo
from core.base.errors import InputError, counted
from core.images import galleries
from core.images.galleries import Brought, GalleryEntry
from core.images.sources import Choice
from core.ui.common import access, demo as demo_mode, imports as brought, jobs, page
from core.ui.common.markdown import plain
from core.ui.images import by_addresses, public_sets

REQUESTS = "pictures"
MAX_MEGABYTES = 1_000
CHOSEN = "chosen-gallery"
BOXES = "Each annotated box as a picture"
BOXES_HELP = (
    "For pictures with annotations in COCO's JSON (images, annotations, categories). Off: whole "
    "pictures, labelled by the class of their largest box."
)
_ROUND = "pictures-round"


def show() -> None:
    """The whole tool."""
    if demo_mode.off("Adding galleries"):
        return
    _upload()
    if access.is_local():
        _link()
    by_addresses.show(REQUESTS)
    made = jobs.run(REQUESTS)
    if isinstance(made, Brought):
        _choose(made.entry, made)
    elif isinstance(made, GalleryEntry):
        _choose(made, None)
    jobs.show_told(REQUESTS)
    st.divider()
    fetched = public_sets.show()
    if fetched is not None:
        _choose(fetched.entry, fetched)
    st.divider()
    _show_own()


def _upload() -> None:
    at = st.session_state.setdefault(_ROUND, 0)
    with st.form("pictures-upload", enter_to_submit=False):
        uploads = st.file_uploader(
            "Pictures, or one ZIP archive or Parquet file of pictures",
            type=None,  # any: what is no picture is named, with the reason
            accept_multiple_files=True,
            key=f"pictures-files-{at}",
            max_upload_size=demo.megabytes(MAX_MEGABYTES),
            help="With pictures or an archive, one CSV may come along: a column with the files' "
            "names, and what you know of each in other columns. And with any of them one file of "
            "vectors that the pictures have already: .npy, .npz or safetensors, by row or by name.",
        )
        name = st.text_input("Name", placeholder="holiday", key=f"pictures-name-{at}")
        boxes = st.checkbox(BOXES, key=f"pictures-boxes-{at}", help=BOXES_HELP)
        if not st.form_submit_button("Upload pictures", icon=":material/upload:"):
            return
    if not uploads:
        page.show_error(InputError("No file was given.", "", "Choose files."))
        return
    files = [(upload.name, upload.getvalue()) for upload in uploads]
    first = uploads[0].name.rsplit(".", 1)[0] if len(uploads) < 3 else "pictures"
    chosen = name.strip() or first
    jobs.ask(
        REQUESTS,
        f"Reading {counted(len(files), 'file')}",
        lambda progress: galleries.import_files(chosen, files, progress, Choice(boxes=boxes)),
    )


def _link() -> None:
    with st.form("pictures-link", enter_to_submit=False):
        path = st.text_input(
            "Or a folder, ZIP archive, Parquet file or CSV of this computer",
            placeholder="~/Pictures/holiday",
            help="Read where it is; nothing is copied. Folders inside tell the pictures' labels.",
        )
        vectors = st.text_input(
            "Vectors that its pictures have already (optional)",
            placeholder="~/Pictures/clip.npy",
            help="A file of vectors, by row or by the pictures' names, or the column of the table "
            "that has them; “none” takes none. Without it those that lie beside the pictures.",
        )
        boxes = st.checkbox(BOXES, help=BOXES_HELP, key="pictures-link-boxes")
        if not st.form_submit_button("Add folder or file", icon=":material/folder_open:"):
            return
    if not path.strip():
        page.show_error(InputError("No path was given.", "", "Type one."))
        return
    with page.errors_shown():
        folder = str(access.given_path(path.strip()))
        choice = Choice(vectors=vectors.strip(), boxes=boxes)
        jobs.ask(
            REQUESTS,
            f"Reading {path}",
            lambda progress: galleries.link_folder(folder, progress, choice),
        )


def _choose(entry: GalleryEntry, brought: Brought | None) -> None:
    """Says what has come, and starts over with it chosen."""
    left_out = ""
    if brought is not None and brought.skipped:
        names = ", ".join(f"{one.id}: {one.reason}" for one in brought.skipped[:5])
        left_out = f" Left out: {counted(len(brought.skipped), 'file')} ({plain(names)})."
    jobs.tell(
        REQUESTS,
        f"**{plain(entry.name)}** is ready. {plain(entry.about)}{left_out} It is "
        "chosen above; go on with “Search”.",
    )
    st.session_state[CHOSEN] = entry.name
    st.session_state[_ROUND] += 1  # an empty form for what comes next
    st.rerun()


def _show_own() -> None:
    own = [entry for entry in galleries.list_galleries() if entry.folder is not None]
    brought.show([_item(entry) for entry in own], REQUESTS, _leave)


def _item(entry: GalleryEntry) -> brought.Item:
    def read_again() -> None:
        jobs.ask(
            REQUESTS,
            f"Reading {entry.name} again",
            lambda progress: galleries.read_again(entry, progress),
        )

    return brought.Item(
        entry.name,
        entry.name,
        entry.about,
        partial(galleries.remove, entry),
        None if entry.path is None else read_again,
    )


def _leave(name: str) -> None:
    if st.session_state.get("gallery") == name:
        st.session_state[CHOSEN] = galleries.OPENMOJI
