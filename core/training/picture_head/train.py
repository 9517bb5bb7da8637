"""Trains the head on EfficientNet-lite0: ``python -m core.training.picture_head.train``.

Reads the development data (``--data``) and what ``core.training.picture_head.features`` computed,
writes a checkpoint and a log into the data home while it runs, and at the end
``assets/models/imagenet-head.safetensors``. Started again, it goes on from its last checkpoint; the
result is the same as without the stop.

Each picture's vector tells its name from all others (cross-entropy over all names, with soft
targets, so that names that mean the same are not told apart) and lies near the name's own vector;
a free classifier, dropped afterwards, speeds the start. ImageNet's classes, of which there are no
pictures here, are learnt from the trunk's own classifier: features that lie in the direction of a
class's weights stand for a picture of it.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save as save_tensors
from torch import Tensor, nn
from torch.nn import functional as F

from core.base.errors import ExplorerError
from core.base.paths import ASSETS
from core.images import imagenet
from core.spaces.encoders.efficientnet import LITE0, open_network
from core.spaces.encoders.imagenet_head import HIDDEN, Head
from core.spaces.encoders.imagenet_pictures import ABOUT, WEIGHTS
from core.spaces.encoders.minilm_pictures import FOLDER
from core.storage import data_home
from core.training import checkpoints
from core.training.picture_encoder.captions import names_of
from core.training.picture_encoder.data import cache_folder
from core.training.picture_encoder.train import DATA
from core.training.picture_head import features, texts

CHECKPOINT_EVERY, LOG_EVERY = 250, 50
SOFTNESS = 0.03  # of the targets: a name at cosine 0.9 counts 4 % of the picture's own
NEARNESS_WEIGHT = 3.0
MAX_SCALE = 60.0
FASHION = "fashion_products"
UNSEEN = ASSETS / "splits" / "unseen-classes.txt"


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the result, beside the data.

    Attributes:
        shares: pictures of each set in a batch.
        classes: of ImageNet in a batch, by the classifier's weights.
        left_out: names of Caltech101's classes that are not trained on.
    """

    steps: int = 2_000
    rate: float = 0.001
    warm: int = 50
    decay: float = 0.05
    dropout: float = 0.3
    seed: int = 17
    classes: int = 48
    left_out: tuple[str, ...] = ()
    shares: dict[str, int] = field(
        default_factory=lambda: {
            "openmoji": 32,
            "twemoji": 32,
            "caltech101": 64,
            "flower_photos": 32,
            "cifar10_train": 64,
            FASHION: 48,
        }
    )

    def digest(self) -> str:
        """Of all settings, to tell a checkpoint of others."""
        return data_home.sha256(json.dumps(asdict(self), sort_keys=True).encode())

    def rate_at(self, step: int) -> float:
        """The rate of learning: it rises, then falls by a cosine."""
        fall = 0.5 + 0.5 * math.cos(math.pi * step / self.steps)
        return self.rate * min(1.0, (step + 1) / self.warm) * fall


@dataclass(frozen=True, slots=True)
class Source:
    """The pictures of a set that are trained on: views of features ``(n, 1280)``, and the rows of
    the pool that each may be called."""

    views: list[Tensor]
    names: list[list[int]]


class Trainer:
    """A head and its optimizer, a step at a time."""

    def __init__(self, sources: dict[str, Source], pool: texts.Pool, settings: Settings) -> None:
        torch.manual_seed(settings.seed)
        self.sources, self.settings = sources, settings
        self.vectors, self.targets = torch.from_numpy(pool.vectors), torch.from_numpy(pool.targets)
        self.class_rows = [pool.row[one.name] for one in imagenet.classes()]
        self.classifier: nn.Linear = open_network(LITE0).classifier.requires_grad_(False)  # type: ignore[assignment]
        self.head = Head(settings.dropout)
        seen = torch.cat([source.views[0] for source in sources.values()])
        self.head.mean, self.head.deviation = seen.mean(0), seen.std(0) + 1e-3
        names = torch.from_numpy(texts.encode(texts.class_texts()))
        self.head.names = names - names.mean(0)
        self.names = pool.names
        self.free = nn.Linear(HIDDEN, self.names)
        self.log_scale = nn.Parameter(torch.tensor(3.0))
        self.optimizer = torch.optim.AdamW(
            [*self.head.parameters(), *self.free.parameters(), self.log_scale],
            lr=settings.rate,
            weight_decay=settings.decay,
        )
        self.done = 0

    def step(self) -> float:
        """Trains on the next batch; its loss."""
        torch.manual_seed(self.settings.seed * 1_000_003 + self.done)  # of the dropout
        seen, names = self._batch()
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.rate_at(self.done)
        self.head.train()
        hidden = self.head.hidden(seen)
        vectors = self.head.vectors(hidden)
        # Of the titles, which are many, only those of the batch are told from each other.
        named = names < self.names
        told = torch.cat([torch.arange(self.names), torch.unique(names[~named])])
        plain, columns = self.vectors[0], self.vectors[self.done % len(self.vectors)][told]
        soft = ((plain[names] @ plain[told].T - 1) / SOFTNESS).softmax(1)
        scale = self.log_scale.exp().clamp(max=MAX_SCALE)
        tell = F.cross_entropy(scale * vectors @ columns.T, soft)
        free = F.cross_entropy(self.free(hidden[named]), names[named])
        near = 1 - (vectors * self.targets[names]).sum(1).mean()
        loss = tell + free + NEARNESS_WEIGHT * near
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.optimizer.step()
        self.done += 1
        return loss.item()

    def _batch(self) -> tuple[Tensor, Tensor]:
        """Features ``(n, 1280)`` and rows of the pool ``(n,)``, by the seed and the step alone."""
        random = np.random.default_rng([self.settings.seed, self.done])
        parts, names = [], []
        for name, count in self.settings.shares.items():
            source = self.sources[name]
            rows = random.integers(0, len(source.names), count)
            parts.append(source.views[random.integers(len(source.views))][rows])
            names += [int(random.choice(source.names[row])) for row in rows]
        kinds = random.integers(0, len(self.class_rows), self.settings.classes)
        length = torch.from_numpy(random.uniform(12, 24, (len(kinds), 1)).astype(np.float32))
        parts.append(self._features_of(kinds, length))
        return torch.cat(parts), torch.tensor([*names, *(self.class_rows[one] for one in kinds)])

    def _features_of(self, kinds: np.ndarray, length: Tensor) -> Tensor:
        """Features ``(n, 1280)`` that stand for pictures of ImageNet's classes ``(n,)``: from the
        mean ``length`` deviations into the direction of their weights; none is below 0."""
        deviation = self.head.deviation
        toward = F.normalize(self.classifier.weight[kinds] * deviation, dim=1)
        return F.relu(self.head.mean + length * deviation * toward)

    def save(self, path: Path) -> None:
        """Writes a checkpoint, whole or not at all."""
        state = {
            "done": self.done,
            "head": self.head.state_dict(),
            "free": self.free.state_dict(),
            "scale": self.log_scale.detach(),
            "optimizer": self.optimizer.state_dict(),
        }
        checkpoints.save(path, self.settings.digest(), state)

    def resume(self, path: Path) -> None:
        """Goes on from a checkpoint.

        Raises:
            InputError: it was made with other settings.
        """
        found = checkpoints.load(path, self.settings.digest())
        self.head.load_state_dict(found["head"])
        self.free.load_state_dict(found["free"])
        self.log_scale.data = found["scale"]
        self.optimizer.load_state_dict(found["optimizer"])
        self.done = found["done"]


def read_unseen() -> tuple[str, ...]:
    """Classes of Caltech101 that a head is trained without, to measure what it makes of them."""
    return tuple(UNSEEN.read_text(encoding="utf-8").split())


def load_sources(data: Path, settings: Settings) -> tuple[dict[str, Source], texts.Pool]:
    """The pictures to train on, and the pool of names they share.

    Raises:
        InputError: what the network saw of them has not been computed.
    """
    sets = {one.name: one for one in features.picture_sets(data) if one.name in settings.shares}
    called = {
        name: [(one,) if name == FASHION else names_of(one) for one in pictures.names]
        for name, pictures in sets.items()
    }
    of_photos = [text for name in sets if name != FASHION for one in called[name] for text in one]
    classes = [one.name for one in imagenet.classes()]
    pool = texts.make_pool([*sorted(set(of_photos)), *classes], sets[FASHION].names)
    sources = {}
    for name, pictures in sets.items():
        taught = [one not in settings.left_out for one in pictures.names]
        rows = np.flatnonzero(~pictures.aside & np.array(taught))
        views = [features.read(pictures, 0)]
        if features.has(pictures, 1):
            views.append(features.read(pictures, 1))
        sources[name] = Source(
            [torch.from_numpy(view[rows]) for view in views],
            [[pool.row[text] for text in called[name][row]] for row in rows],
        )
    return sources, pool


def export(head: Head, folder: Path) -> None:
    """Writes the head in half precision; and about it."""
    tensors = {name: one.half().contiguous() for name, one in head.state_dict().items()}
    data = save_tensors(tensors)
    data_home.write_file(folder / WEIGHTS, data)
    about = {"format": 1, "sha256": data_home.sha256(data)}
    data_home.write_file(folder / ABOUT, json.dumps(about, indent=1).encode() + b"\n")


def train(trainer: Trainer, checkpoint: Path, log: Path) -> None:
    """Trains to the end, with a line of progress now and then and a checkpoint beside it."""
    steps, began, first = trainer.settings.steps, time.monotonic(), trainer.done
    losses: list[float] = []
    while trainer.done < steps:
        losses.append(trainer.step())
        if trainer.done % LOG_EVERY == 0 or trainer.done == steps:
            pace = (time.monotonic() - began) / (trainer.done - first)
            left = pace * (steps - trainer.done) / 60
            line = f"step {trainer.done} of {steps}, {left:.0f} minutes left, "
            line += f"loss {np.mean(losses):.4f}"
            losses = []
            print(line, flush=True)
            with log.open("a", encoding="utf-8") as stream:
                stream.write(line + "\n")
        if trainer.done % CHECKPOINT_EVERY == 0 or trainer.done == steps:
            trainer.save(checkpoint)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m core.training.picture_head.train")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder for the weights")
    parser.add_argument("--seed", type=int, default=Settings().seed)
    parser.add_argument("--steps", type=int, default=Settings().steps)
    parser.add_argument(
        "--unseen", action="store_true", help=f"train without the classes of {UNSEEN.name}"
    )
    parser.add_argument("--restart", action="store_true", help="do not go on from a checkpoint")
    options = parser.parse_args(arguments)
    left_out = read_unseen() if options.unseen else ()
    settings = Settings(seed=options.seed, steps=options.steps, left_out=left_out)
    if options.steps < 1:
        parser.error("--steps is at least 1")
    try:
        trainer = Trainer(*load_sources(options.data, settings), settings)
        folder = cache_folder() / "picture-head"
        checkpoint = folder / f"checkpoint-{settings.digest()[:12]}.pt"
        if checkpoint.is_file() and not options.restart:
            trainer.resume(checkpoint)
        train(trainer, checkpoint, folder / "train.log")
        export(trainer.head, options.out)
    except ExplorerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"wrote {options.out / WEIGHTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
