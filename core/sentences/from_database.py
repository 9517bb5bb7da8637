"""A collection of a vector database as a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base import memory
from core.base.errors import InputError, counted, listed, shorten
from core.base.types import Progress, no_progress
from core.databases import protocol
from core.databases.protocol import Collection, Database, Page
from core.export.parquet_pages import ParquetPages
from core.readers import table_roles
from core.readers.table_columns import distinct_names, require_shape, to_frame
from core.readers.table_layout import LeftOut
from core.readers.table_roles import ColumnRole
from core.readers.tables import Table
from core.sentences import datasets
from core.sentences.datasets import DatasetEntry
from core.spaces import own_vectors
from core.storage import data_home


@dataclass(frozen=True, slots=True)
class Opened:
    """A collection that was kept as a dataset.

    Attributes:
        roles: what each of its columns is for.
        taken: how many rows it has; with those ``left_out`` all that came.
    """

    entry: DatasetEntry
    roles: Sequence[ColumnRole]
    taken: int
    left_out: tuple[LeftOut, ...] = ()


def preview(database: Database, name: str, vectors: str = "") -> tuple[Collection, Table]:
    """What a collection is, and its first rows.

    Raises:
        InputError: it is not there, empty, or has no vectors.
        ServiceError: the database does not answer.
    """
    collection = database.describe(name)
    field = collection.vector(vectors)
    page = next((page for page in database.pages(name, field.name) if len(page)), None)
    if page is None:
        raise protocol.empty(name)
    return collection, _table(page, field.name)


def keep(  # noqa: PLR0913
    database: Database,
    name: str,
    *,
    vectors: str = "",
    title: str = "",
    model: str = "",
    limit: int | None = None,
    progress: Progress = no_progress,
) -> Opened:
    """Keeps the rows of a collection as a dataset, a page in memory at a time.

    Args:
        vectors: the field of vectors, where there are several.
        title: what the dataset is called; the collection's name by default.
        model: the space that the vectors are of.
        limit: how many rows are taken at most.

    Raises:
        InputError: the collection is not there, empty, has no vectors or more rows than are opened;
            or the model is not known or of another dimension.
        ServiceError: the connection was lost; nothing is kept then.
        Cancelled: by ``progress``; the same.
    """
    if limit is not None and limit < 1:
        raise InputError(
            f"{limit} rows were asked for.", "One or more are opened.", "Ask for more."
        )
    collection = database.describe(name)
    field = collection.vector(vectors)
    if model:
        own_vectors.require_model(model, field.name, field.dim)
    total = collection.rows if limit is None else min(limit, collection.rows)
    require_shape(name, total, len(collection.fields))
    size = 4 * total * field.dim
    memory.require_memory(size, f"“{shorten(name)}” opened", "Open fewer rows of it.")
    taken, missing = 0, 0
    first: Table | None = None
    with data_home.scratch_folder() as folder, ParquetPages(folder, field.name) as pages:
        for page in database.pages(name, field.name):
            rest = _cut(page, None if limit is None else limit - taken)
            missing += page.left_out
            if len(rest):
                renamed = _named(rest, field.name)
                pages.add(rest.vectors, renamed)
                first = first or _table(rest, field.name)
            taken += len(rest)
            progress(taken + missing, max(total, taken + missing), "rows read")
            if taken == limit:
                break
        if first is None:
            raise protocol.empty(name)
        roles = table_roles.find_roles(first.frame, first.vectors)
        chosen = table_roles.kept(roles, first) | ({"model": model} if model else {})
        notes = _notes(database, collection, field.name, taken, missing)
        kept_name = (title or name).replace(".", "-")
        entry = datasets.keep_file(kept_name, pages.finish(), taken, notes, chosen)
    left_out = (LeftOut(missing, "without a whole vector"),) if missing else ()
    return Opened(entry, roles, taken, left_out)


def _notes(
    database: Database, collection: Collection, vectors: str, taken: int, missing: int
) -> tuple[str, ...]:
    """What is told of a dataset that came from a collection."""
    kind = database.kind
    notes = [f"Read from “{shorten(collection.name)}”, {kind}."]
    if missing:
        notes.append(f"Left out for having no whole vector: {counted(missing, 'row')}.")
    if taken + missing < collection.rows:
        notes.append(f"The first {counted(taken, 'row')} of {collection.rows:,} were taken.")
    if others := [field.name for field in collection.vectors if field.name != vectors]:
        notes.append(f"Other fields of vectors were not taken: {listed(others)}.")
    return tuple(notes)


def _cut(page: Page, most: int | None) -> Page:
    if most is None or len(page) <= most:
        return page
    columns = {name: array.slice(0, most) for name, array in page.columns.items()}
    return Page(page.vectors[:most], columns)


def _named(page: Page, vectors: str) -> dict[str, object]:
    """Columns under names that a dataset takes, none of them that of the vectors."""
    names = distinct_names([vectors, *page.columns])[1:]
    return dict(zip(names, page.columns.values(), strict=True))


def _table(page: Page, vectors: str) -> Table:
    """A page as a table of the app."""
    import pyarrow as pa

    columns = _named(page, vectors)
    frame = to_frame(pa.table(columns), len(page))
    return Table(frame, (), vectors={vectors: np.asarray(page.vectors)})
