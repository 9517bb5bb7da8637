"""Map: the chart. Colour, clusters, pictures, search; what is drawn over the points."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError
from core.base.types import FloatArray, IntArray, Metric
from core.cache import maps as maps_cache
from core.cache.maps import Made
from core.charts import scatter as scatter_chart
from core.images.sheets import CELL, COUNT
from core.maps.clusters import NamedClusters
from core.maps.colors import PLAIN, Coloring, by_number
from core.maps.items import MapData
from core.maps.selection import nearest_rows_to
from core.ui.common import frame, page
from core.ui.map import clusters, drop, save, scatter, selection
from core.ui.map.scatter import NO_COLOR
from core.ui.session import page_state

PRESERVED = "k-NN preservation"
KEY, COLOR = "map-chart", "color"
_TYPED = "map-typed"  # the search as it was when it was written into the address
TRUE_NEAR, MEANT = 10, 20  # neighbours that lines lead to; nearest by meaning that are listed


def show(made: Made, source: MapData, asked: str, place: Any) -> NamedClusters | None:
    """The map, and the clusters that it was asked for; the selection is left to ``selection``.

    Args:
        source: all items, where ``made`` is of a part of them.
        asked: new points that are to be placed on it.
        place: where the colour is chosen.
    """
    color = _choose_color(made, place)
    pictures, size, contours = _choose_looks(made)
    grouping = clusters.choose()
    wrong = page.steady()  # with what was typed, beside the box: the chart may fill the screen
    plot = frame.result()  # above what is said of it
    grouped = clusters.find(made, grouping)
    columns = maps_cache.chart_columns(made.data, made.rows)
    coloring = _coloring(made, color, grouped, columns)
    dropped = drop.places(made, asked, wrong)
    points = made.stored.projection.coordinates
    at = made.points_of(selection.rows(made.data))
    near = _true_neighbors(made, at)
    draw = partial(
        scatter_chart.payload,
        points,
        coloring=coloring,
        texts=maps_cache.chart_texts(made.data, made.rows),
        columns=columns,
        over=scatter_chart.Over(
            dropped.marks,
            _lines(points, at, near, dropped),
            labels=clusters.labels(grouped, points) if grouped is not None else (),
            grains=grouped.grains if grouped is not None else (),
        ),
        named=near.tolist(),
        axes=_axes(made),
        size=size,
        contours=contours,
        recolor=grouped is None,  # clusters come before any column
        theme=st.context.theme.type or "light",
        alt=f"Map of {made.data.name}; the table below has its points",
    )

    def take(chosen: IntArray) -> None:
        selection.choose(made.data, made.rows[chosen])

    with plot:
        payload = draw(scatter.keeper(KEY))
        shown = pictures_of(made.data, made.rows, KEY, shown=pictures)
        more = _answers(made) | shown | {"inspected": _inspected(made, at, near)}
        more["pointed"] = _pointed(made)
        scatter.show(payload, KEY, at, take, more, color=COLOR)
    if grouped is not None:
        with st.expander("The clusters as a table"):
            st.dataframe(clusters.table(grouped), hide_index=True, alt="Clusters and sizes")
    with frame.group("Export"):
        save.show(made, draw, source, grouped)
    return grouped


def searched(made: Made) -> tuple[str, IntArray | None]:
    """What is searched for on the chart, and the points ``(m,)`` whose texts have it."""
    return scatter.query(KEY), scatter.matches(KEY, len(made.rows))


def _pointed(made: Made) -> int:
    """The point whose row of the table below is pointed at; -1 for none."""
    row = selection.pointed(made.data)
    found = [] if row is None else made.points_of(np.array([row])).tolist()
    return found[0] if found else -1


def _choose_looks(made: Made) -> tuple[bool, float, bool]:
    """Whether pictures are drawn, the points' size, and whether lines of equal density are."""
    with frame.group("Looks"):
        pictures = made.data.gallery is not None and st.toggle(
            "Pictures on the map",
            value=True,
            key="sprites",
            bind="query-params",
            help="Draws pictures in place of points where there is room: zoom in for more.",
        )
        size = st.slider("Point size", 0.2, 3.0, 1.0, 0.2, key="size", bind="query-params")
        contours = st.toggle(
            "Density contours",
            key="contours",
            bind="query-params",
            help="Lines of equal density on a plane: a Gaussian kernel over the points, each line "
            "a tenth of the square root of the densest place.",
        )
    return pictures, float(size), bool(contours)


def _choose_color(made: Made, place: Any) -> str:
    options = [NO_COLOR, *maps_cache.colorable(made.data)]
    if made.stored.quality is not None:
        options.append(PRESERVED)
    return choose_color(
        place,
        options,
        COLOR,
        1 if len(options) > 1 and options[1] != PRESERVED else 0,
        help="Metadata, or how many of each point's true nearest neighbours the map preserves. "
        "Clusters, where they are asked for, come first.",
    )


def choose_color(
    place: Any, options: list[str], key: str, first: int = 0, help: str | None = None
) -> str:
    """What the points are coloured by; a link's choice that is none of ``options`` is let go."""
    page_state.settle(key)  # the chart's panel writes into it
    if st.session_state.get(key) not in (None, *options):
        del st.session_state[key]
    return str(
        place.selectbox("Colour by", options, first, key=key, bind="query-params", help=help)
    )


def _coloring(
    made: Made, color: str, grouped: NamedClusters | None, columns: Mapping[str, Coloring]
) -> Coloring:
    if grouped is not None:
        return clusters.coloring(grouped)
    if color == PRESERVED and made.stored.quality is not None:
        quality = made.stored.quality
        return by_number(f"recall@{quality.k}", 1 - quality.lost)
    if color == NO_COLOR:
        return PLAIN
    return columns.get(color) or maps_cache.colored(made.data, color).take(made.rows)


def _answers(made: Made) -> dict[str, Any]:
    """What the chart's search is answered: the nearest by meaning, where words have vectors."""
    typed = scatter.query(KEY)
    asked = typed or str(st.query_params.get(scatter.SEEK, ""))
    # Only what was typed just now is written: after Back the address is ahead of the chart.
    if st.session_state.get(_TYPED) != typed:
        st.session_state[_TYPED] = typed
        if typed:
            st.query_params[scatter.SEEK] = typed
        elif scatter.SEEK in st.query_params and scatter.has_query(KEY):
            del st.query_params[scatter.SEEK]
    told: dict[str, Any] = {scatter.SEEK: asked, "near": None}
    if asked and made.data.space:
        told["near"] = _near(made, asked)
    return told


def _near(made: Made, words: str) -> dict[str, Any]:
    try:
        vector = drop.read(made.data, words)
    except ExplorerError as error:
        return {"query": words, "rows": [], "scores": [], "error": error.given}
    points = made.points_of(nearest_rows_to(made.data.vectors, vector, MEANT))
    scores = (made.data.vectors[made.rows[points]] @ vector).tolist()
    return {"query": words, "rows": points.tolist(), "scores": scores, "error": ""}


def pictures_of(data: MapData, rows: IntArray, key: str, *, shown: bool) -> dict[str, Any]:
    """The sheets of small pictures that the chart asks for.

    Args:
        rows: the items ``(n,)`` that the points stand for.
        shown: whether they are drawn in place of points; otherwise only under the mouse.
    """
    if data.gallery is None:
        return {"pictures": None}
    put = scatter.keeper(f"{key}-sheet")
    sheets = {
        at: put(maps_cache.sheet(data, rows[at * COUNT : (at + 1) * COUNT]), "image/webp")
        for at in scatter.wanted_sheets(key, -(-len(rows) // COUNT))
    }
    return {"pictures": {"cell": CELL, "shown": shown}, "sheets": sheets}


def _true_neighbors(made: Made, at: IntArray) -> IntArray:
    """The points of the true nearest neighbours ``(m,)`` of the one that is selected, in order."""
    if len(at) != 1:
        return at[:0]
    row, data = int(made.rows[at[0]]), made.data
    near = nearest_rows_to(data.vectors, data.vectors[row], TRUE_NEAR + 1, data.metric)
    return made.points_of(near[near != row])[:TRUE_NEAR]


def _inspected(made: Made, at: IntArray, near: IntArray) -> dict[str, Any] | None:
    """What is told of the one point that is selected: its true neighbours, and what was lost."""
    if len(at) != 1:
        return None
    data, quality = made.data, made.stored.quality
    own, others = data.vectors[made.rows[at[0]]], data.vectors[made.rows[near]]
    cosine = data.metric is Metric.COSINE
    scores = others @ own if cosine else np.linalg.norm(others - own, axis=1)
    lost = ""
    if quality is not None and np.isfinite(quality.lost[at[0]]):
        lost = f"recall@{quality.k} here: {1 - quality.lost[at[0]]:.0%}"
    return {
        "point": int(at[0]),
        "id": data.ids[made.rows[at[0]]],
        "near": near.tolist(),
        "scores": [round(float(score), 3) for score in scores],
        "told": "cosine similarity" if cosine else "Euclidean distance",
        "lost": lost,
    }


def _lines(points: FloatArray, at: IntArray, near: IntArray, dropped: drop.Dropped) -> Any:
    """From the one point that is selected, and from what was dropped, to true neighbours."""
    lines = [*dropped.lines, *(np.stack([points[at[0]], points[target]]) for target in near)]
    return np.stack(lines) if lines else None


def _axes(made: Made) -> tuple[str, ...]:
    explained = made.stored.projection.explained
    if explained is None:
        return ()
    shares = explained.tolist()
    return tuple(f"axis {at}: {share:.1%} of the variance" for at, share in enumerate(shares, 1))
