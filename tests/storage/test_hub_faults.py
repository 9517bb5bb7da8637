"""Every way in which a download from a hub fails, what is said, and what is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.base.errors import InputError, ServiceError, StorageError
from core.storage import downloads, hub, hub_client
from tests.support.hub_fixtures import (
    NAME,
    TOTAL,
    WANTED,
    WEIGHTS,
    Reports,
    content,
    hub_with_a_model,  # noqa: F401  the fixture “server”
    starts,
)
from tests.support.hub_server import FakeHub, Files, commit_of, serve_hub


@pytest.mark.parametrize("damaged", [b"\0" * len(WEIGHTS), WEIGHTS + b"more"])
def test_damaged_weights_are_deleted(server: FakeHub, damaged: bytes) -> None:
    server.lie = {"model.safetensors": damaged}
    with pytest.raises(ServiceError, match=r"damaged “model.safetensors”"):
        hub.download_model(NAME)
    assert not list(hub.models_home().rglob("model.safetensors*"))
    assert hub.find_snapshot(NAME, needed=[]) is None
    server.lie = {}
    assert content(hub.download_model(NAME)) == WANTED


def test_a_file_that_stays_too_short_ends_after_a_few_tries(server: FakeHub) -> None:
    server.lie = {"vocab.txt": b"a"}
    with pytest.raises(ServiceError, match="cut"):
        hub.download_model(NAME)
    assert len(starts(server, "vocab.txt")) == downloads.TRIES
    server.lie = {}
    assert content(hub.download_model(NAME)) == WANTED


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_hub_is_asked_a_few_times(server: FakeHub, status: int) -> None:
    commit = commit_of(server.models[NAME])
    server.status = {f"/{NAME}/resolve/{commit}/vocab.txt": status}
    with pytest.raises(ServiceError, match=f"HTTP status {status}"):
        hub.download_model(NAME)
    assert len(starts(server, "vocab.txt")) == downloads.TRIES


def test_a_file_that_is_listed_but_not_there(server: FakeHub) -> None:
    commit = commit_of(server.models[NAME])
    server.status = {f"/{NAME}/resolve/{commit}/vocab.txt": 400}
    with pytest.raises(ServiceError, match="refuses with HTTP status 400"):
        hub.download_model(NAME)


def test_no_such_model(server: FakeHub) -> None:
    host = server.url.removeprefix("http://")
    with pytest.raises(InputError, match=f"There is no model org/nobody on {host}"):
        hub.download_model("org/nobody")
    with pytest.raises(InputError, match="There is no dataset"):
        hub.dataset_files("org/nobody")
    assert not hub.models_home().exists()


@pytest.mark.parametrize("closed", ["gated", "private"])
@pytest.mark.parametrize("token", ["", "hf_other"])
def test_a_model_behind_terms(
    server: FakeHub, monkeypatch: pytest.MonkeyPatch, closed: str, token: str
) -> None:
    getattr(server, closed).add(NAME)
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(InputError, match=r"gated or private.*accept the terms.*HF_TOKEN"):
        hub.download_model(NAME)


def test_a_hub_out_of_reach(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_hub() as gone:
        pass
    monkeypatch.setenv("HF_ENDPOINT", gone.url)
    host = gone.url.removeprefix("http://")
    for ask in (hub.download_model, hub.dataset_files):
        with pytest.raises(ServiceError, match=f"{host} is out of reach") as caught:
            ask("org/name")
        assert "on this computer works without it" in str(caught.value)
    assert not hub.models_home().exists()


@pytest.mark.parametrize("address", ["not an address", "ftp://host", "http://[", "http://a:b"])
def test_an_address_that_is_none(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(ServiceError, match="out of reach"):
        hub.download_model(NAME)


def test_a_hub_that_goes_away_in_the_middle(server: FakeHub) -> None:
    commit = commit_of(server.models[NAME])
    server.status = {f"/{NAME}/resolve/{commit}/model.safetensors": 502}
    with pytest.raises(ServiceError, match="goes on where it stopped"):
        hub.download_model(NAME)
    server.status = {}
    server.requests.clear()
    assert content(hub.download_model(NAME)) == WANTED
    assert [a.path.rpartition("/")[2] for a in server.asked_files()] == ["model.safetensors"]


def test_a_silent_hub_is_not_waited_for_long(server: FakeHub) -> None:
    server.models["org/slow"] = {"config.json": b"{}", "model.safetensors": WEIGHTS}
    server.pause = 0.5
    with (
        pytest.raises(ServiceError, match="out of reach"),
        hub_client.connect("model", "org/slow", timeout=0.1) as slow,
    ):
        _, files = slow.files()
        slow.fetch(files, slow.folder, Reports())
    assert len(starts(server, "config.json")) == downloads.TRIES


@pytest.mark.parametrize("value", ["1", "true"])
@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_by_choice(
    server: FakeHub, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    folder = hub.download_model(NAME)
    server.requests.clear()
    monkeypatch.setenv(variable, value)
    for ask in (hub.download_model, hub.dataset_files):
        with pytest.raises(ServiceError, match="HF_HUB_OFFLINE"):
            ask(NAME)
    assert hub.find_snapshot(NAME, needed=[]) == folder
    assert not server.requests


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"config.json": b"{}", "pytorch_model.bin": b"pickle"}, "pickled files, which are never"),
        ({"config.json": b"{}", "model.pt": b"pickle"}, "pickled files, which are never"),
        (WANTED | {"2_Dense/pytorch_model.bin": b"pickle"}, "pickled files, which are never"),
        ({"config.json": b"{}", "model.gguf": b"other"}, "not as model.safetensors"),
        ({"config.json": b"{}", "model.fp16.safetensors": b"half"}, "not as model.safetensors"),
        ({}, "not as model.safetensors"),
    ],
)
def test_a_model_without_safe_weights(server: FakeHub, files: Files, reason: str) -> None:
    server.models[NAME] = files
    with pytest.raises(InputError, match=reason):
        hub.download_model(NAME)
    assert not server.asked_files()


@pytest.mark.parametrize(
    "path",
    [
        "../evil.json",
        "1_Pooling/../../evil.json",
        "/etc/evil.json",
        "..\\evil.json",
        "C:\\evil.json",
        "C:evil.json",
        "\\\\host\\share\\evil.json",
        "evil\0.json",
        "",
    ],
)
def test_a_path_that_leads_out_is_refused(server: FakeHub, own_home: Path, path: str) -> None:
    server.models[NAME] = WANTED | {path: b"{}"}
    server.datasets[NAME] = {"a.csv": b"a", path: b"{}"}
    with pytest.raises(ServiceError, match="not a name to write to"):
        hub.download_model(NAME)
    with pytest.raises(ServiceError, match="not a name to write to"):
        hub.dataset_files(NAME)
    assert not server.asked_files()
    assert not own_home.exists()


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"sha": "abcdef0", "siblings": [{"rfilename": "a.json"}]}',
        b'{"sha": "abcdef0", "siblings": [{"rfilename": 1, "size": 1}]}',
        b'{"sha": "../../x", "siblings": []}',
    ],
)
def test_an_answer_that_is_no_list_of_files(
    server: FakeHub, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setattr("tests.support.hub_server.listing", lambda files: answer)
    with pytest.raises(ServiceError, match=r"no list of files|not a name to write to"):
        hub.download_model(NAME)


def test_a_disk_without_room_is_said_before(
    server: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = TOTAL - 1

    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage)
    with pytest.raises(StorageError, match=r"has 400 kB left. .* needs 400 kB more"):
        hub.download_model(NAME)
    assert not server.asked_files()


def test_a_home_that_cannot_be_written(server: FakeHub, own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "hub").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="Could not write"):
        hub.download_model(NAME)
