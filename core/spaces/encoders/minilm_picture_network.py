"""The network of the picture encoder: a small residual net for two processor cores.

Basic residual blocks of dense 3 x 3 convolutions (He et al. 2015, arXiv:1512.03385), which run
nearest to a processor's peak speed, with squeeze and excitation in the deeper half (Hu et al.
2017, arXiv:1709.01507). It is trained with batch normalization and used with that folded into the
convolutions. Imported only where a network is made, since it needs torch.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DIM = 384
STEM = (32, 48)
WIDTHS = (48, 96, 192, 384)
BLOCKS = (1, 2, 2, 1)
GATED_FROM = 2  # the first stage with squeeze and excitation


def _convolution(
    width_in: int, width: int, stride: int, *, folded: bool, size: int = 3
) -> nn.Module:
    conv = nn.Conv2d(width_in, width, size, stride, size // 2, bias=folded)
    return conv if folded else nn.Sequential(conv, nn.BatchNorm2d(width))


class Gate(nn.Module):
    """Squeeze and excitation: each channel weighed by what the whole picture holds."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(width, width // 8)
        self.excite = nn.Linear(width // 8, width)

    def forward(self, x: Tensor) -> Tensor:
        """``x`` ``(n, width, h, w)``, its channels weighed."""
        mean = x.mean((2, 3))
        weights = torch.sigmoid(self.excite(F.relu(self.squeeze(mean))))
        return x * weights[:, :, None, None]


class Block(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut."""

    def __init__(
        self, width_in: int, width: int, stride: int, *, gated: bool, folded: bool
    ) -> None:
        super().__init__()
        self.first = _convolution(width_in, width, stride, folded=folded)
        self.second = _convolution(width, width, 1, folded=folded)
        self.gate: nn.Module = Gate(width) if gated else nn.Identity()
        same = stride == 1 and width_in == width
        self.shortcut: nn.Module = (
            nn.Identity() if same else _convolution(width_in, width, 1, folded=folded, size=1)
        )
        self.pool: nn.Module = nn.Identity() if stride == 1 else nn.AvgPool2d(2, ceil_mode=True)

    def forward(self, x: Tensor) -> Tensor:
        """``(n, width_in, h, w)`` to ``(n, width, h / stride, w / stride)``."""
        inner = self.gate(self.second(F.relu(self.first(x))))
        return F.relu(inner + self.shortcut(self.pool(x)))


class PictureNetwork(nn.Module):
    """RGB in [-1, 1], ``(n, 3, s, s)`` with s a multiple of 16, to unit vectors ``(n, DIM)``.

    Args:
        folded: with batch normalization folded into the convolutions, as the weights are stored.
    """

    def __init__(self, *, folded: bool) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            _convolution(3, STEM[0], 2, folded=folded),
            nn.ReLU(),
            _convolution(STEM[0], STEM[1], 2, folded=folded),
            nn.ReLU(),
        )
        blocks = []
        width_in = STEM[1]
        for stage, (width, count) in enumerate(zip(WIDTHS, BLOCKS, strict=True)):
            for number in range(count):
                stride = 2 if stage and not number else 1
                gated = stage >= GATED_FROM
                blocks.append(Block(width_in, width, stride, gated=gated, folded=folded))
                width_in = width
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.Linear(width_in, 2 * DIM), nn.ReLU(), nn.Linear(2 * DIM, DIM))

    def features(self, x: Tensor) -> Tensor:
        """What the head reads: ``(n, WIDTHS[-1])``."""
        pooled: Tensor = self.blocks(self.stem(x)).mean((2, 3))
        return pooled

    def forward(self, x: Tensor) -> Tensor:
        """Unit vectors ``(n, DIM)``."""
        return F.normalize(self.head(self.features(x)), dim=1)


def fold(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a trained network with batch normalization folded into the convolutions.

    ``w' = w * g / sqrt(v + eps)`` and ``b' = b - m * g / sqrt(v + eps)``.
    """
    result: dict[str, Tensor] = {}
    eps = nn.BatchNorm2d(1).eps
    for name, value in weights.items():
        if name.endswith(".0.weight") and f"{name[:-9]}.1.running_var" in weights:
            at = name[:-9]
            scale = weights[f"{at}.1.weight"] / (weights[f"{at}.1.running_var"] + eps).sqrt()
            result[f"{at}.weight"] = value * scale[:, None, None, None]
            result[f"{at}.bias"] = weights[f"{at}.1.bias"] - weights[f"{at}.1.running_mean"] * scale
        elif not _of_normalization(name, weights):
            result[name] = value
    return result


def _of_normalization(name: str, weights: Mapping[str, Tensor]) -> bool:
    at, _, last = name.rpartition(".")
    return last == "num_batches_tracked" or f"{at}.running_var" in weights
