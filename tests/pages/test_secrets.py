"""Keys and tokens are sent where they belong and are found nowhere else afterwards."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from core.base.errors import ExplorerError
from core.spaces import added
from core.spaces.sources.service import SERVICE, Service
from core.storage import hub
from tests.pages.test_sentences import open_page, told
from tests.pages.test_sentences_data import bring, press
from tests.support.embeddings_server import KEY, EmbeddingsServer
from tests.support.hub_fixtures import NAME, hub_with_a_model  # noqa: F401  the fixture “server”
from tests.support.hub_server import FakeHub

TOKEN = "hf_canary4711Geheim"


@pytest.fixture(autouse=True)
def every_line_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx2", "httpcore2", "openai", "huggingface_hub", "streamlit"):
        caplog.set_level(logging.DEBUG, logger=name)


def places_with(secret: str, *folders: Path) -> list[Path]:
    """Files and folders that hold ``secret`` in their bytes or in their names."""
    everything = [path for folder in folders for path in folder.rglob("*")]
    assert everything
    return [
        path
        for path in everything
        if secret in str(path) or (path.is_file() and secret.encode() in path.read_bytes())
    ]


@pytest.mark.parametrize("then", ["", "401"])
def test_the_key_of_a_service_is_in_no_file_log_link_or_message(
    then: str,
    own_home: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with EmbeddingsServer() as service:
        added.add(SERVICE.probe(Service(service.url, "toy"), KEY))
        service.asked.clear()
        service.then = then
        bring("lines.txt", "one\ntwo\nthree")
        page = open_page(data="lines", space="toy")
        page.text_input(key="key-toy").set_value(KEY).run()
        press(page, "Encode 3 texts")
        assert not page.exception
        assert {asked.authorization for asked in service.asked} == {f"Bearer {KEY}"}
        assert bool(page.error) is bool(then)
    assert KEY not in told(page)
    assert KEY not in str(dict(page.query_params))
    assert (
        page.text_input(key="key-toy").proto.type == page.text_input(key="key-toy").proto.PASSWORD
    )
    assert not places_with(KEY, own_home)
    assert KEY not in caplog.text
    assert KEY not in "".join(capfd.readouterr())


@pytest.mark.parametrize("gated", [False, True])
def test_the_token_of_the_hub_is_in_no_file_log_or_message(
    gated: bool,
    server: FakeHub,
    own_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    if gated:
        server.gated.add(NAME)
    said = ""
    try:
        hub.download_model(NAME)
    except ExplorerError as error:
        said = str(error)
    assert bool(said) is gated
    assert f"Bearer {TOKEN}" in {asked.headers.get("Authorization") for asked in server.requests}
    own_home.mkdir(exist_ok=True)
    (own_home / "seen").touch()
    assert not places_with(TOKEN, own_home)
    assert TOKEN not in said + caplog.text + "".join(capfd.readouterr())
