"""Names, downloads of models from a hub on loopback, and what is found again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.base.errors import Cancelled, InputError, NotReadyError
from core.base.jobs import Jobs
from core.base.types import Progress
from core.storage import hub
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


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("org/name", "org/name"),
        ("  gpt2 ", "gpt2"),
        ("sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"),
        ("https://huggingface.co/org/name", "org/name"),
        ("http://www.huggingface.co/org/name/", "org/name"),
        ("huggingface.co/org/name?library=x#usage", "org/name"),
        ("https://hf.co/org/na.me_1/tree/main/1_Pooling", "org/na.me_1"),
        ("https://huggingface.co/gpt2/blob/main/config.json", "gpt2"),
        ("https://huggingface.co/datasets/org/data", "org/data"),
        ("https://mirror.example/hf/org/name", "org/name"),
    ],
)
def test_a_name_or_the_address_of_its_page(
    given: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example/hf/")
    assert hub.check_name(given) == name


NO_NAMES = "|.|..|../x|a/..|a..b|/etc|a/|a/b/c|-a/b|a/b-|a--b|a b|a\\b|C:x|a/b?x|a/.b|a/b.git|org/ü"
NO_PAGES = "https://example.org/a/b|https://huggingface.co/|https://hf.co/spaces/a/b"


@pytest.mark.parametrize("given", [*NO_NAMES.split("|"), *NO_PAGES.split("|"), "x" * 97, "a/b\nc"])
def test_what_is_no_name(given: str) -> None:
    with pytest.raises(InputError, match="cannot be a name"):
        hub.check_name(given)


def test_only_what_a_model_needs_is_asked_for(server: FakeHub) -> None:
    reports = Reports()
    folder = hub.download_model(NAME, reports)
    assert content(folder) == WANTED
    assert folder.is_relative_to(hub.models_home())
    commit = commit_of(server.models[NAME])
    empty = {"empty.txt"}  # which needs no request
    asked = [asked.path for asked in server.asked_files()]
    assert sorted(asked) == sorted(f"/{NAME}/resolve/{commit}/{p}" for p in WANTED.keys() - empty)
    done = [done for done, _, _ in reports.seen]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, TOTAL)
    assert len(set(done)) > 6  # in the middle of the large file, too
    assert {(total, note) for _, total, note in reports.seen} == {(TOTAL, "bytes downloaded")}


def test_nothing_but_the_download_is_asked_for_and_no_machine_is_described(
    server: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.download_model(NAME)
    assert [a.path for a in server.requests if a.path.startswith("/api/")] == [
        f"/api/models/{NAME}/revision/main"
    ]
    assert {a.headers["User-Agent"] for a in server.requests} == {"embedding-explorer"}
    assert {a.headers["Authorization"] for a in server.requests} == {"Bearer hf_secret"}


def test_the_token_does_not_go_to_where_the_hub_keeps_its_files(
    server: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with serve_hub(FakeHub(models=server.models, cut={"model.safetensors"})) as other:
        server.elsewhere = other.url
        assert content(hub.download_model(NAME)) == WANTED
    assert other.requests
    assert not [a for a in other.requests if "Authorization" in a.headers]
    assert starts(other, "model.safetensors")[1] == len(WEIGHTS) // 2


def test_a_finished_model_is_found_without_a_request(server: FakeHub) -> None:
    assert hub.find_snapshot(NAME, needed=["config.json"]) is None
    folder = hub.download_model(NAME)
    server.requests.clear()
    assert hub.find_snapshot(NAME, needed=["config.json", "1_Pooling/config.json"]) == folder
    assert hub.find_snapshot(NAME, needed=["2_Dense/config.json"]) is None
    assert hub.find_snapshot("org/another", needed=[]) is None
    assert not server.requests
    assert hub.download_model(NAME) == folder
    assert not server.asked_files()


def test_a_cut_connection_goes_on_by_itself_with_the_rest(server: FakeHub) -> None:
    server.cut = {"model.safetensors"}
    reports = Reports()
    assert content(hub.download_model(NAME, reports)) == WANTED
    assert starts(server, "model.safetensors") == [None, len(WEIGHTS) // 2]
    sent = [a.sent for a in server.requests if a.path.endswith("/model.safetensors")]
    assert sum(sent) == len(WEIGHTS)
    done = [done for done, _, _ in reports.seen]
    assert done == sorted(done)
    assert done[-1] == TOTAL


def test_a_cancelled_download_goes_on_where_it_stopped(server: FakeHub) -> None:
    with pytest.raises(Cancelled):
        hub.download_model(NAME, Reports(stop=TOTAL // 2))
    assert hub.find_snapshot(NAME, needed=[]) is None
    (part,) = hub.models_home().rglob("*.incomplete")
    have = part.stat().st_size
    assert 0 < have < len(WEIGHTS)
    server.requests.clear()
    reports = Reports()
    assert content(hub.download_model(NAME, reports)) == WANTED
    assert [(a.start, a.sent) for a in server.asked_files()] == [(have, len(WEIGHTS) - have)]
    assert reports.seen[0][0] == TOTAL - len(WEIGHTS) + have


def test_a_download_cancelled_before_it_begins_asks_for_no_file(server: FakeHub) -> None:
    with pytest.raises(Cancelled):
        hub.download_model(NAME, Reports(stop=0))
    assert not server.asked_files()


def test_a_killed_download_goes_on_where_it_stopped(server: FakeHub, own_home: Path) -> None:
    server.hold = {"model.safetensors"}
    code = f"from core.storage import hub; hub.download_model({NAME!r})"
    process = subprocess.Popen([sys.executable, "-c", code], env=dict(os.environ))
    try:
        assert server.held.wait(60)
        part = hub.models_home().rglob("model.safetensors.incomplete")
        deadline = time.monotonic() + 60
        while not any(path.stat().st_size for path in list(part)) and time.monotonic() < deadline:
            part = hub.models_home().rglob("model.safetensors.incomplete")
            time.sleep(0.02)
        with pytest.raises(NotReadyError, match="already"):
            hub.download_model(NAME)
    finally:
        process.kill()
        process.wait()
        server.release.set()
    assert hub.find_snapshot(NAME, needed=[]) is None
    (left,) = hub.models_home().rglob("*.incomplete")
    have = left.stat().st_size
    server.requests.clear()
    assert content(hub.download_model(NAME)) == WANTED
    assert [(a.start, a.sent) for a in server.asked_files()] == [(have, len(WEIGHTS) - have)]
    assert have > 0


def test_a_hub_that_knows_no_ranges_sends_the_whole_file_again(server: FakeHub) -> None:
    server.ranges = False
    with pytest.raises(Cancelled):
        hub.download_model(NAME, Reports(stop=TOTAL // 2))
    reports = Reports()
    assert content(hub.download_model(NAME, reports)) == WANTED
    done = [done for done, _, _ in reports.seen]
    assert done == sorted(done)
    assert done[-1] == TOTAL


def test_a_model_that_changed_meanwhile_leaves_nothing_half_done(server: FakeHub) -> None:
    with pytest.raises(Cancelled):
        hub.download_model(NAME, Reports(stop=TOTAL // 2))
    server.models[NAME] = WANTED | {"config.json": b'{"model_type": "mpnet"}'}
    folder = hub.download_model(NAME)
    assert content(folder) == server.models[NAME]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert hub.find_snapshot(NAME, needed=[]) == folder


def test_weights_in_parts_come_with_their_index(server: FakeHub) -> None:
    parts = [f"model-0000{n}-of-00002.safetensors" for n in (1, 2)]
    index = json.dumps({"weight_map": {"a": parts[0], "b": parts[1]}}).encode()
    wanted = {
        "config.json": b"{}",
        "model.safetensors.index.json": index,
        parts[0]: b"one",
        parts[1]: b"two",
        "2_Dense/model.safetensors": b"dense",
    }
    server.models[NAME] = wanted | {
        "pytorch_model.bin.index.json": b"{}",
        "consolidated.safetensors": b"x",
    }
    assert content(hub.download_model(NAME)) == wanted


def put_in_cache(cache: Path, files: Files) -> Path:
    """``files`` as ``huggingface_hub`` keeps them: links to blobs, and the commit of main."""
    folder = cache / "models--org--small-model"
    commit = commit_of(files)
    (folder / "blobs").mkdir(parents=True)
    for number, (path, data) in enumerate(files.items()):
        (folder / "blobs" / str(number)).write_bytes(data)
        link = folder / "snapshots" / commit / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(folder / "blobs" / str(number))
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(commit)
    return folder / "snapshots" / commit


PARTED = {
    "config.json": b"{}",
    "model.safetensors.index.json": b'{"weight_map": {"a": "model-1.safetensors"}}',
}


@pytest.mark.parametrize(
    ("files", "whole"),
    [
        (WANTED, True),
        (PARTED | {"model-1.safetensors": b"1"}, True),
        (PARTED | {"model-2.safetensors": b"2"}, False),
        ({"config.json": b"{}", "model.safetensors.index.json": b"not JSON"}, False),
        ({"config.json": b"{}", "pytorch_model.bin": b"pickle"}, False),
        ({"model.safetensors": WEIGHTS}, False),
    ],
)
def test_the_persons_own_cache(server: FakeHub, tmp_path: Path, files: Files, whole: bool) -> None:
    folder = put_in_cache(tmp_path / "cache", files)
    assert hub.find_snapshot(NAME, needed=[]) == (folder if whole else None)
    assert hub.find_snapshot(NAME, needed=["not.json"]) is None
    assert not server.requests


def test_a_link_whose_file_is_gone_is_not_whole(server: FakeHub, tmp_path: Path) -> None:
    folder = put_in_cache(tmp_path / "cache", WANTED)
    (folder / "model.safetensors").resolve().unlink()
    assert hub.find_snapshot(NAME, needed=[]) is None


def test_a_reference_that_leads_out_is_not_followed(server: FakeHub, tmp_path: Path) -> None:
    folder = put_in_cache(tmp_path / "cache", WANTED)
    (folder.parent.parent / "refs" / "main").write_text(f"../snapshots/{folder.name}")
    assert hub.find_snapshot(NAME, needed=[]) is None


def test_a_job_of_the_app_watches_and_cancels_a_download(server: FakeHub) -> None:
    jobs = Jobs()
    job = jobs.start("get", "Downloading", lambda progress: hub.download_model(NAME, progress))
    assert content(job.future.result(60)) == WANTED
    assert (job.done, job.total, job.note, job.share) == (TOTAL, TOTAL, "bytes downloaded", 1.0)


def test_a_cancelled_job_stops_its_download(server: FakeHub) -> None:
    begin = threading.Event()

    def download(progress: Progress) -> Path:
        assert begin.wait(60)
        return hub.download_model(NAME, progress)

    job = Jobs().start("get", "Downloading", download)
    job.cancel()
    begin.set()
    assert isinstance(job.future.exception(60), Cancelled)
    assert not server.asked_files()
    assert hub.find_snapshot(NAME, needed=[]) is None
