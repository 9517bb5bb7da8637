"""Exports of vectors by the pages: the files hold what is shown, and open again."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from core.maps.items import from_vectors
from core.readers import tables
from core.ui.map import save_vectors

VECTORS = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


@pytest.mark.parametrize("ending", [*save_vectors.FORMATS.values()])
def test_a_map_s_items_come_along_with_their_vectors(ending: str) -> None:
    frame = pd.DataFrame({"kind": ["a", "b", "a", "b"]})
    data = from_vectors("m", [*"wxyz"], VECTORS, frame=frame)
    made = save_vectors.packed(data, ending, "m")
    if ending == ".parquet":
        table = tables.read_table("m.parquet", made)
        assert table.frame["kind"].tolist() == ["a", "b", "a", "b"]
        np.testing.assert_array_equal(table.vectors["vector"], data.vectors)
        return
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    expected = {
        ".npy": {"m.npy", "m.csv"},
        ".faiss": {"m.faiss", "m.csv"},
        "": {"vectors.tsv", "metadata.tsv", "projector_config.pbtxt"},
    }
    assert files.keys() == expected[ending]
    if ending == ".npy":
        np.testing.assert_array_equal(np.load(io.BytesIO(files["m.npy"])), data.vectors)
    if ending:
        assert tables.read_table("m.csv", files["m.csv"]).frame["id"].tolist() == [*"wxyz"]
