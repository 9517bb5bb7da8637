"""Kinds of spaces: a new one is one object in the list, and the spaces are looked up once a run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import InputError
from core.base.types import Encoded, FloatArray, Modality, Progress, Space
from core.inventory import names, readiness
from core.knn.exact import ExactIndex
from core.spaces import added, catalog, registry, text_vectors
from core.spaces.encoders import spacy_vectors
from core.spaces.entry import NEEDS_DOWNLOAD, READY, SpaceEntry, SpaceSpec
from core.spaces.sources.addable import AddableSource
from core.spaces.sources.minilm import MINILM
from core.spaces.vocabulary import Vocabulary
from core.spaces.vocabulary_files import Loaded
from core.storage import data_home
from tests.cli.test_main import call

LENGTHS = Space("lengths", "Lengths", 2, tuple(Modality))
SHAPES = Space("shapes", "Shapes", 2, (Modality.IMAGE,))


def direction(first: float, second: float) -> FloatArray:
    length = np.hypot(first, second)
    return np.array([first / length, second / length], dtype=np.float32)


class LengthEncoder:
    """Texts by their length, pictures by their sides."""

    chunk = 10

    def __init__(self, space: Space) -> None:
        self.space = space

    def encode(self, inputs: Sequence[str]) -> FloatArray:
        return np.array([direction(len(text), 1) for text in inputs], dtype=np.float32)

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        ones = np.ones(len(texts), dtype=np.float32)
        return Encoded(self.encode(texts), ones, np.zeros(len(texts), dtype=np.bool_))

    def encode_query(self, text: str) -> Encoded:
        return self.encode_texts([text])

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        return np.array([direction(*picture.size) for picture in pictures], dtype=np.float32)


class LengthSource(AddableSource):
    """A kind that no module of the app knows: it can do all that a kind can."""

    name = "length"
    is_service = True
    modalities = tuple(Modality)
    known = (SpaceSpec(LENGTHS, "By length."), SpaceSpec(SHAPES, "By sides.", size="1 MB"))

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        state = f"{NEEDS_DOWNLOAD} ({spec.size})" if spec.size else READY
        return SpaceEntry(spec, self, state, data_home.sha256(f"length {spec.model}".encode()))

    def described(self, spec: SpaceSpec) -> SpaceSpec:
        if not spec.model.isalpha():
            raise ValueError(spec.model)
        return replace(spec, about=f"Lengths of {spec.model}.")

    def others(self) -> Iterable[SpaceEntry]:
        yield self.entry(SpaceSpec(replace(LENGTHS, name="minilm", title="Another")))

    def vocabulary(self, entry: SpaceEntry, progress: Progress) -> Loaded:
        words = ["a", "bb"]
        vectors = LengthEncoder(entry.space).encode(words)
        return Vocabulary(entry.space, words, vectors, entry.digest), ExactIndex(vectors)

    def word_encoder(self, entry: SpaceEntry) -> LengthEncoder:
        return LengthEncoder(entry.space)

    def text_encoder(self, entry: SpaceEntry, key: str) -> LengthEncoder:
        return LengthEncoder(entry.space)

    def image_encoder(self, entry: SpaceEntry) -> LengthEncoder:
        return LengthEncoder(entry.space)


LENGTH = LengthSource()


@pytest.fixture
def new_kind(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line."""
    monkeypatch.setattr(catalog, "SOURCES", (*catalog.SOURCES, LENGTH))


def names_listed() -> list[str]:
    return [entry.space.name for entry in registry.list_spaces()]


@pytest.mark.usefixtures("new_kind")
def test_a_new_kind_of_space_is_listed_opened_and_encodes(own_home: Path) -> None:
    for modality in Modality:
        assert registry.find_space("lengths", modality).source is LENGTH
    entry = registry.find_space("lengths")
    words, index = entry.vocabulary()
    assert words.words == ["a", "bb"]
    unknown = entry.word_encoder()
    assert unknown is not None
    assert index.search(unknown.encode(["ccc"]), 1)[1].tolist() == [[1]]
    encoder = entry.text_encoder()
    encoded = text_vectors.load_or_encode(["dddd", "e"], encoder, entry.text_folder)
    assert encoded.vectors == pytest.approx(np.stack([direction(4, 1), direction(1, 1)]))
    assert entry.text_folder == own_home / "texts" / f"lengths-{entry.digest[:12]}"
    assert [path.suffix for path in entry.text_folder.iterdir()] == [".safetensors"]
    pictures = entry.image_encoder().encode_pictures([Image.new("RGB", (3, 4))])
    assert pictures == pytest.approx(np.array([[0.6, 0.8]]))
    assert entry.image_folder == own_home / "pictures" / entry.text_folder.name


@pytest.mark.usefixtures("new_kind")
def test_a_new_kind_is_used_by_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    _, answer, _ = call(capsys, "words", "--space", "lengths", "ccccccc", "-k", "1")
    assert [near["id"] for near in answer["neighbors"]] == ["bb"]


@pytest.mark.usefixtures("new_kind")
def test_a_space_is_asked_for_what_it_takes_alone() -> None:
    (shapes,) = (entry for entry in registry.list_spaces() if entry.space.name == "shapes")
    assert shapes.downloadable
    offered = {offer.title: offer for offer in readiness.offers(registry.list_spaces())}
    assert (offered["Shapes"].size, offered["Shapes"].page) == ("1 MB", "images")
    with pytest.raises(InputError, match="Shapes takes no texts"):
        shapes.text_encoder()
    with pytest.raises(InputError, match="Shapes has no words"):
        shapes.vocabulary()
    with pytest.raises(InputError, match="MiniLM, layer 2 takes no pictures"):
        registry.find_space("minilm-layer2").image_encoder()


@pytest.mark.usefixtures("new_kind")
def test_a_space_of_a_new_kind_is_added_read_again_and_removed() -> None:
    assert added.add(LENGTH.entry(LENGTH.known[0])) == "lengths"  # no second entry
    wanted = LENGTH.entry(SpaceSpec(replace(LENGTHS, name="lengths"), model="Verse"))
    name = added.add(wanted)
    assert name.startswith("lengths-")
    entry = registry.find_space(name, Modality.TEXT)
    assert (entry.source, entry.about) == (LENGTH, "Lengths of Verse.")
    assert entry.digest == wanted.digest
    assert entry.removable
    entry.remove()
    assert name not in names_listed()
    lost = added.add(LENGTH.entry(SpaceSpec(replace(LENGTHS, name="lost"), model="4711")))
    (entry,) = (entry for entry in registry.list_spaces() if entry.space.name == lost)
    assert entry.state == "damaged"


@pytest.mark.usefixtures("new_kind")
def test_what_a_new_kind_finds_takes_no_name_of_another() -> None:
    assert registry.find_space("minilm").source is MINILM
    assert registry.find_space("minilm-2").space.title == "Another"


def test_vectors_of_a_service_are_known_by_its_kind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert names.is_of_service(tmp_path / "text-embedding-3-small-123456789012")
    assert not names.is_of_service(tmp_path / "minilm-123456789012")
    assert not names.is_of_service(tmp_path / "lengths-123456789012")
    monkeypatch.setattr(catalog, "SOURCES", (*catalog.SOURCES, LENGTH))
    assert names.is_of_service(tmp_path / "lengths-123456789012")


def test_kinds_and_known_spaces_have_names_of_their_own() -> None:
    kinds = [source.name for source in catalog.SOURCES]
    known = [spec.space.name for spec in catalog.known_spaces()]
    assert len(set(kinds)) == len(kinds)
    assert len(set(known)) == len(known)
    assert catalog.DEFAULT_SPACE in known


def test_within_a_run_the_spaces_are_looked_up_once(own_home: Path) -> None:
    def put(name: str) -> None:
        (own_home / "own" / name).mkdir(parents=True)

    elsewhere: list[str] = []
    with registry.listed_once():
        before = names_listed()
        put("later")
        assert names_listed() == before
        registry.list_spaces().clear()  # a caller's copy
        assert names_listed() == before
        job = threading.Thread(target=lambda: elsewhere.extend(names_listed()))
        job.start()
        job.join()
    assert elsewhere == [*before, "later"]
    assert names_listed() == [*before, "later"]
    with registry.listed_once():
        assert names_listed() == [*before, "later"]


def test_a_package_that_is_installed_meanwhile_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import spacy
    from spacy.vectors import Vectors

    monkeypatch.syspath_prepend(str(tmp_path))
    assert "en_late" not in {one.name for one in spacy_vectors.installed_packages()}
    nlp = spacy.blank("en")
    nlp.vocab.vectors = Vectors(
        strings=nlp.vocab.strings,
        data=np.eye(2, dtype=np.float32),
        keys=[nlp.vocab.strings.add(word) for word in ("cat", "dog")],
        name="v",
    )
    nlp.meta["name"] = "late"
    nlp.to_disk(tmp_path / "en_late")
    (tmp_path / "en_late" / "__init__.py").touch()
    about = tmp_path / "en_late-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: en-late\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[spacy_models]\nen_late = en_late\n")
    (package,) = (one for one in spacy_vectors.installed_packages() if one.name == "en_late")
    assert (package.dim, package.folder) == (2, tmp_path / "en_late")
    entry = registry.find_space("en_late", Modality.WORD)
    assert entry.vocabulary()[0].words == ["cat", "dog"]
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place != str(tmp_path)])
    assert "en_late" not in {one.name for one in spacy_vectors.installed_packages()}
