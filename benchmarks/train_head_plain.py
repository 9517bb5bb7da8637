"""The training of a head beside the same loop in plain PyTorch, and the memory that it takes.

Vectors are made up: 1,280 numbers each, in 100 classes.
"""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.common import ROOT, Rows
from core.base.types import FloatArray
from core.base.vectors import normalize
from core.heads import batches
from core.heads.data import Data, prepare
from core.heads.labels import label
from core.heads.measures import compare
from core.heads.settings import Settings
from core.heads.split import split
from core.heads.training import train

DIM, CLASSES = 1_280, 100


def made_up(count: int) -> Data:
    """Items around the middles of their classes."""
    random = np.random.default_rng(0)
    kinds = random.integers(CLASSES, size=count)
    vectors = random.standard_normal((count, DIM), dtype=np.float32)
    vectors += random.standard_normal((CLASSES, DIM), dtype=np.float32)[kinds]
    return prepare(normalize(vectors), [label("kind", [f"k{one}" for one in kinds])])


def plain(vectors: FloatArray, classes: np.ndarray, settings: Settings) -> float:
    """Seconds of the same batches, network, loss and schedule as a page of PyTorch has them."""
    import torch
    from threadpoolctl import threadpool_limits
    from torch import nn

    torch.manual_seed(settings.seed)
    given = torch.from_numpy(vectors)
    mean, spread = given.mean(0), given.std(0)
    network = nn.Sequential(
        nn.Linear(vectors.shape[1], settings.width),
        nn.ReLU(),
        nn.Dropout(settings.dropout),
        nn.Linear(settings.width, settings.dim),
    )
    optimizer = torch.optim.AdamW(network.parameters(), settings.learning_rate, weight_decay=0.01)
    steps = settings.epochs * max(1, round(len(vectors) / settings.batch))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda at: 0.5 * (1 + math.cos(math.pi * at / steps))
    )
    with threadpool_limits(1, user_api="openmp"):
        begun = time.perf_counter()
        for epoch in range(settings.epochs):
            drawn = np.random.default_rng((settings.seed, epoch))
            every = batches.epoch(classes[:, None], settings.batch, settings.balance, drawn)
            for rows in every:
                batch = (given[rows] - mean) / spread
                embedding = nn.functional.normalize(network(batch), dim=1)
                own = torch.from_numpy(classes[rows])
                alone = torch.eye(len(own), dtype=torch.bool)
                same = (own[:, None] == own[None, :]) & ~alone
                scores = (embedding @ embedding.T / settings.temperature).masked_fill(alone, -1e9)
                share = scores - scores.logsumexp(1, keepdim=True)
                count = same.sum(1)
                each = -(share * same).sum(1)[count > 0] / count[count > 0]
                optimizer.zero_grad()
                each.mean().backward()
                optimizer.step()
                schedule.step()
        return time.perf_counter() - begun


def ratio(count: int, epochs: int, rounds: int) -> Rows:
    """Both in turn; ours with the figures of held-out items and the map that it shows."""
    data, settings = made_up(count), Settings(epochs=epochs)
    train(data, replace(settings, epochs=1))  # imports and first calls
    parts = split(data.numbers, settings.held_out, settings.seed)
    vectors, classes = data.vectors[parts.train], data.labels[0].numbers[parts.train]
    taken: dict[str, list[float]] = {"ours": [], "plain": []}
    for _ in range(rounds):
        taken["ours"].append(train(data, settings).seconds)
        taken["plain"].append(plain(vectors, classes, settings))
    ours, theirs = (statistics.median(one) for one in taken.values())
    return [
        ("items", "epochs", "ours, s", "plain PyTorch, s", "ratio"),
        (
            f"{count:,} x {DIM:,}",
            str(epochs),
            f"{ours:.1f}",
            f"{theirs:.1f}",
            f"{ours / theirs:.2f}",
        ),
    ]


def memory(count: int, epochs: int) -> Rows:
    """What a process holds at most while it trains and compares, by a child of its own."""
    command = [sys.executable, "-m", "benchmarks.train_head_plain", str(count), str(epochs)]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    features, more = map(float, told.split())
    return [
        ("items", "features, MiB", "more at most, MiB", "in all, times the features"),
        (f"{count:,} x {DIM:,}", f"{features:.0f}", f"{more:.0f}", f"{1 + more / features:.2f}"),
    ]


def _peak() -> float:
    """The most memory of this process since the last reset, in MiB."""
    told = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    [line] = [one for one in told if one.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def _child(count: int, epochs: int) -> None:
    train(made_up(1_000), Settings(epochs=1))  # libraries, and what they keep
    data = made_up(count)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before = _peak()
    trained = train(data, Settings(epochs=epochs))
    compare(data, trained.parts, trained.head)
    print(data.vectors.nbytes / 2**20, _peak() - before)


if __name__ == "__main__":
    _child(int(sys.argv[1]), int(sys.argv[2]))
