"""Caches: what stands for a value in their keys; each parameter is in one, or known not to be."""

from __future__ import annotations

import inspect
import pkgutil
import types
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from PIL import Image
from streamlit.runtime.caching.cache_utils import CachedFunc

import core.cache
from core.base.types import Encoded, FloatArray, Metric, Modality, Space
from core.cache import sentences as sentences_cache
from core.cache.digests import DIGESTS
from core.cache.images import OpenGallery
from core.cache.keypoints import Source
from core.cache.maps import Made
from core.formula.names import PictureNames
from core.generation.request import Request, Source as Beginning
from core.graphs.graph import Graph, build_graph
from core.graphs.pictures import EntityPictures
from core.images.galleries import GalleryEntry
from core.images.gallery import Gallery, Skipped
from core.images.keypoints import Detector, KeyPoints
from core.images.map_items import GalleryOrigin
from core.images.vectors import EncodedGallery
from core.maps.clusters import Clustering, Grouping
from core.maps.growth import Grown
from core.maps.items import MapData, from_vectors
from core.maps.recipe import Method, Projection, Recipe
from core.maps.store import StoredMap
from core.sentences.dataset import EncodedTexts, TextDataset
from core.sentences.datasets import DatasetEntry
from core.sentences.map_items import TextOrigin
from core.spaces.entry import READY, SpaceEntry, SpaceSpec
from core.spaces.sources.hub import HUB, HubSource
from core.spaces.sources.service import SERVICE
from tests.support.graph_fixtures import FAMILY, random_model

SPACE = Space("s", "S", 2, (Modality.TEXT,))
ENTRY = SpaceEntry(SpaceSpec(SPACE, "About.", key_variable="KEY"), HUB, READY, "d1")


class Coder:
    """Encodes a text as a direction, its number of characters by 0.1 radian."""

    space, chunk = SPACE, 10

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        angles = np.array([len(text) / 10 for text in texts], dtype=np.float32)
        vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        whole = np.ones(len(texts), dtype=np.float32)
        return Encoded(vectors, whole, np.zeros(len(texts), dtype=np.bool_))

    def encode_query(self, text: str) -> Encoded:
        return self.encode_texts([text])


def dataset(name: str = "n", digest: str = "d", notes: tuple[str, ...] = ()) -> TextDataset:
    frame = pd.DataFrame({"kind": ["x", "y"]})
    return TextDataset(name, [1, 2], ["one", "three"], "text", frame, digest, notes)


def texts(entry: SpaceEntry = ENTRY, data: TextDataset | None = None) -> EncodedTexts:
    data = data or dataset()
    return EncodedTexts(entry, data, Coder(), Coder().encode_texts(data.texts))


def gallery(name: str = "g", ids: Sequence[str] = ("a",), caption: str = "c") -> Gallery:
    digests = [b"%16d" % at for at in range(len(ids))]
    captions = [caption] * len(ids)
    return Gallery(
        name, list(ids), digests, lambda _: Image.new("RGB", (4, 4)), captions, (captions,),
        pd.DataFrame(index=range(len(ids))),
    )  # fmt: skip


def opened(key: str) -> OpenGallery:
    vectors = np.eye(1, 2, dtype=np.float32)
    return OpenGallery(
        EncodedGallery(gallery(), vectors, None), vectors, 0.0, PictureNames(["a"], {"a": 0}), key
    )


def points(
    position: float = 1, described: int = 2, detector: Detector = Detector.SIFT
) -> KeyPoints:
    one = np.array([position], dtype=np.float32)
    return KeyPoints(
        np.array([[position, 0]], dtype=np.float32),
        np.full((1, 128), described, dtype=np.uint8), one, one, detector, (9, 9),
    )  # fmt: skip


def items(**changed: Any) -> MapData:
    data = from_vectors("m", ["a", "b"], np.array([[1, 0], [0, 1]], dtype=np.float32))
    return replace(data, **changed)


def made(last: float = 1) -> Made:
    coordinates = np.array([[0, 0], [0, last]], dtype=np.float32)
    projection = Projection(coordinates, Recipe(), np.arange(2), 2, "d")
    return Made(items(), StoredMap(projection, None))


def large_array(at: int | None = None) -> FloatArray:
    array = np.zeros(1_000_000, dtype=np.float32)
    if at is not None:
        array[at] = 1
    return array


def graph(name: str = "family", last: str = "anna") -> Graph:
    return build_graph(name, FAMILY | {"test": [("dora", "child of", last)]})


def request(**changed: Any) -> Request:
    return replace(Request("small", "a cat", vector=large_array(1)), **changed)


def beginning(color: str = "red", strength: float = 0.6, mask: int | None = None) -> Beginning:
    masked = None if mask is None else Image.new("L", (2, 2), mask)
    return Beginning(Image.new("RGB", (2, 2), color), strength, masked)


def examples() -> dict[str | type[Any], list[Any]]:
    """Values of every type in the table that differ in what decides a result, made anew."""
    array = np.arange(4, dtype=np.float32)
    return {
        str: ["", "a", "b", "1:a", "\ud800"],
        type(Path()): [Path("a"), Path("a/b")],
        np.ndarray: [
            *(array, array.reshape(2, 2), array.astype(np.int32), array[::-1]),
            *(large_array(), large_array(0), large_array(777_777)),
        ],
        SpaceEntry: [
            ENTRY,
            replace(ENTRY, spec=replace(ENTRY.spec, space=replace(SPACE, name="t"))),
            replace(ENTRY, digest="d2"),
            replace(ENTRY, source=SERVICE),
            replace(ENTRY, spec=replace(ENTRY.spec, key_variable="OTHER")),
        ],
        DatasetEntry: [
            *(DatasetEntry(name, "", 2, digest) for name in "ab" for digest in ("d", "e")),
            DatasetEntry("a", "", 2, "d", notes=("Read as Latin-1.",)),
        ],
        TextDataset: [
            *(dataset(name, digest) for name in "ab" for digest in ("d", "e")),
            dataset("a", "d", ("Read as Latin-1.",)),
        ],
        EncodedTexts: [
            texts(),
            texts(replace(ENTRY, digest="d2")),
            texts(data=dataset("o")),
            texts(data=dataset(digest="e")),
        ],
        GalleryEntry: [
            *(GalleryEntry(name, "", digest) for name in "ab" for digest in ("d", "e")),
            GalleryEntry("a", "", "d", public="cifar-10"),
            GalleryEntry("a", "", "d", left_out=(Skipped("x", "damaged"),)),
        ],
        Gallery: [gallery(), gallery("h"), gallery(ids=["b"]), gallery(caption="d")],
        KeyPoints: [points(), points(2), points(1, 3), points(detector=Detector.ORB)],
        GalleryOrigin: [
            GalleryOrigin(GalleryEntry(name, "", "d"), language, blend)
            for name, language, blend in (
                *(("a", "en", 0.5), ("b", "en", 0.5)),
                *(("a", "de", 0.5), ("a", "en", 0.0)),
            )
        ],
        MapData: [
            items(),
            items(origin=TextOrigin(dataset())),
            items(origin=TextOrigin(dataset(digest="e"))),
            items(origin=GalleryOrigin(GalleryEntry("a", "", "d"), "en", 0.5)),
            items(digest="e"),
            items(space="s"),
            items(modality=Modality.TEXT),
            items(notes=("Standardised.",)),
            items(tags="t"),
        ],
        Grown: [
            Grown(items(), items(digest="e")),
            Grown(items(), items(digest="f")),
            Grown(items(digest="d"), items(digest="e")),
        ],
        Grouping: [
            *(Grouping(kind) for kind in Clustering),
            *(Grouping(Clustering.HDBSCAN, on_map=False), Grouping(Clustering.HDBSCAN, count=9)),
            *(Grouping(Clustering.HDBSCAN, least=9), Grouping(Clustering.HDBSCAN, samples=9)),
            Grouping(Clustering.HDBSCAN, nearest=True),
        ],
        Recipe: [
            *(Recipe(method) for method in Method),
            *(Recipe(seed=seed) for seed in (0, 1)),
            *(Recipe(min_dist=0.2), Recipe(metric=Metric.EUCLIDEAN), Recipe(dims=3)),
        ],
        Graph: [graph(), graph("tree"), graph(last="emil")],
        type(random_model(graph())): [
            random_model(graph()),
            random_model(graph("tree")),
            random_model(graph(), seed=1),
        ],
        Request: [
            *(request(), request(prompt="a dog"), request(seed=1)),
            *(request(vector=large_array(2)), request(negative_vector=large_array(1))),
            *(request(source=beginning()), request(source=beginning("blue"))),
            *(request(source=beginning(strength=0.5)), request(source=beginning(mask=0))),
            request(source=beginning(mask=255)),
        ],
        "core.cache.images.OpenGallery": [opened("k"), opened("l")],
        "core.cache.keypoints.Source": [
            Source(digest, lambda: Image.new("L", (1, 1))) for digest in ("d", "e")
        ],
        "core.cache.maps.Made": [made(), made(2)],
        "core.graphs.pictures.EntityPictures": [
            EntityPictures(gallery(), {0: 0}, "id", 0, 2),
            EntityPictures(gallery(ids=["b"]), {0: 0}, "id", 0, 2),
            EntityPictures(gallery(), {1: 0}, "id", 0, 2),
            EntityPictures(gallery(), {0: 0}, "id", 0, 3),
        ],
    }


@st.cache_resource(hash_funcs=DIGESTS, show_spinner=False)
def one_for_each(value: Any) -> object:
    return object()


@pytest.mark.parametrize("kind", DIGESTS, ids=str)
def test_one_digest_has_one_answer_and_another_digest_another(kind: str | type[Any]) -> None:
    first = [one_for_each(value) for value in examples()[kind]]
    again = [one_for_each(value) for value in examples()[kind]]
    assert [id(one) for one in again] == [id(one) for one in first]
    assert len({id(one) for one in first}) == len(first) > 1


def test_a_kind_of_space_counts_and_not_its_object() -> None:
    again = replace(ENTRY, source=HubSource())  # as after its module was loaded anew
    assert one_for_each(again) is one_for_each(ENTRY)


def test_the_borders_of_texts_count() -> None:
    pairs = [["a", "b"], ["astr:b"], ["a", "bstr:"], ["ab"], ["", "ab"], []]
    assert len({id(one_for_each(pair)) for pair in pairs}) == len(pairs)
    angles = [
        np.arctan2(*sentences_cache.sentences(ENTRY, lines, Coder()).vectors.T[::-1])
        for lines in (["a", "b"], ["astr:b"])
    ]
    np.testing.assert_allclose(angles[0], [0.1, 0.1], atol=1e-6)
    np.testing.assert_allclose(angles[1], [0.6], atol=1e-6)


def cached_functions() -> Iterator[CachedFunc[..., Any]]:
    for module in pkgutil.iter_modules(core.cache.__path__, "core.cache."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, CachedFunc) and value.__module__ == module.name:  # type: ignore[attr-defined]
                yield value


def stands_for_itself(annotation: Any) -> bool:
    """Whether Streamlit hashes such values whole, or the table says what stands for them."""
    origin = get_origin(annotation)
    if origin is not None and origin is not np.ndarray:
        kinds = [kind for kind in get_args(annotation) if kind is not Ellipsis]
        listed = origin in (tuple, list, Sequence, Union, types.UnionType)
        return listed and all(map(stands_for_itself, kinds))
    kind = origin or (type(Path()) if annotation is Path else annotation)
    plain = kind in (int, float, bool, bytes, type(None))
    names = (kind, f"{kind.__module__}.{kind.__qualname__}")
    return plain or issubclass(kind, StrEnum) or any(name in DIGESTS for name in names)


def test_each_parameter_of_a_cached_function_is_in_its_key_or_known_not_to_be() -> None:
    broken, left_out, count = [], set(), 0
    for cached in cached_functions():
        count += 1
        function = inspect.unwrap(cached)
        hints = get_type_hints(function)
        names = [*inspect.signature(function).parameters]
        alone = len(names) == 1 and hints[names[0]] in (str, bytes)  # borders on nothing
        if names and not alone and cached._info.hash_funcs is not DIGESTS:
            broken.append(f"{function.__name__} has no hash_funcs=DIGESTS")
        for name in names:
            if name.startswith("_"):
                left_out.add(f"{function.__name__} {name}")
                continue
            if not stands_for_itself(hints[name]):
                broken.append(f"{function.__name__}: {name} is {hints[name]}")
    assert count > 40
    assert not broken, "\n".join(broken)
    told = {one for one in left_out if not one.endswith(" _progress")}
    assert told == {  # decided by the other parameters of each
        "adapted _labels",
        "adapted _pairs",
        "adapted _vectors",
        "analogies _questions",
        "corpus _texts",
        "encoded _encoder",
        "export_spacy _words",
        "labels _frame",
        "opened_gallery _encoded",
        "are_graph _files",
        "preview _files",
        "preview _given",
        "preview_vectors _beside",
        "preview_vectors _vectors",
        "query_parts _query",
        "query_parts _texts",
        "question _encoder",
        "regions _picture",
        "regions _score",
        "review_of_gallery _near",
        "review_of_texts _near",
        "sentences _encoder",
        "text_parts _encoder",
        "zero_shot _texts",
    }


@pytest.mark.parametrize("kind", [kind for kind in DIGESTS if isinstance(kind, str)])
def test_what_the_table_names_is_there(kind: str) -> None:
    module, _, name = kind.rpartition(".")
    assert inspect.isclass(getattr(import_module(module), name))
