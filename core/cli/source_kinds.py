"""What a source that a verb is given is: the vocabulary, pictures, a table, or something else."""

from __future__ import annotations

from pathlib import Path

from core.cli import files
from core.graphs import models as graph_models
from core.images import openmoji
from core.readers import picture_folders, picture_parquet, vector_files, webdataset
from core.sentences import datasets

WORDS = "words"
KNOWN = (
    f"{WORDS} (the vocabulary), {openmoji.NAME}, {datasets.BUNDLED}, a table or text file, a "
    "folder, ZIP archive or Parquet file of pictures, a file of vectors, a folder of graph train"
)


def is_pictures(source: str, path: Path) -> bool:
    """Whether a source is the emoji, or a folder or file of pictures."""
    return source != WORDS and (source == openmoji.NAME or _holds_pictures(path))


def is_table(source: str, path: Path) -> bool:
    """Whether a source is a table: a file that is none of the others, or a dataset's name."""
    other = source == WORDS or is_pictures(source, path) or (path / graph_models.ABOUT).is_file()
    return not other and not vector_files.holds_vectors(path)


def _holds_pictures(path: Path) -> bool:
    if (path / graph_models.ABOUT).is_file():
        return False
    if path.suffix.lower() == ".parquet" and path.is_file():
        return picture_parquet.holds_pictures(path)
    parts = files.parts_in(path)
    if parts and not any(_holds_pictures(one) for one in parts[:1]):
        return False
    archive = path.suffix.lower() == ".zip" and picture_folders.names_pictures(path)
    return path.is_dir() or archive or (webdataset.is_tar(path.name) and path.is_file())
