"""Spaces are listed with their state, imported, loaded and removed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import InputError, NotReadyError, StorageError, VectorFileError
from core.base.types import Modality, Space
from core.sentences import datasets
from core.spaces import registry, vocabularies, vocabulary_files
from core.spaces.encoders import spacy_vectors
from core.spaces.sources import minilm as minilm_source
from core.spaces.sources.minilm import MINILM
from core.spaces.vocabulary import Vocabulary
from tests.support.own_words import keep_words

ROOT = Path(__file__).resolve().parents[2]


def test_the_embedded_spaces_are_ready_and_spacys_say_what_to_do() -> None:
    entries = {entry.space.name: entry for entry in registry.list_spaces()}
    assert entries["minilm"].ready
    assert entries["minilm"].space.dim == 384
    assert entries["minilm"].space.modalities == tuple(Modality)
    large = entries["en_core_web_lg"]
    assert large.ready or large.state == "needs package (python -m spacy download en_core_web_lg)"


def test_an_unknown_space_is_an_error_that_lists_those_known(own_home: Path) -> None:
    with pytest.raises(InputError, match="minilm, minilm-layer2"):
        registry.find_space("nothing")
    with pytest.raises(NotReadyError, match="spacy download en_core_web_md"):
        registry.find_space("en_core_web_md")


def test_an_imported_file_becomes_a_space_until_it_is_removed(
    own_home: Path, shared_data: Callable[[str], Path]
) -> None:
    entry = keep_words(shared_data("vectors/googlenews_8k_300d.bin"), "Google News", limit=6_000)
    assert entry.space.name == "Google-News"
    assert entry.space.title == "Google News"
    vocabulary, index = registry.find_space("Google-News").vocabulary()
    assert len(vocabulary) == 6_000
    assert np.linalg.norm(vocabulary.vectors, axis=1) == pytest.approx(1, abs=1e-5)
    row = vocabulary.row("king")
    assert row is not None
    assert index.search(vocabulary.vectors[[row]], 1)[1][0, 0] == row
    with pytest.raises(InputError, match="already"):
        keep_words(shared_data("vectors/googlenews_8k_300d.bin"), "Google News")
    entry.remove()
    assert list((own_home / "own").iterdir()) == []


def test_a_bad_file_leaves_nothing_and_what_was_there_stays(own_home: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text("cat 1 0\ndog 1 1\n")
    keep_words(good, "good")
    bad = tmp_path / "bad.txt"
    bad.write_text("cat 1 0\ndog 1\n")
    with pytest.raises(VectorFileError):
        keep_words(bad, "bad")
    assert [path.name for path in (own_home / "own").iterdir()] == ["good"]
    assert len(registry.find_space("good").vocabulary()[0]) == 2


def test_of_two_imports_under_one_name_the_later_is_told(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("cat 1 0\n")
    second.write_text("dog 1 0\n")
    original = vocabulary_files.save

    def be_overtaken_and_save(
        space: Space, words: Sequence[str], *arguments: object, **options: object
    ) -> None:
        if list(words) == ["dog"]:
            keep_words(first, "mine")
        original(space, words, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(vocabulary_files, "save", be_overtaken_and_save)
    with pytest.raises(StorageError, match="mine"):
        keep_words(second, "mine")
    assert registry.find_space("mine").vocabulary()[0].words == ["cat"]


@pytest.mark.slow
def test_a_built_vocabulary_is_built_again_only_if_it_is_damaged(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.conftest import FakeEncoder

    entry = registry.find_space("minilm")
    encoder = FakeEncoder(entry.space)
    monkeypatch.setattr(minilm_source, "MiniLMEncoder", lambda space, layer: encoder)
    entry.vocabulary()
    assert entry.folder is not None
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda path: (_ for _ in ()).throw(OSError(24, "many")))
        with pytest.raises(StorageError, match="many"):
            entry.vocabulary()
    assert entry.folder.exists()
    assert len(encoder.asked) == 30_000
    (entry.folder / "words.json").write_text("[]")
    assert len(entry.vocabulary()[0]) == 30_000
    assert len(encoder.asked) == 60_000


def test_a_damaged_import_is_listed_as_such_and_the_rest_goes_on(own_home: Path) -> None:
    (own_home / "own" / "broken").mkdir(parents=True)
    entry = next(entry for entry in registry.list_spaces() if entry.space.name == "broken")
    assert entry.state == "damaged"
    (own_home / "own" / "deep").mkdir()
    (own_home / "own" / "deep" / "about.json").write_text("[" * 99_999)
    (own_home / "datasets" / "deep").mkdir(parents=True)
    (own_home / "datasets" / "deep" / "about.json").write_text("[" * 99_999)
    assert datasets.find_dataset("deep").about.startswith("Damaged")
    for modality in (None, Modality.WORD):
        for name in ("broken", "deep"):
            with pytest.raises(NotReadyError, match="damaged"):
                registry.find_space(name, modality)


def test_an_imported_space_is_called_as_its_folder(own_home: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("cat 1 0\ndog 0 1\n")
    first = keep_words(words, "first")
    assert first.folder is not None
    second = shutil.copytree(first.folder, first.folder.with_name("second"))
    about = json.loads((second / "about.json").read_text())
    for claimed in ("first", "minilm", "../../out"):
        (second / "about.json").write_text(json.dumps(about | {"space": claimed}))
        names = [entry.space.name for entry in registry.list_spaces()]
        assert len(names) == len(set(names))
        entry = registry.find_space("second")
        assert entry.folder == second
        assert entry.vocabulary()[0].space == entry.space
        assert registry.find_space("minilm").folder != second
    (second / "about.json").write_text(json.dumps(about | {"modalities": ["word", "text"]}))
    assert registry.find_space("second").space.modalities == (Modality.WORD,)
    with pytest.raises(InputError, match="takes no texts"):
        registry.find_space("second").text_encoder()
    same = shutil.copytree(first.folder, first.folder.with_name("minilm"))
    assert registry.find_space("minilm").source is MINILM
    assert registry.find_space("minilm-2").folder == same
    registry.find_space("minilm-2").remove()
    assert not same.exists()


def test_what_was_not_imported_is_not_removed() -> None:
    with pytest.raises(InputError, match="Only imported"):
        registry.find_space("minilm").remove()


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vocabulary exported as a spaCy package: the folder to install."""
    from core.base import vectors as vec
    from tests.conftest import SMALL

    rows = vec.normalize(np.arange(1, 13, dtype=np.float32).reshape(3, 4) ** 2)
    target = tmp_path_factory.mktemp("spacy") / "package"
    spacy_vectors.export_package(Vocabulary(SMALL, ["one", "zwei", "trois"], rows, "x"), target)
    return target


@pytest.mark.slow
def test_an_exported_spacy_package_opens_again_with_the_same_vectors(package: Path) -> None:
    folder = next(package.glob("en_*/en_*"))
    vocabulary, _ = vocabularies.load_path(folder)
    assert vocabulary.words == ["one", "zwei", "trois"]
    assert vocabulary.vectors[1] == pytest.approx(
        np.array([25, 36, 49, 64]) / np.linalg.norm([25, 36, 49, 64]), abs=1e-5
    )
    with pytest.raises(InputError, match="exists already"):
        spacy_vectors.export_package(vocabulary, package)


@pytest.mark.slow
def test_an_installed_spacy_package_is_listed_and_loads(package: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--target", str(site), str(package)], check=True)
    code = (
        "from core.spaces import registry\n"
        "entry = registry.find_space('en_words_small')\n"
        "print(entry.state, entry.vocabulary()[0].words)\n"
    )
    path = {"PYTHONPATH": f"{site}:{ROOT}", "EMBEDDING_EXPLORER_HOME": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", code], env=path, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "ready ['one', 'zwei', 'trois']"


@pytest.mark.slow
def test_spacy_vectors_shared_by_words_keep_the_others_as_aliases(tmp_path: Path) -> None:
    import spacy
    from spacy.vectors import Vectors

    nlp = spacy.blank("en")
    data = np.array([[1, 0], [0, 0], [3, 4]], dtype=np.float32)
    keys = [nlp.vocab.strings.add(word) for word in ("cat", "nothing", "dog")]
    vectors = Vectors(strings=nlp.vocab.strings, data=data, keys=keys, name="v")
    vectors.add(nlp.vocab.strings.add("kitty"), row=0)
    nlp.vocab.vectors = vectors
    nlp.meta["name"] = "shared"
    nlp.to_disk(tmp_path / "model")
    vocabulary, _ = vocabularies.load_path(tmp_path / "model")
    assert vocabulary.words == ["cat", "dog"]
    assert vocabulary.row("kitty") == vocabulary.row("cat") == 0
    assert vocabulary.vectors[1] == pytest.approx([0.6, 0.8])


@pytest.mark.slow
def test_spacy_folders_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    import spacy
    from spacy.vectors import Vectors

    with pytest.raises(InputError, match=r"meta\.json"):
        vocabularies.load_path(tmp_path)
    nlp = spacy.blank("en")
    nlp.to_disk(tmp_path / "none")
    with pytest.raises(InputError, match="with word vectors"):
        vocabularies.load_path(tmp_path / "none")
    rows = np.ones((50, 4), dtype=np.float32)
    nlp.vocab.vectors = Vectors(
        strings=nlp.vocab.strings, data=rows, mode="floret", hash_count=1, minn=2, maxn=3, name="f"
    )
    nlp.to_disk(tmp_path / "floret")
    with pytest.raises(InputError, match="floret"):
        vocabularies.load_path(tmp_path / "floret")
    (tmp_path / "floret" / "meta.json").write_text("{")
    with pytest.raises(StorageError, match="not a description"):
        vocabularies.load_path(tmp_path / "floret")
