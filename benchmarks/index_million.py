"""HNSW over a million vectors of 384 against comparing with all, single questions.

The vectors lie around 1,000 centers, drawn by seed 0: a center of length 1 plus isotropic Gaussian
noise that is as long as it on average, then brought to length 1. So the thousand of a center are
all nearly as far from each other, and the ten nearest of a question are not told by its center.
Questions are drawn the same way. The index is built once, kept in the data home, and opened there
by memory map in a process of its own, where it is asked in turn with both ways of comparing with
all: NumPy's matrix product, and FAISS's flat index.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

import numpy as np

from benchmarks.common import Rows, machine, median_in_turn, table
from core.base import vectors as vec
from core.base.memory import format_bytes
from core.base.types import FloatArray
from core.knn import index_store
from core.knn.exact import ExactIndex
from core.knn.faiss_indexes import FaissIndex
from core.knn.index_comparison import IndexKind, IndexSettings

DIM, CENTERS, K = 384, 1_000, 10
QUESTIONS = 500
SETTINGS = IndexSettings(IndexKind.HNSW, links=16, build_width=100)


def draw(count: int) -> tuple[FloatArray, FloatArray]:
    """The vectors ``(count, 384)`` and the questions."""
    random = np.random.default_rng(0)
    centers = vec.normalize(random.normal(size=(CENTERS, DIM)).astype(np.float32))

    def around(number: int) -> FloatArray:
        noise = random.standard_normal((number, DIM), dtype=np.float32) / np.sqrt(np.float32(DIM))
        return vec.normalize(centers[random.integers(0, CENTERS, number)] + noise)

    return around(count), around(QUESTIONS)


def say(done: int, total: int, note: str = "") -> None:
    """Progress on standard error, every 50,000 vectors."""
    if done % 50_000 == 0:
        print(f"{done:,} of {total:,} {note}", file=sys.stderr, flush=True)


def key(count: int) -> str:
    """Stands for the vectors."""
    return f"benchmark {count} {CENTERS} seed 0 noise 1"


def measure(count: int, blocks: int) -> None:
    """Opens the index from the disk and prints the table."""
    vectors, questions = draw(count)
    began = time.perf_counter()
    found = index_store.open_or_build(key(count), vectors, SETTINGS, say, long=0)
    opened = time.perf_counter() - began
    if not found.kept:
        raise SystemExit("The index was not on the disk.")
    exact = ExactIndex(vectors)
    flat = FaissIndex.build(vectors, IndexSettings(IndexKind.FLAT))
    right = [set(exact.search(one[None], K)[1][0].tolist()) for one in questions]
    rows: Rows = [
        ("what", "ms a question", "as fast as NumPy, times", "as FAISS Flat, times", "recall")
    ]
    for width in (64, 128, 256):
        found.index.tune(IndexSettings(IndexKind.HNSW, search_width=width))
        turn = iter(np.resize(np.arange(QUESTIONS), 1_000_000).tolist())

        def ask(index: ExactIndex | FaissIndex, turn: object = turn) -> object:
            return index.search(questions[next(turn)][None], K)  # type: ignore[call-overload]

        ways = {"index": found.index, "numpy": exact, "flat": flat}
        times = median_in_turn(
            {name: lambda index=index: ask(index) for name, index in ways.items()}, blocks
        )
        answers = [found.index.search(one[None], K)[1][0].tolist() for one in questions]
        hits = [len(set(a) & b) / K for a, b in zip(answers, right, strict=True)]
        ratios = (times[name] / times["index"] for name in ("numpy", "flat"))
        rows.append(
            (
                f"HNSW, width {width}",
                f"{1_000 * times['index']:.2f}",
                *(f"{ratio:.0f}" for ratio in ratios),
                f"{np.mean(hits):.3f}",
            )
        )
    print(machine())
    print(table(rows))
    print(
        f"\nBuilding took {found.build_seconds / 60:.1f} minutes ({SETTINGS.links} links, width "
        f"{SETTINGS.build_width}); the file has {format_bytes(found.index.size)}; checking its "
        f"SHA-256 and opening it took {opened:.1f} s."
    )


def main() -> None:
    """Builds where it has to, then measures in a new process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--blocks", type=int, default=6)
    parser.add_argument("--measure", action="store_true", help="only ask what is built already")
    options = parser.parse_args()
    if options.measure:
        measure(options.count, options.blocks)
        return
    index_store.open_or_build(key(options.count), draw(options.count)[0], SETTINGS, say, long=0)
    command = [sys.executable, "-m", "benchmarks.index_million", "--measure"]
    command += ["--count", str(options.count), "--blocks", str(options.blocks)]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
