"""Why a result: what was found of its regions and words."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from PIL import Image

from core.attribution.occlusion import Occlusion, Score, occlude
from core.attribution.words import TextPart, leave_out_words
from core.base.types import FloatArray, Progress, TextEncoder
from core.cache import images as images_cache
from core.cache.digests import DIGESTS
from core.cache.images import OpenGallery
from core.formula.leave_out import QueryPart, leave_out
from core.formula.resolve import ResolvedQuery
from core.spaces.entry import SpaceEntry


@st.cache_resource(max_entries=50, hash_funcs=DIGESTS, show_spinner=False)
def regions(
    entry: SpaceEntry,
    opened: OpenGallery,
    row: int,
    query: FloatArray,
    term: int | None,
    _picture: Callable[[], Image.Image],
    _score: Score,
    _progress: Progress,
) -> Occlusion:
    """What regions of a picture carry; meant to be called in a job.

    Args:
        row: of the result.
        query: ``(dim,)``, unit.
        term: the number of the query's term that is the picture; ``None``: it is the result.
        _picture, _score: what the others decide: the picture, and its similarities.

    Raises:
        PictureError, StorageError: the picture cannot be opened.
        InputError: the vectors came with the gallery, and their model is not named.
        Cancelled: by the progress.
    """
    return occlude(_picture(), images_cache.picture_encoder(entry), _score, _progress)


@st.cache_resource(max_entries=200, hash_funcs=DIGESTS, show_spinner="Leaving out words …")
def query_parts(
    entry: SpaceEntry,
    asked: str,
    query: FloatArray,
    target: FloatArray,
    _query: ResolvedQuery,
    _texts: TextEncoder | None,
) -> list[QueryPart]:
    """What the terms and words of a query carry of its cosine with ``target`` ``(dim,)``.

    ``asked`` and ``query`` ``(dim,)`` stand for ``_query``.
    """
    return leave_out(_query, _texts, target)


@st.cache_resource(max_entries=200, hash_funcs=DIGESTS, show_spinner="Leaving out words …")
def text_parts(
    entry: SpaceEntry, text: str, vector: FloatArray, query: FloatArray, _encoder: TextEncoder
) -> list[TextPart]:
    """What the words of a text, whose vector is ``(dim,)``, carry of its cosine with a query."""
    return leave_out_words(
        text, float(vector @ query), lambda texts: _encoder.encode_texts(texts).vectors @ query
    )
