"""Trains a small generator: ``python -m core.training.generator.train [photos]``.

First the autoencoder, then the diffusion model on its latents. Writes checkpoints and a log into
the data home while it runs, and at the end ``assets/models/generator``, or ``generator-photos``.
Started again, it goes on from its last checkpoint; the result is the same as without the stop.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.base.errors import ExplorerError
from core.generation.small import weights
from core.storage import cleanup
from core.training.generator.autoencoder import (
    AutoencoderTrainer,
    encode_all,
    set_scale,
    signal_to_noise,
)
from core.training.generator.data import Batches
from core.training.generator.dataset import Dataset
from core.training.generator.flow import FlowTrainer
from core.training.generator.parts import Part, train
from core.training.generator.photos import load_photos
from core.training.generator.pictures import load_emoji
from core.training.generator.texts import encode_captions, encode_pictures, held_out
from core.training.picture_encoder.data import cache_folder
from core.training.picture_encoder.train import DATA

SEED = 17
TOLD = 512  # pictures the autoencoder is measured on while training


@dataclass(frozen=True, slots=True)
class Recipe:
    """The two parts of the training, and what is particular to what it learns from.

    Attributes:
        flow: rounds of the diffusion model, each going on from the one before.
        widths: of the diffusion model, as of ``make_unet``.
        begin: the folder of a generator whose networks are trained on; random weights without.
        mirrored: whether pictures are shown mirrored as well.
    """

    autoencoder: Part
    flow: tuple[Part, ...]
    out: Path
    widths: tuple[int, ...]
    begin: Path | None = None
    mirrored: bool = False


RECIPES = {
    "emoji": Recipe(
        autoencoder=Part(6_500, 2e-3, 16, half=True),
        flow=(Part(11_000, 1e-3, 64, warm_up=500, decay=0.999, half=True),),
        out=weights.FOLDER,
        widths=(128, 256),
    ),
    "photos": Recipe(
        autoencoder=Part(2_800, 1.5e-3, 32, half=True),
        flow=(
            Part(2_500, 7e-4, 64, warm_up=200, decay=0.999, half=True),
            Part(4_500, 7e-4, 64, warm_up=200, decay=0.999, half=True),
        ),
        out=weights.PHOTOS,
        widths=(128, 256),
        begin=weights.FOLDER,
        mirrored=True,
    ),
}


def train_all(dataset: Dataset, recipe: Recipe, seed: int, out: Path, *, restart: bool) -> None:
    """All parts, one after the other, and the weights written to ``out``."""
    folder = cache_folder() / f"generator-{dataset.name}"
    folder.mkdir(parents=True, exist_ok=True)
    tell = _teller(folder / "generator.log")
    pixels = dataset.pixels
    tell(f"{len(pixels):,} pictures")
    begin = None if recipe.begin is None else weights.open_pipeline(recipe.begin)
    first = None if begin is None else begin.autoencoder
    coder = AutoencoderTrainer(pixels, recipe.autoencoder, seed, white=dataset.white, begin=first)
    train(coder, folder, restart=restart, tell=tell)
    network = coder.network
    told = pixels[:: max(1, len(pixels) // TOLD)]
    tell(f"autoencoder: {signal_to_noise(network, told):.2f} dB")
    set_scale(network, encode_all(network, pixels))
    turned = [pixels, pixels[:, :, ::-1]] if recipe.mirrored else [pixels]
    latents = torch.cat([encode_all(network, np.ascontiguousarray(one)).half() for one in turned])
    batches = Batches(
        dataset.kinds,
        dataset.shares,
        latents,
        encode_captions(dataset.captions),
        encode_pictures(pixels),
    )
    unet = None if begin is None else begin.unet
    for number, part in enumerate(recipe.flow):
        flow = FlowTrainer(batches, part, seed + number, recipe.widths, unet)
        flow.name += f"-{number + 1}" * (number > 0)
        train(flow, folder, restart=restart, tell=tell)
        unet = flow.network
    weights.write_generator(out, unet, network, dataset.known)
    tell(f"wrote {out}")


def _teller(log: Path) -> Callable[[str], None]:
    def tell(line: str) -> None:
        print(line, flush=True)
        with log.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")

    return tell


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m core.training.generator.train", description=__doc__
    )
    parser.add_argument("dataset", nargs="?", choices=RECIPES, default="emoji")
    parser.add_argument("--data", type=Path, default=DATA, help="the folder with images/")
    parser.add_argument("--out", type=Path, help="the folder for the weights")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--restart", action="store_true", help="do not go on from a checkpoint")
    options = parser.parse_args(arguments)
    cleanup.sweep(quick=True)
    recipe = RECIPES[options.dataset]
    try:
        emoji = options.dataset == "emoji"
        dataset = load_emoji(held_out()) if emoji else load_photos(options.data)
        out = options.out or recipe.out
        train_all(dataset, recipe, options.seed, out, restart=options.restart)
    except ExplorerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
