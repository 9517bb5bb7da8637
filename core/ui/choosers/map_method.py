"""Map: how it is made. Method, parameters, the job with its progress, and what was adapted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.base import durations
from core.base.errors import ExplorerError, counted
from core.cache import map_items as items_cache, maps as maps_cache
from core.cache.maps import Made
from core.charts import map as map_charts
from core.maps.items import MapData
from core.maps.recipe import HELP, METRICS, Method, Recipe
from core.maps.store import StoredMap
from core.ui.common import frame, jobs, page
from core.ui.common.markdown import plain
from core.ui.session import link_values

NAMES = {
    "PCA": Method.PCA,
    "t-SNE": Method.TSNE,
    "UMAP": Method.UMAP,
    "UMAP (umap-learn)": Method.UMAP_LEARN,
    "PaCMAP": Method.PACMAP,
}
NO_TARGET = "no column"


def choose(data: MapData, place: Any, *, prefix: str = "", default: str = "UMAP") -> Recipe | None:
    """The recipe for a map of ``data``, chosen in ``place``; ``None`` after an error was shown.

    What has no more numbers than the map has dimensions is shown as it is, and no method chosen.
    """
    numbers = data.vectors.shape[1]
    with place:
        above = st.container()  # the method, which the dimensions decide on
        dims = int(
            link_values.one_of(
                st,
                "Dimensions",
                [2, 3],
                default=2,
                key=f"{prefix}dims",
                bind="query-params",
                help=HELP["dims"],
            )
        )
        as_given = Recipe(dims=dims).shows_as_given(numbers)
        method = NAMES[
            str(
                link_values.one_of(
                    above,
                    "Method",
                    list(NAMES),
                    default=default,
                    key=f"{prefix}method",
                    bind="query-params",
                    help=HELP["method"],
                    disabled=as_given,
                )
            )
        ]
        if as_given:
            above.caption(
                f"Rows of {counted(numbers, 'number')} are shown as they are in {dims} dimensions: "
                "nothing is projected, so no method applies."
            )
            return Recipe(method=method, dims=dims, metric=data.metric)
        exact = method is not Method.PCA and st.toggle(
            "Fixed seed", key=f"{prefix}fixed", bind="query-params", help=HELP["seed"]
        )
        with st.expander("Parameters", icon=":material/tune:"):
            values = _choose_values(data, method, prefix, seeded=bool(exact))
    try:
        return Recipe(method=method, dims=dims, **{"metric": data.metric} | values)
    except ExplorerError as error:
        page.show_error(error)
        return None


def _choose_values(data: MapData, method: Method, prefix: str, *, seeded: bool) -> dict[str, Any]:
    defaults = Recipe()
    values: dict[str, Any] = {}

    def number(name: str, label: str, low: float, high: float, step: float) -> None:
        given = getattr(defaults, name)
        values[name] = st.number_input(
            label,
            type(given)(low),
            type(given)(high),
            given,
            type(given)(step),
            key=f"{prefix}{name}",
            bind="query-params",
            help=HELP[name],
        )

    if method is Method.PCA:
        st.caption("PCA has no parameters: it turns the vectors so that they vary most.")
    if method in (Method.UMAP, Method.UMAP_LEARN, Method.PACMAP):
        number("neighbors", "Neighbours", 2, 200, 1)
    if method in (Method.UMAP, Method.UMAP_LEARN):
        number("min_dist", "Least distance", 0, 1, 0.05)
        number("spread", "Spread", 0.5, 5, 0.1)
    if method is Method.UMAP_LEARN:
        metrics = items_cache.metrics(data)
        chosen = _one_of("Metric", metrics, f"{prefix}umap-metric", "metric", data.metric.value)
        values["metric"] = next(metric for metric in METRICS if metric == chosen)
        values["densmap"] = st.toggle(
            "densMAP", key=f"{prefix}densmap", bind="query-params", help=HELP["densmap"]
        )
        with st.container():  # what comes and goes has a place of its own
            if values["densmap"]:
                number("dens_lambda", "Weight of densities", 0, 10, 0.5)
        columns = [NO_TARGET, *maps_cache.colorable(data)]
        target = _one_of("Supervised by", columns, f"{prefix}target", "target", NO_TARGET)
        with st.container():
            if target != NO_TARGET:
                values["target"] = target
                number("target_weight", "Weight of the column", 0, 1, 0.05)
    if method is Method.TSNE:
        number("perplexity", "Perplexity", 2, 200, 1)
        number("exaggeration", "Exaggeration", 1, 12, 0.5)
    if seeded:
        values["seed"] = int(
            st.number_input("Seed", 0, 2**32 - 1, 0, key=f"{prefix}seed", bind="query-params")
        )
    return values


def _one_of(label: str, options: Sequence[str], key: str, name: str, first: str) -> str:
    """One of ``options``; a choice for other data that is none of them is let go."""
    if st.session_state.get(key) not in (None, *options):
        del st.session_state[key]
    return str(
        st.selectbox(
            label,
            options,
            index=options.index(first),
            key=key,
            bind="query-params",
            help=HELP[name],
        )
    )


def make(data: MapData, recipe: Recipe, *, slot: str = "map") -> Made | None:
    """The map, made behind a progress bar; ``None`` while it is not, was cancelled or failed.

    Args:
        slot: where on the page it stands: another map that is asked for there replaces it.
    """
    key = maps_cache.job_key(data, recipe)
    if len(data) > durations.PAIRS_UP_TO and not recipe.shows_as_given(data.vectors.shape[1]):
        st.caption(
            f"{len(data):,} items: PCA takes seconds, UMAP and t-SNE minutes, umap-learn longer."
        )
    stored: StoredMap | None = jobs.run_job(
        key,
        f"Mapping {data.name} by {recipe.method.value}",
        lambda progress: maps_cache.stored_map(data, recipe, progress),
        watching=lambda: _preview(data, recipe),
        seconds=lambda: maps_cache.seconds_to_make(data, recipe),
        begin="Make the map",
        slot=slot,
        height=frame.TALL,
    )
    if stored is None:
        return None
    return Made(data, stored)


def tell(made: Made) -> None:
    """How the map was made, with a button that makes it again where it would come out otherwise."""
    data, stored, projection = made.data, made.stored, made.stored.projection
    summary = counted(len(projection), "point")
    linear = projection.components is not None  # as PCA is, and what is too little for the others
    given = projection.recipe.shows_as_given(data.vectors.shape[1])
    if not given and (projection.recipe.method is Method.PCA or not linear):  # else a note tells
        summary += f" by {_name(projection.recipe.method)}" + (
            ", opened from the disk" if stored.opened else f", made in {projection.seconds:.1f} s"
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(" ".join([f"{summary}.", *projection.notes, *data.notes])))
        if projection.recipe.seed is None and not linear:
            st.button(
                "Recompute",
                key=f"anew-{maps_cache.job_key(data, projection.recipe)}",
                type="tertiary",
                icon=":material/refresh:",
                on_click=maps_cache.forget_map,
                args=(data, projection.recipe),
                help="Without a seed it comes out a little different each time: what is not there "
                "both times, do not believe.",
            )


def _name(method: Method) -> str:
    return next(name for name, one in NAMES.items() if one is method)


def _preview(data: MapData, recipe: Recipe) -> Any:
    """The map so far as a figure, where the method tells it; ``None`` for nothing new."""
    points = maps_cache.preview(data, recipe).coordinates
    if points is None:
        return None
    return map_charts.map_figure(points, height=420)
