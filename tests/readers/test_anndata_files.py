"""AnnData files: vectors, ready coordinates and metadata of every version, and hostile ones."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from core.readers import anndata_files, table_roles, tables
from core.readers.table_roles import Role
from core.sentences import dataset as text_dataset
from tests.support import anndata_files as made
from tests.support.table_files import fails, told

WAYS = {"current": made.current, "middle": made.middle, "old": made.old}


def _changed(change: Any, write: Any = made.current) -> bytes:
    def both(file: h5py.File) -> None:
        write(file)
        change(file)

    return made.packed(both)


@pytest.mark.parametrize("version", WAYS)
def test_vectors_coordinates_and_metadata_of_every_version(version: str) -> None:
    table = tables.read_table("cells.h5ad", made.packed(WAYS[version]))
    assert table.detected is not None
    assert table.detected.format == "AnnData"
    assert np.array_equal(table.vectors["X_pca"], made.PCA.astype(np.float32))
    assert np.array_equal(table.vectors["X"], made.X)
    frame = table.frame
    assert frame[["X_umap 1", "X_umap 2"]].to_numpy().tolist() == made.UMAP.tolist()
    assert frame["n_counts"].tolist() == made.COUNTS
    assert frame["kind"].tolist() == [made.KINDS[at] if at >= 0 else "" for at in made.CODES]
    assert frame.iloc[:, 0].tolist() == made.BARCODES
    assert frame.columns[0] == ("barcodes" if version == "current" else "index")


def test_gaps_truth_values_and_texts() -> None:
    frame = tables.read_table("cells.h5ad", made.packed(made.current)).frame
    assert frame["score"].isna().tolist() == [False, True, False, False, False, False]
    assert frame["score"].dropna().tolist() == [0, 2, 3, 4, 5]
    assert frame["kept"].tolist() == [True, False] * 3
    assert frame["note"].tolist()[5] == "größe 5"


def test_the_roles_are_vectors_places_and_a_label() -> None:
    table = tables.read_table("cells.h5ad", made.packed(made.current))
    roles = {one.name: one.role for one in table_roles.find_roles(table.frame, table.vectors)}
    assert roles["X_pca"] is Role.VECTORS  # not X, which is wider in a real file
    assert roles["X"] is Role.IGNORE
    assert roles["X_umap 1"] is Role.X
    assert roles["X_umap 2"] is Role.Y
    assert roles["kind"] is Role.LABEL
    dataset = text_dataset.from_table("cells", table, None, "digest")
    assert dataset.own is not None
    assert dataset.own.column == "X_pca"
    assert dataset.own.vectors.shape == (6, 4)
    assert "kind" in dataset.metadata.columns


def test_it_is_known_by_its_bytes_and_may_be_packed() -> None:
    data = made.packed(made.current)
    table = tables.read_table("cells.csv", data)
    assert "Despite .csv it was read as an AnnData file." in told(table)
    packed = tables.read_table("cells.h5ad.gz", gzip.compress(data))
    assert packed.frame["n_counts"].tolist() == made.COUNTS


def test_what_is_left_out_is_named() -> None:
    def sparse(file: h5py.File) -> None:
        del file["X"]
        file.create_group("X").attrs["encoding-type"] = "csr_matrix"
        made.tell(file["obsm"].create_group("odd"), "csr_matrix")
        file["obsm"].create_dataset("short", data=np.zeros((5, 4)))
        file["obsm"].create_dataset("far", (6, 10**12), "f4", chunks=(1, 1000))
        file["obs"].create_dataset("latin", data=np.array([b"\xff\xfe"] * 6))
        file["obs"].create_dataset("z", data=np.zeros(6, dtype=np.complex64))
        file["obs"].attrs.create("column-order", ["n_counts", "z", "latin"], dtype=made.TEXT)

    table = tables.read_table("cells.h5ad", _changed(sparse))
    assert [*table.vectors] == ["X_pca"]
    assert "X (sparse)" in told(table)
    assert "obsm/odd (sparse)" in told(table)
    assert "obsm/short (5 rows of 6)" in told(table)
    assert "obsm/far (1,000,000,000,000 columns)" in told(table)
    assert "obs/z (complex numbers)" in told(table)
    assert "obs/latin (not in UTF-8)" in told(table)


def test_a_large_x_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anndata_files, "LARGEST_X", 119)
    data = made.packed(made.current)
    found = anndata_files.read_anndata("cells.h5ad", data)
    assert "X (120 bytes)" in found.notes[0]
    assert "X" not in found.names
    monkeypatch.setattr(anndata_files, "LARGEST_X", 120)
    assert "X" in anndata_files.read_anndata("cells.h5ad", data).names


def test_arrays_alone_and_tables_alone_are_read() -> None:
    def without(*names: str) -> bytes:
        return _changed(lambda file: [file.__delitem__(name) for name in names])

    assert len(tables.read_table("a.h5ad", without("X", "obsm")).frame.columns) == 6
    alone = tables.read_table("a.h5ad", without("X", "obs"))
    assert len(alone.frame) == 6
    assert "is no AnnData file" in fails("a.h5ad", without("X", "obs", "obsm"))


def test_a_table_in_obsm_is_an_array() -> None:
    def with_table(file: h5py.File) -> None:
        table = file["obsm"].create_group("factors")
        made.tell(table, "dataframe", _index="_index")
        table.attrs.create("column-order", ["a", "b", "c", "d"], dtype=made.TEXT)
        table.create_dataset("_index", data=made.BARCODES, dtype=made.TEXT)
        for at, name in enumerate("abcd"):
            table.create_dataset(name, data=np.arange(6.0) + at)

    table = tables.read_table("cells.h5ad", _changed(with_table))
    assert table.vectors["factors"].tolist() == [[r, r + 1, r + 2, r + 3] for r in range(6)]


def _linked(path: Path) -> dict[str, Any]:
    """Changes that lead to another file of this computer."""
    layout = h5py.VirtualLayout((6, 4), "f8")
    layout[:] = h5py.VirtualSource(path, "/secret", (6, 4))

    def external(file: h5py.File) -> None:
        file["obsm/X_pca2"] = h5py.ExternalLink(str(path), "/secret")

    def virtual(file: h5py.File) -> None:
        file["obsm"].create_virtual_dataset("X_pca2", layout)

    def stored(file: h5py.File) -> None:
        file["obsm"].create_dataset("X_pca2", (6, 4), "f8", external=[(str(path), 0, 192)])

    def soft(file: h5py.File) -> None:
        file["obsm/X_pca2"] = h5py.SoftLink("/nowhere")

    return {"external": external, "virtual": virtual, "stored": stored, "soft": soft}


@pytest.mark.parametrize("way", ["external", "virtual", "stored", "soft"])
def test_nothing_leads_to_another_file(tmp_path: Path, way: str) -> None:
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file.create_dataset("secret", data=np.ones((6, 4)))
    table = tables.read_table("cells.h5ad", _changed(_linked(other)[way]))
    assert "obsm/X_pca2 (in another place)" in told(table)
    assert sorted(table.vectors) == ["X", "X_pca"]


def test_a_type_that_is_named_has_no_cells(tmp_path: Path) -> None:
    def typed(file: h5py.File) -> None:
        del file["obs/note"]
        file["obs/note"] = file["obsm/odd"] = np.dtype("f8")

    table = tables.read_table("cells.h5ad", _changed(typed))
    assert "obs/note (a type without cells)" in told(table)
    assert "obsm/odd (a type without cells)" in told(table)

    def alone(file: h5py.File) -> None:
        del file["obs"], file["X"]
        file["obsm/a"] = np.dtype("f8")  # the first by its name, by which cells are counted
        file["obsm/b"] = h5py.ExternalLink(str(tmp_path / "none.h5"), "/secret")

    table = tables.read_table("cells.h5ad", _changed(alone))
    assert np.array_equal(table.vectors["X_pca"], made.PCA.astype(np.float32))


def _far(file: h5py.File) -> None:
    for number in range(300):
        file["obsm"].create_dataset(f"far {number}", (6, 65_536), "f4", chunks=(1, 1000))


def _long(file: h5py.File) -> None:
    """Two million references to one long text."""
    del file["X"], file["obsm"], file["obs"]
    obs = file.create_group("obs")
    obs.attrs["_index"] = "i"
    obs.attrs.create("column-order", ["kind"], dtype=made.TEXT)
    obs.create_dataset("i", (2_000_000,), "i4", chunks=(100_000,))
    kind = obs.create_group("kind")
    made.tell(kind, "categorical")
    kind.create_dataset("codes", (2_000_000,), "i1", chunks=(100_000,))
    kind.create_dataset("categories", data=["x" * 100_000], dtype=made.TEXT)


def _wrong_codes(file: h5py.File) -> None:
    file["obs/kind/codes"][2] = 7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_far, "unpacks to"),
        (_long, "unpacks to"),
        (_wrong_codes, "obs/kind has no category 7"),
    ],
)
def test_hostile_files_are_a_message(change: Any, message: str) -> None:
    assert message in fails("cells.h5ad", _changed(change))


def test_damaged_files_are_a_message() -> None:
    data = made.packed(made.current)
    assert "could not be read as AnnData file" in fails("a.h5ad", data[:2000])
    assert "is no AnnData file" in fails("a.h5ad", made.packed(lambda f: f.create_group("x")))
    for at in range(100, len(data) - 100, len(data) // 8):
        broken = bytearray(data)
        broken[at : at + 8] = b"\xff" * 8
        try:
            table = tables.read_table("a.h5ad", bytes(broken))
        except tables.TableError as error:
            assert "“a.h5ad”" in error.given
        else:
            assert len(table.frame) == 6
