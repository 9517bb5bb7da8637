"""Map: what a dropped point is, by its neighbours among the pictures of the map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.base import durations
from core.base.errors import ExplorerError
from core.base.types import FloatArray
from core.cache import map_items as items_cache
from core.cache.maps import Made
from core.images.gallery import Gallery
from core.images.verdict import NOT_SURE, Leave, as_columns, judge
from core.ui.common import jobs, page

NONE = "none of these"


def show(made: Made, names: Sequence[str], vectors: FloatArray) -> None:
    """A switch, and where it is on a vote of the neighbours for each column of the gallery.

    Args:
        names: what was typed for each new point.
        vectors: ``(m, dim)``, theirs.
    """
    data = made.data
    gallery = data.gallery
    if not isinstance(gallery, Gallery) or not gallery.frame.shape[1]:
        return
    if not st.toggle(
        "Identify new points",
        key="map-identify",
        bind="query-params",
        help="What each new point is in each column of the gallery, by a weighted vote of its "
        "neighbours. The tool Identify of Images shows the pictures that decided it.",
    ):
        return
    leave: Leave | None = jobs.run_job(
        f"leave of map {data.digest}",
        "Comparing the pictures with each other",
        lambda progress: items_cache.leave(data, progress),
        seconds=lambda: durations.of_pairs(*data.vectors.shape),
        begin="Compare them",
        slot="identify",
    )
    if leave is None:
        return
    told: dict[str, list[Any]] = {}
    for name, vector in zip(names, vectors, strict=True):
        row = items_cache.names(data).find(name[1:-1]) if name[:1] + name[-1:] == "[]" else None
        try:
            found = judge(gallery, leave, vector, itself=row)
        except ExplorerError as error:
            page.show_error(error)
            continue
        columns = as_columns(found)
        count = len(columns["column"])
        columns = {
            "new point": [name] * count,
            **columns,
            "near": ["yes" if found.near else NONE] * count,
        }
        for column, cells in columns.items():
            told.setdefault(column, []).extend(cells)
    if told:
        percent = st.column_config.NumberColumn(format="percent")
        st.dataframe(
            told,
            hide_index=True,
            column_config=dict.fromkeys(("share", "certainty", "accuracy"), percent),
            alt="What each new point is by its neighbours, in each column of the gallery",
        )
        st.caption(
            "Accuracy is that of the gallery's own pictures, each told by the others; near says "
            f"whether the nearest is as near as the gallery's own are, else {NONE}. A vote is "
            f"{NOT_SURE} where no value has half of the weights: then it is the likeliest."
        )
