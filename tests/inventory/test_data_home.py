"""What the data home holds, and that only what lies in it, and is not being written, is deleted."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import InputError, NotReadyError
from core.generation import history
from core.generation.request import Generated, Request
from core.graphs import sources
from core.images import galleries
from core.inventory import data_home as inventory_data_home
from core.inventory.data_home import Again, Held
from core.maps import store as map_store
from core.maps.recipe import Method, Recipe
from core.sentences import datasets
from core.shelf.pictures import StoredPictures
from core.spaces import registry, vocabulary_files
from core.storage import data_home as storage_data_home
from tests.conftest import SMALL, FakeEncoder
from tests.storage.test_cleanup import kill, start_writer


def held(kind: str) -> Held:
    (found,) = [one for one in inventory_data_home.list_held() if one.kind == kind]
    return found


def fill() -> None:
    """One thing of some kinds."""
    home = storage_data_home.data_home()
    datasets.import_table("poems.csv", b"text\none\ntwo\n")
    sources.keep_own("kin", {"kin.tsv": b"a\tr\tb\nb\tr\tc\nc\tr\ta\na\tr\tc\n"})
    vectors = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
    map_store.load_or_project(vectors, Recipe(Method.PCA, 2))
    vocabulary_files.save(
        SMALL, ["a", "b"], FakeEncoder().encode(["a", "b"]), home / "own" / "mine"
    )
    for seed in (1, 2):
        picture = Image.new("RGB", (8, 8), (seed, 0, 0))
        history.keep(Generated(picture, Request("small", "red", seed=seed), 1, 0.1))
    dropped = StoredPictures()
    dropped.attach("of a browser")
    dropped.add("cat.png", b"cat")


def test_each_thing_is_told_with_its_size_and_what_deleting_costs(own_home: Path) -> None:
    fill()
    found = {one.kind: one for one in inventory_data_home.list_held()}
    assert {kind: (one.name, one.again) for kind, one in found.items()} == {
        "Text datasets": ("poems", Again.NEVER),
        "Graphs": ("kin", Again.NEVER),
        "Maps": (f"PCA, 20 points, {found['Maps'].path.name[-6:]}", Again.BUILT),
        "Imported embeddings": ("mine", Again.NEVER),
        "Generated pictures": ("2 files", Again.NEVER),
        "Dropped pictures": ("1 file", Again.NEVER),
    }
    assert found["Generated pictures"].title == "Generated pictures: 2 files"
    assert found["Text datasets"].title == "Text datasets: poems"
    assert found["Text datasets"].size == sum(
        path.stat().st_size for path in (own_home / "datasets" / "poems").iterdir()
    )
    assert found["Text datasets"].files == 2
    assert abs(found["Maps"].written - time.time()) < 600
    size, files = inventory_data_home.total()
    assert size == sum(path.stat().st_size for path in own_home.rglob("*") if path.is_file())
    assert files == sum(path.is_file() for path in own_home.rglob("*"))


def test_what_is_deleted_is_gone_and_nothing_else(own_home: Path) -> None:
    fill()
    before = {one.id for one in inventory_data_home.list_held()}
    chosen = held("Imported embeddings")
    assert registry.find_space("mine")
    inventory_data_home.delete(chosen)
    assert {one.id for one in inventory_data_home.list_held()} == before - {chosen.id}
    with pytest.raises(InputError):
        registry.find_space("mine")


def test_a_public_gallery_can_be_fetched_again_a_linked_one_stays(
    own_home: Path, tmp_path: Path
) -> None:
    pictures = tmp_path / "photos"
    pictures.mkdir()
    Image.new("RGB", (8, 8)).save(pictures / "a.png")
    galleries.link_folder(str(pictures))
    linked = held("Galleries")
    assert linked.again is Again.ADDED and "stay" in linked.cost
    inventory_data_home.delete(linked)
    assert (pictures / "a.png").is_file()
    folder = own_home / "galleries" / "cifar10"
    folder.mkdir(parents=True)
    (folder / "about.json").write_text(json.dumps({"public": "cifar10", "sha256": "0"}))
    assert held("Galleries").again is Again.FETCHED


def test_links_are_deleted_as_links(own_home: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    (outside / "inner" / "a").write_text("not ours")
    (own_home / "maps").mkdir(parents=True)
    (own_home / "maps" / "m").symlink_to(outside)
    (own_home / "texts").symlink_to(outside)
    inside, whole = held("Maps"), held("Vectors of texts")
    assert whole.id == "texts" and inside.files == whole.files == 1
    for one in (inside, whole):
        inventory_data_home.delete(one)
    assert (outside / "inner" / "a").read_text() == "not ours"
    assert not any(
        one.kind in ("Maps", "Vectors of texts") for one in inventory_data_home.list_held()
    )


@pytest.mark.parametrize("place", ["elsewhere", "home/maps/../../elsewhere", "home"])
def test_nothing_outside_the_data_home_is_deleted(
    own_home: Path, tmp_path: Path, place: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (own_home / "maps").mkdir(parents=True)
    path = tmp_path / place
    one = Held("x", "Maps", "x", path, 0, 0, 0.0, Again.BUILT, "")
    with pytest.raises(InputError, match="does not lie in the data folder"):
        inventory_data_home.delete(one)
    assert path.exists()


def test_a_thing_in_a_linked_folder_is_not_deleted(own_home: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "m").mkdir(parents=True)
    own_home.mkdir()
    (own_home / "maps").symlink_to(outside)
    one = Held("maps/m", "Maps", "m", own_home / "maps" / "m", 0, 0, 0.0, Again.BUILT, "")
    with pytest.raises(InputError, match="does not lie in the data folder"):
        inventory_data_home.delete(one)
    assert (outside / "m").is_dir()


def test_what_another_process_writes_is_not_deleted(own_home: Path) -> None:
    fill()
    old = held("Maps")
    for path in (old.path, *old.path.iterdir()):
        os.utime(path, (time.time() - 3600,) * 2)
    writer = start_writer(own_home)
    try:
        with pytest.raises(NotReadyError, match="being written"):
            inventory_data_home.delete(held("Unfinished"))
        with pytest.raises(NotReadyError, match="just now"):
            inventory_data_home.delete(
                held("Text datasets")
            )  # written a moment ago, by whom cannot be known
        inventory_data_home.delete(old)
    finally:
        kill(writer)
    inventory_data_home.delete(held("Unfinished"))
    assert not any(one.kind in ("Unfinished", "Maps") for one in inventory_data_home.list_held())


def test_a_download_that_goes_on_is_not_deleted(own_home: Path) -> None:
    from core.storage import downloads

    place = own_home / "downloads" / "wn18rr"
    with downloads.alone(place, "WN18RR"):
        (place / "part").write_text("a piece")
        stayed = inventory_data_home.delete_all([held("Partial downloads")])
        assert "being downloaded" in str(stayed[0][1])
    assert inventory_data_home.delete_all([held("Partial downloads")]) == []
    assert not place.exists()


def test_files_with_two_names_count_once(own_home: Path) -> None:
    folder = own_home / "downloads" / "x"
    folder.mkdir(parents=True)
    (folder / "a").write_bytes(b"1" * 1_000)
    (folder / "b").hardlink_to(folder / "a")
    assert (held("Partial downloads").size, held("Partial downloads").files) == (1_000, 2)
