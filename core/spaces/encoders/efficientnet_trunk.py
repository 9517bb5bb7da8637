"""EfficientNet-lite as a trunk: the means of several of its layers, and its classes' scores.

Batch normalization is folded into the convolutions, which spares a pass over every layer.
Imported only where a network is made, since it needs torch.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from core.spaces.encoders.efficientnet import Network, open_network

LAYERS = ("blocks.2", "blocks.3", "blocks.4", "blocks.5", "blocks.6", "bn2")
_PAIRS = (
    ("conv_stem", "bn1"),
    ("conv_pw", "bn1"),
    ("conv_dw", "bn1"),
    ("conv_dw", "bn2"),
    ("conv_pw", "bn2"),
    ("conv_pwl", "bn3"),
    ("conv_head", "bn2"),
)


class Trunk(nn.Module):
    """RGB as bytes' values, ``(n, 3, s, s)`` in [0, 255], to the means of ``LAYERS`` ``(n, dim)``.

    Attributes:
        widths: numbers of each layer, in their order; ``dim`` is their sum. The last is what the
            classifier reads.
        classifier: scores ``(n, 1000)`` of the last layer's means.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        model = open_network(network)
        fold(model)
        self.model = model
        self.classifier: nn.Linear = model.classifier  # type: ignore[assignment]
        self._seen: dict[str, Tensor] = {}
        modules = dict(model.named_modules())
        for name in LAYERS:
            modules[name].register_forward_hook(self._keeper(name))
        with torch.inference_mode():
            self(torch.zeros(1, 3, 64, 64))
        self.widths = tuple(self._seen[name].shape[1] for name in LAYERS)

    def _keeper(self, name: str) -> Callable[..., None]:
        def keep(module: nn.Module, given: object, made: Tensor) -> None:
            del module, given
            self._seen[name] = made.mean((2, 3))

        return keep

    def forward(self, pixels: Tensor) -> Tensor:
        """The layers' means, ``(n, dim)``."""
        self.model.forward_features((pixels - 127) / 128)  # type: ignore[operator]
        return torch.cat([self._seen[name] for name in LAYERS], 1)


def fold(model: nn.Module) -> None:
    """Folds each batch normalization of a network in evaluation into its convolution, in place."""
    for module in model.modules():
        for first, second in _PAIRS:
            conv, norm = getattr(module, first, None), getattr(module, second, None)
            if not isinstance(conv, nn.Conv2d) or not isinstance(norm, nn.BatchNorm2d):
                continue
            if conv.out_channels != norm.num_features or _between(module, first, second):
                continue
            setattr(module, first, fuse_conv_bn_eval(conv, norm))
            setattr(module, second, getattr(norm, "act", nn.Identity()))


def _between(module: nn.Module, conv: str, norm: str) -> bool:
    """Whether another convolution stands between the two."""
    names = [name for name, _ in module.named_children()]
    between = names[names.index(conv) + 1 : names.index(norm)]
    return any(isinstance(getattr(module, name), nn.Conv2d) for name in between)
