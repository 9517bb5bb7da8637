"""The network of a head while it is trained, by PyTorch; its chance is a generator of its own.

PyTorch's one generator is left alone, so that a seed holds whatever else goes on in the process.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core.base.types import FloatArray, IntArray
from core.heads.settings import Settings
from core.spaces.encoders.head import Head

WEIGHT_DECAY = 0.01
_BLOCK = 1_024  # rows that are not trained on at a time, so that no second copy of all is held
_WARM_UP = 0.1  # share of the steps in which the learning rate rises
_LARGEST = 1e3  # a weight above it comes of steps that are too large: inputs are standardised


class Network:
    """Layers with ReLU and dropout between them, and their optimiser AdamW.

    (Loshchilov & Hutter 2019, Decoupled weight decay regularization, arXiv:1711.05101.)
    """

    def __init__(
        self,
        vectors: FloatArray,
        rows: IntArray,
        settings: Settings,
        text_mean: FloatArray | None = None,
    ) -> None:
        """Begins a network for vectors like those of ``vectors`` ``(n, d)`` that train.

        Args:
            rows: ``(m,)`` of those that do.
            text_mean: ``(d,)`` of texts that go through the same layers. Texts lie apart from
                pictures in many spaces (Liang et al. 2022, Mind the gap, arXiv:2203.02053); each
                less their own mean, they do not.
        """
        mean, spread = _mean_and_spread(vectors, rows)
        self.mean = torch.from_numpy(mean.astype(np.float32))
        self.text_mean = None if text_mean is None else torch.from_numpy(text_mean)
        # Standardised, small differences count too; a number that is the same everywhere stays 0.
        self.scale = torch.from_numpy((1 / np.maximum(spread, 1e-6)).astype(np.float32))
        self.settings = settings
        random = torch.Generator().manual_seed(settings.seed)
        sizes = [len(mean), *[settings.width] * settings.layers, settings.dim]
        self.parameters: list[Tensor] = []
        for inputs, outputs in pairwise(sizes):
            bound = 1 / math.sqrt(inputs)  # as PyTorch's own linear layers begin
            for shape in ((outputs, inputs), (outputs,)):
                drawn = (torch.rand(shape, generator=random) * 2 - 1) * bound
                self.parameters.append(drawn.requires_grad_())
        self.optimizer = torch.optim.AdamW(
            self.parameters, settings.learning_rate, weight_decay=WEIGHT_DECAY
        )

    def apply(self, vectors: Tensor, random: torch.Generator | None = None) -> Tensor:
        """Unit vectors ``(n, dim)`` of ``(n, d)``; with a generator, hidden numbers drop out."""
        return self._through((vectors - self.mean) * self.scale, random)

    def apply_to_texts(self, vectors: Tensor, random: torch.Generator | None = None) -> Tensor:
        """The same of texts ``(m, d)``."""
        mean = self.mean if self.text_mean is None else self.text_mean
        return self._through((vectors - mean) * self.scale, random)

    def _through(self, hidden: Tensor, random: torch.Generator | None) -> Tensor:
        share = self.settings.dropout
        for at in range(0, len(self.parameters), 2):
            hidden = functional.linear(hidden, self.parameters[at], self.parameters[at + 1])
            if at < len(self.parameters) - 2:
                hidden = functional.relu(hidden)
                if random is not None and share:
                    kept = torch.rand(hidden.shape, generator=random) >= share
                    hidden = hidden * kept / (1 - share)
        return functional.normalize(hidden, dim=1)

    def made_of(self, vectors: FloatArray) -> FloatArray:
        """Unit vectors ``(n, dim)`` of ``(n, d)`` as the head gives them now."""
        made = np.empty((len(vectors), self.settings.dim), dtype=np.float32)
        with torch.no_grad():
            for at in range(0, len(vectors), _BLOCK):
                some = torch.from_numpy(vectors[at : at + _BLOCK])
                made[at : at + _BLOCK] = self.apply(some).numpy()
        return made

    def step(self, loss: Tensor, at: float) -> None:
        """Goes one step down; ``at`` is the share of all steps that are done, 0 to 1.

        The learning rate rises for a tenth of them and falls along a cosine to 0.
        """
        if at < _WARM_UP:
            share = (at + 1e-3) / (_WARM_UP + 1e-3)
        else:
            share = (1 + math.cos(math.pi * (at - _WARM_UP) / (1 - _WARM_UP))) / 2
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.learning_rate * share
        self.optimizer.zero_grad()
        torch.autograd.backward(loss)
        self.optimizer.step()

    @property
    def sane(self) -> bool:
        """Whether its numbers are finite and of a size that training can have led to."""
        return all(bool((one.detach().abs() < _LARGEST).all()) for one in self.parameters)

    def head(self) -> Head:
        """What it is now; the scale is in the first weights."""
        return Head(self.mean.numpy(), self._layers())

    def text_head(self) -> Head | None:
        """The same for texts, if any are trained along."""
        return None if self.text_mean is None else Head(self.text_mean.numpy(), self._layers())

    def _layers(self) -> tuple[tuple[FloatArray, FloatArray], ...]:
        arrays = [one.detach().numpy().copy() for one in self.parameters]
        arrays[0] *= self.scale.numpy()
        return tuple(zip(arrays[::2], arrays[1::2], strict=True))

    def state(self) -> dict[str, Tensor]:
        """All that decides how it goes on."""
        told = {f"parameter{at}": one.detach() for at, one in enumerate(self.parameters)}
        for at, one in enumerate(self.parameters):
            for name, value in self.optimizer.state[one].items():
                told[f"{name}{at}"] = torch.as_tensor(value).float()
        return told

    def take_state(self, told: dict[str, Tensor]) -> None:
        """Goes on from what ``state`` gave.

        Raises:
            KeyError, RuntimeError: it is of another network.
        """
        for at, one in enumerate(self.parameters):
            with torch.no_grad():
                one.copy_(told[f"parameter{at}"])
            self.optimizer.state[one] = {
                name: told[f"{name}{at}"].clone() for name in ("step", "exp_avg", "exp_avg_sq")
            }


def _mean_and_spread(vectors: FloatArray, rows: IntArray) -> tuple[FloatArray, FloatArray]:
    """Mean ``(d,)`` and standard deviation ``(d,)`` of some rows."""
    total = squares = np.zeros(vectors.shape[1])
    parts = np.array_split(rows, -(-len(rows) // _BLOCK))
    for part in parts:
        total = total + vectors[part].sum(axis=0, dtype=np.float64)
    mean = total / len(rows)
    for part in parts:
        squares = squares + ((vectors[part] - mean) ** 2).sum(axis=0)
    return mean.astype(np.float32), np.sqrt(squares / len(rows)).astype(np.float32)
