"""Images: choosing a gallery, and encoding it where that has not been done."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.base import durations
from core.base.errors import ExplorerError, counted
from core.base.types import Modality
from core.cache import images as images_cache
from core.cache.images import OpenGallery
from core.images import galleries, own_vectors, shipped_vectors
from core.images.galleries import GalleryEntry
from core.images.gallery import Gallery
from core.images.vectors import DEFAULT_BLEND, EncodedGallery
from core.spaces import registry
from core.spaces.entry import SpaceEntry
from core.spaces.own_vectors import OwnSource, OwnVectors, known_name
from core.ui.common import downloads, frame, jobs, page, spaces
from core.ui.common.markdown import plain
from core.ui.session import link_vectors, names

_OWN = "own-picture-vectors"  # the key of the switch that takes them
LISTED = 100  # pictures that were left out are listed up to here


def choose_gallery(place: Any) -> GalleryEntry:
    """A gallery by name, kept in the URL."""
    entries = {entry.name: entry for entry in galleries.list_galleries()}
    before = st.session_state.get("gallery")
    if before is not None and before not in entries:
        st.info(
            f"The gallery “{plain(before)}” is not here any more: {galleries.OPENMOJI} is shown."
        )
        st.session_state["gallery"] = galleries.OPENMOJI
    chosen = place.selectbox(
        "Gallery",
        list(entries),
        index=list(entries).index(galleries.OPENMOJI),
        key="gallery",
        bind="query-params",
        help="Upload your own under “Datasets” below: files, a ZIP archive, a table.",
    )
    return entries[str(chosen)]


def choose_model(place: Any, asked: str = "", *, own: GalleryEntry | None = None) -> SpaceEntry:
    """The embedding model of the pictures, at first that of the vectors in the link or question.

    A link does not name the model that was the first one where it was made.

    Args:
        own: the gallery whose own vectors ``choose_vectors`` may take in its place.
    """
    default = link_vectors.space() or names.model_of(asked) or registry.default_of_pictures()
    instead = "" if own is None else _own_taken(own)
    return spaces.choose_space(place, Modality.IMAGE, default=default, instead=instead)


def _own_taken(entry: GalleryEntry) -> str:
    """Says that the gallery's own vectors are taken, where they are."""
    with suppress(ExplorerError):  # who opens the gallery tells of it
        own = images_cache.gallery(entry, "en").own
        if own is not None and st.session_state.get(_OWN, True):
            return "the vectors came with the pictures. Switch *Its own vectors* off to encode."
    return ""


def choose_language(entry: GalleryEntry, place: Any) -> str:
    """The language of the captions, where the gallery has several: at first the browser's."""
    if entry.name != galleries.OPENMOJI:
        return "en"
    languages = galleries.languages()
    own = str(st.context.locale or "en").split("-")[0].lower()
    chosen = place.selectbox(
        "Captions in",
        languages,
        index=languages.index(own) if own in languages else 0,
        key="lang",
        bind="query-params",
        help="What is written below the pictures. Searching uses the English captions, which the "
        "encoder knows best.",
    )
    return str(chosen)


def choose_vectors(space: SpaceEntry, entry: GalleryEntry, language: str, place: Any) -> SpaceEntry:
    """The vectors that the gallery came with as a space, where they are taken; else ``space``."""
    try:
        gallery = images_cache.gallery(entry, language)
        own = gallery.own
        if own is None or not _takes_own(own, place):
            return space
        taken = own_vectors.open_own(gallery, _choose_model(own, place))
    except ExplorerError as error:
        page.show_error(error)
        return space
    if known_name(taken):
        spaces.page_uses(taken.space)
    else:
        st.caption(
            "The vectors came with the pictures, and the model that made them is not named: search "
            "by a picture of the gallery, maps and evaluation work; words, and pictures that are "
            "not of the gallery, do not."
        )
    return taken


def _takes_own(own: OwnVectors, place: Any) -> bool:
    """Whether the vectors that a gallery came with are taken, or its pictures encoded."""
    return bool(
        place.toggle(
            "Its own vectors",
            True,
            key=_OWN,
            help=f"“{plain(own.column)}”: {own.dim} numbers each, which came with the pictures. "
            "Off: the pictures are encoded by the embedding model above.",
        )
    )


def _choose_model(own: OwnVectors, place: Any) -> str:
    """The model that made the vectors, as a person says; empty for none, or for the stated one."""
    models = own_vectors.possible_models(own)
    if not models:
        return ""
    chosen = place.selectbox(
        "Model of these vectors",
        models,
        index=models.index(own.stated) if own.stated in models else None,
        placeholder="not named",
        key="own-picture-model",
        help=f"Models of pictures with {own.dim} dimensions. Questions in words are encoded by the "
        "one that made the vectors; another one would give meaningless results.",
    )
    return str(chosen or "")


def open_encoded(
    space: SpaceEntry, entry: GalleryEntry, language: str, *, told: bool = True
) -> EncodedGallery | None:
    """The gallery in the space, encoded behind a progress bar where it has to be.

    ``None`` where that is not possible, was cancelled or failed; the page then says how to go on.
    """
    if not space.ready:
        downloads.offer(space)
        return None
    try:
        gallery = images_cache.gallery(entry, language)
    except ExplorerError as error:
        page.show_error(error)
        return None
    encoded: EncodedGallery | None = jobs.run_job(
        f"gallery {space.space.name} {space.digest} {entry.name} {entry.digest} {language}",
        f"Encoding the gallery {entry.name} in {space.space.title} (once)",
        lambda progress: images_cache.encoded_gallery(space, entry, language, progress),
        seconds=lambda: _seconds(space, gallery),
        begin="Encode them",
        height=frame.TALL,
    )
    if encoded is None:
        return None
    if told:
        tell_opened(space, entry, language, encoded)
    return encoded


def _seconds(space: SpaceEntry, gallery: Gallery) -> float:
    """About how long encoding will take; what comes with the app begins by itself, once."""
    if isinstance(space.source, OwnSource):
        return 0
    own = space.source.bundled
    if own and gallery.name == galleries.OPENMOJI:
        return 0
    missing = shipped_vectors.count_missing(gallery.digests, space)
    return durations.of_pictures(missing, own=own)


def tell_opened(
    space: SpaceEntry, entry: GalleryEntry, language: str, encoded: EncodedGallery
) -> None:
    """What the gallery is, in which model, and which of its pictures were left out, with why.

    The model is told since a link without one is answered by the first one of today.
    """
    model = known_name(space)
    answers = f" Embedding model: {plain(model)}." if model else ""
    st.caption(f"**{plain(entry.name)}** · {plain(entry.about)}{answers}")
    _tell_left_out(images_cache.gallery(entry, language), encoded)


def _tell_left_out(gallery: Gallery, encoded: EncodedGallery) -> None:
    """Counts the pictures that are not searched, and lists them with the reason."""
    left_out = [(one.id, one.reason) for one in encoded.gallery.skipped]
    if not (left_out or encoded.damaged):
        return
    total = len(left_out) + len(encoded.damaged)
    with st.expander(f"{counted(total, 'file')} left out: see why"):
        places = {name: row for row, name in enumerate(gallery.ids)}
        for name in encoded.damaged[:LISTED]:
            try:
                gallery.open(places[name])
            except ExplorerError as error:
                left_out.append((name, error.given))
            else:
                left_out.append((name, "it could not be opened before; upload it again"))
        st.dataframe(
            {
                "file": [name for name, _ in left_out[:LISTED]],
                "reason": [reason for _, reason in left_out[:LISTED]],
            },
            hide_index=True,
            alt="Files that are not searched, and why",
        )
        if total > LISTED:
            st.caption(f"The first {LISTED} of {total:,}.")


def choose_blend(encoded: EncodedGallery, place: Any) -> float:
    """The share of the captions in what is searched."""
    if encoded.captions is None:
        return 0.0
    share = place.slider(
        "Caption weight",
        0.0,
        1.0,
        DEFAULT_BLEND,
        0.05,
        key="blend",
        bind="query-params",
        help="0 searches by the pictures alone, 1 by their captions alone, between by both: "
        "(1 − b) × picture + b × caption.",
    )
    return float(share)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen above all tools."""

    space: SpaceEntry
    entry: GalleryEntry
    language: str

    def blended(self, encoded: EncodedGallery, share: float = 0.0) -> OpenGallery:
        """The gallery with this share of the captions in its vectors."""
        return images_cache.opened_gallery(self.space, self.entry, self.language, encoded, share)
