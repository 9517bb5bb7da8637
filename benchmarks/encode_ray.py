"""Encoding a table in this process, and by Ray on one worker and two, each with one thread.

Each is the whole command in a process of its own with an empty store, so that what Ray takes to
start counts; how long that is, a table of a few texts tells. The vectors must be the same.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.common import ROOT, machine, table

DESCRIPTIONS = ROOT / "assets" / "descriptions" / "descriptions.tsv"
WORDS = [word for word in DESCRIPTIONS.read_text("utf-8").split() if word.isalpha()]
FEW = 8
ENGINES = {
    "in this process": (),
    "Ray, 1 worker": ("--engine", "ray", "--workers", "1"),
    "Ray, 2 workers": ("--engine", "ray", "--workers", "2"),
}


def write_texts(path: Path, count: int) -> None:
    """A table of ``count`` different texts of twenty words."""
    drawn = random.Random(0)
    lines = [f"{' '.join(drawn.choices(WORDS, k=20))} {number}" for number in range(count)]
    path.write_text("\n".join(["text", *lines, ""]), encoding="utf-8")


def seconds(source: Path, options: tuple[str, ...], out: Path) -> float:
    """How long the whole command takes with an empty store."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "EMBEDDING_EXPLORER_HOME": home, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "core", "encode", str(source), "--column", "text"]
        began = time.perf_counter()
        subprocess.run(
            [*command, "--out", str(out), *options],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - began


def main() -> int:
    """Prints the table; 1 where vectors differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=20_000)
    options = parser.parse_args()
    print(machine())
    rows = [("engine", "command, s", "start, s", "texts a second", "share of the plain rate")]
    plain, same = 0.0, True
    with tempfile.TemporaryDirectory() as place:
        many, few, out = (Path(place) / name for name in ("many.csv", "few.csv", "v.npy"))
        write_texts(many, options.texts)
        write_texts(few, FEW)
        first = None
        for name, given in ENGINES.items():
            start = seconds(few, given, out)
            whole = seconds(many, given, out)
            vectors = np.load(out, allow_pickle=False)
            first = vectors if first is None else first
            same &= bool(np.allclose(first, vectors, atol=1e-5))
            rate = options.texts / (whole - start)
            plain = plain or rate
            rows.append(
                (name, f"{whole:.0f}", f"{start:.0f}", f"{rate:,.0f}", f"{rate / plain:.2f}")
            )
    print(table(rows))
    print("the vectors are the same" if same else "the vectors differ")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
