"""Map: taking it along. A page that stands alone, a table, and the recipe that makes it again."""

from __future__ import annotations

import json

import streamlit as st

from core.base.paths import COMMAND
from core.cache.maps import Made
from core.charts import scatter_page
from core.maps import row_ranges, store as map_store
from core.maps.clusters import NamedClusters
from core.maps.export import map_columns, to_parquet
from core.maps.items import MapData
from core.storage import data_home
from core.ui.map import drop, link, save_vectors, scatter, selection


def show(
    made: Made, draw: scatter_page.Draw, source: MapData, clusters: NamedClusters | None = None
) -> None:
    """Buttons; the files are written when they are asked for. ``source`` has all items.

    ``clusters`` are those that were asked for.
    """
    kept = selection.only_rows(source)  # asked here: downloads are made outside the session
    name = data_home.safe_name(f"map-{made.data.name}-{made.stored.projection.recipe.method.value}")

    def recipe() -> str:
        told = map_store.about(made.stored, made.data.name, made.data.space)
        told["source"] = source.digest
        if kept is not None:
            told["part"] = row_ranges.pack(kept, source.ids, source.texts)
        return json.dumps(told, indent=1)

    def table() -> bytes:
        quality = made.stored.quality
        lost = None if quality is None else quality.lost
        columns = map_columns(made.data, made.stored.projection, lost, clusters=clusters)
        return to_parquet(columns, recipe())

    def page() -> str:
        return scatter_page.html(f"Map of {made.data.name}", draw, recipe())

    with st.container(horizontal=True, vertical_alignment="center"):
        for label, work, ending, kind, told in (
            (
                "Interactive HTML",
                page,
                "html",
                "text/html",
                "Opens in any browser, without this app.",
            ),
            (
                "Table (Parquet)",
                table,
                "parquet",
                "application/octet-stream",
                "Coordinates, texts and metadata, with the settings inside.",
            ),
            (
                "Settings (JSON)",
                recipe,
                "json",
                "application/json",
                "Digest of the vectors, method, parameters, seed, versions, figures. Recompute "
                f"by: {COMMAND} map … --recipe FILE --out map.parquet",
            ),
        ):
            st.download_button(
                label,
                work,
                file_name=f"{name}.{ending}",
                mime=kind,
                on_click="ignore",
                icon=":material/download:",
                help=told,
            )
        asked = drop.points_in(str(st.session_state.get(drop.DROP) or ""))
        link.show(source, [*asked, str(st.query_params.get(scatter.SEEK, ""))])
    save_vectors.show(made.data)
    st.caption(
        "The address of this page holds what is mapped, how, and what is selected, up to some "
        "50,000 items; “Link” adds what names of yours stand for, and says what is too large. "
        "Tables open again on the page Sentences, under “Datasets”. A PNG comes from the chart's "
        "own tool bar."
    )
