"""A service of embeddings on loopback as a fixture, and an encoder that asks it, for tests."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import numpy as np
import pytest

from core.base.errors import ExplorerError
from core.base.types import Modality, Space
from core.spaces.encoders.openai_api import OpenAIEncoder
from tests.support.embeddings_server import KEY, EmbeddingsServer, vector

MODEL = "embed-test"
DIM = 8
TEXTS = ["a cat", "ein Hund", "猫 and 🐈"]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(name="server")
def embeddings_service() -> Iterator[EmbeddingsServer]:
    with EmbeddingsServer(DIM) as running:
        yield running


def encoder(server: EmbeddingsServer, **changes: object) -> OpenAIEncoder:
    space = Space("api", "API", DIM, (Modality.TEXT,))
    settings: dict[str, object] = {"model": MODEL, "key": KEY, "base_url": server.url}
    return OpenAIEncoder(space, **{**settings, "max_retries": 0, **changes})  # type: ignore[arg-type]


def expected(texts: list[str]) -> np.ndarray:
    return np.array([vector(text, DIM) for text in texts], dtype=np.float32) / 2


def everything_said(error: BaseException) -> str:
    """All that a log or a page could show of an error, down its chain of causes."""
    shown = "".join(traceback.format_exception(error)) + repr(error) + str(vars(error))
    for earlier in (error.__cause__, error.__context__):
        if earlier is not None:
            shown += everything_said(earlier)
    return shown


def fault(server: EmbeddingsServer, **changes: object) -> ExplorerError:
    with pytest.raises(ExplorerError) as caught:
        encoder(server, **changes).encode_texts(TEXTS)
    assert KEY not in everything_said(caught.value)
    assert caught.value.__context__ is None  # where the request, with its header, would hang
    return caught.value
