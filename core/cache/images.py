"""What all sessions share of pictures, loaded once, in Streamlit's caches.

Keys are names and content digests, never arrays. What is handed out is read-only.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.base.types import FloatArray, Modality, Progress, TextEncoder
from core.cache import spaces as spaces_cache
from core.formula.names import PictureNames, name_pictures
from core.images import galleries, thumbnails, vectors as gallery_vectors
from core.images.few_shot import FewShot, accuracy_by_shots
from core.images.filters import facets, ranges
from core.images.galleries import GalleryEntry
from core.images.gallery import Gallery
from core.images.report import GalleryReport, SimilarityHistogram, report, similarity_histogram
from core.images.vectors import EncodedGallery
from core.images.zero_shot import ZeroShotResult, classify
from core.readers.pictures import ImageEncoder, open_picture
from core.spaces.entry import SpaceEntry
from core.storage import data_home


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
        """The vector of a picture by its name in square brackets, or its id."""
        row = self.names.find(name)
        if row is None:
            return None
        vector: FloatArray = self.vectors[row]
        return vector


@st.cache_resource(max_entries=4, show_spinner="Opening the gallery …")
def _gallery(name: str, digest: str, language: str, _entry: GalleryEntry) -> Gallery:
    return galleries.load(_entry, language)


def gallery(entry: GalleryEntry, language: str) -> Gallery:
    """A gallery, opened once."""
    found: Gallery = _gallery(entry.name, entry.digest, language, entry)
    return found


@st.cache_resource(max_entries=2, show_spinner=False)
def _encoder(name: str, digest: str, _entry: SpaceEntry) -> ImageEncoder:
    return _entry.image_encoder()


def picture_encoder(entry: SpaceEntry) -> ImageEncoder:
    """The encoder of pictures of a space, one for the whole server."""
    found: ImageEncoder = _encoder(entry.space.name, entry.image_digest, entry)
    return found


def text_encoder(entry: SpaceEntry) -> TextEncoder | None:
    """The encoder of texts of a space; ``None`` where it takes pictures only."""
    if Modality.TEXT not in entry.space.modalities:
        return None
    return spaces_cache.text_encoder(entry)


@st.cache_resource(max_entries=4, show_spinner=False)
def _encoded(
    space_digest: str,
    gallery_digest: str,
    language: str,
    _entry: SpaceEntry,
    _gallery_entry: GalleryEntry,
    _progress: Progress,
) -> EncodedGallery:
    return gallery_vectors.encode_gallery(
        gallery(_gallery_entry, language),
        _entry,
        picture_encoder(_entry),
        text_encoder(_entry),
        _progress,
    )


def encoded_gallery(
    entry: SpaceEntry, gallery_entry: GalleryEntry, language: str, progress: Progress
) -> EncodedGallery:
    """A gallery's vectors; meant to be called in a job, since it may encode."""
    found: EncodedGallery = _encoded(
        _space_digest(entry), _entry_digest(gallery_entry), language, entry, gallery_entry, progress
    )
    return found


@st.cache_resource(max_entries=4, show_spinner=False)
def _opened(key: str, blend: float, _encoded: EncodedGallery) -> OpenGallery:
    names = name_pictures(_encoded.gallery.ids)
    return OpenGallery(_encoded, _encoded.blend(blend), blend, names, f"{key} {blend}")


def opened_gallery(
    entry: SpaceEntry,
    gallery_entry: GalleryEntry,
    language: str,
    encoded: EncodedGallery,
    blend: float,
) -> OpenGallery:
    """An encoded gallery with pictures and captions blended, once."""
    key = f"{_space_digest(entry)} {_entry_digest(gallery_entry)} {language}"
    found: OpenGallery = _opened(key, blend, encoded)
    return found


@st.cache_resource(max_entries=500, show_spinner="Encoding the picture …")
def _picture(space_digest: str, digest: str, _entry: SpaceEntry, _data: bytes) -> FloatArray:
    vector: FloatArray = picture_encoder(_entry).encode_pictures([open_picture(_data)])[0]
    return vector


def picture_vector(entry: SpaceEntry, data: bytes) -> FloatArray:
    """The unit vector ``(dim,)`` of a picture's file, encoded once.

    Raises:
        PictureError: it cannot be opened.
    """
    found: FloatArray = _picture(entry.image_digest, data_home.sha256(data), entry, data)
    return found


@st.cache_resource(max_entries=200, show_spinner=False)
def _small(digest: str, _data: bytes) -> bytes:
    return thumbnails.shrink(open_picture(_data))


def small_picture(data: bytes) -> bytes:
    """A picture's file as a thumbnail, shrunk once: pages draw it in every run."""
    small: bytes = _small(data_home.sha256(data), data)
    return small


@st.cache_resource(max_entries=8, show_spinner=False)
def _facets(gallery_digest: str, count: int, _gallery: Gallery) -> Facets:
    return Facets(facets(_gallery.frame), ranges(_gallery.frame))


def gallery_facets(entry: GalleryEntry, opened: Gallery) -> Facets:
    """What could filter a gallery's pictures, looked for once."""
    found: Facets = _facets(_entry_digest(entry), len(opened), opened)
    return found


@st.cache_resource(max_entries=8, show_spinner=False)
def _report(
    key: str, column: str, k: int, _opened: OpenGallery, _progress: Progress
) -> tuple[GalleryReport, SimilarityHistogram]:
    labels = _opened.gallery.labels(column)
    found = report(_opened.vectors, labels, k, _progress)
    return found, similarity_histogram(_opened.vectors, labels)


def gallery_figures(
    opened: OpenGallery, column: str, k: int, progress: Progress
) -> tuple[GalleryReport, SimilarityHistogram]:
    """The report of a labelled gallery, made once; meant to be called in a job."""
    found: tuple[GalleryReport, SimilarityHistogram] = _report(
        opened.key, column, k, opened, progress
    )
    return found


@st.cache_resource(max_entries=8, show_spinner="Comparing with the labels …")
def _zero_shot(
    key: str, column: str, template: str, _opened: OpenGallery, _texts: TextEncoder
) -> ZeroShotResult:
    return classify(_opened.vectors, _opened.gallery.labels(column), template, _texts)


def zero_shot(
    opened: OpenGallery, column: str, template: str, texts: TextEncoder
) -> ZeroShotResult:
    """Zero-shot accuracy of a labelled gallery, found once."""
    found: ZeroShotResult = _zero_shot(opened.key, column, template, opened, texts)
    return found


@st.cache_resource(max_entries=8, show_spinner="Drawing examples …")
def _few_shots(key: str, column: str, _opened: OpenGallery) -> list[FewShot]:
    return accuracy_by_shots(_opened.vectors, _opened.gallery.labels(column))


def few_shots(opened: OpenGallery, column: str) -> list[FewShot]:
    """Accuracy against the number of examples, found once."""
    found: list[FewShot] = _few_shots(opened.key, column, opened)
    return found


def _space_digest(entry: SpaceEntry) -> str:
    return data_home.digest_bytes(entry.image_digest.encode(), entry.digest.encode())


def _entry_digest(entry: GalleryEntry) -> str:
    return data_home.digest_bytes(entry.name.encode(), entry.digest.encode())
