"""Map: a sweep. Maps by several values of parameters side by side, with their figures."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.base.errors import ExplorerError, shorten
from core.cache import maps as maps_cache
from core.cache.maps import Made
from core.maps import sweep as map_sweep
from core.maps.items import MapData
from core.maps.recipe import HELP, Method, Recipe
from core.maps.store import StoredMap
from core.ui.choosers import map_method
from core.ui.common import frame, jobs, page, tables
from core.ui.map import scatter, view
from core.ui.session import link_values
from core.ui.session.old_links import TOOL_BOXES

METHODS = {name: one for name, one in map_method.NAMES.items() if one in map_sweep.SWEPT}
LABELS = {"neighbors": "Neighbours", "min_dist": "Least distance", "perplexity": "Perplexity"}
FIRST = {"neighbors": "5, 15, 50", "min_dist": "0, 0.1, 0.5", "perplexity": "5, 30, 100"}
SEED = 0  # so that maps differ by their parameters, not by chance
_WIDEST = 5  # maps in a line


def show(data: MapData, tool: str) -> None:
    """The whole tool; ``tool`` is the one that takes settings over."""
    with frame.settings():
        method = METHODS[
            str(
                link_values.one_of(
                    st,
                    "Method",
                    list(METHODS),
                    default="UMAP",
                    key="sweep-method",
                    bind="query-params",
                    help=HELP["method"],
                )
            )
        ]
        texts = {
            name: st.text_input(
                f"{LABELS[name]}, with commas between",
                FIRST[name],
                key=f"sweep-{name}",
                bind="query-params",
                help=HELP[name],
            )
            for name in map_sweep.SWEPT[method]
        }
        columns = maps_cache.colorable(data)
        color = view.choose_color(
            st, [scatter.NO_COLOR, *columns], "sweep-color", first=1 if columns else 0
        )
    try:
        grid = {
            name: map_sweep.read_values(LABELS[name], str(text)) for name, text in texts.items()
        }
        base = Recipe(method=method, metric=data.metric, seed=SEED)
        wanted = map_sweep.recipes(base, grid)
    except ExplorerError as error:
        page.show_error(error)
        return
    made: list[StoredMap] | None = jobs.run_job(
        f"sweep {data.digest} {wanted}",
        f"Mapping {data.name} with {len(wanted)} settings",
        lambda progress: map_sweep.run(data.vectors, wanted, progress),
        seconds=lambda: sum(maps_cache.seconds_to_make(data, recipe) for recipe in wanted),
        begin="Make the maps",
        slot="sweep",
        height=frame.TALL,
    )
    if made is None:
        return
    _show(data, color, list(grid), wanted, made, len(grid[list(grid)[-1]]), tool)


def _show(  # noqa: PLR0913, PLR0917
    data: MapData,
    color: str,
    names: Sequence[str],
    wanted: Sequence[Recipe],
    made: Sequence[StoredMap],
    wide: int,
    leads_to: str,
) -> None:
    best = {
        name: max(
            (getattr(one.quality, name) for one in made if one.quality is not None), default=None
        )
        for name in map_sweep.FIGURES
    }
    with frame.result(), st.container(key="sweep-maps"):
        for start in range(0, len(wanted), wide):
            for first in range(start, min(start + wide, len(wanted)), _WIDEST):
                ats = range(first, min(first + _WIDEST, start + wide, len(wanted)))
                for at, place in zip(ats, st.columns(len(ats)), strict=True):
                    with place, st.container(border=True):
                        _show_one(data, color, names, wanted[at], made[at], best, leads_to, at)
    st.caption(
        f"All with seed {SEED}, so that they differ by their settings alone. Bold: the highest of "
        "these maps. A map with higher figures keeps more of the neighbourhoods; whether what you "
        "look for is seen on it they do not say."
    )
    columns = map_sweep.table(wanted, made, names)
    with st.expander("The figures as a table"):
        st.dataframe(columns, hide_index=True, alt="Settings and figures of each map")
        tables.download_csv(columns, file_name="parameter-sweep.csv")


def _show_one(  # noqa: PLR0913, PLR0917
    data: MapData,
    color: str,
    names: Sequence[str],
    recipe: Recipe,
    stored: StoredMap,
    best: dict[str, float | None],
    leads_to: str,
    at: int,
) -> None:
    told = " · ".join(f"{LABELS[name]} {getattr(recipe, name):g}" for name in names)
    drawn = maps_cache.small_picture(
        data,
        Made(data, stored),
        "" if color == scatter.NO_COLOR else color,
        st.context.theme.type or "light",
    )
    st.image(drawn, width="stretch", alt=f"Map of {shorten(data.name, 40)}: {told}")
    st.markdown(f"**{told}**")
    if stored.quality is not None:
        figures = {
            "trustworthiness": f"trustworthiness {stored.quality.trustworthiness:.3f}",
            "continuity": f"continuity {stored.quality.continuity:.3f}",
            "neighbors_kept": f"recall@{stored.quality.k} {stored.quality.neighbors_kept:.0%}",
        }
        st.caption(
            " · ".join(
                f"**{text}**" if getattr(stored.quality, name) == best[name] else text
                for name, text in figures.items()
            )
        )
    st.button("Use these settings", key=f"sweep-take-{at}", on_click=_take, args=(recipe, leads_to))


def _take(recipe: Recipe, tool: str) -> None:
    """Goes to the one map of these settings."""
    label = next(name for name, one in METHODS.items() if one is recipe.method)
    state = st.session_state
    state.update({TOOL_BOXES["map"]: tool, "method": label, "dims": 2, "fixed": True, "seed": SEED})
    for name in map_sweep.SWEPT[recipe.method]:
        state[name] = getattr(recipe, name)
    if recipe.method is Method.UMAP_LEARN:
        state["umap-metric"] = recipe.metric.value
