"""Trains the small generator: ``python -m core.training.generator.train``.

First the autoencoder, then the diffusion model on its latents. Writes checkpoints and a log into
the data home while it runs, and at the end ``assets/models/generator``. Started again, it goes on
from its last checkpoint; the result is the same as without the stop.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import ExplorerError
from core.generation.small.weights import FOLDER, write_generator
from core.storage import cleanup
from core.training.generator.autoencoder import (
    AutoencoderTrainer,
    encode_all,
    set_scale,
    signal_to_noise,
)
from core.training.generator.data import Batches
from core.training.generator.flow import FlowTrainer
from core.training.generator.parts import Part, train
from core.training.generator.pictures import load_drawn
from core.training.generator.texts import encode_captions, encode_drawn, held_out
from core.training.picture_encoder.data import cache_folder

SEED = 17
TOLD = 512  # pictures the autoencoder is measured on while training


@dataclass(frozen=True, slots=True)
class Recipe:
    """The two parts of the training."""

    autoencoder: Part
    flow: Part


RECIPE = Recipe(
    autoencoder=Part(6_500, 2e-3, 16, half=True),
    flow=Part(11_000, 1e-3, 64, warm_up=500, decay=0.999, half=True),
)


def tell(line: str) -> None:
    """Prints a line of progress and adds it to the log."""
    print(line, flush=True)
    with (cache_folder() / "generator.log").open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")


def train_all(recipe: Recipe, seed: int, out: Path, *, restart: bool) -> None:
    """All parts, one after the other, and the weights written to ``out``."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    drawn, pixels = load_drawn(held_out())
    tell(f"{len(drawn):,} pictures")
    coder = AutoencoderTrainer(pixels, recipe.autoencoder, seed)
    train(coder, folder, restart=restart, tell=tell)
    network = coder.network
    told = pixels[:: max(1, len(pixels) // TOLD)]
    tell(f"autoencoder: {signal_to_noise(network, told):.2f} dB")
    set_scale(network, encode_all(network, pixels))
    latents = encode_all(network, pixels).half()
    batches = Batches(drawn, latents, encode_captions(drawn), encode_drawn(pixels))
    flow = FlowTrainer(batches, recipe.flow, seed)
    train(flow, folder, restart=restart, tell=tell)
    write_generator(out, flow.network, network)
    tell(f"wrote {out}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m core.training.generator.train", description=__doc__
    )
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder for the weights")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--restart", action="store_true", help="do not go on from a checkpoint")
    options = parser.parse_args(arguments)
    cleanup.sweep(quick=True)
    try:
        train_all(RECIPE, options.seed, options.out, restart=options.restart)
    except ExplorerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
