"""Services that a person adds, whose keys are kept nowhere, and damaged descriptions of spaces."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import InputError, NotReadyError
from core.base.types import Modality, Space
from core.spaces import added, registry
from core.spaces.entry import SpaceEntry, SpaceSpec
from core.spaces.sources.addable import description_path
from core.spaces.sources.service import SERVICE, Service, environment_key
from core.spaces.text_vectors import load_or_encode
from tests.support.embeddings_server import KEY, EmbeddingsServer, vector

TEXTS = ["the cat sleeps", "a red fish", "the old king sings in the house"]


@pytest.fixture(autouse=True)
def alone(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the person's own keys."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "TEST_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def entry_of(name: str) -> SpaceEntry:
    (entry,) = [entry for entry in registry.list_spaces() if entry.space.name == name]
    return entry


@pytest.mark.parametrize("variable", ["", "TEST_API_KEY"])
def test_a_service_is_added_and_its_key_is_kept_nowhere(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with EmbeddingsServer(8) as server:
        name = added.add(SERVICE.probe(Service(server.url, "embed/test", variable), KEY))
        entry = entry_of(name)
        assert (name, entry.space.dim, entry.spec.model) == ("embed-test", 8, "embed/test")
        assert entry.spec.url == server.url
        assert entry.ready  # on this computer it may do without a key
        folder = entry.text_folder
        if variable:
            monkeypatch.setenv(variable, KEY)
        encoder = entry.text_encoder() if variable else entry.text_encoder(KEY)
        found = load_or_encode(TEXTS, encoder, folder)
        expected = np.array([vector(text, 8) for text in TEXTS]) / 2
        np.testing.assert_allclose(found.vectors, expected, atol=1e-6)
        np.testing.assert_allclose(found.lengths, 2, rtol=1e-6)
        assert {asked.model for asked in server.asked} == {"embed/test"}
        assert added.add(SERVICE.probe(Service(server.url, "embed/test", variable), KEY)) == name
        with pytest.raises(InputError):
            SERVICE.probe(Service(server.url, "other"), "sk-wrong")
    files = [path for path in own_home.rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert len(files) == 2  # its description and a chunk of vectors
    for path in files:
        assert KEY.encode() not in path.read_bytes()
        assert KEY not in str(path)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        *((url, key) for url in ("http://[", "ftp://host/v1", "") for key in ("", KEY)),
        ("http://example.org/v1", KEY),
    ],
)
def test_an_address_that_is_none_is_told(own_home: Path, url: str, key: str) -> None:
    with pytest.raises(InputError):
        SERVICE.probe(Service(url, "model"), key)
    assert not own_home.exists()


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://localhost:1/v1", "none"),
        ("http://127.0.0.1/v1", "none"),
        ("http://[::1]:80/v1", "none"),
        ("https://api.openai.com/v1", ""),
        ("https://127.0.0.1.example.org/v1", ""),
        ("localhost", ""),
        ("", ""),
    ],
)
def test_a_service_on_this_computer_may_do_without_a_key(
    monkeypatch: pytest.MonkeyPatch, url: str, key: str
) -> None:
    spec = SpaceSpec(Space("x", "X", 8, (Modality.TEXT,)), url=url, key_variable="TEST_API_KEY")
    assert environment_key(url, "TEST_API_KEY") == key
    assert SERVICE.entry(spec).ready == bool(key)
    monkeypatch.setenv("TEST_API_KEY", KEY)
    assert environment_key(url, "TEST_API_KEY") == KEY
    assert SERVICE.entry(spec).ready


@pytest.mark.parametrize(
    ("variable", "taken"),
    [
        *[(name, True) for name in ("OPENAI_API_KEY", "TOY_TOKEN", "_A_TOKEN", "A1_API_KEY")],
        *[(name, False) for name in ("PATH", "AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "_TOKEN")],
        *[
            (name, False)
            for name in ("A_TOKEN_B", "A_API_KEY=x", "A TOKEN", "A_TOKEN\n", "PASSWORD")
        ],
    ],
)
def test_only_variables_named_like_keys_are_read_and_sent(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, variable: str, taken: bool
) -> None:
    monkeypatch.setattr("os.environ", {**os.environ, variable: KEY})
    with EmbeddingsServer(8) as server:
        service = Service(server.url, "toy", variable)
        if taken:
            assert added.add(SERVICE.probe(service)) == "toy"
            assert environment_key(server.url, variable) == KEY
        else:
            with pytest.raises(InputError, match="is not named like the key of a service"):
                SERVICE.probe(service)
            assert environment_key(server.url, variable) == "none"  # also where it was kept before
            assert not server.asked


API = {"format": 1, "source": "api", "model": "m", "dim": 8, "url": "http://127.0.0.1:1/v1"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"source": "hub"}',
        json.dumps(API | {"source": "other"}),
        json.dumps(API | {"dim": "many"}),
        json.dumps(API | {"url": "http://["}),
        json.dumps(API | {"source": "hub", "model": "../../evil"}),
        json.dumps(API | {"source": "own", "model": ""}),
        "\udcff",
        "[" * 99_999,
    ],
)
def test_a_damaged_description_is_listed_as_damaged(own_home: Path, text: str) -> None:
    (own_home / "spaces").mkdir(parents=True)
    path = own_home / "spaces" / "mine.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    entry = entry_of("mine")
    assert entry.state == "damaged"
    assert str(path) in entry.remedy
    with pytest.raises(NotReadyError):
        registry.find_space("mine", Modality.TEXT)
    entry.remove()
    assert not path.exists()


def test_a_service_keeps_its_dimensions_and_that_its_key_may_be_seen(own_home: Path) -> None:
    with EmbeddingsServer(8) as server:
        whole = added.add(SERVICE.probe(Service(server.url, "m"), KEY))
        short = added.add(SERVICE.probe(Service(f"{server.url}/embeddings", "m", "", 4), KEY))
        assert whole != short
        entries = {name: entry_of(name) for name in (whole, short)}
        assert [entry.space.dim for entry in entries.values()] == [8, 4]
        assert entries[whole].digest != entries[short].digest
        found = entries[short].text_encoder(KEY).encode(["a"])
        expected = np.array(vector("a", 8)[:4])
        np.testing.assert_allclose(found[0], expected / np.linalg.norm(expected), atol=1e-6)
    seen = Service("http://192.168.0.7/v1", "m", "", 0, plain_key=True)
    spec = SpaceSpec(
        Space("lan", "lan", 8, (Modality.TEXT,)),
        model="m",
        url=seen.url,
        settings=seen.settings.as_text(),
    )
    entry = entry_of(added.add(SERVICE.entry(SERVICE.described(spec))))
    assert entry.ready  # another computer by http may do without a key
    assert entry.text_encoder(KEY).host == "192.168.0.7"
    hidden = replace(spec, settings="", space=replace(spec.space, name="hidden"))
    with pytest.raises(InputError, match="begins with http"):
        SERVICE.entry(hidden).text_encoder(KEY)
    path = description_path("lan")
    path.write_text(path.read_text().replace('plain_key\\": true', 'plain_key\\": 7'))
    assert entry_of("lan").state == "damaged"
