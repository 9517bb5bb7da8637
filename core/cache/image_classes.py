"""Classes of pictures: ImageNet's, and how well labels are told by words and by few examples."""

from __future__ import annotations

import streamlit as st

from core.base.types import TextEncoder
from core.cache.digests import DIGESTS
from core.cache.images import OpenGallery
from core.images.few_shot import FewShot, accuracy_by_shots
from core.images.imagenet import ClassScore, ImageNetClassifier
from core.images.zero_shot import ZeroShotResult, classify
from core.readers.pictures import open_picture


@st.cache_resource(max_entries=1, show_spinner=False)
def _imagenet() -> ImageNetClassifier:
    return ImageNetClassifier()


@st.cache_resource(max_entries=200, show_spinner="Asking ImageNet's classes …")
def imagenet_classes(data: bytes) -> list[ClassScore]:
    """ImageNet's likeliest classes of a picture's file.

    Raises:
        NotReadyError, StorageError: as ``ImageNetClassifier.top``.
        PictureError: it cannot be opened.
    """
    return _imagenet().top(open_picture(data))


@st.cache_resource(max_entries=200, hash_funcs=DIGESTS, show_spinner="Asking ImageNet's classes …")
def imagenet_of_row(opened: OpenGallery, row: int) -> list[ClassScore]:
    """The same of a picture of a gallery.

    Raises:
        NotReadyError, StorageError: as ``ImageNetClassifier.top``.
        PictureError: it cannot be opened.
    """
    return _imagenet().top(opened.gallery.open(row))


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner="Comparing with the labels …")
def zero_shot(
    opened: OpenGallery, column: str, template: str, _texts: TextEncoder
) -> ZeroShotResult:
    """Zero-shot accuracy of a labelled gallery.

    Raises:
        InputError: as ``classify``.
    """
    return classify(opened.vectors, opened.gallery.labels(column), template, _texts)


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner="Sampling examples …")
def few_shots(opened: OpenGallery, column: str) -> list[FewShot]:
    """Accuracy against the number of examples.

    Raises:
        InputError: as ``accuracy_by_shots``.
    """
    return accuracy_by_shots(opened.vectors, opened.gallery.labels(column))
