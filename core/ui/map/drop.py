"""Map: dropping something new on it. Words, a formula, a picture, or what lies on the shelf."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError, shorten
from core.base.types import FloatArray
from core.cache import images as images_cache, map_items as items_cache
from core.cache.maps import Made
from core.charts.scatter import STAR, Mark
from core.formula.question import read_query, resolve_query
from core.maps import project
from core.maps.items import MapData
from core.maps.recipe import Method
from core.spaces import registry
from core.ui.choosers import query_bar
from core.ui.common import access, page
from core.ui.map import identify
from core.ui.session import names as session_names
from core.ui.session.page_state import begin_anew

DROP = "drop"
NEAREST, MOST = 5, 20
HELP = (
    "Words, a formula such as **king - man + woman**, or names in square brackets: of a dropped "
    "picture, of an item of this map by its id, of a saved vector. Several with ; between."
)


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was dropped, drawn over the map."""

    marks: Sequence[Mark] = ()
    lines: Sequence[FloatArray] = ()


def read(data: MapData, text: str) -> FloatArray:
    """The unit vector ``(dim,)`` of words or a formula in the space of the map.

    Raises:
        InputError: it cannot be read, or a name stands for nothing.
    """
    entry = registry.find_space(data.space)
    access.require_key(entry)

    def here(name: str) -> FloatArray | None:
        row = items_cache.names(data).find(name)
        return None if row is None else data.vectors[row]

    find = session_names.finder(entry, here)

    return resolve_query(read_query(text), images_cache.text_encoder(entry), find).vector


BAR = query_bar.Bar(
    DROP,
    "New points",
    button="Project",
    icon=":material/add_location:",
    placeholder="Project new points: words, a formula or a picture",
    help=HELP,
)


def ask(data: MapData) -> str:
    """Asks what to place on a map of ``data``: words, formulas and names, with ; between them."""
    if not data.space:
        return ""
    text = str(st.session_state.get(DROP) or "")
    # Pictures and saved vectors that were put on another dataset's map do not come along unasked.
    begin_anew(
        DROP,
        f"{data.modality} {data.name}",
        "" if session_names.names_in(points_in(text)) else text,
    )
    return query_bar.ask(BAR, registry.find_space(data.space))[0]


def points_in(text: str) -> list[str]:
    """What is to be placed, one by one: they stand on lines or with ; between them."""
    return [line.strip() for line in re.split(r"[;\n]", text) if line.strip()]


def places(made: Made, text: str, wrong: Any) -> Dropped:
    """Says where the points of ``text`` land and among what; in ``wrong`` what cannot be read."""
    lines = points_in(text)[:MOST]
    names, vectors = [], []
    for line in lines:
        try:
            vectors.append(read(made.data, line))
            names.append(line)
        except ExplorerError as error:
            with wrong:
                page.show_error(error)
    session_names.tell(lines)
    if not vectors:
        return Dropped()
    return _land(made, names, np.stack(vectors))


def _land(made: Made, names: list[str], vectors: FloatArray) -> Dropped:
    projection = made.stored.projection
    placement = project.place(projection, made.data.vectors, vectors)
    points, landed = projection.coordinates, placement.coordinates
    near = placement.rows[:, :NEAREST]
    st.dataframe(
        {
            "new point": names,
            "nearest": [
                ", ".join(shorten(made.data.texts[made.rows[row]], 40) for row in rows)
                for rows in near
            ],
            "similarity of the nearest": placement.scores[:, 0].tolist(),
        },
        hide_index=True,
        column_config={"similarity of the nearest": st.column_config.NumberColumn(format="%.3f")},
        alt="The new points, and what is nearest to each",
    )
    of_pacmap = " On a map of PaCMAP it is placed by UMAP's forces, among its nearest."
    of_umap_learn = (
        " On a map of umap-learn as on our own UMAP: by cosine or Euclidean distance and UMAP's "
        "forces alone, whatever metric, densities or column made the map."
    )
    st.caption(
        "A star marks each new point, lines lead to its nearest by the vectors. PCA projects "
        "exactly; on t-SNE and UMAP it lands among its nearest, and what is near nothing here "
        "lands somewhere all the same: read the similarity."
        + (of_umap_learn if projection.recipe.method is Method.UMAP_LEARN else "")
        + (of_pacmap if projection.recipe.method is Method.PACMAP else "")
    )
    identify.show(made, names, vectors)
    mark = Mark("new points", landed, STAR, names)
    lines = [
        np.stack([place, points[row]])
        for place, rows in zip(landed, near, strict=True)
        for row in rows
    ]
    return Dropped([mark], lines)
