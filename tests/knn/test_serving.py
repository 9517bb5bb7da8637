"""An index that serves: its settings as text, its answers, its files."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray
from core.knn import index_store
from core.knn.faiss_indexes import IndexKind, IndexMetric, IndexSettings, links_for
from core.knn.index_files import Origin, export_index, restore_index
from core.knn.index_settings import default_settings, format_settings, read_settings
from core.knn.serving import serve

FLAT = IndexSettings(IndexKind.FLAT)


@pytest.fixture(scope="module")
def vectors() -> FloatArray:
    random = np.random.default_rng(3)
    return vec.normalize(random.normal(size=(400, 16)).astype(np.float32))


@pytest.mark.parametrize(
    ("count", "links"), [(1, 4), (1_914, 11), (200_000, 18), (10**6, 20), (2**64, 64)]
)
def test_links_are_the_logarithm_of_the_number_of_vectors(count: int, links: int) -> None:
    assert links_for(count) == links


@pytest.mark.parametrize("kind", list(IndexKind))
@pytest.mark.parametrize("metric", [IndexMetric.COSINE, IndexMetric.INNER_PRODUCT])
def test_settings_are_read_back_as_they_are_written(kind: IndexKind, metric: IndexMetric) -> None:
    written = format_settings(IndexSettings(kind, metric, lists=7, links=9, signs=64))
    assert format_settings(read_settings(written, 1_000)) == written


def test_what_is_not_named_has_its_default() -> None:
    found = read_settings("hnsw:search_width=99", 1_914)
    assert (found.kind, found.links, found.search_width) == (IndexKind.HNSW, 11, 99)
    assert format_settings(default_settings(1_914)) == (
        "HNSW:links=11,build_width=100,search_width=128"
    )


@pytest.mark.parametrize(
    "text", ["", "BALL", "HNSW:lists=3", "HNSW:links=0", "HNSW:links=x", "Flat:metric=far"]
)
def test_wrong_settings_are_told(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_settings(text, 100)
    assert caught.value.expected


@pytest.mark.parametrize(
    "text", ["HNSW:links=1", "HNSW:links=257", "LSH:signs=4097", "IVFPQ:piece_bits=13"]
)
def test_numbers_at_which_faiss_ends_the_process_or_stalls_never_reach_it(text: str) -> None:
    with pytest.raises(InputError, match="is no parameter of"):
        read_settings(text, 10**6)


def test_the_least_numbers_that_are_read_are_served(vectors: FloatArray) -> None:
    for text in ("HNSW:links=2,build_width=1,search_width=1", "LSH:signs=1", "IVFFlat:lists=1"):
        served = serve("", vectors, read_settings(text, len(vectors)))
        scores, rows = served.search(vectors[7], 1)
        assert scores == pytest.approx(vectors[rows] @ vectors[7], abs=1e-6)
    with pytest.raises(InputError) as caught:
        read_settings("Flat:x=1", 100)
    assert caught.value.expected == "It has none."


def test_its_answers_are_those_of_comparing_with_all(vectors: FloatArray) -> None:
    served = serve("", vectors, FLAT)
    assert served.trial.recall == 1
    query = vectors[7] + vectors[9]
    query /= np.linalg.norm(query)
    scores, rows = served.search(query, 5)
    cosines = vectors @ query
    assert rows.tolist() == np.argsort(-cosines)[:5].tolist()
    assert scores == pytest.approx(cosines[rows], abs=1e-6)
    assert len(served.search(query, 4_000)[1]) == 400


def test_rounded_vectors_are_ranked_by_their_own_cosines(vectors: FloatArray) -> None:
    coarse = IndexSettings(IndexKind.IVF_PQ, lists=4, probes=4, pieces=4, piece_bits=4)
    scores, rows = serve("", vectors, coarse).search(vectors[3], 20)
    assert scores == pytest.approx(vectors[rows] @ vectors[3], abs=1e-6)
    assert (np.diff(scores) <= 0).all()


def of(vectors: FloatArray) -> Origin:
    names = [f"p{at}" for at in range(len(vectors))]
    return Origin(index_store.key_of(vectors), names, ["00"] * len(vectors), {"gallery": "g"})


def test_an_index_is_exported_with_its_ids_and_opened_again(
    vectors: FloatArray, own_home: Path
) -> None:
    settings = IndexSettings(IndexKind.HNSW, links=8)
    served = serve("", vectors, settings)
    packed = export_index(served, of(vectors))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        about, ids = (json.loads(archive.read(f"{one}.json")) for one in ("about", "ids"))
    assert (about["gallery"], about["count"], about["dim"]) == ("g", 400, 16)
    assert about["recall"] == {"at": 10, "share": served.trial.recall}
    assert ids["ids"][399] == "p399"
    key = index_store.key_of(vectors)
    assert restore_index(packed, key) == settings
    again = serve(key, vectors, settings)
    assert again.trial.kept
    assert again.search(vectors[5], 9)[1].tolist() == served.search(vectors[5], 9)[1].tolist()


def changed(packed: bytes, name: str, data: bytes) -> bytes:
    """The archive with another file of this name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(stream, "w") as new:
        for entry in old.namelist():
            new.writestr(entry, data if entry == name else old.read(entry))
    return stream.getvalue()


def test_only_what_was_exported_here_is_opened(vectors: FloatArray, own_home: Path) -> None:
    packed = export_index(serve("", vectors, FLAT), of(vectors))
    key = index_store.key_of(vectors)
    with pytest.raises(InputError, match="other vectors"):
        restore_index(packed, index_store.key_of(vectors[:9]))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        index = bytearray(archive.read("index.faiss"))
    index[-1] ^= 1
    with pytest.raises(InputError, match="was not exported here"):
        restore_index(changed(packed, "index.faiss", bytes(index)), key)
    with pytest.raises(InputError, match=r"ids\.json is not what was exported"):
        restore_index(changed(packed, "ids.json", b"{}"), key)
    for broken in (b"", b"PK", packed[:200], changed(packed, "index.faiss", b"")):
        with pytest.raises(InputError):
            restore_index(broken, key)
    assert not (own_home / index_store.FOLDER).exists()  # nothing of these was kept
