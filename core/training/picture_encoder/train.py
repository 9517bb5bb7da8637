"""Trains the picture encoder: ``python -m core.training.picture_encoder.train``.

Reads the development data (``--data``), writes checkpoints and a log into the data home while it
runs, and at the end ``assets/models/pictures.safetensors``. Started again, it goes on from its last
checkpoint; the result is the same as without the stop.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save as save_tensors

from core.base.errors import ExplorerError
from core.base.paths import ROOT
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.encoders.minilm_picture_network import fold
from core.spaces.encoders.minilm_pictures import ABOUT, FOLDER, WEIGHTS
from core.spaces.sources.minilm import MINILM
from core.storage import cleanup, data_home
from core.training import checkpoints
from core.training.picture_encoder import batches
from core.training.picture_encoder.captions import CaptionPool, names_of
from core.training.picture_encoder.data import SETS, cache_folder, load_photos
from core.training.picture_encoder.loss import Student, Texts, as_texts
from core.training.picture_encoder.rounds import INPUT, ROUNDS, Round
from core.training.picture_encoder.teacher import load_features, reduce_features

DATA = ROOT.parent / "shared" / "data"
TEACHER_FILE = "models/mobilenetv2_100_imagenet1001.safetensors"
TAUGHT = ("caltech101", "flower_photos")  # by the teacher
CHECKPOINT_EVERY = 300
LOG_EVERY = 50


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the result, beside the data."""

    rounds: tuple[Round, ...] = ROUNDS
    seed: int = 17
    decay: float = 0.05

    @property
    def steps(self) -> int:
        """Steps of all rounds."""
        return sum(part.steps for part in self.rounds)

    def digest(self) -> str:
        """Of all settings, to tell a checkpoint of others."""
        return data_home.sha256(json.dumps(asdict(self), sort_keys=True).encode())

    def round_at(self, step: int) -> tuple[Round, int]:
        """The round of a step, and the step's number in it; an IndexError beyond the last."""
        for part in self.rounds:
            if step < part.steps:
                return part, step
            step -= part.steps
        raise IndexError(f"step {step} after the last round")


class Trainer:
    """A student and its optimizer, a step at a time."""

    def __init__(self, sources: Sequence[batches.Source], texts: Texts, settings: Settings) -> None:
        torch.manual_seed(settings.seed)
        self.sources, self.texts, self.settings = sources, texts, settings
        self.student = Student(texts.targets.shape[0]).to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(self._groups(), lr=settings.rounds[0].rate, fused=True)
        self.done = 0
        self.told = torch.zeros(0)  # of the last batch: how well each picture told its caption

    def _groups(self) -> list[dict[str, object]]:
        weights = [p for p in self.student.parameters() if p.ndim > 1]
        others = [p for p in self.student.parameters() if p.ndim <= 1]
        return [
            {"params": weights, "weight_decay": self.settings.decay},
            {"params": others, "weight_decay": 0.0},
        ]

    def step(self) -> float:
        """Trains on the next batch; its loss."""
        part, step = self.settings.round_at(self.done)
        moment = part.moment(step)
        batch = batches.make_batch(self.sources, moment, self.settings.seed, self.done)
        for group in self.optimizer.param_groups:
            group["lr"] = part.rate_at(step)
        self.student.train()
        loss, self.told = self.student.loss(batch, self.texts, self.done)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.optimizer.step()
        self.done += 1
        return loss.item()

    def save(self, path: Path) -> None:
        """Writes a checkpoint, whole or not at all."""
        state = {
            "done": self.done,
            "student": self.student.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        checkpoints.save(path, self.settings.digest(), state)

    def resume(self, path: Path) -> None:
        """Goes on from a checkpoint.

        Raises:
            InputError: it was made with other settings.
        """
        found = checkpoints.load(path, self.settings.digest())
        self.student.load_state_dict(found["student"])
        self.optimizer.load_state_dict(found["optimizer"])
        self.done = found["done"]


def load_sources(data: Path) -> tuple[list[batches.Source], CaptionPool]:
    """The pictures to train on, and the captions they share."""
    photo_sets = [load_photos(photo_set, data) for photo_set in SETS]
    names = [
        name
        for photos in photo_sets
        for label, held_out in zip(photos.names, photos.held_out, strict=True)
        if not held_out
        for name in names_of(label)
    ]
    space = MINILM.known[0].space
    pool = CaptionPool(names, MiniLMEncoder(space))
    sources = batches.emoji_sources(pool)
    for photos in photo_sets:
        features = None
        if photos.name in TAUGHT:
            features = reduce_features(load_features(photos, data / TEACHER_FILE))
        sources.append(batches.photo_source(photos, pool, features))
    return sources, pool


def export(student: Student, folder: Path) -> None:
    """Writes the network's weights, half precision, batch normalization folded in; and about them.

    A reader between the two writes is told that the weights' digest is another.
    """
    folded = fold(student.network.state_dict())
    weights = save_tensors({name: tensor.half().contiguous() for name, tensor in folded.items()})
    about = {"format": 1, "input": INPUT, "sha256": data_home.sha256(weights)}
    data_home.write_file(folder / WEIGHTS, weights)
    data_home.write_file(folder / ABOUT, json.dumps(about, indent=1).encode() + b"\n")


def train(trainer: Trainer, checkpoint: Path, log: Path) -> None:
    """Trains to the end, with a line of progress now and then and a checkpoint beside it."""
    steps = trainer.settings.steps
    began, first = time.monotonic(), trainer.done
    losses: list[float] = []
    told: list[torch.Tensor] = []
    ends = np.cumsum([part.steps for part in trainer.settings.rounds]).tolist()
    while trainer.done < steps:
        part, step = trainer.settings.round_at(trainer.done)
        losses.append(trainer.step())
        told.append(trainer.told)
        if trainer.done % LOG_EVERY == 0 or trainer.done in ends:
            pace = (time.monotonic() - began) / (trainer.done - first)
            line = (
                f"step {trainer.done} of {steps}, {pace * (steps - trainer.done) / 60:.0f} minutes "
                f"left, size {part.moment(step).size}, loss {np.mean(losses):.4f}; "
                f"of that to tell: {batches.by_source(torch.stack(told).mean(0), part.mix)}"
            )
            losses, told = [], []
            print(line, flush=True)
            with log.open("a", encoding="utf-8") as stream:
                stream.write(line + "\n")
        if trainer.done % CHECKPOINT_EVERY == 0 or trainer.done in ends:
            trainer.save(checkpoint)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m core.training.picture_encoder.train", description=__doc__
    )
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder for the weights")
    parser.add_argument("--seed", type=int, default=Settings().seed)
    parser.add_argument("--restart", action="store_true", help="do not go on from a checkpoint")
    options = parser.parse_args(arguments)
    settings = Settings(seed=options.seed)
    cleanup.sweep(quick=True)
    try:
        sources, pool = load_sources(options.data)
        trainer = Trainer(sources, as_texts(pool), settings)
        cache_folder().mkdir(parents=True, exist_ok=True)
        checkpoint = cache_folder() / "pictures-checkpoint.pt"
        if checkpoint.is_file() and not options.restart:
            trainer.resume(checkpoint)
        train(trainer, checkpoint, cache_folder() / "pictures.log")
        export(trainer.student, options.out)
    except ExplorerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"wrote {options.out / WEIGHTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
