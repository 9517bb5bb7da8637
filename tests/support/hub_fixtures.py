"""A model on a hub on loopback as a fixture, and what was downloaded from there, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import Cancelled
from core.storage import downloads
from tests.support.hub_server import FakeHub, Files, serve_hub

NAME = "org/small-model"
WEIGHTS = np.random.default_rng(0).bytes(400_000)
WANTED: Files = {
    "config.json": b'{"model_type": "bert"}',
    "modules.json": b"[]",
    "vocab.txt": b"a\nb\n",
    "spiece.model": b"pieces",
    "empty.txt": b"",
    "1_Pooling/config.json": b'{"pooling": "mean"}',
    "model.safetensors": WEIGHTS,
}
UNWANTED: Files = {
    "pytorch_model.bin": b"pickle",
    "training_args.bin": b"pickle",
    "modeling.py": b"import os",
    "README.md": b"# A model",
    "onnx/model.onnx": b"onnx",
    "onnx/config.json": b"{}",
    "model.fp16.safetensors": b"half",
    "openvino/model.safetensors": b"other",
    "tf_model.h5": b"h5",
}
TOTAL = sum(map(len, WANTED.values()))


@pytest.fixture(name="server")
def hub_with_a_model(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeHub]:
    """A hub with one model; nothing of the person's own cache and token."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for variable in (
        "HF_TOKEN",
        "HUGGING_FACE_HUB_TOKEN",
        "HF_HUB_OFFLINE",
        "TRANSFORMERS_OFFLINE",
    ):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(downloads, "PAUSE", 0)
    with serve_hub(FakeHub(models={NAME: WANTED | UNWANTED})) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        yield served


class Reports:
    """A progress that remembers, and cancels once ``stop`` bytes are there."""

    def __init__(self, stop: float = float("inf")) -> None:
        self.stop = stop
        self.seen: list[tuple[int, int, str]] = []

    def __call__(self, done: int, total: int, note: str = "") -> None:
        self.seen.append((done, total, note))
        if done >= self.stop:
            raise Cancelled("The download")


def content(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def starts(server: FakeHub, path: str) -> list[int | None]:
    """The byte from which each request for ``path`` asked for it."""
    return [asked.start for asked in server.requests if asked.path.endswith(f"/{path}")]
