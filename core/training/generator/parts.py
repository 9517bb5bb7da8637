"""What both trainings of the generator share: a schedule, a step, a checkpoint, a running mean."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from core.storage import data_home
from core.training import checkpoints

LOG_EVERY = 50
CHECKPOINT_EVERY = 500


@dataclass(frozen=True, slots=True)
class Part:
    """A training: the rate rises in a line to ``rate``, and falls by half a cosine.

    Attributes:
        decay: of the running mean of weights (Polyak), which is what is kept; 0 for none.
        half: bfloat16 where the processor has it by itself; sums and weights stay float32.
    """

    steps: int
    rate: float
    batch: int
    warm_up: int = 200
    decay: float = 0.0
    half: bool = False

    def rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        rising = min(1.0, (step + 1) / self.warm_up)
        return self.rate * min(rising, 0.5 * (1 + math.cos(math.pi * step / self.steps)) + 1e-3)


class Trained:
    """A network with its optimizer and the running mean of its weights."""

    name: str

    def __init__(self, network: nn.Module, part: Part, seed: int) -> None:
        self.network, self.part, self.seed, self.done = network, part, seed, 0
        weights = [p for p in network.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            weights, lr=part.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
        )
        self.mean = {name: value.detach().clone() for name, value in network.state_dict().items()}

    def loss(self) -> Tensor:
        """The loss of the next batch."""
        raise NotImplementedError

    def step(self) -> float:
        """Trains on the next batch; its loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.part.rate_at(self.done)
        self.network.train()
        loss = self.loss()
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.done += 1
        self._add_to_mean()
        return loss.item()

    @torch.no_grad()
    def _add_to_mean(self) -> None:
        # The mean of the first steps is of little worth: it begins short and grows.
        decay = min(self.part.decay, (1 + self.done) / (10 + self.done))
        for name, value in self.network.state_dict().items():
            if value.is_floating_point() and self.part.decay:
                self.mean[name].lerp_(value, 1 - decay)
            else:
                self.mean[name].copy_(value)

    def digest(self) -> str:
        """Of the settings, to tell a checkpoint of others."""
        return data_home.sha256(json.dumps([self.name, self.seed, asdict(self.part)]).encode())

    def save(self, path: Path) -> None:
        """Writes a checkpoint, whole or not at all."""
        state = {
            "done": self.done,
            "network": self.network.state_dict(),
            "mean": self.mean,
            "optimizer": self.optimizer.state_dict(),
        }
        checkpoints.save(path, self.digest(), state)

    def resume(self, path: Path) -> None:
        """Goes on from a checkpoint.

        Raises:
            InputError: it was made with other settings.
        """
        found = checkpoints.load(path, self.digest())
        self.network.load_state_dict(found["network"])
        self.optimizer.load_state_dict(found["optimizer"])
        self.mean, self.done = found["mean"], found["done"]

    def use_mean(self) -> None:
        """Puts the running mean in place of the last weights, for use."""
        self.network.load_state_dict(self.mean)
        self.network.eval()


def train(trained: Trained, folder: Path, *, restart: bool, tell: Callable[[str], None]) -> None:
    """Trains to the end, from the last checkpoint, with a line now and then."""
    checkpoint = folder / f"generator-{trained.name}.pt"
    if checkpoint.is_file() and not restart:
        trained.resume(checkpoint)
    steps, first, began = trained.part.steps, trained.done, time.monotonic()
    losses: list[float] = []
    while trained.done < steps:
        losses.append(trained.step())
        if trained.done % LOG_EVERY == 0 or trained.done == steps:
            pace = (time.monotonic() - began) / (trained.done - first)
            left = pace * (steps - trained.done) / 60
            speed = trained.part.batch / pace
            tell(
                f"{trained.name}: step {trained.done} of {steps}, {left:.0f} minutes left, "
                f"{speed:.0f} pictures a second, loss {np.mean(losses):.4f}"
            )
            losses = []
        if trained.done % CHECKPOINT_EVERY == 0 or trained.done == steps:
            trained.save(checkpoint)
    trained.use_mean()
