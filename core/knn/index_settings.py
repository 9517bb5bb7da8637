"""An index's settings as one line, for addresses, commands and files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.base.errors import InputError, shorten
from core.knn.faiss_indexes import IndexKind, IndexMetric, IndexSettings, links_for

SERVED_FROM = 200_000  # vectors: comparing with all is no longer instant
DEFAULT_WIDTH = 128  # of the search of the index that serves where nobody chose
# From where to where: FAISS checks nothing, ends the process at one link (its levels are drawn by
# 1 / log(links)), and takes memory and minutes for many bits and links, which no Cancel stops.
_RANGES = {
    "lists": (1, 100_000),
    "probes": (1, 100_000),
    "pieces": (1, 100_000),
    "piece_bits": (1, 12),
    "links": (2, 256),
    "build_width": (1, 10_000),
    "search_width": (1, 10_000),
    "signs": (1, 4_096),
}
_OF_KIND = {
    IndexKind.FLAT: (),
    IndexKind.IVF_FLAT: ("lists", "probes"),
    IndexKind.IVF_PQ: ("lists", "probes", "pieces", "piece_bits"),
    IndexKind.HNSW: ("links", "build_width", "search_width"),
    IndexKind.LSH: ("signs",),
}


def default_settings(count: int) -> IndexSettings:
    """The index that serves ``count`` vectors where nobody chose one: HNSW with log2 N links."""
    return IndexSettings(IndexKind.HNSW, links=links_for(count), search_width=DEFAULT_WIDTH)


def format_settings(settings: IndexSettings) -> str:
    """``HNSW:links=11,build_width=100,search_width=128``, which ``read_settings`` reads back."""
    parts = [f"{name}={getattr(settings, name)}" for name in _OF_KIND[settings.kind]]
    if settings.metric is not IndexMetric.COSINE:
        parts.append(f"metric={settings.metric.value.replace(' ', '-')}")
    return ":".join(filter(None, (settings.kind.value, ",".join(parts))))


def read_settings(text: str, count: int) -> IndexSettings:
    """The settings of an index over ``count`` vectors; what is not named has its default.

    Raises:
        InputError: there is no such kind or parameter, or a number is out of range.
    """
    name, _, rest = text.strip().partition(":")
    kinds = {kind.value.lower(): kind for kind in IndexKind}
    if name.lower() not in kinds:
        raise InputError(
            f"There is no index “{shorten(name)}”.",
            f"It is one of {', '.join(kind.value for kind in IndexKind)}.",
            "For example HNSW:links=16,search_width=64.",
        )
    kind = kinds[name.lower()]
    settings = IndexSettings(kind)  # what other kinds have stays, since it names a kept index
    if kind is IndexKind.HNSW:
        settings = replace(settings, links=links_for(count))
    if kind in (IndexKind.IVF_FLAT, IndexKind.IVF_PQ):
        lists = max(1, round(count**0.5))
        settings = replace(settings, lists=lists, probes=min(4, lists))
    names = _OF_KIND[kind]
    for part in filter(None, (one.strip() for one in rest.split(","))):
        key, _, value = (one.strip() for one in part.partition("="))
        if key == "metric":
            settings = replace(settings, metric=_metric(value))
            continue
        if key not in names or not _is_in_range(key, value):
            ranges = (f"{one} from {_RANGES[one][0]} to {_RANGES[one][1]:,}" for one in names)
            raise InputError(
                f"“{shorten(part)}” is no parameter of {kind.value}.",
                f"It has {', '.join(ranges) or 'none'}.",
                "Change it.",
            )
        changes: dict[str, Any] = {key: int(value)}
        settings = replace(settings, **changes)
    return settings


def _is_in_range(name: str, value: str) -> bool:
    least, most = _RANGES[name]
    return value.isdecimal() and len(value) < 9 and least <= int(value) <= most


def _metric(value: str) -> IndexMetric:
    known = {metric.value.replace(" ", "-"): metric for metric in IndexMetric}
    if value not in known:
        raise InputError(
            f"There is no metric “{shorten(value)}”.", f"It is one of {', '.join(known)}.", ""
        )
    return known[value]


def describe(settings: IndexSettings) -> str:
    """The settings for a person."""
    parts = {
        IndexKind.FLAT: "",
        IndexKind.IVF_FLAT: f"{settings.probes} of {settings.lists} lists",
        IndexKind.IVF_PQ: f"{settings.probes} of {settings.lists} lists, {settings.pieces} pieces "
        f"of {settings.piece_bits} bits",
        IndexKind.HNSW: f"{settings.links} links, width {settings.build_width} and "
        f"{settings.search_width}",
        IndexKind.LSH: f"{settings.signs} bits",
    }
    metric = "" if settings.kind is IndexKind.LSH else settings.metric.value
    return f"{metric}, {parts[settings.kind]}".strip(", ")
