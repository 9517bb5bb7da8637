"""Fixtures that all layers share: the data home of the tests, real and hand-made vocabularies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
# Before anything imports core: the tests never touch the person's own data home. What is built is
# kept between runs, keyed by digest as ever; tests of building use folders of their own.
HOME = ROOT / ".test-home"
os.environ["EMBEDDING_EXPLORER_HOME"] = str(HOME)
os.environ["STREAMLIT_CLIENT_SHOW_ERROR_DETAILS"] = "full"  # a failed test says why

from core.base import vectors as vec  # noqa: E402
from core.base.types import FloatArray, Modality, Space  # noqa: E402
from core.images import openmoji  # noqa: E402
from core.images.sources import load_gallery  # noqa: E402
from core.images.vectors import EncodedGallery, encode_gallery  # noqa: E402
from core.knn.exact import ExactIndex  # noqa: E402
from core.spaces import registry  # noqa: E402
from core.spaces.vocabulary import Vocabulary  # noqa: E402
from core.spaces.vocabulary_files import Loaded  # noqa: E402
from tests.support.kept_children import keep_children  # noqa: E402
from tests.support.workers import (  # noqa: E402, F401  hooks
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_xdist_make_scheduler,
)

# A busy machine is no fault.
settings.register_profile("any machine", settings(), deadline=None)
settings.load_profile("any machine")

SHARED = Path(os.environ.get("EMBEDDING_EXPLORER_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session", autouse=True)
def children_that_read_are_kept() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        keep_children(patch)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Path of a file of the development data; without it a skip, in CI a failure."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            message = f"needs {name} in {SHARED} (EMBEDDING_EXPLORER_DATA names another folder)"
            if os.environ.get("CI"):
                pytest.fail(message)
            pytest.skip(message)
        return path

    return find


@pytest.fixture(scope="session")
def minilm() -> Loaded:
    """The real default vocabulary and its index."""
    return load_words("minilm")


@pytest.fixture(scope="session")
def minilm_layer2() -> Loaded:
    """The real vocabulary of MiniLM's second layer and its index."""
    return load_words("minilm-layer2")


def load_words(space: str) -> Loaded:
    with built_once(space):
        return registry.find_space(space).vocabulary()


@pytest.fixture(scope="session")
def emoji() -> EncodedGallery:
    """The emoji with the vectors of their pictures and captions in the default space."""
    space = registry.find_space("minilm")
    with built_once("emoji"):
        pictures, texts = space.image_encoder(), space.text_encoder()
        return encode_gallery(load_gallery(openmoji.NAME), space, pictures, texts)


@contextmanager
def built_once(name: str) -> Iterator[None]:
    """Of several workers the first builds what lies in the data home, the others wait for it."""
    import torch

    HOME.mkdir(exist_ok=True)
    with FileLock(HOME / f"{name}.lock"):
        threads = torch.get_num_threads()
        torch.set_num_threads(os.cpu_count() or 1)  # those of the workers that wait for it
        try:
            yield
        finally:
            torch.set_num_threads(threads)


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data home for one test."""
    monkeypatch.setenv("EMBEDDING_EXPLORER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


SMALL = Space("small", "Small", 4, (Modality.WORD,))


class FakeEncoder:
    """Encodes a text as a unit vector drawn by its bytes; counts what it was asked."""

    def __init__(self, space: Space = SMALL) -> None:
        self.space = space
        self.asked: list[str] = []

    def encode(self, inputs: Sequence[str]) -> FloatArray:
        self.asked.extend(inputs)
        rows = [
            np.random.default_rng(list(text.encode()) or [0]).normal(size=self.space.dim)
            for text in inputs
        ]
        return vec.normalize(np.array(rows, dtype=np.float32).reshape(-1, self.space.dim))


@pytest.fixture
def royal() -> Vocabulary:
    """Six words whose vectors make king - man + woman = queen by hand.

    Dimensions: royal, male, female, fruit.
    """
    vectors = {
        "king": [1, 1, 0, 0],
        "queen": [1, 0, 1, 0],
        "man": [0, 1, 0, 0],
        "woman": [0, 0, 1, 0],
        "apple": [0, 0, 0, 1],
        "New_York": [0.2, 0.1, 0.1, 0.9],
    }
    rows = vec.normalize(np.array(list(vectors.values()), dtype=np.float32))
    return Vocabulary(SMALL, list(vectors), rows, "royal")


@pytest.fixture
def royal_index(royal: Vocabulary) -> ExactIndex:
    return ExactIndex(royal.vectors)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their argument: packed ones hold the time, and workers compare names."""
    return argname if isinstance(val, bytes) else None
