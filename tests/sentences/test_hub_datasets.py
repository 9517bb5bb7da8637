"""The tables of a dataset on a hub: which there are, and the download of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.base import memory
from core.base.errors import Cancelled, InputError, ServiceError
from core.sentences import datasets
from core.storage import hub
from tests.support.hub_fixtures import (
    Reports,
    hub_with_a_model,  # noqa: F401  the fixture “server”
    starts,
)
from tests.support.hub_server import FakeHub, Files

TABLES: Files = {
    "data/train.parquet": b"PAR1" * 9_000,
    "test.CSV": b"a,b\n1,2\n",
    "questions.jsonl": b"{}\n",
    "notes.txt": b"one\ntwo\n",
    "configurations.txt": b"kept",
    "sheet.xlsx": b"PK",
}
NO_TABLES: Files = {
    "README.md": b"# Data",
    "LICENSE.txt": b"MIT",
    "requirements.txt": b"numpy",
    "requirements-dev.txt": b"numpy",
    "dataset_infos.json": b"{}",
    "sub/config.json": b"{}",
    ".cache/x.json": b"{}",
    "sub/.hidden.csv": b"a",
    "script.py": b"import os",
    "image.png": b"PNG",
}


def test_the_tables_of_a_dataset(server: FakeHub) -> None:
    server.datasets["org/data"] = TABLES | NO_TABLES
    found = hub.dataset_files("https://huggingface.co/datasets/org/data")
    assert {file.path: file.size for file in found} == {p: len(d) for p, d in TABLES.items()}
    assert not server.asked_files()


def test_a_dataset_without_tables_has_those_the_hub_made(server: FakeHub) -> None:
    server.datasets["org/data"] = NO_TABLES
    with pytest.raises(InputError, match="no table that can be read"):
        hub.dataset_files("org/data")
    server.converted["org/data"] = {"default/train/0000.parquet": b"PAR1"}
    assert [(f.path, f.size) for f in hub.dataset_files("org/data")] == [
        ("default/train/0000.parquet", 4)
    ]
    path = hub.download_dataset_file("org/data", "default/train/0000.parquet")
    assert path.read_bytes() == b"PAR1"


def test_a_table_is_downloaded_once_and_goes_on(server: FakeHub) -> None:
    server.datasets["org/data"] = TABLES
    server.cut = {"data/train.parquet"}
    reports = Reports(stop=16_384)
    with pytest.raises(Cancelled):
        hub.download_dataset_file("org/data", "data/train.parquet", reports)
    reports = Reports()
    path = hub.download_dataset_file("org/data", "data/train.parquet", reports)
    assert path.read_bytes() == TABLES["data/train.parquet"]
    assert path.is_relative_to(hub.models_home())
    assert reports.seen[-1] == (36_000, 36_000, "bytes downloaded")
    assert starts(server, "data/train.parquet")[0] is None
    assert starts(server, "data/train.parquet")[1]
    server.requests.clear()
    assert hub.download_dataset_file("org/data", "data/train.parquet") == path
    assert not server.asked_files()
    with pytest.raises(InputError, match="no table “script"):
        hub.download_dataset_file("org/data", "script.py")


def test_a_table_larger_than_an_upload_may_be_is_refused_before_its_download(
    server: FakeHub, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"{at},the cat number {at} sleeps\n" for at in range(40))
    data = f"id,text\n{rows}".encode()
    server.datasets["org/data"] = {"large.csv": data + b"41,a dog\n", "fits.csv": data}
    monkeypatch.setattr(datasets, "MAX_BYTES", len(data))
    with pytest.raises(InputError, match=r"large\.csv.* has 1\.1 kB") as caught:
        datasets.fetch_table("org/data", "large.csv")
    assert "at most" in caught.value.expected
    assert not server.asked_files()
    assert not list(own_home.rglob("large.csv*"))
    assert datasets.fetch_table("org/data", "fits.csv").rows == 40


def test_a_hub_that_sends_more_than_it_stated_is_stopped(
    server: FakeHub, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.datasets["org/data"] = {"a.csv": b"text\nthe cat sleeps\n"}
    server.lie = {"a.csv": b"text\n" + b"the cat sleeps\n" * 200_000}
    with pytest.raises(ServiceError, match="damaged"):
        datasets.fetch_table("org/data", "a.csv")
    assert not list(own_home.rglob("a.csv*"))
    assert server.asked_files()[-1].sent < 3_000_000


def test_a_table_that_does_not_fit_into_memory_is_told(
    server: FakeHub, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.datasets["org/data"] = {"a.csv": b"text\n" + b"the cat sleeps\n" * 100}
    monkeypatch.setattr(memory, "SMALL", 0)
    monkeypatch.setattr(memory, "available_bytes", lambda: 1_400)
    with pytest.raises(InputError, match="of memory"):
        datasets.fetch_table("org/data", "a.csv")
    monkeypatch.setattr(memory, "available_bytes", lambda: 10_000)  # the bytes, but not the rows
    with pytest.raises(InputError, match="of memory"):
        datasets.fetch_table("org/data", "a.csv")
    assert datasets.list_datasets()[1:] == []
