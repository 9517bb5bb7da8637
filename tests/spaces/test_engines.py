"""Texts that an engine encodes: in any order, after a worker's end, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base import ray_tasks
from core.base.errors import InputError, NotReadyError, StorageError
from core.base.types import Encoded, Modality, Progress, no_progress
from core.images import sources, vectors as gallery_vectors
from core.spaces import text_vectors
from core.spaces.entry import READY, SpaceEntry, SpaceSpec
from core.spaces.ray_encoding import RayEngine
from core.spaces.sources.classical import CLASSICAL
from core.spaces.vector_store import NamedEngine
from tests.conftest import SMALL, FakeEncoder
from tests.support import slow_encoder
from tests.support.picture_files import encoded
from tests.support.s3_server import Bucket, bucket
from tests.support.slow_encoder import SlowEncoder, SlowPictures

TEXTS = [f"text {number}" for number in range(160)] + ["text 3", "text 5"]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_vectors, "LARGE", 8)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> np.ndarray[Any, Any]:
    """Their vectors as they are without an engine."""
    encoder = SlowEncoder(tmp_path)
    return encoder.fake.encode(TEXTS)


def kept(folder: Path) -> list[bytes]:
    """The digest of each vector in the store, as often as it is there."""
    from safetensors.numpy import load_file

    found = [load_file(path)["digests"] for path in folder.glob("*.safetensors")]
    return [row.tobytes() for chunk in found for row in chunk]


def test_chunks_may_come_in_any_order_and_what_came_is_not_asked_again(
    plain: np.ndarray[Any, Any], tmp_path: Path
) -> None:
    encoder = SlowEncoder(tmp_path)
    asked: list[int] = []

    def engine(chunks: Sequence[Sequence[str]]) -> Iterator[tuple[int, Encoded]]:
        asked.append(sum(map(len, chunks)))
        for at in reversed(range(len(chunks))):
            texts = list(chunks[at])
            ones = np.ones(len(texts), dtype=np.float32)
            vectors = encoder.fake.encode(texts)
            yield at, Encoded(vectors, ones, np.zeros(len(texts), dtype=np.bool_))
            if len(asked) == 1 and at == len(chunks) - 4:
                raise InputError("The workers failed.", "", "")

    folder = tmp_path / "store"
    with pytest.raises(InputError, match="workers failed"):
        text_vectors.load_or_encode(TEXTS, encoder, folder, engine=engine)
    assert len(kept(folder)) == 4 * 8
    found = text_vectors.load_or_encode(TEXTS, encoder, folder, engine=engine)
    assert asked == [160, 160 - 4 * 8]
    np.testing.assert_array_equal(found.vectors, plain)
    assert len(kept(folder)) == len(set(kept(folder))) == 160
    text_vectors.load_or_encode(TEXTS, encoder, folder, engine=engine)
    assert len(asked) == 2  # all is there: the engine is not started


def test_pieces_of_a_chunk_are_put_in_their_order() -> None:
    pieces = [
        {
            "task": np.zeros(len(rows)),
            "row": np.array(rows),
            "vector": [np.full(2, row) for row in rows],
        }
        | {"length": np.array(rows, np.float32), "cut": np.array(rows) > 1}
        for rows in ([2, 0], [1])
    ]
    whole = ray_tasks.whole(pieces)
    assert np.stack([*whole["vector"]]).tolist() == [[0, 0], [1, 1], [2, 2]]
    assert whole["cut"].tolist() == [False, False, True]


def test_without_ray_the_line_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_tasks, "find_spec", lambda name: None)
    with pytest.raises(NotReadyError, match="pip install"):
        next(RayEngine("a:b")([["text"]]))


def _kept_once(folder: Path, count: int) -> None:
    assert len(kept(folder)) == len(set(kept(folder))) == count


@contextmanager
def _two_machines(notes: Path) -> Iterator[tuple[str, Progress]]:
    """The address of a cluster, and a progress that ends one of its machines in the middle."""
    from ray.cluster_utils import Cluster

    notes.mkdir()
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    ended: list[int] = []
    try:
        node = cluster.add_node(num_cpus=1)
        cluster.wait_for_nodes()

        def progress(done: int, total: int, note: str = "") -> None:
            if not ended and done >= 24 and len([*notes.iterdir()]) == 2:
                ended.append(done)
                cluster.remove_node(node, allow_graceful=False)

        yield cluster.address, progress
    finally:
        cluster.shutdown()
    assert ended


def _noted(notes: Path) -> set[str]:
    return {line for path in notes.iterdir() for line in path.read_text().splitlines()}


@pytest.mark.slow
def test_a_machine_of_a_cluster_ends_in_the_middle_and_nothing_is_lost_or_twice(
    plain: np.ndarray[Any, Any], tmp_path: Path
) -> None:
    notes, folder = tmp_path / "notes", tmp_path / "store"
    with _two_machines(notes) as (address, progress):
        engine = RayEngine("tests.support.slow_encoder:make", (str(notes),), address, 2)
        found = text_vectors.load_or_encode(TEXTS, SlowEncoder(notes), folder, progress, engine)
    np.testing.assert_array_equal(found.vectors, plain)
    _kept_once(folder, 160)
    assert _noted(notes) == {*TEXTS}


def _shades(count: int) -> list[tuple[int, int, int]]:
    return [(number, 255 - number, 40) for number in range(count)]


def _objects(count: int) -> dict[str, bytes]:
    """So many pictures, one of them once more, and one that is damaged."""
    shades = _shades(count)
    found = {f"p/{number:03}.png": encoded(shade) for number, shade in enumerate(shades)}
    return found | {"p/none.png": b"no picture", "p/twice.png": encoded(shades[3])}


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> Iterator[Bucket]:
    """An object store, which is empty."""
    monkeypatch.setattr(gallery_vectors, "LARGE", 8)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with bucket({}) as opened:
        yield opened


def _encode_pictures(
    shop: Bucket, count: int, notes: Path, engine: NamedEngine, progress: Progress = no_progress
) -> None:
    """Encodes ``_objects``, and compares what came, what is kept, and what was encoded."""
    shop.objects = _objects(count)
    pictures = replace(SMALL, modalities=(Modality.IMAGE,))
    here = SpaceEntry(SpaceSpec(pictures, ""), CLASSICAL, READY, "digest")
    gallery = sources.load_gallery(shop.address("p"))
    found = gallery_vectors.encode_gallery(
        gallery, here, SlowPictures(notes), None, progress, engine
    )
    assert found.damaged == ("none.png",)
    assert len(found.gallery) + len(found.damaged) == len(shop.objects)
    told = [str(shade) for shade in [*_shades(count), (3, 252, 40)]]
    np.testing.assert_array_equal(found.pictures, FakeEncoder().encode(told))
    _kept_once(here.image_folder, count + 1)
    assert _noted(notes) == {*told}


def test_pictures_are_told_to_an_engine_by_place_and_one_that_changed_ends_it(
    monkeypatch: pytest.MonkeyPatch, shop: Bucket, tmp_path: Path
) -> None:
    monkeypatch.setattr(slow_encoder, "SECONDS", 0)
    (notes := tmp_path / "notes").mkdir()
    work = slow_encoder.make_pictures(str(notes))

    def engine(chunks: Sequence[Sequence[str]]) -> Iterator[tuple[int, Encoded]]:
        for at in reversed(range(len(chunks))):
            rows = work(list(chunks[at]))
            yield at, Encoded(rows["vector"], rows["length"], rows["cut"])

    shop.objects["p/007.png"] = encoded("white")
    told = gallery_vectors.told_places(sources.load_gallery(shop.address("p")))
    shop.objects["p/007.png"] = encoded("black")
    with pytest.raises(StorageError, match=r"“007\.png” changed or vanished"):
        gallery_vectors.encode_told(told, SlowPictures(notes))
    _encode_pictures(shop, 12, notes, engine)


@pytest.mark.slow
def test_pictures_of_a_store_are_encoded_once_though_a_machine_ends_in_the_middle(
    shop: Bucket, tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    with _two_machines(notes) as (address, progress):
        engine = RayEngine("tests.support.slow_encoder:make_pictures", (str(notes),), address, 2)
        _encode_pictures(shop, 160, notes, engine, progress)
