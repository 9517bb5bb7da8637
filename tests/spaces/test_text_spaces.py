"""Spaces of texts: what the catalog says of them, and models that a person adds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import InputError, NotReadyError, ServiceError
from core.base.types import Modality, Space
from core.spaces import added, registry
from core.spaces.encoders.sentence_transformer import SentenceTransformerEncoder
from core.spaces.entry import READY, SpaceEntry, SpaceSpec
from core.spaces.settings import Settings
from core.spaces.sources.folder import FOLDER
from core.spaces.sources.hub import HUB
from core.spaces.text_vectors import load_or_encode
from core.storage import downloads, hub
from tests.support.embeddings_server import KEY
from tests.support.hub_server import FakeHub, serve_hub
from tests.support.own_words import keep_words
from tests.support.tiny_model import DIM, build_tiny_model, model_files

TEXTS = ["the cat sleeps", "a red fish", "the old king sings in the house"]
MPNET, OPENAI = "paraphrase-multilingual-mpnet-base-v2", "text-embedding-3-small"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture
def tiny(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "tiny")


@pytest.fixture(autouse=True)
def alone(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the person's own keys, cache and token."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(downloads, "PAUSE", 0)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HF_TOKEN", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def served(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with serve_hub(FakeHub(models={"org/tiny.v1": model_files(made)})) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


def add_folder(path: Path) -> str:
    return added.add(FOLDER.probe(path))


def add_model(name: str) -> str:
    return added.add(HUB.probe(name))


def entry_of(name: str) -> SpaceEntry:
    (entry,) = [entry for entry in registry.list_spaces() if entry.space.name == name]
    return entry


def check(entry: SpaceEntry, model: Path) -> None:
    """The space is ready, its encoder gives the model's vectors, and they are kept."""
    assert (entry.state, entry.space.dim) == (READY, DIM)
    assert entry.space.modalities == (Modality.TEXT,)
    assert registry.find_space(entry.space.name, Modality.TEXT) == entry
    folder = entry.text_folder
    found = load_or_encode(TEXTS, entry.text_encoder(), folder)
    expected = SentenceTransformerEncoder(entry.space, model).encode_texts(TEXTS)
    np.testing.assert_allclose(found.vectors, expected.vectors, atol=1e-5)
    np.testing.assert_allclose(found.lengths, expected.lengths, atol=1e-5)
    assert len(list(folder.iterdir())) == 1


def test_the_catalog_says_what_each_space_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert entry_of("minilm").ready
    mpnet, openai = entry_of(MPNET), entry_of(OPENAI)
    assert mpnet.state == "needs download (1.1 GB)"
    assert openai.state == "needs a key"
    assert "OPENAI_API_KEY" in openai.remedy
    for name in (MPNET, OPENAI):
        with pytest.raises(NotReadyError, match="is not ready: needs"):
            registry.find_space(name, Modality.TEXT)
    with pytest.raises(NotReadyError, match="Download it"):
        mpnet.text_encoder()
    with pytest.raises(NotReadyError, match="OPENAI_API_KEY"):
        openai.text_encoder()
    assert openai.text_encoder(KEY).space == openai.space
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert entry_of(OPENAI).state == READY
    assert entry_of(OPENAI).remedy == ""
    assert entry_of(OPENAI).digest == openai.digest
    assert registry.find_space(OPENAI, Modality.TEXT).text_encoder().space.dim == 1536


def test_a_space_of_words_takes_no_texts() -> None:
    with pytest.raises(InputError, match="no embedding model of texts called “en_core_web_md”"):
        registry.find_space("en_core_web_md", Modality.TEXT)
    with pytest.raises(InputError, match="takes no texts"):
        entry_of("en_core_web_md").text_encoder()


def test_the_layers_of_minilm_keep_their_vectors_apart(own_home: Path) -> None:
    folders = {entry_of(n).text_folder for n in ("minilm", "minilm-layer2", OPENAI)}
    assert len(folders) == 3
    assert {folder.parent for folder in folders} == {own_home / "texts"}


def test_a_folder_is_added_encodes_and_is_removed(tiny: Path) -> None:
    name = add_folder(tiny)
    assert name == "tiny"
    assert add_folder(tiny / ".." / "tiny") == name
    entry = entry_of(name)
    assert (entry.source, entry.folder) == (FOLDER, tiny)
    assert entry.removable
    check(entry, tiny)
    entry.remove()
    assert not entry.removable
    assert name not in {entry.space.name for entry in registry.list_spaces()}
    assert (tiny / "model.safetensors").is_file()


def test_a_model_without_words_is_never_opened_as_words_nor_deleted(tiny: Path) -> None:
    (tiny / "about.json").write_text('{"made by": "me"}')  # a description of the person's own
    before = {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()}
    entry = entry_of(add_folder(tiny))
    with pytest.raises(InputError, match="tiny has no words") as caught:
        entry.vocabulary()
    assert "Sentences" in caught.value.remedy
    assert {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", [MPNET, OPENAI, "clip-openai", "colour-outline"])
def test_a_space_that_has_no_words_says_so(name: str, tmp_path: Path) -> None:
    (tmp_path / "about.json").write_text("{}")
    with pytest.raises(InputError, match="has no words"):
        replace(entry_of(name), folder=tmp_path).vocabulary()
    assert (tmp_path / "about.json").is_file()


def test_a_folder_that_changed_must_be_added_again(tiny: Path, tmp_path: Path) -> None:
    before = entry_of(add_folder(tiny))
    other = build_tiny_model(tmp_path / "other", seed=1)
    shutil.copy(other / "model.safetensors", tiny)
    changed = entry_of("tiny")
    assert changed.state == "changed"
    assert "add it again" in changed.remedy
    with pytest.raises(NotReadyError, match="add it again"):
        changed.text_encoder()
    assert add_folder(tiny) == "tiny"
    after = entry_of("tiny")
    assert after.text_folder != before.text_folder
    check(after, other)
    shutil.rmtree(tiny)
    assert entry_of("tiny").state == "changed"


def test_names_of_spaces_are_distinct(tiny: Path, tmp_path: Path) -> None:
    add_folder(tiny)
    assert add_folder(shutil.copytree(tiny, tmp_path / "b" / "tiny")) != "tiny"
    name = add_folder(shutil.copytree(tiny, tmp_path / "minilm"))
    assert name.startswith("minilm-")
    words = tmp_path / "words.txt"
    words.write_text("cat 1 0\ndog 0 1\n")
    keep_words(words, "words")
    add_folder(shutil.copytree(tiny, tmp_path / "words"))
    names = [entry.space.name for entry in registry.list_spaces()]
    assert sorted(names) == sorted(set(names))


def test_a_folder_that_is_no_model_is_not_added(own_home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "nothing"):
        with pytest.raises(InputError):
            add_folder(path)
    assert not own_home.exists()


@pytest.mark.slow
def test_a_model_of_the_hub_is_downloaded_and_listed(served: FakeHub, made: Path) -> None:
    name = add_model(f"{served.url}/org/tiny.v1")
    assert name == "tiny.v1"
    check(entry_of(name), made)
    served.requests.clear()
    assert entry_of(name).ready
    assert not served.requests
    shutil.rmtree(hub.models_home())
    assert entry_of(name).state == "needs download"
    assert entry_of(name).download()
    check(entry_of(name), made)


def test_a_model_of_the_catalog_gets_no_second_entry(served: FakeHub, own_home: Path) -> None:
    served.models[f"sentence-transformers/{MPNET}"] = served.models["org/tiny.v1"]
    assert add_model(MPNET) == MPNET
    assert entry_of(MPNET).ready
    assert not (own_home / "spaces").exists()


@pytest.mark.slow
def test_names_the_hub_does_not_know_are_told(served: FakeHub, own_home: Path) -> None:
    with pytest.raises(InputError, match="There is no model org/nobody"):
        add_model("org/nobody")
    with pytest.raises(InputError, match="cannot be a name on a hub"):
        add_model("../evil")
    served.models["org/code"] = served.models["org/tiny.v1"] | {
        "modules.json": b'[{"idx": 0, "name": "0", "path": "", "type": "evil.Module"}]'
    }
    with pytest.raises(InputError, match=r"not in the library \(evil.Module\)"):
        add_model("org/code")
    assert not (own_home / "spaces").exists()


def test_a_hub_out_of_reach_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_hub() as gone:
        pass
    monkeypatch.setenv("HF_ENDPOINT", gone.url)
    with pytest.raises(ServiceError, match="out of reach"):
        add_model("org/tiny")


def test_a_space_without_a_folder_is_not_opened() -> None:
    space = Space("x", "X", 4, (Modality.TEXT,))
    with pytest.raises(NotReadyError):
        SpaceEntry(SpaceSpec(space), FOLDER, READY).text_encoder()


def test_prompts_and_dimensions_are_told_kept_and_part_of_the_vectors_name(
    tiny: Path, tmp_path: Path
) -> None:
    plain = entry_of(add_folder(tiny))
    wanted = Settings(dimensions=4, query="red ", text="blue ")
    entry = entry_of(added.add(FOLDER.probe(tiny, wanted=wanted)))
    assert (entry.space.dim, plain.space.dim) == (4, DIM)
    assert entry.digest != plain.digest
    assert "before a query: “red ”; before a text: “blue ” (as you chose)" in entry.about
    assert "first 4 numbers" in entry.about
    assert "Put before" not in plain.about
    encoder = entry.text_encoder()
    raw = SentenceTransformerEncoder(plain.space, tiny).encode_texts(["blue cat"])
    expected = raw.vectors[0, :4] / np.linalg.norm(raw.vectors[0, :4])
    np.testing.assert_allclose(encoder.encode_texts(["cat"]).vectors[0], expected, atol=1e-5)
    with pytest.raises(InputError, match="vectors of 16 numbers, not of 17"):
        FOLDER.probe(tiny, wanted=Settings(dimensions=17))
    family = tmp_path / "e5-small"
    shutil.copytree(tiny, family)
    found = entry_of(add_folder(family))
    assert "“query: ”; before a text: “passage: ” (as its family's card has it)" in found.about
    without = FOLDER.probe(family, wanted=Settings(query="", text=""))
    assert len({found.digest, without.digest, plain.digest}) == 3
    (family / "modules.json").unlink()
    assert "mean of its tokens" in FOLDER.probe(family).about
