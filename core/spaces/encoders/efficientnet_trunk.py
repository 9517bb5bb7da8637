"""EfficientNet-lite as a trunk: the means of its last layer, and its classes' scores.

Batch normalization is folded into the convolutions, which spares a pass over every layer.
Imported only where a network is made, since it needs torch.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from core.spaces.encoders.efficientnet import Network, open_network

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
    """RGB as bytes' values, ``(n, 3, s, s)`` in [0, 255], to the last layer's means ``(n, 1280)``.

    Attributes:
        classifier: scores ``(n, 1000)`` of these.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        model = open_network(network)
        fold(model)
        self.model = model
        self.classifier: nn.Linear = model.classifier  # type: ignore[assignment]

    def forward(self, pixels: Tensor) -> Tensor:
        """The means, ``(n, 1280)``."""
        seen: Tensor = self.model.forward_features((pixels - 127) / 128)  # type: ignore[operator]
        return seen.mean((2, 3))


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
