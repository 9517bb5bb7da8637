"""Embedding Explorer from Python and notebooks: encode, search, project, and show in the app.

    import embedding_explorer as ee

    vectors = ee.encode(["a cat", "a dog"])                  # (2, 384) float32
    nearest = ee.search(frame, "a rainy day", text="title")  # a frame: the nearest rows
    places = ee.project(frame, vectors="embedding")          # (n, 2) float32
    view = ee.show(frame, vectors="embedding", text="title") # in the browser
    view.selection()                                         # the rows that are selected there

The app's verbs (docs/commands.md) do the work, in a process of their own: models, stores and
figures are those of the app.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from embedding_explorer.items import Items, Named, text_list
from embedding_explorer.verbs import EmbeddingExplorerError, run
from embedding_explorer.view import View, open_view

__all__ = ["EmbeddingExplorerError", "View", "encode", "project", "search", "show"]


def encode(texts: Sequence[str], model: str | None = None) -> NDArray[np.float32]:
    """The vectors ``(n, dim)`` of texts, of length 1; each text is encoded once and kept.

    Args:
        model: an embedding model's name, as ``python -m core spaces`` lists them (default: the
            bundled all-MiniLM-L6-v2), or the folder of a sentence-transformers model.

    Raises:
        EmbeddingExplorerError: a text is empty, or there is no such model.
    """
    read = text_list(texts)
    empty = [number for number, one in enumerate(read) if not one.strip()]
    if empty:
        raise EmbeddingExplorerError(
            f"The texts at {', '.join(map(str, empty[:10]))} are empty. Each is to have a word. "
            "Leave them out."
        )
    if not read:
        raise EmbeddingExplorerError("There are no texts. At least one is needed.")
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "vectors.npy"
        named = Named(read)
        options = [f"--space={model}"] if model else []
        run("encode", *named.write(Path(place)), "--out", str(out), *options)
        vectors: NDArray[np.float32] = np.load(out, allow_pickle=False)
    return vectors


def search(  # noqa: PLR0913
    items: Items,
    query: str,
    *,
    k: int = 10,
    text: str | None = None,
    vectors: str | None = None,
    model: str | None = None,
) -> pd.DataFrame:
    """The ``k`` rows of ``items`` that are nearest to a question in words, by cosine similarity.

    Args:
        items: a frame, a list of texts, or vectors ``(n, dim)``.
        text: the frame's column with the texts (default: the likeliest).
        vectors: its column of vectors (default: the likeliest); ``model`` then says which model
            made them. Without vectors the texts are encoded.

    Returns:
        The rows in their order, with a column ``similarity``; of what is no frame the texts.

    Raises:
        EmbeddingExplorerError: a column or model is not there, or vectors come without their model.
    """
    named = Named(items, text, vectors)
    options = [f"--query={query}", "-k", str(k), *([f"--space={model}"] if model else [])]
    with tempfile.TemporaryDirectory() as place:
        nearest = run("sentences", *named.write(Path(place)), *options)["neighbors"]
    rows = named.frame.iloc[[one["id"] - 1 for one in nearest]].copy()
    name = "similarity"
    while name in rows.columns:
        name = f"{name} "
    levels = rows.columns.nlevels
    rows[name if levels == 1 else (name, *[""] * (levels - 1))] = [one["score"] for one in nearest]
    return rows


def project(  # noqa: PLR0913
    items: Items,
    *,
    method: str = "umap",
    dims: int = 2,
    seed: int = 0,
    text: str | None = None,
    vectors: str | None = None,
    model: str | None = None,
) -> NDArray[np.float32]:
    """Where each of ``items`` lies on a map: ``(n, dims)``, in arbitrary units.

    Args:
        items, text, vectors, model: as for ``search``.
        method: ``umap``, ``tsne``, ``pca``, ``umap-learn`` or ``pacmap``.
        dims: 2 or 3.
        seed: the map of one seed comes out the same each time.

    Returns:
        A row for each item, in their order: NaN for those with no text or no whole vector, of which
        a warning tells.

    Raises:
        EmbeddingExplorerError: there are too few items, or a setting is wrong.
    """
    named = Named(items, text, vectors)
    options = [f"--method={method}", "--dims", str(dims), "--seed", str(seed)]
    options += [f"--space={model}"] if model else []
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "map.parquet"
        run("map", *named.write(Path(place)), "--out", str(out), *options)
        table = pq.read_table(out)
    places = np.full((len(named.frame), dims), np.nan, dtype=np.float32)
    rows = np.array([int(one) - 1 for one in table["id"].to_pylist()], dtype=np.int64)
    for at, axis in enumerate(("x", "y", "z")[:dims]):
        places[rows, at] = table[axis].to_numpy()
    if len(rows) < len(places):
        left = len(places) - len(rows)
        warnings.warn(f"{left} of {len(places)} items have no text or vector.", stacklevel=2)
    return places


def show(  # noqa: PLR0913
    items: Items,
    *,
    text: str | None = None,
    vectors: str | None = None,
    label: str | None = None,
    model: str | None = None,
    name: str = "notebook",
    browser: bool = True,
) -> View:
    """Opens ``items`` on the app's Map, in a server that ends with this process.

    Args:
        items, text, vectors, model: as for ``search``.
        label: the frame's column that the points are coloured by.
        name: what the dataset is called in the app; the same items are kept once.
        browser: whether a browser is opened, where there is a screen; ``View.url`` is the address.

    Raises:
        EmbeddingExplorerError: a column is not there, or the items can be neither read nor mapped.
        RuntimeError: the server did not start.
    """
    named = Named(items, text, vectors)
    options = ["--report", *([f"--label={label}"] if label else [])]
    options += [f"--space={model}"] if model else []
    with tempfile.TemporaryDirectory() as place:
        added = run("add", *named.write(Path(place), name), *options)
    return open_view(added, named.frame, browser=browser)
