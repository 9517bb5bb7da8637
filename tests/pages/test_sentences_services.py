"""The Sentences page with models to download and services that ask for a key."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.spaces import added
from core.spaces.sources.service import SERVICE, Service
from tests.pages.test_sentences import column, open_page, told
from tests.pages.test_sentences_data import bring, press
from tests.support.embeddings_server import KEY, EmbeddingsServer, vector

pytestmark = pytest.mark.usefixtures("own_home")


@pytest.fixture
def service() -> Iterator[EmbeddingsServer]:
    """A service listed as the space ``toy``."""
    with EmbeddingsServer() as server:
        added.add(SERVICE.probe(Service(server.url, "toy"), KEY))
        server.asked.clear()
        yield server


def test_a_hub_out_of_reach_gives_one_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from huggingface_hub import constants

    from core.storage import downloads

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(downloads, "PAUSE", 0)
    bring("one.txt", "A single cat.")
    page = open_page(data="one", space="paraphrase-multilingual-mpnet-base-v2")
    assert "is not installed on this computer" in told(page)
    press(page, "Download (1.1 GB)")
    assert not page.exception
    assert len(page.error) == 1
    assert "127.0.0.1" in told(page)
    press(page, "Try again")
    assert not page.exception
    assert len(page.error) == 1


def test_a_space_that_needs_a_key_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    page = open_page(space="text-embedding-3-small")
    assert not page.exception
    assert "needs a key" in told(page)
    assert not page.dataframe
    page.text_input(key="key-text-embedding-3-small").set_value(KEY).run()
    assert "288 texts (of 288" in told(page)
    assert "would be sent to https://api.openai.com/v1" in told(page)
    assert KEY not in told(page)


def test_a_service_is_asked_after_a_click_and_its_neighbours_are_right(
    service: EmbeddingsServer,
) -> None:
    words = [f"line {at}" for at in range(600)]
    bring("lines.txt", "\n".join(words))
    page = open_page(data="lines", space="toy", near="3", row="600")
    page.text_input(key="key-toy").set_value(KEY).run()
    assert not service.asked
    press(page, "Encode 600 texts")
    assert not page.exception
    vectors = np.array([vector(word, service.dim) for word in words])
    products = vectors @ vectors.T
    np.fill_diagonal(products, -np.inf)
    nearest = (np.argsort(-products, axis=1)[:, :3] + 1).tolist()
    assert column(page, "row", 1) == nearest[599]
    assert len(column(page, "row")) == 500  # the rest is on the second page
    page.number_input(key="page").set_value(2).run()
    assert column(page, "row") == list(range(501, 601))
    assert column(page, "nearest by cosine") == [str(rows)[1:-1] for rows in nearest[500:]]
    assert sorted(text for asked in service.asked for text in asked.texts) == sorted(words)


@pytest.mark.parametrize("status", ["401", "429", "500", "html"])
def test_a_service_that_refuses_gives_one_message_without_the_key(
    service: EmbeddingsServer, own_home: Path, status: str
) -> None:
    bring("two.txt", "A cat.\nA dog.\n")
    service.then = status
    page = open_page(data="two", space="toy")
    page.text_input(key="key-toy").set_value(KEY).run()
    press(page, "Encode 2 texts")
    assert not page.exception
    assert len(page.error) == 1
    assert KEY not in told(page) + str(page.query_params)
    kept = b"".join(path.read_bytes() for path in own_home.rglob("*") if path.is_file())
    assert KEY.encode() not in kept
    service.then = ""
    press(page, "Try again")
    assert column(page, "nearest by cosine") == ["2", "1"]


def test_the_right_key_after_a_wrong_one_goes_on(service: EmbeddingsServer) -> None:
    bring("two.txt", "A cat.\nA dog.\n")
    page = open_page(data="two", space="toy")
    page.text_input(key="key-toy").set_value("sk-wrong").run()
    press(page, "Encode 2 texts")
    assert "does not accept the key (401)" in told(page)
    page.text_input(key="key-toy").set_value(KEY).run()
    assert not page.error
    other = open_page(data="two", space="toy")
    other.text_input(key="key-toy").set_value(KEY).run()
    assert not other.error


def test_a_key_is_kept_for_the_session_while_other_tools_are_used(
    service: EmbeddingsServer,
) -> None:
    bring("two.txt", "A cat.\nA dog.\n")
    page = open_page(data="two", space="toy")
    page.text_input(key="key-toy").set_value(KEY).run()
    press(page, "Encode 2 texts")
    page.segmented_control(key="do").set_value("Datasets").run()
    page.segmented_control(key="do").set_value("Semantic search").run()
    page.text_input(key="ask").set_value("A cat.").run()
    assert not page.error
    assert column(page, "row") == [1, 2]


def test_a_folder_of_a_user_who_is_not_there_is_told() -> None:
    page = open_page(do="Models")
    page.segmented_control(key="add-way").set_value("A folder").run()
    box = next(box for box in page.text_input if box.label == "Folder on this computer")
    box.set_value("~nobody-of-this-name/x")
    press(page, "Add")
    assert not page.exception
    assert "is no path" in told(page)
