"""What opening a Parquet file of vectors on the Map takes of memory, in times of the vectors.

``python3 run.py bench map_memory --rows N``: N x 384 numbers drawn by seed 0, with a text a row,
are written to a temporary file; a process of its own opens them as ``python -m core map`` does,
keeps them as Add data does, and projects them by PCA. Every hundredth of a second the resident
memory of that process and of the child that reads for it is added up, less what the process has
once all is imported and a hundred rows were opened. Resident memory holds pages of mapped files as
well, which the system can take away; without them stands beside it. The quality of the map, which
needs all neighbours, is left out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from benchmarks.common import machine, table

DIM, SEED, PART = 384, 0, 10_000
TICK = 0.01  # seconds


def write(path: Path, rows: int, kind: str) -> None:
    """A Parquet file with a text and a list of numbers a row, by parts."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(SEED)
    number = pa.float64() if kind == "double" else pa.float32()
    schema = pa.schema([("text", pa.string()), ("vector", pa.list_(number))])
    with pq.ParquetWriter(path, schema) as writer:
        for at in range(0, rows, PART):
            count = min(PART, rows - at)
            flat = random.standard_normal(count * DIM, dtype=np.float32)
            offsets = np.arange(0, count * DIM + 1, DIM, dtype=np.int32)
            lists = pa.ListArray.from_arrays(offsets, pa.array(flat).cast(number))
            texts = pa.array([f"the row with number {at + one}" for one in range(count)])
            writer.write_table(pa.table([texts, lists], schema=schema))


class Peak:
    """The most resident memory of this process and its children, all and without files' pages."""

    def __init__(self) -> None:
        self.whole = self.own = 0
        self._begin = (0, 0)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._begin = self._now()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(TICK):
            whole, own = self._now()
            self.whole = max(self.whole, whole - self._begin[0])
            self.own = max(self.own, own - self._begin[1])

    @staticmethod
    def _now() -> tuple[int, int]:
        import psutil

        me = psutil.Process()
        whole = own = 0
        for process in (me, *me.children(recursive=True)):
            try:
                found = process.memory_info()
            except psutil.Error:
                continue  # it has ended meanwhile
            whole += found.rss
            own += found.rss - found.shared
        return whole, own


def measure(folder: Path, rows: int, first: int) -> None:
    """The child's part: opens, keeps and projects, and prints what each took."""
    os.environ["EMBEDDING_EXPLORER_HOME"] = str(folder / "home")
    from core.cli import map_items
    from core.maps.project import project
    from core.maps.recipe import Method, Recipe
    from core.readers import table_roles, tables
    from core.sentences import datasets, opened_as

    def keep(name: str) -> str:
        path = folder / name
        table = tables.read_table(path.name, path)
        roles = table_roles.find_roles(table.frame, table.vectors)
        return opened_as.keep(path.name, table, roles).name

    def show(source: str) -> None:
        data = map_items.load_source(source)
        assert data.vectors.shape == (rows if "few" not in source else 100, DIM)
        project(data.vectors, Recipe(Method.PCA))

    show(str(folder / "few.parquet"))
    show(keep("few.parquet"))
    size = rows * DIM * 4
    lines = []
    many = folder / "many.parquet"
    steps = {
        "read from the file": lambda: map_items.load_source(str(many)),
        "read and projected by PCA": lambda: show(str(many)),
        "read and kept as a dataset": lambda: keep("many.parquet"),
        "kept dataset, opened and projected": lambda: show(datasets.list_datasets()[-1].name),
    }
    for name, step in list(steps.items())[:first]:
        began = time.perf_counter()
        with Peak() as peak:
            step()
        seconds = time.perf_counter() - began
        lines.append((name, f"{peak.whole / size:.2f}", f"{peak.own / size:.2f}", f"{seconds:.0f}"))
    print(table([("step", "peak, times the vectors", "without files' pages", "seconds"), *lines]))


def main() -> None:
    """Writes the files and measures in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--kind", choices=["single", "double"], default="single")
    parser.add_argument("--steps", type=int, default=4, help="only the first so many")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder is not None:
        measure(options.folder, options.rows, options.steps)
        return
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "few.parquet", 100, options.kind)
        write(folder / "many.parquet", options.rows, options.kind)
        size = (folder / "many.parquet").stat().st_size
        print(f"{options.rows:,} x {DIM} {options.kind}, {size / 1e6:,.0f} MB on the disk")
        child = [sys.executable, "-m", "benchmarks.map_memory", "--rows", str(options.rows)]
        steps = ["--steps", str(options.steps)]
        subprocess.run([*child, *steps, "--folder", name], check=True)


if __name__ == "__main__":
    main()
