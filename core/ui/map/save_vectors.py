"""Map: the vectors of what is mapped as files that open again, here and in other programs."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.base.columns import export_columns
from core.export import vector_files
from core.maps.items import MapData
from core.storage import data_home

FORMATS = {
    "Parquet": ".parquet",
    "NumPy and CSV (ZIP)": ".npy",
    "FAISS index and CSV (ZIP)": ".faiss",
    "Embedding Projector (ZIP)": "",
}


def show(data: MapData) -> None:
    """Choosing a format, and a button; the file is written when it is asked for."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = str(
            st.selectbox(
                "Vectors as",
                list(FORMATS),
                key="vectors-as",
                width=260,
                help="All items with their vectors, texts and metadata. For the projector pictures "
                "come along as a sprite. Each of them opens again under “Add data”.",
            )
        )
        suffix = FORMATS[chosen]
        ending = "parquet" if suffix == ".parquet" else "zip"
        name = data_home.safe_name(f"vectors-{data.name}")
        st.download_button(
            "Vectors",
            partial(packed, data, suffix, name),
            file_name=f"{name}.{ending}",
            on_click="ignore",
            icon=":material/download:",
        )


def packed(data: MapData, ending: str, name: str) -> bytes:
    """The file of an export; of several files a ZIP archive."""
    frame = {str(column): data.frame[column].tolist() for column in data.frame.columns}
    columns = export_columns({"id": data.ids, "text": data.texts}, frame)
    opened = None if data.gallery is None else data.gallery.open
    files = vector_files.files_for(ending, name, data.vectors, columns, data.space, pictures=opened)
    return next(iter(files.values())) if len(files) == 1 else vector_files.archive(files)
