"""What a caller gives: a frame, texts or vectors, checked and written as a table for a verb."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import isnan
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from embedding_explorer.verbs import EmbeddingExplorerError

Items: TypeAlias = "pd.DataFrame | Sequence[str] | NDArray[np.floating[Any]]"
TEXT, VECTORS = "text", "vector"  # the columns of items that are no frame
_NAME_BYTES = 200
_NUMBERS = "biuf"  # kinds of NumPy's types that vectors can have


def text_list(texts: Iterable[object]) -> list[str]:
    """The texts as strings; what is missing, as ``None`` or NaN, as the empty string.

    Raises:
        EmbeddingExplorerError: they are one string, or one cannot be written as UTF-8.
    """
    if isinstance(texts, str | bytes):
        raise EmbeddingExplorerError(
            "One string was given. A list of texts is expected. Put it in brackets: [text]."
        )
    items = list(texts)
    if any(isinstance(one, list | tuple | np.ndarray) for one in items):
        raise EmbeddingExplorerError(
            "A list of lists was given. Texts are strings, and vectors one array of shape "
            "(n, dim). Give numpy.array(items)."
        )
    found = ["" if _is_missing(one) else str(one) for one in items]
    for number, one in enumerate(found):
        try:
            one.encode()
        except UnicodeEncodeError as error:
            raise EmbeddingExplorerError(
                f"The text at {number} holds half a character at {error.start}. Unicode is "
                "expected. Decode it anew from its bytes, with errors='replace'."
            ) from error
    return found


def _is_missing(one: object) -> bool:
    return one is None or one is pd.NA or one is pd.NaT or (isinstance(one, float) and isnan(one))


class Named:
    """Items as a frame, with the columns that hold their texts and vectors.

    Args:
        text, vectors: names of columns of a frame; a number or a tuple stands for its ``str``.

    Raises:
        EmbeddingExplorerError: the items are none that can be used.
    """

    def __init__(self, items: Items, text: Any = None, vectors: Any = None) -> None:
        self.text = None if text is None else str(text)
        self.vectors = None if vectors is None else str(vectors)
        if isinstance(items, pd.DataFrame):
            self.frame = items
        elif isinstance(items, np.ndarray) and items.dtype.kind not in "OUST":
            self.frame = pd.DataFrame({VECTORS: list(_vectors(items))})
            self.vectors = VECTORS
        else:
            self.frame = pd.DataFrame({TEXT: text_list(items)}, dtype=object)
            self.text, self.vectors = TEXT, "none"

    def write(self, folder: Path, name: str = "items") -> list[str]:
        """Writes them as Parquet; the arguments of a verb that name it and its columns.

        Raises:
            EmbeddingExplorerError: there are no items, the name is none for a file, two columns
                have one name, or one has cells of several kinds.
        """
        if self.frame.empty:
            raise EmbeddingExplorerError("There are no items. At least one is needed.")
        if not 1 <= len(name.encode()) <= _NAME_BYTES or set(name) & set("/\\\0"):
            raise EmbeddingExplorerError(
                f"The name “{name[:60]}” was given. It is to have 1 to {_NAME_BYTES} bytes and no "
                "slashes. Choose another."
            )
        path = folder / f"{name}.parquet"
        names = [str(one) for one in self.frame.columns]
        if twice := [one for one, count in Counter(names).items() if count > 1]:
            raise EmbeddingExplorerError(
                f"Several columns are called “{twice[0]}”. Each is to have a name of its own. "
                "Rename them."
            )
        cells = [_column(one, self.frame.iloc[:, at]) for at, one in enumerate(names)]
        pq.write_table(pa.table(cells, names=names), path)
        chosen = {"column": self.text, "vectors": self.vectors}
        return [str(path), *(f"--{key}={value}" for key, value in chosen.items() if value)]


def _vectors(items: NDArray[Any]) -> NDArray[np.float32]:
    if items.ndim != 2 or items.dtype.kind not in _NUMBERS:
        raise EmbeddingExplorerError(
            f"An array of shape {items.shape} and type {items.dtype} was given. Vectors are "
            "numbers of shape (n, dim). Reshape it: one vector is array[None]."
        )
    return np.asarray(items, dtype=np.float32)


def _column(name: str, cells: pd.Series[Any]) -> pa.Array:
    try:
        found = pa.Array.from_pandas(cells)
    except (pa.ArrowException, UnicodeEncodeError) as error:
        reason = str(error.args[0] if error.args else error).rstrip(".")
        raise EmbeddingExplorerError(
            f"The column “{name}” cannot be written: {reason}. Its cells are to be of one kind: "
            "texts, numbers, dates, or lists of numbers. Leave it out, or turn it into texts: "
            "column.astype(str)."
        ) from error
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
