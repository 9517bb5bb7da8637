"""Every file option of every verb, given what is no file: a message, whatever it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="devices and pipes as POSIX has them")
NO_FILE = "is a device, a pipe or a socket"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Good files, and beside them what is none."""
    (tmp_path / "folder").mkdir()
    for name in ("fifo", "fifo.csv", "fifo.zip", "fifo.parquet", "fifo.npy", "fifo.png"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    with (tmp_path / "huge.txt").open("wb") as stream:
        stream.truncate(300_000_000_000)
    np.save(tmp_path / "v.npy", np.eye(3, dtype=np.float32))
    (tmp_path / "t.csv").write_text("text\nthe cat sleeps\na dog barks\n")
    (tmp_path / "g.tsv").write_text("a\tr\tb\nb\tr\tc\n")
    (tmp_path / "graph").mkdir()
    os.mkfifo(tmp_path / "graph" / "train.tsv")
    (tmp_path / "model").mkdir()  # of folders whose names end as those of files do
    (tmp_path / "model" / "config.json").mkdir()
    return tmp_path


def run(work: Path, commands: list[list[str]]) -> list[tuple[str, str]]:
    """Exit status (or what was raised) and messages of each command, in a child with limits."""
    asked = work / "commands"
    asked.write_text(json.dumps(commands), encoding="utf-8")
    command = [sys.executable, "-m", "tests.support.commands_child", str(asked)]
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,  # open, and with nothing in it: who reads it waits for ever
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stderr is not None
    found = [tuple(json.loads(line)) for line in child.stdout]
    errors = child.stderr.read()
    child.wait(60)
    assert len(found) == len(commands), errors[-2_000:]
    return found  # type: ignore[return-value]


def options(work: Path, path: str) -> list[list[str]]:
    """Every place where a command takes a file or a folder to read."""
    text, vectors, triples = (str(work / name) for name in ("t.csv", "v.npy", "g.tsv"))
    picture, table, model = (str(work / f"out{end}") for end in (".png", ".parquet", "-model"))
    web = ["images", "--text", "cat", "--gallery", "web-gallery-of-art", "--download"]
    return [
        ["words", "--analogies", path],
        ["words", "--similarity", path],
        ["words", "cat", "--space", path],
        ["words", "cat", "--space", vectors, "--word-list", path],
        ["sentences", path],
        ["sentences", path, "--pairs"],
        ["sentences", text, "--space", path],
        ["images", "--gallery", path, "--text", "cat"],
        ["images", "--image", path],
        ["images", "--query", f"[{path}]"],
        [*web, "--catalogue", path],
        ["map", path, "--out", table],
        ["map", path, "--columns", "a,b", "--out", table],
        ["map", vectors, "--word-list", path, "--out", table],
        ["map", text, "--recipe", path, "--out", table],
        ["map", text, "--space", path, "--out", table],
        ["generate", "cat", "--image", path, "--out", picture],
        ["generate", "cat", "--generator", path, "--out", picture],
        ["generate", "--from-png", path, "--out", picture],
        ["graph", "train", path, "--out", model],
        ["graph", "train", triples, "--labels", path, "--out", model],
        ["graph", "predict", path, "--head", "a", "--relation", "r"],
    ]


def writing(work: Path, path: str) -> list[list[str]]:
    """Every place where a command writes."""
    text, triples = str(work / "t.csv"), str(work / "g.tsv")
    return [
        ["sentences", text, "--tsv", path],
        ["map", text, "--out", path],
        ["generate", "cat", "--out", path],
        ["graph", "train", triples, "--epochs", "1", "--out", path],
    ]


@pytest.mark.slow
def test_what_is_no_file_is_a_message_for_every_option_of_every_verb(work: Path) -> None:
    devices = [
        "/dev/zero",
        "/dev/stdin",
        *map(str, sorted(work.glob("fifo*"))),
        str(work / "zero.csv"),
    ]
    others = [str(work / name) for name in ("folder", "huge.txt", "missing", "model")] + ["", "\0"]
    commands = [one for path in [*devices, *others] for one in options(work, path)]
    commands += [
        one for path in ("/dev/zero", str(work / "fifo"), "") for one in writing(work, path)
    ]
    commands.append(["graph", "train", str(work / "graph"), "--out", str(work / "out-model")])
    answers = run(work, commands)
    wrong = [
        (command, *answer)
        for command, answer in zip(commands, answers, strict=True)
        if answer[0] != "status 2" or not answer[1].splitlines()[-1].startswith("error: ")
    ]
    assert wrong == []
    for command, (_, told) in zip(commands, answers, strict=True):
        named = {"/dev/zero", str(work / "fifo")} & {*command}
        # Where a name of a space or a generator is asked for too, it is told that there is none.
        if named and not {"--query", "--generator"} & {*command}:
            assert NO_FILE in told or "There is no embedding model" in told, command
    assert not list(work.glob("out*"))


NUMBERS = ("1e999", "-Infinity", "NaN", "2.5", '"x"', "1" + "0" * 400)
NAMES = ("dims", "seed", "epochs", "neighbors", "min_dist")


def test_numbers_of_a_recipe_that_are_none_are_messages(work: Path) -> None:
    commands = []
    for at, number in enumerate(NUMBERS):
        for name in NAMES:
            recipe = work / f"{at}-{name}.json"
            recipe.write_text(f'{{"recipe": {{"{name}": {number}}}}}')
            out = str(work / "out.parquet")
            commands.append(["map", str(work / "t.csv"), "--recipe", str(recipe), "--out", out])
    for command, (status, told) in zip(commands, run(work, commands), strict=True):
        name = Path(command[3]).stem.partition("-")[2]
        assert status == "status 2", (command, told)
        assert f"“{name}” of the map is" in told or "least distance is 2.5" in told


@pytest.mark.slow
def test_a_models_description_with_infinity_is_told_as_damaged(work: Path) -> None:
    model = work / "trained"
    train = ["graph", "train", str(work / "g.tsv"), "--epochs", "1", "--out", str(model)]
    assert [status for status, _ in run(work, [train])] == ["status 0"]
    about = json.loads((model / "model.json").read_text())
    asked = []
    changes = {"epochs": "1e999", "losses": "5", "settings": "[]", "mrrs": "[[1e999, 0]]"}
    for name, value in changes.items():
        changed = work / f"trained-{name}"
        shutil.copytree(model, changed)
        text = json.dumps(about | {name: "HERE"}).replace('"HERE"', value)
        (changed / "model.json").write_text(text)
        asked.append(["graph", "predict", str(changed), "--head", "a", "--relation", "r"])
    for status, told in run(work, asked):
        assert status == "status 2"
        assert "is damaged" in told
