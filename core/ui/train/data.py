"""Train: which pictures or texts a head is trained on, and by which columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.base.errors import ExplorerError
from core.base.types import FloatArray, Modality
from core.cache import images as images_cache
from core.heads.labels import Labels, read_labels, usable_columns
from core.images.galleries import GalleryEntry
from core.images.gallery import Gallery
from core.sentences.dataset import TextDataset
from core.spaces import vector_store
from core.spaces.entry import SpaceEntry
from core.ui.choosers import gallery as gallery_chooser, texts as texts_chooser
from core.ui.choosers.label_column import likely
from core.ui.common import frame, page, spaces
from core.ui.session import link_values
from core.ui.session.page_state import begin_anew

if TYPE_CHECKING:
    import pandas as pd

PICTURES, TEXTS = "Pictures", "Texts"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Pictures or texts, and the space whose vectors a head is trained on.

    ``gallery`` is where the pictures of ``data`` come from; ``None`` for texts.
    """

    base: SpaceEntry
    data: Gallery | TextDataset
    gallery: GalleryEntry | None = None

    @property
    def modality(self) -> Modality:
        """What is encoded."""
        return Modality.TEXT if self.gallery is None else Modality.IMAGE

    @property
    def table(self) -> pd.DataFrame:
        """What is known of each item, a row each."""
        data = self.data
        return data.frame if isinstance(data, Gallery) else data.metadata

    @property
    def openable(self) -> Chosen:
        """The same without pictures of which it is known that they cannot be opened."""
        if not isinstance(self.data, Gallery) or not self.base.ready:
            return self
        digests = self.data.digests
        damaged = vector_store.find_unusable(digests, self.base.image_folder)
        if not damaged:
            return self
        rows = [row for row, digest in enumerate(digests) if digest not in damaged]
        return replace(self, data=self.data.take(rows))


def choose() -> Chosen | None:
    """The data and the base, chosen in the sidebar; ``None`` after it was said what is missing."""
    settings = frame.settings()
    kind = link_values.one_of(
        settings,
        "Train on",
        (PICTURES, TEXTS),
        default=PICTURES,
        key="train-of",
        bind="query-params",
    )
    if kind == TEXTS:
        dataset_entry = texts_chooser.choose_dataset(settings)
        base = spaces.choose_space(settings, Modality.TEXT)
        dataset = texts_chooser.open_texts(dataset_entry, settings)
        return None if dataset is None else Chosen(base, dataset)
    gallery_entry = gallery_chooser.choose_gallery(settings)
    base = gallery_chooser.choose_model(settings)
    try:
        gallery = images_cache.gallery(gallery_entry, "en")
    except ExplorerError as error:
        page.show_error(error)
        return None
    return Chosen(base, gallery, gallery_entry)


def choose_labels(
    chosen: Chosen, wanted: re.Pattern[str] | None = None, place: Any = st
) -> tuple[Labels, ...]:
    """The columns that say what is alike; none where nothing was chosen, which ``place`` says.

    At first it is the likeliest, or where there are any those whose names are ``wanted``.
    """
    columns = usable_columns(chosen.table)
    if not columns:
        place.info(
            "Nothing says which of these are alike. Data with a column of labels is needed, of "
            "which some occur more than once: a table, or a folder with one folder for each class."
        )
        return ()
    first = matching(columns, wanted) or [likely(list(columns))]
    begin_anew("characteristics", chosen.data.digest, first)
    names = frame.settings().multiselect(
        "Characteristics",
        list(columns),
        first,
        key="characteristics",
        bind="query-params",
        help="Columns that say what is alike. With several, ideal positives share all of them, "
        "ideal negatives none; items that share some count in part.",
    )
    if not names:
        place.info("Choose a column that says what is alike: “Characteristics” in the sidebar.")
    return tuple(columns[name] for name in names if name in columns)


def matching(columns: Iterable[str], wanted: re.Pattern[str] | None) -> list[str]:
    """The columns whose names are ``wanted``."""
    return [name for name in columns if wanted is not None and wanted.fullmatch(name.strip())]


def choose_groups(chosen: Chosen, wanted: re.Pattern[str] | None = None) -> Labels | None:
    """The column whose values stay on one side of the split, if one is chosen.

    At first it is none, or the first whose name is ``wanted``.
    """
    columns = usable_columns(chosen.table)
    first = next(iter(matching(columns, wanted)), None)
    if wanted is not None:
        begin_anew("head-groups", chosen.data.digest, first)
    with frame.group("What is held out"):
        name = st.selectbox(
            "Keep together",
            list(columns),
            None if first is None else list(columns).index(first),
            key="head-groups",
            bind="query-params",
            placeholder="nothing",
            help="No value of this column is on both sides, as of an artist: else a head may be "
            "praised for knowing the artist.",
        )
    return None if name is None else columns.get(str(name))


def choose_name(first: str, *, key: str) -> str:
    """What the head will be called; ``first`` at first."""
    begin_anew(key, first, first)
    typed = frame.settings().text_input(
        "Name of the head", first, key=key, help="It is an embedding model of this name."
    )
    return str(typed).strip() or first


@dataclass(frozen=True, slots=True)
class Opened:
    """The items that have a vector ``(n, d)``, with their labels.

    ``captions`` ``(n, d)`` are those of pictures, zero for none, where the base takes texts.
    """

    items: Gallery | TextDataset
    vectors: FloatArray
    labels: tuple[Labels, ...]
    groups: Labels | None
    captions: FloatArray | None = None


def open_vectors(chosen: Chosen, labels: Sequence[Labels], groups: Labels | None) -> Opened | None:
    """The vectors of the base; ``None`` where they are not there yet, which is said."""
    if isinstance(chosen.data, TextDataset):
        # Of the base, whatever vectors they came with: the head is kept as one on the base.
        texts = texts_chooser.encode(chosen.base, chosen.data)
        if texts is None:
            return None
        return Opened(chosen.data, texts.vectors.vectors, tuple(labels), groups)
    if chosen.gallery is None:
        raise AssertionError  # pictures come from one
    encoded = gallery_chooser.open_encoded(chosen.base, chosen.gallery, "en", told=False)
    if encoded is None:
        return None
    frame_of = encoded.gallery.frame  # without what cannot be opened
    read = tuple(read_labels(frame_of, one.column) for one in labels)
    together = None if groups is None else read_labels(frame_of, groups.column)
    return Opened(encoded.gallery, encoded.pictures, read, together, encoded.captions)
