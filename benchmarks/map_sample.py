"""A map of a sample with all other rows placed on it (``map --sample``) against a map of all rows.

The vectors are those of index_million, in parts of 10,000 rows. Each command runs in a process of
its own with an empty data folder. Quality is taken at the same rows, outside the sample: by
their neighbours among each other. Memory is the peak of the command's process, beside which its
children run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.common import ROOT, Rows, machine, table
from benchmarks.index_million import draw
from core.base.types import FloatArray
from core.maps import density_sample
from core.maps.quality import map_quality
from core.readers import parquet, parquet_parts

PART = 10_000


def write_parts(vectors: FloatArray, folder: Path) -> None:
    """Parts with a number for each row."""
    for at in range(0, len(vectors), PART):
        rows = vectors[at : at + PART]
        columns = {"row": pa.array(np.arange(at, at + len(rows))), "vector": parquet.as_lists(rows)}
        pq.write_table(pa.table(columns), folder / f"part-{at // PART:05}.parquet")


def run(source: Path, out: Path, *more: str) -> tuple[dict[str, Any], float, int]:
    """The answer of ``map``, seconds, and the peak of its process in bytes."""
    command = [sys.executable, "-m", "core", "map", str(source), "--out", str(out), "--json"]
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "EMBEDDING_EXPLORER_HOME": home}
        began = time.perf_counter()
        with subprocess.Popen(
            [*command, "--seed", "0", *more],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdout is not None
            said = process.stdout.read()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, said
        return json.loads(said), time.perf_counter() - began, used.ru_maxrss * 1024


def judged(parts: Path, sample: int, judge: int) -> np.ndarray[Any, Any]:
    """Rows that the command draws for judging, by its own seed."""
    opened = parquet_parts.open_parts(str(parts), parts)
    drawn = density_sample.draw(opened, density_sample.POOL * sample + judge, 0)
    order = np.random.default_rng(0).permutation(len(drawn.rows))
    return np.sort(drawn.rows[order[:judge]])


def at_rows(file: Path, rows: np.ndarray[Any, Any]) -> FloatArray:
    """The coordinates of some rows of a map."""
    held = pq.read_table(file, columns=["row", "x", "y"])
    order = np.argsort(held["row"].to_numpy())
    places = np.stack([held["x"].to_numpy(), held["y"].to_numpy()], axis=1)
    found: FloatArray = places[order][rows]
    return found


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=10_000)
    parser.add_argument("--judge", type=int, default=5_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-whole", action="store_true", help="no map of all rows")
    options = parser.parse_args()
    print(machine(), flush=True)
    vectors, _ = draw(options.rows)
    with tempfile.TemporaryDirectory() as place:
        parts = Path(place) / "parts"
        parts.mkdir()
        write_parts(vectors, parts)
        rows = judged(parts, options.sample, options.judge)
        given = ("--sample", f"{options.sample}", "--judge", f"{options.judge}")
        out = Path(place) / "placed"
        answer, seconds, peak = run(parts, out, *given, "--workers", f"{options.workers}")
        made = [(f"sample of {options.sample:,}", Path(answer["overview"]), seconds, peak)]
        if not options.no_whole:
            file = Path(place) / "whole.parquet"
            _, seconds, peak = run(parts, file)
            made.append(("all rows", file, seconds, peak))
        lines: Rows = [("map of", "s", "peak", "trustworthiness", "continuity", "neighbours kept")]
        for name, file, seconds, peak in made:
            found = map_quality(vectors[rows], at_rows(file, rows))
            figures = (found.trustworthiness, found.continuity, found.neighbors_kept)
            told = (f"{one:.3f}" for one in figures)
            lines.append((name, f"{seconds:.0f}", f"{peak / 2**20:,.0f} MiB", *told))
    print(table(lines))


if __name__ == "__main__":
    main()
