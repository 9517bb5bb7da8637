"""Caches: what was replaced under its name is never answered from before, nor made twice."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.base.errors import InputError, StorageError
from core.base.types import FloatArray, Metric, no_progress
from core.cache import (
    generation as generation_cache,
    graph_training as training_cache,
    graphs as graphs_cache,
    images as images_cache,
    keypoints as keypoints_cache,
    map_items as items_cache,
    maps as maps_cache,
    sentences as sentences_cache,
    spaces as spaces_cache,
)
from core.cache.images import OpenGallery
from core.cache.keypoints import Source
from core.export import tensorboard
from core.export.projector import VECTORS
from core.export.tensorboard import ProjectorServer
from core.generation import generators
from core.generation.large import registry as large_models
from core.graphs import models as model_files, sources as graph_sources
from core.images import galleries
from core.images.galleries import GalleryEntry
from core.images.keypoints import Detector
from core.maps import store as map_store
from core.maps.items import from_vectors
from core.maps.recipe import Method, Recipe
from core.maps.store import StoredMap
from core.sentences import datasets
from core.sentences.datasets import DatasetEntry
from core.spaces import registry
from core.spaces.encoders import minilm_pictures, spacy_vectors
from core.spaces.vocabulary import Vocabulary
from tests.cache.test_digests import ENTRY, dataset, gallery, graph, items, made, texts
from tests.support.graph_fixtures import random_model
from tests.support.picture_files import encoded as picture_file


def test_what_sessions_ask_at_once_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []

    def slowly(lines: list[str]) -> object:
        counted.append(lines)
        time.sleep(0.2)
        return object()

    monkeypatch.setattr(sentences_cache, "KeywordIndex", slowly)
    answers: list[object] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(sentences_cache.keywords(dataset("at once")))
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted == [["one", "three"]]
    assert len(answers) == 8
    assert len({id(one) for one in answers}) == 1


def bring_table(name: str, text: str) -> DatasetEntry:
    return datasets.import_table(name, text.encode())


@pytest.mark.usefixtures("own_home")
def test_a_dataset_that_was_replaced_under_its_name_is_read_again() -> None:
    before = bring_table("t.csv", "text,x\nred apple,1\ngreen pear,2\n")
    assert sentences_cache.texts(before, None).texts == ["red apple", "green pear"]
    assert sentences_cache.text_columns(before) == ["text"]
    assert items_cache.numeric(before) == ["x"]
    columns = items_cache.columns(before, ["x"], Metric.EUCLIDEAN, standardize=False)
    assert columns.vectors.tolist() == [[1], [2]]
    datasets.remove(before)
    after = bring_table("t.csv", "title,y,x\nblue sea,5,3\ngrey sky,6,4\n")
    assert after.name == before.name
    assert sentences_cache.texts(after, None).texts == ["blue sea", "grey sky"]
    assert sentences_cache.text_columns(after) == ["title"]
    assert items_cache.numeric(after) == ["y", "x"]
    columns = items_cache.columns(after, ["x"], Metric.EUCLIDEAN, standardize=False)
    assert columns.vectors.tolist() == [[3], [4]]


@pytest.mark.usefixtures("own_home")
def test_two_datasets_of_the_same_table_keep_their_names() -> None:
    table = "text\nred apple\ngreen pear\n"
    loaded = [
        sentences_cache.texts(bring_table(f"{name}.csv", table), None) for name in ("one", "two")
    ]
    assert loaded[0].digest == loaded[1].digest
    assert [items_cache.texts(texts(data=data)).name for data in loaded] == ["one", "two"]


def test_neighbours_by_distance_and_by_direction_are_two_answers() -> None:
    found = {
        metric: sentences_cache.neighbors(texts(), 1, metric, no_progress) for metric in Metric
    }
    # “one” and “three” are 0.2 radian apart
    assert found[Metric.COSINE].scores[0, 0] == pytest.approx(np.cos(0.2))
    assert found[Metric.EUCLIDEAN].scores[0, 0] == pytest.approx(-2 * np.sin(0.1), abs=1e-5)


def bring_gallery(colors: Sequence[str], kinds: Sequence[str]) -> GalleryEntry:
    table = "\n".join(["file,kind", *(f"{at}.png,{kind}" for at, kind in enumerate(kinds))])
    files = [(f"{at}.png", picture_file(color)) for at, color in enumerate(colors)]
    return galleries.import_files("mine", [*files, ("kinds.csv", table.encode())]).entry


@pytest.mark.slow
@pytest.mark.usefixtures("own_home")
def test_a_gallery_that_was_replaced_under_its_name_is_read_again() -> None:
    space = registry.find_space("colour-outline")

    def look(entry: GalleryEntry) -> tuple[OpenGallery, list[str]]:
        encoded = images_cache.encoded_gallery(space, entry, "en", no_progress)
        found = images_cache.opened_gallery(space, entry, "en", encoded, 0.0)
        return found, images_cache.gallery_facets(entry, found.gallery).values["kind"]

    entries = []
    seen = []
    for colors, kinds in (
        (["red", "blue", "red", "blue"], "abab"),
        (["red", "blue", "red", "blue"], "aacc"),  # the same pictures with other labels
        (["red", "red", "blue", "blue"], "aacc"),  # other pictures with the same labels
    ):
        entry = bring_gallery(colors, kinds)
        entries.append(entry)
        seen.append(look(entry))
        galleries.remove(entry)
    assert {entry.name for entry in entries} == {"mine"}
    assert [facets for _, facets in seen] == [["a", "b"], ["a", "c"], ["a", "c"]]
    alike = [float(one.vectors[0] @ one.vectors[1]) > 0.99 for one, _ in seen]
    assert alike == [False, False, True]
    figures = [
        images_cache.gallery_figures(one, "kind", 1, no_progress)[0].accuracy for one, _ in seen
    ]
    assert figures == [1.0, 0.0, 1.0]


@pytest.mark.usefixtures("own_home")
def test_pictures_of_one_gallery_that_could_be_opened_are_no_other_ones() -> None:
    entry = GalleryEntry("g", "", "d")
    frame = pd.DataFrame({"kind": ["a", "a", "b", "b", "c", "c"]})
    whole = replace(gallery(ids="uvwxyz"), frame=frame)
    facets = [
        images_cache.gallery_facets(entry, whole.take(rows)).values["kind"]
        for rows in ([0, 1, 2, 3], [2, 3, 4, 5])
    ]
    assert facets == [["a", "b"], ["b", "c"]]


def test_weights_of_the_picture_encoder_that_changed_are_opened_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = registry.find_space("minilm")
    before = images_cache.picture_encoder(entry)
    assert images_cache.picture_encoder(registry.find_space("minilm")) is before
    about = replace(minilm_pictures.read_about(), sha256="0" * 64)
    monkeypatch.setattr(minilm_pictures, "read_about", lambda: about)
    assert images_cache.picture_encoder(entry) is not before


def test_damaged_weights_are_told_as_such(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def damaged(folder: Path = tmp_path) -> None:
        raise minilm_pictures.SHIPPED.damaged(folder, "it cannot be read")

    monkeypatch.setattr(minilm_pictures, "read_about", damaged)
    with pytest.raises(StorageError, match="is damaged: it cannot be read"):
        images_cache.picture_vector(registry.find_space("minilm"), picture_file("red"))


def test_key_points_are_those_of_the_picture_and_detector() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, 90, 90), dtype=np.uint8)
    sources = [
        Source(f"noise {at}", lambda at=at: Image.fromarray(noise[at]))  # type: ignore[misc]
        for at in range(2)
    ]
    found = [keypoints_cache.key_points(one, Detector.SIFT) for one in sources]
    own = keypoints_cache.matches(found[0], found[0], 0.8)
    assert own.pairs[:, 0].tolist() == own.pairs[:, 1].tolist()
    assert len(own) > 10
    other = keypoints_cache.matches(found[0], found[1], 0.8)
    assert len(other) < len(own) / 2
    assert len(keypoints_cache.matches(found[0], found[1], 1)) > len(other)
    assert keypoints_cache.key_points(sources[0], Detector.ORB).descriptors.dtype == np.bool_


@pytest.mark.usefixtures("own_home")
def test_a_graph_that_was_replaced_under_its_name_is_read_again() -> None:
    def bring(*triples: str) -> list[tuple[str, int]]:
        name = graph_sources.keep_own("g.tsv", {"g.tsv": "\n".join(triples).encode()})
        assert name == "g"
        facts = graphs_cache.relation_facts(graphs_cache.graph(name))
        return [(one.relation, one.count) for one in facts]

    assert bring("a\tlikes\tb", "b\tlikes\tc", "c\tlikes\ta") == [("likes", 3)]
    folder = graph_sources.graph_folder("g")
    folder.rename(folder.parent / ".away")
    found = bring("a\tknows\tb", "b\tknows\ta", "a\tlikes\tb", "b\tlikes\ta")
    assert found == [("knows", 2), ("likes", 2)]


def test_a_model_that_was_replaced_in_its_folder_is_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    vectors, tails = [], []
    for seed in (0, 1):
        model_files.save(random_model(graph(), seed=seed), folder)
        opened = graphs_cache.model(folder)
        assert graphs_cache.model(folder) is opened
        vectors.append(graphs_cache.map_data(opened).vectors)
        tails.append(graphs_cache.evaluation(opened, no_progress).ranks)
        folder.rename(tmp_path / f"away {seed}")
    assert not np.allclose(vectors[0], vectors[1])
    assert not np.array_equal(tails[0], tails[1])


def test_readable_names_that_were_corrected_in_a_models_folder_are_shown(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    names = []
    for label in ("Anna", "Annie"):
        model = random_model(graph())
        labelled = replace(model, graph=replace(model.graph, labels={"anna": label}))
        model_files.save(labelled, folder)
        names.append(graphs_cache.map_data(graphs_cache.model(folder)).texts[0])
        folder.rename(tmp_path / f"away {label}")
    assert names == ["Anna", "Annie"]


def test_models_of_two_graphs_with_the_same_triples_keep_their_titles() -> None:
    names = [
        graphs_cache.map_data(random_model(graph(name))).name.split(" ·")[0]
        for name in ("family", "tree")
    ]
    assert names == ["family", "tree"]


def test_a_preview_is_seen_while_a_map_is_made_and_gone_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, recipe = items(digest="previewed"), Recipe(seed=5)
    drawn = np.ones((2, 2), dtype=np.float32)
    stored = made().stored
    seen: list[FloatArray | None] = []

    def make(
        _vectors: Any, _recipe: Any, _progress: Any, preview: Callable[..., None], _target: Any
    ) -> StoredMap:
        seen.append(maps_cache.preview(data, recipe).coordinates)
        preview(drawn)
        seen.append(maps_cache.preview(items(digest="previewed"), Recipe(seed=5)).coordinates)
        seen.append(maps_cache.preview(data, Recipe(seed=6)).coordinates)
        return stored

    monkeypatch.setattr(map_store, "load_or_project", make)
    assert maps_cache.stored_map(data, recipe, no_progress) is stored
    assert [one is drawn for one in seen] == [False, True, False]
    assert maps_cache.preview(data, recipe).coordinates is None


@pytest.mark.usefixtures("own_home")
def test_a_map_that_is_forgotten_is_made_again() -> None:
    data = from_vectors("f", list("abcdef"), np.random.default_rng(0).normal(size=(6, 4)))
    recipe = Recipe(Method.PCA)
    first = maps_cache.stored_map(data, recipe, no_progress)
    assert maps_cache.stored_map(data, recipe, no_progress) is first
    maps_cache.forget_map(data, recipe)
    again = maps_cache.stored_map(data, recipe, no_progress)
    assert again is not first
    assert not again.opened


def test_what_is_seen_of_a_training_is_one_for_all_until_it_ends() -> None:
    one = training_cache.watch("train x")
    assert training_cache.watch("train x") is one
    assert training_cache.watch("train y") is not one
    training_cache.watch.clear("train x")
    assert training_cache.watch("train x") is not one


def test_a_generators_folder_that_changed_is_opened_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "unet" / "weights.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(b"old")
    entry = replace(large_models.list_large()[0], name="folder:x", folder=tmp_path)
    monkeypatch.setattr(large_models, "list_large", lambda: [entry])
    closed = []

    def opened(name: str) -> SimpleNamespace:
        data = weights.read_bytes()
        return SimpleNamespace(data=data, close=lambda: closed.append(data))

    monkeypatch.setattr(generators, "open_generator", opened)
    read = [generation_cache.generator("folder:x")]
    weights.write_bytes(b"newer")
    read.append(generation_cache.generator("folder:x"))
    assert [getattr(one, "data") for one in read] == [b"old", b"newer"]  # noqa: B009  # a stand-in
    assert closed == [b"old"]


def test_a_projector_that_has_ended_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []

    def start(folder: Path) -> ProjectorServer:
        process = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        started.append(process)
        return ProjectorServer(process, len(started), folder)

    monkeypatch.setattr(tensorboard, "start", start)
    first = sentences_cache.projector(tmp_path / "export", "n", texts())
    assert (tmp_path / "export" / VECTORS).is_file()
    assert sentences_cache.projector(tmp_path / "export", "n", texts()) is first
    started[0].kill()
    started[0].wait()
    second = sentences_cache.projector(tmp_path / "export", "n", texts())
    assert second is not first
    assert second.running
    sentences_cache.projector.clear()
    assert not second.running
    assert len(started) == 2


def test_a_space_without_words_has_no_vocabulary_and_no_encoder_of_words() -> None:
    assert spaces_cache.word_encoder(ENTRY) is None
    with pytest.raises(InputError, match="has no words"):
        spaces_cache.vocabulary(ENTRY)
    entry = registry.find_space("minilm")
    encoder = spaces_cache.word_encoder(entry)
    assert spaces_cache.text_encoder(entry) is encoder
    for digest in ("d2", "d3", "d4"):  # what has none takes no place among what is held
        assert spaces_cache.word_encoder(replace(ENTRY, digest=digest)) is None
    assert spaces_cache.word_encoder(entry) is encoder


@pytest.mark.slow
def test_words_are_written_as_a_package_once_and_again_where_it_is_gone(
    royal: Vocabulary, tmp_path: Path
) -> None:
    target = tmp_path / "words-royal"
    spaces_cache.export_spacy(royal, target)
    [meta] = target.glob("en_*/en_*/meta.json")
    written = meta.stat().st_mtime_ns
    spaces_cache.export_spacy(royal, target)
    assert meta.stat().st_mtime_ns == written
    shutil.rmtree(target)
    spaces_cache.export_spacy(royal, target)
    words = spacy_vectors.load_vectors(spacy_vectors.open_folder(meta.parent)).words
    assert sorted(words) == sorted(royal.words)
