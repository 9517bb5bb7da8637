"""Datasets of texts that are here: the bundled one, and those a person brought.

A brought dataset is a folder of the data home with its table as Parquet and ``about.json``, which
has the table's SHA-256.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from core.base import memory
from core.base.errors import (
    NOT_AS_WRITTEN,
    DamagedError,
    InputError,
    StorageError,
    TableError,
    shorten,
)
from core.base.paths import ASSETS
from core.base.reasons import reason_of
from core.base.types import FloatArray, Progress, no_progress
from core.readers import parquet, table_roles, tables
from core.readers.table_layout import Given
from core.sentences import dataset as text_dataset
from core.sentences.dataset import TextDataset
from core.storage import data_home, hub

if TYPE_CHECKING:
    import pandas as pd

BUNDLED = "descriptions"
MAX_BYTES = 500_000_000  # of a table that is brought
_BUNDLED_FILE = ASSETS / "descriptions" / "descriptions.tsv"
_PACKED = (".gz", ".bz2", ".xz", ".zst")
_GROUP_ROWS, _GROUP_NUMBERS = 1_048_576, 8_000_000  # of a group of rows, at most
FOLDER, ABOUT, TABLE = "datasets", "about.json", "table.parquet"


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """A dataset in the list. ``folder`` is ``None`` for the bundled one.

    ``roles`` says what a person chose, or what was likeliest: the column of the ``text`` and of the
    ``vectors`` (as ``table_vectors.choose`` takes it), and the ``model`` that these are of.
    """

    name: str
    about: str
    rows: int
    digest: str
    folder: Path | None = None
    notes: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)


def list_datasets() -> list[DatasetEntry]:
    """The bundled dataset, then the brought ones by name. A damaged one has no rows."""
    return [_bundled_entry()] + [
        _own_entry(folder) for folder in sorted(_home().glob("[!.]*")) if folder.is_dir()
    ]


def find_dataset(name: str) -> DatasetEntry:
    """The dataset called ``name``.

    Raises:
        InputError: there is none.
    """
    entries = {entry.name: entry for entry in list_datasets()}
    if name not in entries:
        raise InputError(
            f"There is no dataset called “{shorten(name)}”.",
            f"Known: {shorten(', '.join(entries), 300)}.",
            "Choose one of these, or upload a file.",
        )
    return entries[name]


def read_table(entry: DatasetEntry) -> tables.Table:
    """The whole table of a dataset, checked against its digest.

    Raises:
        StorageError: it cannot be read, or is not what was written.
    """
    if entry.folder is None:
        return _bundled_table()
    path = entry.folder / TABLE
    with data_home.storage_errors("read", path):
        digest = data_home.digest_file(path)
    if digest != entry.digest:
        raise _damaged(entry.folder, "its table is not what was written")
    return tables.read_kept(entry.name, path, entry.notes)


def load_texts(entry: DatasetEntry, column: str | None = None) -> TextDataset:
    """The texts of ``column`` of a dataset; ``None`` takes the likeliest column.

    Raises:
        TableError: there is no such column, or it holds no text.
        StorageError: it cannot be read, or is not what was written.
    """
    table = read_table(entry)
    chosen = entry.roles.get("text") if column is None else column
    wanted = entry.roles.get("vectors")
    return text_dataset.from_table(
        entry.name, table, chosen, entry.digest, wanted, entry.roles.get("model", "")
    )


def import_table(
    name: str,
    data: bytes,
    *,
    header: bool | None = None,
    given: Given = Given(),  # noqa: B008  # frozen
    progress: Progress = no_progress,
) -> DatasetEntry:
    """Keeps the table in a file called ``name``; one that is here already is not kept again.

    Where another dataset has the name, a number is added to it.

    Raises:
        InputError: reading it would take more memory than there is.
        TableError: the file cannot be used; nothing is kept then.
        Cancelled: by ``progress``; nothing is kept then.
    """
    table = tables.read_table(name, data, header=header, given=given, progress=progress)
    return keep_table(name, table)


def keep_table(
    name: str, table: tables.Table, roles: Mapping[str, str] | None = None
) -> DatasetEntry:
    """Keeps a table that was read from a file called ``name``; as ``import_table``.

    Args:
        roles: what a person chose, as of ``DatasetEntry``; otherwise what is likeliest.

    Raises:
        TableError: a column holds values of several kinds.
    """
    if roles is None:
        roles = table_roles.kept(table_roles.find_roles(table.frame, table.vectors), table)
    with data_home.scratch_folder() as folder:
        packed = folder / TABLE
        _write_parquet(table.frame, table.vectors, packed)
        return _keep(name, packed, len(table.frame), table.notes, dict(roles))


def keep_file(
    name: str, path: Path, rows: int, notes: tuple[str, ...] = (), roles: Mapping[str, str] = {}
) -> DatasetEntry:
    """Keeps a table that was written as Parquet, so that it need not fit into memory.

    Args:
        name: of the file or collection that it comes from; as of ``import_table``.
        path: the file, whose columns are as ``readers.parquet`` makes them.
    """
    return _keep(name, path, rows, notes, dict(roles))


def _keep(
    name: str, table: bytes | Path, rows: int, notes: tuple[str, ...], roles: dict[str, str]
) -> DatasetEntry:
    """Keeps a table in Parquet; one that is here already is not kept again."""
    digest = data_home.digest_file(table) if isinstance(table, Path) else data_home.sha256(table)
    plain = Path(name)
    stem = data_home.safe_name((plain.with_suffix("") if plain.suffix in _PACKED else plain).stem)
    chosen, number = stem, 1
    taken = {entry.name: entry for entry in list_datasets()}
    while chosen in taken:
        if taken[chosen].digest == digest and taken[chosen].roles == roles:
            return taken[chosen]
        number += 1
        chosen = f"{stem}-{number}"
    about = {
        "format": 1,
        "file": Path(name).name,
        "rows": rows,
        "sha256": digest,
        "notes": list(notes),
        "roles": roles,
    }
    folder = _home() / chosen
    with data_home.write_folder(folder, exclusive=True) as beside:
        data_home.put(beside / TABLE, table)
        (beside / ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")
    return _own_entry(folder)


def fetch_table(dataset: str, path: str, progress: Progress = no_progress) -> DatasetEntry:
    """Keeps a table of a dataset on a hub, a path that ``hub.dataset_files`` names.

    Raises:
        InputError: it has more than ``MAX_BYTES``, which is told before it is fetched, more than
            fits into memory, or cannot be used.
        ExplorerError: as of ``hub.download_model``.
    """
    found = hub.download_dataset_file(dataset, path, progress, limit=MAX_BYTES)
    with data_home.storage_errors("read", found):
        remedy = "Choose a smaller file of it."
        memory.require_memory(found.stat().st_size, f"“{shorten(path)}”", remedy)
        data = found.read_bytes()
    name = f"{PurePosixPath(dataset).name}-{PurePosixPath(path).name}"
    return import_table(name, data, progress=progress)


def remove(entry: DatasetEntry) -> None:
    """Deletes a brought dataset; the vectors of its texts stay.

    Raises:
        InputError: it comes with the app.
    """
    if entry.folder is None:
        raise InputError(f"{entry.name} is bundled with the app.", "It stays.", "")
    data_home.delete(entry.folder)


def _home() -> Path:
    return data_home.data_home() / FOLDER


def _bundled_entry() -> DatasetEntry:
    with data_home.storage_errors("read", _BUNDLED_FILE):
        data = _BUNDLED_FILE.read_bytes()
    rows = data.count(b"\n") - 1
    about = "English sentences on sixteen topics, written for this app."
    return DatasetEntry(BUNDLED, about, rows, data_home.sha256(data))


def _bundled_table() -> tables.Table:
    import pandas as pd

    with data_home.storage_errors("read", _BUNDLED_FILE):
        text = _BUNDLED_FILE.read_text(encoding="utf-8")
    names, *rows = csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tables.Table(pd.DataFrame(rows, columns=names), ())


def _own_entry(folder: Path) -> DatasetEntry:
    try:
        with data_home.storage_errors("read", folder / ABOUT):
            found = json.loads((folder / ABOUT).read_bytes())
        about = f"Your own, from {found['file']}."
        notes = tuple(str(note) for note in found["notes"])
        roles = {str(role): str(name) for role, name in found.get("roles", {}).items()}
        return DatasetEntry(
            folder.name, about, int(found["rows"]), str(found["sha256"]), folder, notes, roles
        )
    except (StorageError, *NOT_AS_WRITTEN) as error:
        return DatasetEntry(folder.name, f"Damaged: {reason_of(error)}.", 0, "", folder)


def _write_parquet(frame: pd.DataFrame, vectors: Mapping[str, FloatArray], path: Path) -> None:
    """Writes a table as Parquet; the same table gives the same bytes.

    Of vectors so few rows are a group that what is made of them on the way has some megabytes.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    widest = max((rows.shape[1] for rows in vectors.values()), default=0)
    group = max(1, min(_GROUP_ROWS, _GROUP_NUMBERS // max(1, widest)))
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        lists = {name: parquet.as_lists(rows) for name, rows in vectors.items()}
        if not len(frame.columns):  # such a table has no length, and takes no column of another
            table = pa.table(lists)
        else:
            for name, column in lists.items():
                table = table.append_column(name, column)
        pq.write_table(table, path, row_group_size=group)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise TableError(
            f"A column holds values of several kinds: {shorten(str(error), 120)}.",
            "A column is text, or numbers, or times.",
            "Save the table as CSV and upload that.",
        ) from error


def _damaged(folder: Path, what: str) -> DamagedError:
    return DamagedError(
        f"The dataset in “{folder}” is damaged: {what}.",
        "Its files must be as they were written.",
        "Remove it, and upload the file again.",
    )
