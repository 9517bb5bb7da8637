"""Galleries, their vectors, and what was found of their pictures."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.base.types import FloatArray, Modality, Progress, TextEncoder
from core.cache import spaces as spaces_cache
from core.cache.digests import DIGESTS, digest
from core.formula.names import PictureNames, name_pictures
from core.images import (
    addresses,
    galleries,
    review as gallery_review,
    thumbnails,
    vectors as gallery_vectors,
)
from core.images.addresses import AddressList
from core.images.filters import facets, ranges
from core.images.galleries import GalleryEntry
from core.images.gallery import Gallery
from core.images.report import GalleryReport, SimilarityHistogram, report, similarity_histogram
from core.images.vectors import EncodedGallery
from core.images.verdict import Leave, leave_one_out
from core.knn.all_pairs import Neighbors
from core.knn.serving import Served, serve_as
from core.readers.pictures import ImageEncoder, open_picture
from core.review.nearest import nearest_others
from core.review.review import Limits, Review, review
from core.spaces import own_vectors
from core.spaces.entry import SpaceEntry


@dataclass(frozen=True, slots=True)
class Facets:
    """Columns that tell kinds apart, with their values; and columns of numbers, with their ends."""

    values: dict[str, list[str]]
    numbers: dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class OpenGallery:
    """A gallery encoded in a space, blended; ``key`` stands for all of it.

    ``names`` are what its pictures are called in square brackets, by row.
    """

    encoded: EncodedGallery
    vectors: FloatArray
    blend: float
    names: PictureNames
    key: str

    @property
    def gallery(self) -> Gallery:
        """The pictures that could be opened."""
        return self.encoded.gallery

    def find(self, name: str) -> FloatArray | None:
        """The vector ``(dim,)`` of a picture by its name in square brackets, or its id."""
        row = self.names.find(name)
        if row is None:
            return None
        vector: FloatArray = self.vectors[row]
        return vector


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner="Opening the gallery …")
def gallery(entry: GalleryEntry, language: str) -> Gallery:
    """A gallery with its captions in a language.

    Raises:
        InputError, StorageError: as ``galleries.load``.
    """
    return galleries.load(entry, language)


@st.cache_resource(max_entries=2, hash_funcs=DIGESTS, show_spinner="Reading the table …")
def address_list(name: str, data: bytes) -> AddressList:
    """The addresses of pictures in a table, which each run of a page asks for.

    Raises:
        InputError: as ``addresses.find_addresses``.
    """
    return addresses.find_addresses(name, data)


@st.cache_resource(max_entries=2, hash_funcs=DIGESTS, show_spinner=False)
def picture_encoder(entry: SpaceEntry) -> ImageEncoder:
    """The encoder of pictures of a space, one for the whole server."""
    return entry.image_encoder()


def text_encoder(entry: SpaceEntry) -> TextEncoder | None:
    """The encoder of texts of a space; ``None`` where it takes pictures only."""
    if Modality.TEXT not in entry.space.modalities:
        return None
    return spaces_cache.text_encoder(entry)


def question_encoder(entry: SpaceEntry) -> TextEncoder | None:
    """As ``text_encoder``; for vectors of which no model is known, one that says so when asked."""
    return text_encoder(entry) or own_vectors.question_encoder(entry)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def encoded_gallery(
    entry: SpaceEntry, gallery_entry: GalleryEntry, language: str, _progress: Progress
) -> EncodedGallery:
    """A gallery's vectors; meant to be called in a job, since it may encode.

    Raises:
        PictureError: no picture could be opened.
        Cancelled: by the progress; a later call goes on where this one stopped.
    """
    return gallery_vectors.encode_gallery(
        gallery(gallery_entry, language),
        entry,
        picture_encoder(entry),
        text_encoder(entry),
        _progress,
    )


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def opened_gallery(
    entry: SpaceEntry,
    gallery_entry: GalleryEntry,
    language: str,
    _encoded: EncodedGallery,
    blend: float,
) -> OpenGallery:
    """What ``encoded_gallery`` gave for the first three, pictures and captions blended."""
    key = digest(entry, gallery_entry, language, _encoded.gallery, blend)
    return OpenGallery(
        _encoded, _encoded.blend(blend), blend, name_pictures(_encoded.gallery.ids), key
    )


@st.cache_resource(max_entries=500, hash_funcs=DIGESTS, show_spinner="Encoding the picture …")
def picture_vector(entry: SpaceEntry, data: bytes) -> FloatArray:
    """The unit vector ``(dim,)`` of a picture's file.

    Raises:
        PictureError: it cannot be opened.
    """
    vector: FloatArray = picture_encoder(entry).encode_pictures([open_picture(data)])[0]
    return vector


@st.cache_resource(max_entries=200, show_spinner=False)
def small_picture(data: bytes) -> bytes:
    """A picture's file as a thumbnail: pages draw it in every run.

    Raises:
        PictureError: it is no picture that can be read.
    """
    return thumbnails.shrink(open_picture(data))


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def gallery_facets(entry: GalleryEntry, opened: Gallery) -> Facets:
    """What could filter a gallery's pictures, or those of them that could be opened."""
    return Facets(facets(opened.frame), ranges(opened.frame))


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def gallery_figures(
    opened: OpenGallery, column: str, k: int, _progress: Progress
) -> tuple[GalleryReport, SimilarityHistogram]:
    """The report of a labelled gallery; meant to be called in a job.

    Raises:
        InputError: there are fewer than two classes, or not more than ``k`` pictures.
        Cancelled: by the progress.
    """
    labels = opened.gallery.labels(column)
    return (
        report(opened.vectors, labels, k, _progress),
        similarity_histogram(opened.vectors, labels),
    )


@st.cache_resource(max_entries=2, hash_funcs=DIGESTS, show_spinner=False)
def served_index(opened: OpenGallery, settings: str, _progress: Progress) -> Served:
    """An index over a gallery that answers its searches; meant to be called in a job.

    Args:
        settings: as ``index_settings.read_settings`` takes them.

    Raises:
        InputError: the settings do not fit the gallery.
        Cancelled: by the progress.
    """
    return serve_as(opened.vectors, settings, _progress)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def gallery_leave(opened: OpenGallery, _progress: Progress) -> Leave:
    """Every picture with its nearest others; meant to be called in a job.

    Raises:
        Cancelled: by the progress.
    """
    return leave_one_out(opened.gallery, opened.vectors, progress=_progress)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def picture_hashes(opened: OpenGallery, _progress: Progress) -> FloatArray:
    """Perceptual hashes of the pictures as unit vectors ``(n, 64)``; meant to be called in a job.

    Raises:
        PictureError, StorageError: a picture cannot be opened any more.
        Cancelled: by the progress.
    """
    return gallery_review.hash_gallery(opened.gallery, _progress)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def gallery_near(opened: OpenGallery, k: int, _progress: Progress) -> Neighbors:
    """The nearest others of each picture by cosine; meant to be called in a job.

    Raises:
        InputError: there is one picture.
        Cancelled: by the progress.
    """
    return nearest_others(opened.vectors, "picture", k, _progress)


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def review_of_gallery(
    opened: OpenGallery,
    hashed: bool,
    labels: str,
    splits: str,
    limits: tuple[float, float, int, str],
    _near: Neighbors,
    _progress: Progress,
) -> Review:
    """What was found of the pictures; meant to be called in a job.

    Args:
        hashed: near-duplicates are told by perceptual hashes.
        labels: the column of these, and of the ``splits``; "" for none.
        limits: as of ``core.review.review.Limits``.

    Raises:
        PictureError, StorageError: a picture cannot be opened any more.
        Cancelled: by the progress.
    """
    copies = picture_hashes(opened, _progress) if hashed else opened.vectors
    items = gallery_review.items_of(opened.gallery, opened.vectors, copies, labels, splits)
    return review(items, _near, Limits(*limits), _progress)
