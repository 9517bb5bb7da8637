"""Encoding texts: ours against plain SentenceTransformer.encode, time and peak memory.

The texts go in blocks; each block is encoded by every method in turn, so that all see the same
machine. Ours is the whole way of the page: digests, batches, writing each chunk to the data home
(an empty one), reading back. Peak memory and growth are measured in a process for each method.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.common import ROOT, Rows, machine, table

DATA = Path(os.environ.get("EMBEDDING_EXPLORER_DATA", ROOT.parent / "shared" / "data"))
BATCHES = (8, 16, 32, 64)
Encode = Callable[[list[str]], np.ndarray]


def texts(count: int) -> list[str]:
    """The first descriptions of the movies, in an order of their own."""
    import pandas as pd

    found = pd.read_parquet(DATA / "text" / "movie_descriptions.parquet")["description"]
    order = np.random.default_rng(0).permutation(len(found))[:count]
    return [str(found.iloc[row]) for row in order]


def plain(batch: int) -> Encode:
    """The library alone."""
    from sentence_transformers import SentenceTransformer

    from core.spaces.encoders.minilm import model_folder

    model = SentenceTransformer(str(model_folder()), local_files_only=True)
    return lambda block: model.encode(block, batch_size=batch, show_progress_bar=False)


def ours(home: Path) -> Encode:
    """As the page encodes, into the data home ``home``."""
    from core.spaces import registry, text_vectors

    os.environ["EMBEDDING_EXPLORER_HOME"] = str(home)
    entry = registry.find_space("minilm")
    encoder = entry.text_encoder()
    folder = entry.text_folder
    return lambda block: text_vectors.load_or_encode(block, encoder, folder).vectors


def measure_memory(method: str, count: int) -> None:
    """Prints the process's peak while encoding, what stays after it, and the vectors, in MB.

    As many other texts are encoded before, so that what the library itself keeps is there.
    """
    with tempfile.TemporaryDirectory() as home:
        encode = ours(Path(home)) if method == "ours" else plain(int(method))
        sample = texts(2 * count)
        encode(sample[count:])
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        before = _status("VmRSS")
        vectors = encode(sample[:count])
        peak = _status("VmHWM")
        gc.collect()
        print(f"{peak:.1f} {_status('VmRSS') - before:.1f} {vectors.nbytes / 1e6:.1f}")


def _status(name: str) -> float:
    """A figure of this process in MB, as Linux tells it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith(f"{name}:"))


def in_turn(
    methods: dict[str, Encode], sample: list[str], block: int
) -> tuple[dict[str, float], dict[str, list[np.ndarray]]]:
    """Total seconds and vectors of each method, block by block; who begins alternates."""
    seconds = dict.fromkeys(methods, 0.0)
    vectors: dict[str, list[np.ndarray]] = {name: [] for name in methods}
    for encode in methods.values():
        encode(["a text to warm up with"])
    for number, start in enumerate(range(0, len(sample), block)):
        names = list(methods) if number % 2 == 0 else list(reversed(methods))
        for name in names:
            began = time.perf_counter()
            vectors[name].append(methods[name](sample[start : start + block]))
            seconds[name] += time.perf_counter() - began
    return seconds, vectors


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=12_000)
    parser.add_argument("--block", type=int, default=1_000)
    parser.add_argument("--memory-texts", type=int, default=2_000)
    parser.add_argument("--memory", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        measure_memory(options.memory, options.memory_texts)
        return
    print(machine(), flush=True)
    sample = texts(options.texts)
    with tempfile.TemporaryDirectory() as home:
        methods = {f"plain, batches of {batch}": plain(batch) for batch in BATCHES}
        best = _fastest(methods, sample[:300])
        print(f"best batch size of plain on 300 texts: {best}", flush=True)
        turns = {best: methods[best], "Embedding Explorer": ours(Path(home))}
        seconds, vectors = in_turn(turns, sample, options.block)
    a, b = (np.concatenate(vectors[name]) for name in turns)
    cosines = (a * b).sum(axis=1)
    rows: Rows = [("what", "texts a second", "ratio")]
    rows += [
        (name, f"{len(sample) / taken:.1f}", f"{seconds[best] / taken:.2f}")
        for name, taken in seconds.items()
    ]
    print(table(rows))
    print(f"\nCosine to the plain vectors: mean {cosines.mean():.7f}, least {cosines.min():.7f}.")
    _memory_table(best.split()[-1], options.memory_texts)


def _fastest(methods: dict[str, Encode], sample: list[str]) -> str:
    seconds, _ = in_turn(methods, sample, 100)
    return min(seconds, key=lambda name: seconds[name])


def _memory_table(batch: str, count: int) -> None:
    rows: Rows = [("what", "peak of the process, MB", "stays, MB", "vectors, MB")]
    for name, method in (("plain", batch), ("Embedding Explorer", "ours")):
        command = [sys.executable, "-m", "benchmarks.sentences_encode", "--memory", method]
        command += ["--memory-texts", str(count)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        rows.append((name, *done.stdout.split()[-3:]))
    print(f"\nMemory, {count:,} texts, a process each:\n\n{table(rows)}")


if __name__ == "__main__":
    main()
