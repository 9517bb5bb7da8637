"""AnnData files as its versions write them, made by h5py alone, for tests."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

TEXT = h5py.string_dtype()
BARCODES = ["AAAC-1", "AAAG-1", "AACC-1", "AAGT-1", "ACTG-1", "ACGT-1"]
KINDS = ["B cell", "T cell"]
CODES = [0, 1, 1, -1, 0, 1]
COUNTS = [10, 20, 30, 40, 50, 60]
PCA = np.arange(24, dtype=np.float64).reshape(6, 4) / 8
UMAP = np.arange(12, dtype=np.float32).reshape(6, 2) - 3
X = np.arange(30, dtype=np.float32).reshape(6, 5)


def packed(write: Callable[[h5py.File], None]) -> bytes:
    """The bytes of an HDF5 file."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        write(file)
    return stream.getvalue()


def tell(node: Any, kind: str, version: str = "0.2.0", **attributes: Any) -> None:
    """Writes what AnnData says of a part of its file."""
    node.attrs.update({"encoding-type": kind, "encoding-version": version, **attributes})


def matrices(file: h5py.File) -> None:
    """X and obsm as all versions but the oldest have them."""
    tell(file.create_dataset("X", data=X, compression="gzip"), "array")
    obsm = file.create_group("obsm")
    tell(obsm.create_dataset("X_pca", data=PCA), "array")
    tell(obsm.create_dataset("X_umap", data=UMAP), "array")


def current(file: h5py.File) -> None:
    """As version 0.8 and later write it."""
    tell(file, "anndata", "0.1.0")
    matrices(file)
    obs = file.create_group("obs")
    names = ["n_counts", "kind", "score", "kept", "note"]
    tell(obs, "dataframe", _index="barcodes")
    obs.attrs.create("column-order", names, dtype=TEXT)
    obs.create_dataset("barcodes", data=BARCODES, dtype=TEXT)
    obs.create_dataset("n_counts", data=np.array(COUNTS, dtype=np.int64))
    kind = obs.create_group("kind")
    tell(kind, "categorical", ordered=False)
    kind.create_dataset("codes", data=np.array(CODES, dtype=np.int8))
    kind.create_dataset("categories", data=KINDS, dtype=TEXT)
    score = obs.create_group("score")
    tell(score, "nullable-integer", "0.1.0")
    score.create_dataset("values", data=np.arange(6))
    score.create_dataset("mask", data=np.array([False, True, False, False, False, False]))
    obs.create_dataset("kept", data=np.array([True, False] * 3))
    obs.create_dataset("note", data=[f"größe {at}" for at in range(6)], dtype=TEXT)


def middle(file: h5py.File) -> None:
    """As version 0.7 writes it: categories apart, and references to them."""
    matrices(file)
    obs = file.create_group("obs")
    tell(obs, "dataframe", "0.1.0", _index="_index")
    obs.attrs.create("column-order", ["n_counts", "kind"], dtype=TEXT)
    obs.create_dataset("_index", data=BARCODES, dtype=TEXT)
    obs.create_dataset("n_counts", data=np.array(COUNTS))
    kind = obs.create_dataset("kind", data=np.array(CODES, dtype=np.int8))
    kind.attrs["categories"] = obs.create_dataset("__categories/kind", data=KINDS, dtype=TEXT).ref


def old(file: h5py.File) -> None:
    """As versions before 0.7 write it: compounds, and categories in ``uns``."""
    file.create_dataset("X", data=X)
    rows = np.zeros(6, dtype=[("index", "S6"), ("n_counts", "<i8"), ("kind", "i1")])
    rows["index"], rows["n_counts"], rows["kind"] = BARCODES, COUNTS, CODES
    file.create_dataset("obs", data=rows)
    arrays = np.zeros(6, dtype=[("X_pca", "<f8", (4,)), ("X_umap", "<f4", (2,))])
    arrays["X_pca"], arrays["X_umap"] = PCA, UMAP
    file.create_dataset("obsm", data=arrays)
    file.create_dataset("uns/kind_categories", data=KINDS, dtype=TEXT)
