"""Tiny files that cost much: each is told, by the page and by the verb, and nothing ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).resolve().parents[1] / "cases" / "malformed"
ROOT = CASES.parents[2]
# What the message says.
REFUSED = {
    "CRASH-1441310e.txt": "have 556,694 numbers each",
    "dim999999.txt": "have 999,999 numbers each",
    "CRASH-79af0405.npz": "its words are no text",
    "CRASH-a952d5a0.npz": "its words are no text",
    "CRASH-adbc5fb1.npz": "its words are no text",
    "CRASH-f06c7fa7.npz": "its words are no text",
    "npy_neg.npy": "its shape is (-5, 300)",
    "st_f8.safetensors": "holds vectors (2, 3) of F8_E4M3",
    "npz_bz2_lie.npz": "by another method than Deflate",
    "CRASH-5cbf5428.zip": "could not be unpacked",
    "CRASH-93e2d8b2.zip": "could not be unpacked",
    "CRASH-9dff3bea.zip": "could not be unpacked",
    "CRASH-f3c1b407.zip": "could not be unpacked",
    "graph_bz2_lie.zip": "keep to the limit. Pack it again by Deflate",
    "pax_100000.tar.gz": "a header of it has 100,000 bytes. At most 16,384 bytes",
    "shelf_bz2_true.zip": "by another method than Deflate",
    "xlsx_bz2_lie.xlsx": "another kind of workbook than XLSX",
    "far_lower.xlsx": "has 1,048,576 rows and 16,384 columns",
    "far_space.xlsx": "has 1,048,576 rows and 16,384 columns",
    "far_noref.xlsx": "of memory",
    "ods_med3.xlsx": "another kind of workbook than XLSX",
    "ods_endless.xlsx": "another kind of workbook than XLSX",
    "redos2.xlsx": "could not be read as Excel workbook",
    "dict_100k_x_100kB.parquet": "At most 100 MB are read of it",
    "list_20M.parquet": "At most 100 MB are read of it",
}
PICTURES = "CRASH-e706207a.zip"  # one of its three pictures has an empty name


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("malformed")
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.read_malformed", str(CASES)],
        cwd=home,
        env={
            **os.environ,
            "EMBEDDING_EXPLORER_HOME": str(home / "home"),
            "PYTHONPATH": str(ROOT),
            "OPENBLAS_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    answers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answers


@pytest.mark.slow
def test_each_file_has_an_answer(found: dict[str, Any]) -> None:
    assert {*REFUSED, PICTURES} == {path.name for path in CASES.iterdir()} == {*found}


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_what_costs_much_or_is_damaged_is_refused_with_a_message(
    found: dict[str, Any], name: str
) -> None:
    page, verb = found[name]
    kind, given, expected, remedy = page
    assert kind.endswith("Error")
    assert REFUSED[name] in f"{given} {expected} {remedy}"
    assert name in given
    assert expected
    assert remedy
    if verb is not None:  # no verb reads a shelf
        status, answer = verb
        assert status == 2
        assert given in answer["error"]["message"]


@pytest.mark.slow
def test_pictures_beside_one_without_a_name_are_read(found: dict[str, Any]) -> None:
    page, verb = found[PICTURES]
    assert page == ["x/b.jpg", "y/c.gif", ["a file without a name", "it has no name"]]
    assert verb[0] == 0
