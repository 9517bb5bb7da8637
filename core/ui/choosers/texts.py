"""Sentences: choosing texts and space, and encoding the texts where that has not been done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.base import durations
from core.base.errors import ExplorerError, counted, shorten
from core.base.types import Encoded, TextEncoder
from core.cache import sentences as sentences_cache, spaces as spaces_cache
from core.sentences import datasets, own_vectors
from core.sentences.dataset import EncodedTexts, TextDataset
from core.sentences.datasets import BUNDLED, DatasetEntry
from core.spaces import text_vectors
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.entry import SpaceEntry
from core.spaces.own_vectors import OwnEncoder, OwnVectors
from core.ui.common import access, downloads, frame, jobs, page, spaces
from core.ui.common.markdown import plain
from core.ui.session.page_state import begin_anew

_OWN = "own-vectors"  # the key of the switch that takes them


def choose_dataset(place: Any) -> DatasetEntry:
    """A dataset by name, kept in the URL."""
    entries = {entry.name: entry for entry in datasets.list_datasets()}
    before = st.session_state.get("data")
    if before is not None and before not in entries:
        st.info(f"The texts “{plain(before)}” are not here any more: {BUNDLED} are shown.")
        st.session_state["data"] = BUNDLED
    chosen = place.selectbox(
        "Dataset",
        list(entries),
        index=list(entries).index(BUNDLED),
        key="data",
        bind="query-params",
        help="Import your own under “Datasets” below: pasted, or a file.",
    )
    return entries[str(chosen)]


def open_texts(entry: DatasetEntry, place: Any) -> TextDataset | None:
    """The texts of a column that the person can change; says what was done to read them."""
    try:
        columns = sentences_cache.text_columns(entry)
        column = _choose_column(entry, columns, place) if columns else None
        dataset = sentences_cache.texts(entry, column)
    except ExplorerError as error:
        page.show_error(error)
        return None
    notes = " ".join(dataset.notes)
    about = f"{counted(len(dataset), 'text')}. {entry.about} {shorten(notes, 1_000)}"
    place.caption(f"**{plain(entry.name)}** · {plain(about)}")
    return dataset


def _choose_column(entry: DatasetEntry, columns: list[str], place: Any) -> str:
    """One of ``columns``, the likeliest at first and where other texts were chosen."""
    begin_anew("column", entry.digest, columns[0])
    return str(
        place.selectbox(
            "Text column",
            columns,
            key="column",
            bind="query-params",
            disabled=len(columns) == 1,
            help="The column whose texts are compared; the others come along.",
        )
    )


def own_taken(dataset: TextDataset | None) -> str:
    """Says that the dataset's own vectors are taken, where they are; for the chooser of models."""
    if dataset is None or dataset.own is None or not st.session_state.get(_OWN, True):
        return ""
    return "the vectors came with the data, and are taken. Switch *Its own vectors* off to encode."


def open_encoder(entry: SpaceEntry, *, key: str = "key") -> TextEncoder | None:
    """The encoder of a space; where it is not ready, says what it needs and offers that."""
    if entry.source.is_service:
        return _open_service(entry, key=key)
    if not entry.ready:
        downloads.offer(entry)
        return None
    try:
        return spaces_cache.text_encoder(entry)
    except ExplorerError as error:
        page.show_error(error)
        return None


def _open_service(entry: SpaceEntry, *, key: str) -> TextEncoder | None:
    key_here = _service_key(entry, key=key)
    if not key_here:
        return None
    try:
        return entry.text_encoder(key_here)
    except ExplorerError as error:
        page.show_error(error)
        return None


def _service_key(entry: SpaceEntry, *, key: str) -> str:
    """The key that is typed, or the environment's; empty where there is none, which is told."""
    variable = entry.spec.key_variable
    held = f"held-key-{entry.space.name}"  # outlives the box, which some tools do not show
    typed = st.text_input(
        "API key",
        st.session_state.get(held, ""),
        type="password",
        key=f"{key}-{entry.space.name}",
        help="Used for this session only and never stored. "
        f"Or set the variable {variable or 'that the model names'} before the start.",
    ).strip()
    st.session_state[held] = typed
    key_here = typed or access.environment_key(entry)
    if not key_here:
        told = f", or set the variable {variable}" if variable else ""
        st.info(f"This service needs a key. Type it above{told if access.is_local() else ''}.")
    return key_here


def open_vectors(
    entry: SpaceEntry, dataset: TextDataset, *, key: str = "key"
) -> EncodedTexts | None:
    """The texts in a space, encoded behind a progress bar where they have to be.

    ``None`` where that is not possible now, was cancelled or failed; the page then says how to go
    on. A service charges for texts, so it is asked only after a click.
    """
    if dataset.own is not None and _takes_own(dataset.own, key):
        return _open_own(dataset, dataset.own, key)
    return encode(entry, dataset, key=key)


def encode(entry: SpaceEntry, dataset: TextDataset, *, key: str = "key") -> EncodedTexts | None:
    """As ``open_vectors``, whatever vectors the dataset came with."""
    encoder = open_encoder(entry, key=key)
    if encoder is None:
        return None
    spaces.tell_language(entry, dataset.digest, dataset.texts)
    if entry.source.is_service and not agreed(entry, dataset.digest, dataset.texts):
        return None
    # Who has another key has another job: what one key is refused says nothing of the others.
    who = hash(st.session_state.get(f"held-key-{entry.space.name}", ""))
    vectors: Encoded | None = jobs.run_job(
        f"encode {entry.digest} {dataset.digest} {who}",
        f"Encoding {dataset.name} in {entry.space.title}",
        lambda progress: sentences_cache.encoded(entry, dataset, encoder, progress),
        seconds=lambda: _seconds(entry, dataset),
        begin="Encode them",
        height=frame.TALL,
    )
    if vectors is None:
        return None
    texts = EncodedTexts(entry, dataset, encoder, vectors)
    _tell_cut(texts)
    return texts


def _seconds(entry: SpaceEntry, dataset: TextDataset) -> float:
    """About how long encoding will take; what comes with the app begins by itself, once."""
    if entry.source.is_service or (dataset.name, entry.space.name) == (BUNDLED, DEFAULT_SPACE):
        return 0
    missing = text_vectors.count_missing(dataset.texts, entry.text_folder)
    characters = sum(map(len, dataset.texts)) * missing / max(1, len(dataset))
    return durations.of_texts(characters, entry.space.dim)


def agreed(entry: SpaceEntry, digest: str, texts: Sequence[str]) -> bool:
    """Whether texts may be sent to a service: after a click, or where none has to be.

    Args:
        digest: stands for ``texts``.
    """
    asked = f"agreed {entry.digest} {digest}"
    if st.session_state.get(asked):
        return True
    missing = text_vectors.count_missing(texts, entry.text_folder)
    if not missing:
        return True
    size = sum(map(len, texts))
    st.info(
        f"{missing:,} texts (of {len(texts):,}, together {size:,} characters) would be sent to "
        f"{plain(entry.spec.url)}."
    )
    if st.button(f"Encode {missing:,} texts", key=f"agree-{entry.space.name}"):
        st.session_state[asked] = True
        st.rerun()
    return False


def _takes_own(own: OwnVectors, key: str) -> bool:
    """Whether the vectors that a dataset came with are taken, or its texts encoded anew."""
    taken = frame.settings().toggle(
        "Its own vectors",
        True,
        key=_OWN if key == "key" else f"{key}-own-vectors",
        help=f"“{own.column}”: {own.vectors.shape[1]} numbers each, which came with the data. "
        "Off: the texts are encoded by the embedding model above.",
    )
    return bool(taken)


def _open_own(dataset: TextDataset, own: OwnVectors, key: str) -> EncodedTexts:
    """A dataset in the vectors that it came with; says where questions in words do not work."""
    model = own_vectors.model_of(own)
    key_here = ""
    if model is not None and model.source.is_service:
        key_here = _service_key(model, key=f"own-{key}")
    texts = sentences_cache.own(dataset, model, key_here)
    if key == "key":  # the first of the page, not one that stands beside it
        spaces.page_uses(texts.entry.space)
    if isinstance(texts.encoder, OwnEncoder):
        st.caption(
            f"The vectors came with the data, and {plain(texts.encoder.why)}: search by example, "
            "maps, clusters and near-duplicates work; questions in words do not."
        )
    return texts


def _tell_cut(texts: EncodedTexts) -> None:
    """Says which rows are longer than the encoder reads."""
    cut = [texts.dataset.numbers[row] for row in texts.vectors.cut.nonzero()[0]]
    if cut:
        rows = ", ".join(f"{number}" for number in cut[:10])
        more = f" and {len(cut) - 10:,} more" if len(cut) > 10 else ""
        st.caption(
            f"Longer than {plain(texts.entry.space.title)} reads, so only their beginnings "
            f"count: {'row' if len(cut) == 1 else 'rows'} {rows}{more}."
        )
