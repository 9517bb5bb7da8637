"""Models in folders: the library's own vectors, texts that are cut, folders that are refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import InputError
from core.base.types import Modality, Space
from core.spaces.encoders import prompts, sentence_transformer, text_batches
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.encoders.sentence_transformer import SentenceTransformerEncoder
from core.spaces.encoders.text_batches import batches
from core.spaces.settings import Settings
from core.spaces.sources.minilm import MINILM
from tests.support.tiny_model import DIM, MAX_TOKENS, build_tiny_model

SPACE = Space("tiny", "Tiny", DIM, (Modality.TEXT,))
WITHIN = "cat " * (MAX_TOKENS - 2)  # as many words as the model reads


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def tiny(folder: Path) -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(SPACE, folder)


def test_vectors_are_those_of_the_library_with_their_lengths(
    tiny: SentenceTransformerEncoder, folder: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    texts = ["cat", "the red fish swims in the river", "", "king queen " * 40, "猫 🐈", "a", WITHIN]
    texts += [f"{text} and {number} small birds" for number in range(30) for text in texts[:3]]
    raw = SentenceTransformer(str(folder), device="cpu").encode(texts)
    found = tiny.encode_texts(texts)
    assert tiny.dim == DIM
    np.testing.assert_allclose(found.vectors * found.lengths[:, None], raw, atol=1e-5)
    np.testing.assert_allclose(found.lengths, np.linalg.norm(raw, axis=1), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-5)
    assert found.lengths.min() > 1.1  # the model does not normalize
    assert (found.vectors.dtype, found.lengths.dtype) == (np.float32, np.float32)
    np.testing.assert_array_equal(tiny.encode(texts), found.vectors)
    query = tiny.encode_query(texts[1])
    np.testing.assert_allclose(query.vectors, found.vectors[1:2], atol=1e-6)
    np.testing.assert_allclose(query.lengths, found.lengths[1:2], atol=1e-5)


def test_no_texts_give_no_vectors(tiny: SentenceTransformerEncoder) -> None:
    found = tiny.encode_texts([])
    assert found.vectors.shape == (0, DIM)
    assert len(found.lengths) == len(found.cut) == 0


def test_texts_that_are_not_read_to_their_end_are_marked(tiny: SentenceTransformerEncoder) -> None:
    texts = ["a cat", WITHIN, WITHIN + "cat", "猫" * (MAX_TOKENS - 2), "x" * 25, ""]
    # The 25 letters are one word that the vocabulary spells in 25 pieces.
    assert tiny.encode_texts(texts).cut.tolist() == [False, False, True, False, True, False]
    found = tiny.encode_texts([WITHIN, WITHIN + "cat", WITHIN + "dog runs"])
    np.testing.assert_allclose(found.vectors[1:], found.vectors[[0, 0]], atol=1e-5)
    assert tiny.encode_query(WITHIN + "cat").cut.tolist() == [True]


@pytest.mark.slow
def test_a_text_of_a_megabyte_is_cut(tiny: SentenceTransformerEncoder) -> None:
    start = "mountain " * MAX_TOKENS
    found = tiny.encode_texts(["mountain " * 115_000, start, "cat"])
    assert found.cut.tolist() == [True, True, False]
    np.testing.assert_allclose(found.vectors[0], found.vectors[1], atol=1e-5)


def test_half_a_character_is_no_fault(tiny: SentenceTransformerEncoder) -> None:
    """A shell gives one for bytes that are not UTF-8: ``caf\\udce9``."""
    try:
        found = tiny.encode_texts(["caf\udce9", "cat"])
    except InputError as error:
        assert "caf" in str(error)
    else:
        np.testing.assert_allclose(found.vectors[1:], tiny.encode(["cat"]), atol=1e-5)


@pytest.mark.parametrize(
    "sizes",
    [[], [0], [10**6], [0] * 600, [5, 900, 3, 900, 10**6, 5], [*range(1, 700)], [4_000, 4_001, 1]],
)
def test_batches_hold_each_row_once_within_the_budget(sizes: list[int]) -> None:
    found = list(batches(sizes))
    assert sorted(row for rows in found for row in rows) == list(range(len(sizes)))
    for rows in found:
        longest = max(sizes[row] for row in rows)
        padded = longest * len(rows)
        assert len(rows) == 1 or padded <= text_batches.BATCH_CHARACTERS
        assert len(rows) <= text_batches.BATCH_TEXTS
    ordered = [sizes[row] for rows in found for row in rows]
    assert ordered == sorted(sizes, reverse=True)


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def foreign_module(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["type"] = "os.path"
    (folder / "modules.json").write_text(json.dumps(modules))


def module_elsewhere(folder: Path) -> None:
    """A pooling that lies beside the model's folder."""
    (folder / "1_Pooling").rename(folder.parent / "pooling")
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["path"] = "../pooling"
    (folder / "modules.json").write_text(json.dumps(modules))


def pickled_module(folder: Path) -> None:
    """A last module whose weights are a pickle, beside safe weights of the others."""
    from sentence_transformers.base.modules import Dense

    (folder / "2_Dense").mkdir()
    Dense(DIM, DIM).save(str(folder / "2_Dense"), safe_serialization=False)
    modules = json.loads((folder / "modules.json").read_text())
    kind = "sentence_transformers.base.modules.dense.Dense"
    modules.append({"idx": 2, "name": "2", "path": "2_Dense", "type": kind})
    (folder / "modules.json").write_text(json.dumps(modules))
    assert (folder / "2_Dense" / "pytorch_model.bin").is_file()


def cut_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1_000])


def writer(name: str, text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_text(text)

    return write


HARMS = {
    "no safetensors": (no_weights, "lacks .safetensors weights"),
    "foreign module": (foreign_module, r"code that is not in the library \(os.path\)"),
    "module elsewhere": (module_elsewhere, r"cannot be used: .*\.\./pooling"),
    "pickled module": (pickled_module, "cannot be used"),
    "cut weights": (cut_weights, "cannot be used"),
    "weights that are none": (writer("model.safetensors", "nonsense"), "cannot be used"),
    "empty weights": (writer("model.safetensors", ""), "cannot be used"),
    "broken modules.json": (writer("modules.json", "[{"), "modules.json cannot be read"),
    "modules.json of another form": (writer("modules.json", "[3]"), "modules.json cannot be"),
    "deep modules.json": (writer("modules.json", "[" * 99_999), "modules.json cannot be read"),
    "no modules": (writer("modules.json", "[]"), "cannot be used"),
    "broken config.json": (writer("config.json", "{"), "cannot be used"),
    "empty config.json": (writer("config.json", "{}"), "cannot be used"),
    "broken tokenizer": (writer("tokenizer.json", '{"model": 3}'), "cannot be used"),
    "broken pooling": (writer("1_Pooling/config.json", "[]"), "cannot be used"),
    "other sizes": (writer("config.json", '{"model_type": "bert"}'), "cannot be used"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_model_that_cannot_be_used_is_told(folder: Path, tmp_path: Path, harm: str) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    change, told = HARMS[harm]
    change(copy)
    with pytest.raises(InputError, match=told):
        SentenceTransformerEncoder(SPACE, copy).encode(["a cat"])


def test_a_folder_that_is_none_or_empty_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "nothing", tmp_path / "file"):
        with pytest.raises(InputError, match="is not a folder"):
            sentence_transformer.load_model(path)
    with pytest.raises(InputError, match=r"neither config.json nor modules.json"):
        sentence_transformer.load_model(tmp_path)


def test_vectors_that_are_not_numbers_are_told(folder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    copy = shutil.copytree(folder, tmp_path / "copy")
    weights = load_file(copy / "model.safetensors")
    name = next(name for name in weights if name.endswith("output.LayerNorm.weight"))
    save_file(
        weights | {name: weights[name] * np.nan}, copy / "model.safetensors", {"format": "pt"}
    )
    with pytest.raises(InputError, match="not numbers"):
        SentenceTransformerEncoder(SPACE, copy).encode_texts(["a cat"])


@pytest.mark.parametrize("layer", [None, 2])
def test_minilm_tells_lengths_of_one_and_what_it_cut(layer: int | None) -> None:
    encoder = MiniLMEncoder(MINILM.known[0].space, layer)
    texts = ["A cat sleeps.", "word " * 254, "word " * 255, "word " * 2_000]
    found = encoder.encode_texts(texts)
    assert found.cut.tolist() == [False, False, True, True]
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(found.vectors[2:], found.vectors[[1, 1]], atol=1e-5)
    query = encoder.encode_query(texts[0])
    np.testing.assert_allclose(query.vectors, found.vectors[:1], atol=1e-5)
    assert (found.lengths == 1).all() == (layer is None)
    assert len(encoder.encode_texts([])) == 0


def raw_vectors(folder: Path, texts: list[str]) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    found = SentenceTransformer(str(folder), device="cpu").encode(texts)
    return np.asarray(found)


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def test_what_is_wished_is_put_before_queries_and_texts(folder: Path) -> None:
    wanted = Settings(query="red ", text="blue ")
    encoder = SentenceTransformerEncoder(SPACE, folder, wanted)
    with_text, with_query = unit(raw_vectors(folder, ["blue cat", "red cat"]))
    np.testing.assert_allclose(encoder.encode(["cat"])[0], with_text, atol=1e-5)
    np.testing.assert_allclose(encoder.encode_query("cat").vectors[0], with_query, atol=1e-5)
    assert encoder.encode_texts([WITHIN]).cut.tolist() == [True]  # the prompt takes its place


def test_the_first_numbers_are_kept_at_unit_length(folder: Path) -> None:
    space = Space("short", "Short", 4, (Modality.TEXT,))
    encoder = SentenceTransformerEncoder(space, folder, Settings(dimensions=4))
    raw = raw_vectors(folder, ["cat", "red fish"])[:, :4]
    found = encoder.encode_texts(["cat", "red fish"])
    np.testing.assert_allclose(found.vectors, unit(raw), atol=1e-5)
    np.testing.assert_allclose(found.lengths, np.linalg.norm(raw, axis=1), atol=1e-5)
    np.testing.assert_allclose(encoder.encode_query("cat").vectors, unit(raw[:1]), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "query", "text"),
    [
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("intfloat/e5-base-v2", "query: ", "passage: "),
        ("BAAI/bge-small-en-v1.5", "Represent this sentence for searching relevant passages: ", ""),
        ("BAAI/bge-m3", "", ""),
        ("thenlper/gte-small", "", ""),
        ("nomic-ai/nomic-embed-text-v1.5", "search_query: ", "search_document: "),
        ("sentence-transformers/all-MiniLM-L6-v2", "", ""),
        ("someone/these5-small", "", ""),
    ],
)
def test_known_families_have_the_prompts_of_their_cards(
    folder: Path, name: str, query: str, text: str
) -> None:
    found = prompts.find(folder, name)
    assert (found.query, found.text) == (query, text)
    assert bool(found.told()) == bool(query or text)


def test_a_models_own_prompts_go_before_its_familys_and_a_persons_before_both(
    folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "e5-small"
    shutil.copytree(folder, copy)
    path = copy / "config_sentence_transformers.json"
    about = json.loads(path.read_bytes())
    assert prompts.find(copy).query == "query: "  # the library writes empty ones
    path.write_text(json.dumps(about | {"prompts": {"query": "red ", "passage": "blue "}}))
    assert prompts.find(copy) == prompts.Prompts("red ", "blue ", prompts.OWN_FILES)
    encoder = SentenceTransformerEncoder(SPACE, copy)
    with_text, with_query = unit(raw_vectors(folder, ["blue cat", "red cat"]))
    np.testing.assert_allclose(encoder.encode(["cat"])[0], with_text, atol=1e-5)
    np.testing.assert_allclose(encoder.encode_query("cat").vectors[0], with_query, atol=1e-5)
    path.write_text(json.dumps(about | {"prompts": {"x": "old "}, "default_prompt_name": "x"}))
    assert prompts.find(copy).text == "old "
    chosen = prompts.find(copy, wanted=Settings(query="", text=""))
    assert (chosen.query, chosen.text, chosen.told()) == ("", "", "")
    for broken in ("{", "[]", '{"prompts": 3}'):
        path.write_text(broken)
        assert prompts.find(copy).text == "passage: "
