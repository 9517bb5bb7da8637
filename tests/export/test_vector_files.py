"""Whatever is exported opens again: the same rows, texts, columns and vectors."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

from core.base.columns import join_columns
from core.base.errors import InputError, PictureError
from core.base.types import FloatArray
from core.export import vector_files
from core.readers import tables, vector_files as vector_readers

Found = tuple[FloatArray, pd.DataFrame]


def _parquet(folder: Path) -> Found:
    table = tables.read_table("e.parquet", (folder / "e.parquet").read_bytes())
    assert table.model == "minilm"
    return table.vectors["vector"], table.frame


def _beside(name: str, table: str) -> Callable[[Path], Found]:
    def read(folder: Path) -> Found:
        found = vector_readers.read_rows(folder / name, folder / table)
        return found.vectors, found.frame

    return read


READERS = {
    "e.parquet": _parquet,
    "e.npy": _beside("e.npy", "e.csv"),
    "e.faiss": _beside("e.faiss", "e.csv"),
    "e": _beside("e/vectors.tsv", "e/metadata.tsv"),
}
# Letters of any script, and what parts, quotes and numbers cells; a TSV has no tabs and line ends.
WORD = st.text(st.characters(categories=("L",), include_characters=" ,;\"'|#=+-@"), max_size=12)
TIMES = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))
OTHERS = (
    st.none() | TIMES,
    st.booleans(),
    st.sampled_from([0.25, -1.5, 1e-7, float("nan")]),
)
TEXT = WORD.map(lambda text: f"a{text.rstrip()}")


@pytest.mark.slow
@pytest.mark.parametrize("out", [*READERS])
@given(
    rows=st.lists(st.tuples(TEXT, TEXT, st.integers(-999, 999), *OTHERS), min_size=1, max_size=6),
    seed=st.integers(0, 2**31),
    dim=st.integers(2, 9),
)
@settings(max_examples=12, deadline=None)
def test_what_is_exported_opens_again(
    out: str, rows: list[tuple[str, str, int, dt.datetime | None, bool, float]], seed: int, dim: int
) -> None:
    vectors = np.random.default_rng(seed).normal(size=(len(rows), dim)).astype(np.float32)
    texts, kinds, numbers, times, kept, shares = (list(one) for one in zip(*rows, strict=True))
    columns: dict[str, list[Any]] = {"row": [*range(1, len(rows) + 1)], "text": texts}
    columns |= {"kind": kinds, "number": numbers, "kept": kept}
    columns |= {"share": shares} if any(share == share for share in shares) else {}
    columns |= join_columns({"when": pd.Series(times).tolist()}) if any(times) else {}
    with tempfile.TemporaryDirectory() as place:
        vector_files.write(Path(place) / out, vectors, columns, "minilm")
        found, frame = READERS[out](Path(place))
    np.testing.assert_array_equal(found, vectors)
    assert [*frame.columns] == [*columns]
    for name, cells in columns.items():
        pd.testing.assert_series_equal(
            frame[name],
            pd.Series(cells, name=name),
            check_dtype=False,
            check_names=False,
        )


def test_a_sprite_holds_the_pictures_row_by_row(tmp_path: Path) -> None:
    colors = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (9, 9, 9), (200, 100, 0)]

    def opened(number: int) -> Image.Image:
        if number == 3:
            raise PictureError("damaged", "", "")
        return Image.new("RGB", (8, 8), colors[number])

    vectors = np.eye(5, dtype=np.float32)
    vector_files.write(tmp_path, vectors, {"id": [*"abcde"]}, "s", pictures=opened)
    sheet = Image.open(tmp_path / vector_files.SPRITE)
    assert sheet.size == (192, 192)
    places = [(32, 32), (96, 32), (160, 32), (32, 96), (96, 96)]
    shown = [sheet.getpixel(place) for place in places]
    assert shown == [*colors[:3], (255, 255, 255), colors[4]]
    config = (tmp_path / "projector_config.pbtxt").read_text()
    assert 'image_path: "sprite.png"' in config
    assert config.count("single_image_dim: 64") == 2


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.doc"):
        vector_files.write(tmp_path / "e.doc", np.eye(2, dtype=np.float32), {"a": [1, 2]}, "")
