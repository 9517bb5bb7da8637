"""Sentences → Index: indexes over the rows of a dataset, and which one its search is served by."""

from __future__ import annotations

from core.cache import sentences as sentences_cache
from core.sentences import index as text_index
from core.sentences.dataset import EncodedTexts
from core.ui.choosers import index_tool
from core.ui.choosers.served_index import Searched


def searched(texts: EncodedTexts) -> Searched:
    """A dataset as what an index is over."""
    return Searched(
        texts.key,
        texts.dataset.name,
        "dataset",
        "row",
        texts.vectors.vectors,
        ("do", "Semantic search"),
        lambda settings, progress: sentences_cache.served_index(texts, settings, progress),
        lambda: text_index.origin_of(texts),
    )


def show(texts: EncodedTexts) -> None:
    """The whole tool."""
    index_tool.show(searched(texts))
