"""A map as a table: coordinates, texts, metadata, and what each point lost."""

from __future__ import annotations

import io

import numpy as np

from core.base.columns import Columns, export_columns
from core.base.types import FloatArray, IntArray
from core.export import parquet
from core.maps.clusters import CLUSTER, NamedClusters
from core.maps.items import MapData
from core.maps.recipe import Projection

AXES = ("x", "y", "z")
RECIPE_KEY = b"embedding_explorer.recipe"


def map_columns(
    data: MapData,
    projection: Projection,
    lost: FloatArray | None = None,
    chosen: IntArray | None = None,
    clusters: NamedClusters | None = None,
) -> Columns:
    """Columns of the points of a map, or of the ``chosen`` of them: id, x, y (z), text, metadata.

    ``clusters`` are those of all ``n`` points, where they were asked for; ``lost``
    ``(n,)``, the share of true neighbours that the map lost, is the last column where it is known;
    ``chosen`` is ``(m,)``.
    Metadata of these names that says something else gets a number behind its name.
    """
    points = np.arange(len(projection)) if chosen is None else chosen
    rows = projection.rows[points].tolist()
    own = {"id": [data.ids[row] for row in rows]}
    own |= {
        name: column.tolist()
        for name, column in zip(AXES, projection.coordinates[points].T, strict=False)
    }
    own["text"] = [data.texts[row] for row in rows]
    if clusters is not None:
        own[CLUSTER] = clusters.column(points)
    if lost is not None:
        own["lost"] = lost[points].tolist()
    held = data.frame.iloc[rows]
    joined = export_columns(own, {str(name): held[name].tolist() for name in held.columns})
    if lost is not None:
        joined["lost"] = joined.pop("lost")
    return joined


def to_parquet(columns: Columns, recipe: str) -> bytes:
    """Columns as Parquet; ``recipe`` (JSON) is kept in the file's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(parquet.arrow_columns(columns))
    stream = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({RECIPE_KEY: recipe.encode()}), stream)
    return stream.getvalue()
