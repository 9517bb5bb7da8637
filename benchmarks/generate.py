"""The small generator: a picture, against its network alone, which is what cannot be saved.

A picture takes 20 steps with guidance, its prompt encoded and the result enlarged to 512 pixels.
Beside it, in turn: the same 20 passes of the network for two pictures, bare.
"""

from __future__ import annotations

import time

import torch

from benchmarks.common import machine, median_in_turn, table
from core.generation.request import Request
from core.generation.small.generator import SmallGenerator

STEPS, BLOCKS = 20, 3


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


if __name__ == "__main__":
    main()
