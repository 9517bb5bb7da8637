"""Vectors that pictures came with: found beside them, by row or by name, and used as they are."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import save as save_safetensors

from core.base.errors import InputError
from core.base.types import FloatArray, Modality
from core.images import own_vectors
from core.images.gallery import Gallery
from core.images.sources import Choice, load_gallery
from core.images.vectors import encode_gallery, rank_pictures
from core.spaces import registry
from tests.support.picture_files import COLORS, encoded, write_colors, write_parquet

ROWS = np.array([[3, 4, 0, 0], [0, 0, 2, 0], [1, 0, 0, 1]], dtype=np.float32)
UNIT = ROWS / np.linalg.norm(ROWS, axis=1, keepdims=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_colors(tmp_path / "set")


def in_own(gallery: Gallery, model: str = "") -> tuple[list[str], FloatArray]:
    entry = own_vectors.open_own(gallery, model)
    found = encode_gallery(gallery, entry, entry.image_encoder(), None)
    return found.gallery.ids, found.pictures


def npy(rows: FloatArray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, rows)
    return stream.getvalue()


def npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


NAMES = np.array(["c.png", "a.png", "b.png"])
BY_NAME = ROWS[[2, 0, 1]]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("vectors.npy", npy(ROWS)),
        ("vectors.npz", npz(vectors=ROWS)),
        ("vectors.npz", npz(vectors=BY_NAME, words=NAMES)),
        ("clip.safetensors", save_safetensors({"emb": ROWS})),
        (
            "clip.safetensors",
            save_safetensors({"emb": BY_NAME}, {"words": "\n".join(NAMES)}),
        ),
    ],
)
def test_an_array_beside_pictures_belongs_to_them_by_row_or_by_name(
    folder: Path, tmp_path: Path, name: str, data: bytes, own_home: Path
) -> None:
    (folder / name).write_bytes(data)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"set/{path.name}")
    for source in (folder, tmp_path / "set.zip"):
        gallery = load_gallery(str(source))
        ids, vectors = in_own(gallery)
        assert [one[-5:] for one in ids] == ["a.png", "b.png", "c.png"]
        assert vectors == pytest.approx(UNIT)
        assert gallery.skipped == ()


def test_rows_of_an_array_are_those_of_the_table_beside_it(folder: Path, own_home: Path) -> None:
    (folder / "vectors.npy").write_bytes(npy(BY_NAME))
    (folder / "vectors.csv").write_text("id,label\nc,x\na,y\nb,z\n")
    gallery = load_gallery(str(folder))
    ids, vectors = in_own(gallery)
    assert ids == ["c.png", "a.png", "b.png"]
    assert vectors == pytest.approx(UNIT[[2, 0, 1]])
    assert gallery.labels("label") == ["x", "y", "z"]


def test_a_file_of_vectors_may_be_named_and_lie_elsewhere(
    folder: Path, tmp_path: Path, own_home: Path
) -> None:
    np.save(tmp_path / "elsewhere.npy", ROWS)
    gallery = load_gallery(str(folder), choice=Choice(vectors=str(tmp_path / "elsewhere.npy")))
    assert in_own(gallery)[1] == pytest.approx(UNIT)
    np.save(folder / "in.npy", ROWS)
    assert load_gallery(str(folder), choice=Choice(vectors="none")).own is None


def test_a_column_of_a_table_of_paths_holds_the_vectors(folder: Path, own_home: Path) -> None:
    table = pa.table({"file": ["b.png", "c.png"], "emb": ROWS[1:].tolist(), "label": ["x", "y"]})
    pq.write_table(table, folder / "list.parquet")
    gallery = load_gallery(str(folder))
    assert in_own(gallery)[0] == ["b.png", "c.png"]
    assert in_own(gallery)[1] == pytest.approx(UNIT[1:])
    assert list(gallery.frame.columns) == ["label"]
    frame = pd.DataFrame(np.tile(ROWS, 3), columns=[f"dim_{at}" for at in range(12)])
    frame.insert(0, "file", list(COLORS))
    (folder / "list.parquet").unlink()
    (folder / "list.csv").write_text(frame.to_csv(index=False))
    gallery = load_gallery(str(folder / "list.csv"))
    assert gallery.own is not None
    assert gallery.own.vectors == pytest.approx(np.tile(ROWS, 3))
    assert list(gallery.frame.columns) == []


def test_a_parquet_file_of_pictures_brings_its_column_of_vectors(
    tmp_path: Path, own_home: Path
) -> None:
    pictures = [encoded(color) for color in COLORS.values()]
    rows = [*ROWS[:2].tolist(), None]
    path = write_parquet(tmp_path / "p.parquet", pictures, emb=rows, label=["x", "y", "z"])
    gallery = load_gallery(str(path))
    assert list(gallery.frame.columns) == ["label"]
    entry = own_vectors.open_own(gallery)
    found = encode_gallery(gallery, entry, entry.image_encoder(), None)
    assert found.pictures == pytest.approx(UNIT[:2])
    assert [(one.id, one.reason) for one in found.gallery.skipped] == [
        ("p2.png", "it has no whole vector")
    ]


def test_vectors_that_do_not_fit_are_named(folder: Path, own_home: Path) -> None:
    (folder / "vectors.npy").write_bytes(npy(ROWS[:2]))
    gallery = load_gallery(str(folder))
    assert gallery.own is None
    [left] = gallery.skipped
    assert left.id == "vectors.npy"
    assert "2 vectors" in left.reason
    assert "3 pictures" in left.reason
    with pytest.raises(InputError, match="2 vectors"):
        load_gallery(str(folder), choice=Choice(vectors=str(folder / "vectors.npy")))


def test_a_search_by_example_needs_no_model_and_words_say_why_not(
    folder: Path, own_home: Path
) -> None:
    (folder / "vectors.npy").write_bytes(npy(ROWS))
    gallery = load_gallery(str(folder))
    entry = own_vectors.open_own(gallery)
    assert entry.space.modalities == (Modality.IMAGE,)
    found = encode_gallery(gallery, entry, entry.image_encoder(), None)
    hits = rank_pictures(found.pictures, found.gallery.ids, found.pictures[2], 2)
    assert [hit.id for hit in hits] == ["c.png", "a.png"]
    assert hits[1].score == pytest.approx(UNIT[2] @ UNIT[0])
    with pytest.raises(InputError, match="the model that made them is not named"):
        entry.image_encoder().encode_pictures([gallery.open(0)])


def test_the_named_model_encodes_questions(folder: Path, own_home: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(3, 384)).astype(np.float32)
    (folder / "vectors.npy").write_bytes(npy(rows))
    gallery = load_gallery(str(folder))
    entry = own_vectors.open_own(gallery, "minilm")
    minilm = registry.find_space("minilm", Modality.IMAGE)
    assert entry.space == minilm.space
    assert entry.digest != minilm.digest
    assert entry.text_folder == minilm.text_folder
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    found = encode_gallery(gallery, entry, entry.image_encoder(), entry.text_encoder())
    assert found.pictures == pytest.approx(unit, abs=1e-6)
    (folder / "vectors.npy").write_bytes(npy(ROWS))
    with pytest.raises(InputError, match="have 4 numbers"):
        own_vectors.open_own(load_gallery(str(folder)), "minilm")


def test_what_encode_writes_beside_pictures_is_read_with_its_model(
    folder: Path, own_home: Path
) -> None:
    table = pa.table({"id": list(COLORS), "vector": np.tile(ROWS, (1, 96)).tolist()})
    pq.write_table(
        table.replace_schema_metadata({b"embedding_space": b"minilm"}), folder / "v.parquet"
    )
    own = load_gallery(str(folder)).own
    assert own is not None
    assert own.vectors == pytest.approx(np.tile(ROWS, (1, 96)))
