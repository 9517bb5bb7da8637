"""Trains the generator's autoencoder, a step at a time.

Loss: the absolute difference of pixels and of their differences to the next pixel (so that lines
stay lines), and a little noise on the latents with a pull towards zero: a variational autoencoder
of fixed variance (Ghosh et al. 2019, arXiv:1903.12436), which keeps near latents alike.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from core.generation.small.autoencoder import PictureAutoencoder
from core.readers.pictures import Pixels
from core.spaces.encoders.minilm_pictures import to_input
from core.training.generator.parts import Part, Trained

NOISE = 0.15
PULL = 2e-3
EDGES = 1.0
SHIFT = 4  # pixels a picture is moved at most, so that no place of the grid is special


class AutoencoderTrainer(Trained):
    """An autoencoder and its optimizer.

    Args:
        pixels: ``(n, s, s, 3)`` bytes.
        part: steps, rate, and size of a batch.
        seed: decides weights and batches.
        white: whether white comes in where a picture is moved, and not its edge again.
        begin: a trained network to go on from; random weights without it.
    """

    name = "autoencoder"

    def __init__(
        self,
        pixels: Pixels,
        part: Part,
        seed: int,
        *,
        white: bool = True,
        begin: PictureAutoencoder | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self.pixels, self.white = pixels, white
        network = PictureAutoencoder()
        if begin is not None:
            network.load_state_dict(begin.state_dict())
            network.mean.zero_()
            network.deviation.fill_(1.0)
        super().__init__(network.to(memory_format=torch.channels_last), part, seed)
        self.network: PictureAutoencoder

    def loss(self) -> Tensor:
        """The loss of the next batch."""
        random = torch.Generator().manual_seed(self.seed * 1_000_003 + self.done)
        size = self.part.batch
        rows = torch.randint(0, len(self.pixels), (size,), generator=random)
        pixels = torch.from_numpy(to_input(self.pixels[rows.numpy()]))
        pixels = _moved(pixels, random, white=self.white).contiguous(
            memory_format=torch.channels_last
        )
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.part.half):
            latents = self.network.encode(pixels)
            noise = torch.randn(latents.shape, generator=random) * NOISE
            found = self.network.decode(latents + noise)
        pull = latents.float().square().mean() * PULL
        return difference(found.float(), pixels) + pull


def difference(found: Tensor, wanted: Tensor) -> Tensor:
    """Mean absolute difference of pixels, and of steps to the right and down."""
    wrong = found - wanted
    edges = wrong.diff(dim=2).abs().mean() + wrong.diff(dim=3).abs().mean()
    return wrong.abs().mean() + EDGES * edges


def _moved(pixels: Tensor, random: torch.Generator, *, white: bool) -> Tensor:
    """Pictures moved by the same few pixels; half the time mirrored.

    What comes in is white, or else the edge again.
    """
    right, down, mirror = torch.randint(0, 2 * SHIFT + 1, (3,), generator=random).tolist()
    margin = (SHIFT, SHIFT, SHIFT, SHIFT)
    padded = F.pad(pixels, margin, value=1.0) if white else F.pad(pixels, margin, "replicate")
    side = pixels.shape[-1]
    moved = padded[:, :, down : down + side, right : right + side]
    return moved.flip(-1) if mirror % 2 else moved


@torch.inference_mode()
def encode_all(network: PictureAutoencoder, pixels: Pixels, batch: int = 256) -> Tensor:
    """Unscaled latents ``(n, c, g, g)`` of pictures."""
    network.eval()
    found = [
        network.encode(torch.from_numpy(to_input(pixels[at : at + batch])))
        for at in range(0, len(pixels), batch)
    ]
    return torch.cat(found)


def set_scale(network: PictureAutoencoder, latents: Tensor) -> None:
    """Has the network scale its latents to mean 0 and variance 1 by channel."""
    network.mean.copy_(latents.mean((0, 2, 3)))
    network.deviation.copy_(latents.std((0, 2, 3)))


@torch.inference_mode()
def signal_to_noise(network: PictureAutoencoder, pixels: Pixels) -> float:
    """Peak signal to noise ratio in decibels over pictures ``(n, side, side, 3)``, mean of each.

    Each goes through the grid and back.
    """
    network.eval()
    wanted = torch.from_numpy(to_input(pixels))
    wrong = network(wanted).clamp(-1, 1) - wanted
    of_each = 10 * torch.log10(4 / wrong.square().mean((1, 2, 3)).clamp(min=1e-8))
    return float(of_each.mean())
