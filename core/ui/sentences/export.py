"""Sentences → Export: files for the Embedding Projector, Parquet, and TensorBoard's projector."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.base.errors import ExplorerError, counted
from core.base.memory import format_bytes
from core.cache import sentences as sentences_cache
from core.export import projector, vector_files
from core.sentences.dataset import EncodedTexts
from core.spaces.own_vectors import known_name
from core.storage import data_home
from core.ui.choosers import databases
from core.ui.common import access, page

BYTES_PER_NUMBER = 11  # of a float as text with its tab, on average


def show(texts: EncodedTexts) -> None:
    """The whole tool."""
    dataset, space = texts.dataset, texts.entry.space
    vectors, columns = texts.vectors.vectors, dataset.columns()
    name = data_home.safe_name(f"{dataset.name}-{space.name}")
    st.subheader("For the Embedding Projector", anchor=False)
    size = format_bytes(vectors.size * BYTES_PER_NUMBER)
    st.caption(
        f"{counted(len(dataset), 'vector')} of {space.dim} numbers, about {size} as text. Load "
        "the first two at projector.tensorflow.org, or unpack the ZIP where TensorBoard looks. "
        "Files are written when you click."
    )
    with st.container(horizontal=True):
        _download("vectors.tsv", lambda: projector.vectors_tsv(vectors), projector.VECTORS)
        _download("metadata.tsv", lambda: projector.metadata_tsv(columns), projector.METADATA)
        _download(
            "All three, as ZIP",
            lambda: projector.projector_zip(name, vectors, columns),
            f"{name}-projector.zip",
        )
    st.subheader("For pandas, Polars and Embedding Atlas", anchor=False)
    st.caption(
        "The table with a column “vector”, whose file names the embedding model; an array or an "
        "index with the table beside it. Each of them opens again under “Add data”."
    )
    model = known_name(texts.entry)
    with st.container(horizontal=True):
        _download(
            "Parquet", lambda: projector.to_parquet(columns, vectors, model), f"{name}.parquet"
        )
        for label, ending in (("NumPy and CSV", ".npy"), ("FAISS index and CSV", ".faiss")):
            make = partial(vector_files.files_for, ending, name, vectors, columns, model)
            _download(label, partial(_zipped, make), f"{name}{ending}.zip")
    if access.is_local():
        st.subheader("To a vector database", anchor=False)
        st.caption(
            f"Texts, metadata and {counted(len(dataset), 'vector')} of unit length go to a "
            "collection of DuckDB, Milvus, PostgreSQL with pgvector, Qdrant or LanceDB."
        )
        with page.errors_shown():
            databases.show_send(texts, "export")
    _show_projector(texts, name)


def _zipped(make: Callable[[], dict[str, bytes]]) -> bytes:
    return vector_files.archive(make())


def _download(label: str, make: object, file_name: str) -> None:
    st.download_button(
        label,
        make,  # type: ignore[arg-type]  # a callable, which this version takes
        file_name=file_name,
        on_click="ignore",
        icon=":material/download:",
        key=f"download-{label}",
    )


def _show_projector(texts: EncodedTexts, name: str) -> None:
    st.subheader("In TensorBoard, on this computer", anchor=False)
    if not access.is_local():
        st.caption(
            "TensorBoard would open on the server's own computer only, so it is not offered here."
        )
        return
    st.caption(
        "Starts TensorBoard's own Embedding Projector beside this app and ends it with the app. "
        "It shows up to 100,000 points. Its box “Spherize data” is ticked at first and changes "
        "the vectors: untick it to see the neighbours that this page shows."
    )
    folder = (
        data_home.data_home() / "exports" / f"{name}-{data_home.sha256(texts.key.encode())[:12]}"
    )
    if st.button("Open the projector", icon=":material/scatter_plot:"):
        st.session_state["projector"] = str(folder)
    if st.session_state.get("projector") != str(folder):
        return
    try:
        with st.spinner("Writing the files and starting TensorBoard …"):
            served = sentences_cache.projector(folder, name, texts)
    except ExplorerError as error:
        page.show_error(error)
        return
    st.link_button("Open it in a new tab", served.url, icon=":material/open_in_new:")
