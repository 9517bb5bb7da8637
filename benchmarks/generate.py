"""The small generator: a picture, against its network alone, which is what cannot be saved.

A picture takes 20 steps with guidance, its prompt encoded and the result enlarged to 512 pixels.
Beside it, in turn: the same 20 passes of the network for two pictures, bare. Then the first
picture of a process, beside one that imports PyTorch alone, in turn, by processor time of one
thread; and beside that of another checkout of this repository, whose folder may be named.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import torch

from benchmarks.common import ROOT, machine, median_in_turn, table
from core.generation.request import Request
from core.generation.small.generator import SmallGenerator

STEPS, BLOCKS, STARTS = 20, 3, 5
REQUEST = f'Request("small", "a red apple", steps={STEPS}, guidance=3.0, seed=1)'
FIRST = f"""
from core.generation.request import Request
from core.generation.small.generator import SmallGenerator
SmallGenerator().generate({REQUEST}, lambda step: None)
"""
SPENT = "\nimport time; print(time.process_time())"


def main() -> None:
    """Measures and prints."""
    start = time.perf_counter()
    small = SmallGenerator()
    unet = small.pipeline.unet
    opened = time.perf_counter() - start
    request = Request("small", "a red apple", steps=STEPS, guidance=3.0, seed=1)
    random = torch.Generator().manual_seed(0)
    noisy = torch.randn(2, 16, 8, 8, generator=random)
    asked = torch.randn(2, 384, generator=random)

    @torch.inference_mode()
    def bare() -> None:
        for step in range(STEPS):
            unet(noisy, torch.tensor(50.0 * step).expand(2), asked)

    work = {
        "a picture, 20 steps, guidance 3": lambda: small.generate(request, lambda step: None),
        "20 passes of its network for two": bare,
    }
    found = median_in_turn(work, BLOCKS)
    floor = found["20 passes of its network for two"]
    print(machine())
    rows = [("what", "s", "of the network alone")]
    rows += [(name, f"{taken:.3f}", f"{taken / floor:.2f}") for name, taken in found.items()]
    rows.append(("opening it, PyTorch imported before", f"{opened:.2f}", ""))
    print(table(rows))
    print(table(_first()))


def _first() -> list[tuple[str, ...]]:
    """The first picture of a process, and what importing PyTorch takes of it."""
    asked = {"importing PyTorch alone": ("import torch", ROOT), "the first picture": (FIRST, ROOT)}
    if len(sys.argv) > 1:
        asked[f"the same in {sys.argv[1]}"] = (FIRST, Path(sys.argv[1]))
    spent: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(STARTS):
        for name, (code, folder) in asked.items():
            spent[name].append(_child(code, folder))
    found = {name: median(taken) for name, taken in spent.items()}
    floor = found["importing PyTorch alone"]
    rows: list[tuple[str, ...]] = [("in a new process", "s of one processor", "of PyTorch alone")]
    return rows + [(name, f"{one:.2f}", f"{one / floor:.2f}") for name, one in found.items()]


def _child(code: str, folder: Path) -> float:
    """Processor seconds of a process that runs ``code`` in a checkout, from its start."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code + SPENT],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    main()
