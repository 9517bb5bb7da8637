"""kill -9 of the commands that train our networks, at random moments of their work.

Each is run on little data (`faults_training_work`), once to its end without a kill and, in a data
home of its own, killed again and again: after a random number of lines that it tells and a random
time, every second time as soon as something is being written. After each kill every checkpoint and
every kept piece is read, and the next start must go on from the last checkpoint, step by step. At
the end the weights must be those of the run without a kill, to the byte, and no unfinished file may
be left. Exit status 1 if anything was not so.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import faults_check
from benchmarks.common import ROOT, machine, table
from core.storage import data_home

KINDS = ("encoder", "generator")
LINES, SECONDS = 11, 0.5  # a kill comes after fewer lines, and within so long after the last
STEP = re.compile(r"(?:(\w+): )?step (\d+) of (\d+)")


@dataclass(slots=True)
class Found:
    """What was seen of a training."""

    kills: int = 0
    writing: int = 0  # kills that left something unfinished
    went_on: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@contextmanager
def working(
    kind: Sequence[str], home: Path, out: Path
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The command at work, and the lines that it has told so far; killed at the end."""
    name, *more = kind
    command = [sys.executable, "-m", "benchmarks.faults_training_work", name, str(out), *more]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, data_home.HOME_VARIABLE: str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: list[str] = []
    assert process.stdout is not None  # for mypy
    reader = threading.Thread(target=lines.extend, args=(process.stdout,))
    reader.start()
    try:
        yield process, lines
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        reader.join()
        process.stdout.close()


def run(name: str, kills: int, seed: int, *, short: bool = False) -> Found:
    """One training: without a kill, and with so many."""
    found, chance = Found(), random.Random(f"{name} {seed}")
    kind = (name, "short") if short else (name,)
    with tempfile.TemporaryDirectory(prefix="faults-training-") as folder:
        place = Path(folder)
        to_end(kind, place / "whole-home", place / "whole", found)
        home, out = place / "home", place / "out"
        for number in range(kills):
            if not one_kill(kind, home, out, chance, number, found):
                break
        to_end(kind, home, out, found)
        compare(place / "whole", out, found)
        left = [str(path.relative_to(place)) for path in place.rglob(f".*{data_home.PARTIAL}")]
        if left:
            found.wrong.append(f"left unfinished at the end: {left}")
    return found


def to_end(kind: Sequence[str], home: Path, out: Path, found: Found) -> None:
    """Lets the command come to its end."""
    before = checkpoints(home)
    with working(kind, home, out) as (process, lines):
        process.wait()
    if process.returncode:
        found.wrong.append(f"status {process.returncode}: {''.join(lines)[-500:]}")
    look(before, lines, found)


def one_kill(
    kind: Sequence[str], home: Path, out: Path, chance: random.Random, number: int, found: Found
) -> bool:
    """Starts, kills, and reads what is there; whether there was something to kill."""
    before = checkpoints(home)
    after, delay = chance.randrange(LINES), chance.uniform(0, SECONDS)
    with working(kind, home, out) as (process, lines):
        while process.poll() is None and len(lines) < after:
            time.sleep(0.005)
        time.sleep(delay)
        aim([home / "training", out], number, process)
        alive = process.poll() is None
    if not alive:
        found.wrong += [f"ended by itself: {''.join(lines)[-500:]}"] * bool(process.returncode)
        return False
    found.kills += 1
    found.writing += any(home.rglob(f".*{data_home.PARTIAL}")) or any(
        out.rglob(f".*{data_home.PARTIAL}")
    )
    look(before, lines, found)
    now = checkpoints(home)
    for part, done in before.items():
        if now.get(part, 0) < done:
            found.wrong.append(f"{part} stood at {done}, and after a kill at {now.get(part)}")
    found.wrong += faults_check.faults(home) + damaged(home)
    return True


def aim(folders: list[Path], number: int, process: subprocess.Popen[str]) -> None:
    """Every second kill waits until something is being written."""
    until = time.monotonic() + 60 * (number % 2)
    while time.monotonic() < until and process.poll() is None:
        if any(any(folder.rglob(f".*{data_home.PARTIAL}")) for folder in folders):
            return


def checkpoints(home: Path) -> dict[str, int]:
    """The steps that are done by the last checkpoint of each part; reading one checks it."""
    import torch

    return {
        path.stem: int(torch.load(path, weights_only=True)["done"])
        for path in sorted((home / "training").glob("*.pt"))
    }


def damaged(home: Path) -> list[str]:
    """Kept pieces that cannot be read, in words."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    wrong = []
    for path in (home / "training").glob("[!.]*.safetensors"):
        try:
            load(path.read_bytes())
        except SafetensorError as error:
            wrong.append(f"{path.name}: {error}")
    return wrong


def look(before: dict[str, int], lines: list[str], found: Found) -> None:
    """The steps that each part told begin after its last checkpoint, and none is left out."""
    told: dict[str, list[int]] = {}
    for step in filter(None, map(STEP.match, lines)):
        told.setdefault(f"generator-{step[1]}" if step[1] else "pictures-checkpoint", []).append(
            int(step[2])
        )
    for part, steps in told.items():
        done = before.get(part, 0)
        if steps != list(range(done + 1, done + 1 + len(steps))):
            found.wrong.append(f"{part} stood at {done} and told {steps}")
        if done:
            found.went_on.append(f"{part.split('-')[1]} {done}")


def compare(whole: Path, out: Path, found: Found) -> None:
    """The files of both runs are the same to the byte."""
    both = [
        {
            path.relative_to(folder).as_posix(): data_home.digest_file(path)
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in (whole, out)
    ]
    if not both[0] or both[0] != both[1]:
        found.wrong.append(f"the weights are not those of a run without a kill: {both}")


def main() -> int:
    """Runs both and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=6, help="of each training")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rows: list[tuple[str, ...]] = [("training", "kills", "while writing", "went on at", "wrong")]
    wrong = []
    for kind in KINDS:
        seen = run(kind, options.kills, options.seed)
        wrong += [f"{kind}: {one}" for one in seen.wrong]
        went_on = ", ".join(seen.went_on) or "-"
        rows.append((kind, str(seen.kills), str(seen.writing), went_on, str(len(seen.wrong))))
        print(rows[-1], file=sys.stderr, flush=True)
    print(machine())
    print(table(rows))
    print("\n".join(wrong) or "Each came to the same weights as without a kill, to the byte.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
