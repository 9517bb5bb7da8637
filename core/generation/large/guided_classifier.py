"""OpenAI's classifiers of noisy pictures (Dhariwal & Nichol 2021, arXiv:2105.05233, section 4).

The first half of the U-Net with attention pooling in place of the second (as CLIP's, Radford et al.
2021, arXiv:2103.00020). Its gradient leads a picture to a class. Imported only where one is made,
since it needs torch.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from core.base.errors import InputError, shorten
from core.generation.large.guided_unet import Architecture, Heads, converted, make_unet
from core.spaces.encoders.weights import read_weights

HEADS = Heads(width=64)
CLASSES = 1_000
_WIDTHS = {  # by the side of the pictures: channels of each level, and blocks of one
    64: ((128, 256, 384, 512), 4),
    128: ((128, 128, 256, 384, 512), 2),
    256: ((128, 128, 256, 256, 512, 512), 2),
}


def read_classifier(path: Path, side: int) -> NoisyClassifier:
    """The classifier in a file, ready to evaluate.

    Raises:
        InputError: it cannot be read, holds more than tensors, or is another network.
    """
    widths, blocks = _WIDTHS[side]
    attends = tuple(side >> level <= 32 for level in range(len(widths)))
    made = NoisyClassifier(Architecture(widths, blocks, attends, 0), HEADS, side, CLASSES)
    tensors = read_weights(path)
    try:
        made.load(tensors)
    except (RuntimeError, KeyError) as error:
        raise InputError(
            f"{shorten(path.name)} is no classifier of guided-diffusion for {side} x {side} "
            "pixels.",
            f"OpenAI's file {side}x{side}_classifier.pt is looked for beside the checkpoint.",
            "Fetch it again, or move it to another folder.",
        ) from error
    return made.eval()


class NoisyClassifier(nn.Module):
    """Noisy pictures ``(n, 3, s, s)`` and times ``(n,)`` to scores ``(n, classes)``."""

    def __init__(self, of: Architecture, heads: Heads, side: int, classes: int) -> None:
        super().__init__()
        self.of, self.heads = of, heads
        self.first = make_unet(of, heads)
        del self.first.up_blocks, self.first.conv_norm_out, self.first.conv_out
        width, left = of.widths[-1], side >> (len(of.widths) - 1)
        pool = AttentionPool(width, left, width // heads.width, classes)
        self.out = nn.Sequential(nn.GroupNorm(32, width), nn.SiLU(), pool)

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Takes tensors by OpenAI's names; RuntimeError or KeyError where they are others."""
        last = {name: one for name, one in tensors.items() if name.startswith("out.")}
        first = {name: one for name, one in tensors.items() if name not in last}
        found = converted(first, self.of, self.heads)
        self.load_state_dict({f"first.{name}": one for name, one in found.items()} | last)

    def forward(self, noisy: Tensor, times: Tensor) -> Tensor:
        """The scores."""
        first = self.first
        time = first.time_embedding(first.time_proj(times).to(noisy.dtype))
        hidden = first.conv_in(noisy)
        for block in first.down_blocks:
            hidden, _ = block(hidden, time)
        scores: Tensor = self.out(first.mid_block(hidden, time))
        return scores

    def slope(self, noisy: Tensor, times: Tensor, label: int) -> Tensor:
        """The gradient of a class's log probability by the noisy pictures, of their shape."""
        with torch.inference_mode(mode=False), torch.enable_grad():
            at = noisy.clone().requires_grad_(True)
            likely = self(at, times.clone()).log_softmax(1)[:, label].sum()
            (found,) = torch.autograd.grad(likely, at)
        return found


class AttentionPool(nn.Module):
    """What the mean of all places sees when it attends to itself and to each of them."""

    def __init__(self, width: int, side: int, heads: int, gives: int) -> None:
        super().__init__()
        self.heads = heads
        self.positional_embedding = nn.Parameter(torch.randn(width, side**2 + 1) / width**0.5)
        self.qkv_proj = nn.Conv1d(width, 3 * width, 1)
        self.c_proj = nn.Conv1d(width, gives, 1)

    def forward(self, x: Tensor) -> Tensor:
        """``(n, c, s, s)`` to ``(n, gives)``."""
        flat = x.flatten(2)
        flat = torch.cat([flat.mean(-1, keepdim=True), flat], -1) + self.positional_embedding
        split = self.qkv_proj(flat).unflatten(1, (3, self.heads, -1)).transpose(-1, -2)
        mixed = nn.functional.scaled_dot_product_attention(*split.unbind(1))
        found: Tensor = self.c_proj(mixed.transpose(-1, -2).flatten(1, 2))[:, :, 0]
        return found
