"""Trains the generator's diffusion model: flow matching on latents, a step at a time.

A latent ``x`` and noise ``e`` are mixed, ``(1 - s) x + s e``, and the network foresees ``e - x``
(Lipman et al. 2022, arXiv:2210.02747; rectified flow, Liu et al. 2022, arXiv:2209.03003).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from core.generation.small.network import VectorUNet, foresee, make_unet
from core.generation.small.schedulers import TIMES
from core.training.generator.data import Batches
from core.training.generator.parts import Part, Trained


class FlowTrainer(Trained):
    """A UNet and its optimizer, on batches of latents.

    Args:
        widths: as of ``make_unet``.
        begin: a trained network to go on from; random weights without it.
    """

    name = "flow"

    def __init__(
        self,
        batches: Batches,
        part: Part,
        seed: int,
        widths: tuple[int, ...] = (128, 256),
        begin: VectorUNet | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self.batches = batches
        network = make_unet(batches.latents.shape[1], widths)
        if begin is not None:
            network.load_state_dict(begin.state_dict())
        super().__init__(network.to(memory_format=torch.channels_last), part, seed)
        self.network: VectorUNet

    def loss(self) -> Tensor:
        """The loss of the next batch."""
        batch = self.batches.make(self.part.batch, self.seed, self.done)
        share = batch.shares[:, None, None, None]
        mixed = (1 - share) * batch.latents + share * batch.noise
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.part.half):
            found = foresee(
                self.network,
                mixed.contiguous(memory_format=torch.channels_last),
                batch.shares * TIMES,
                batch.asked,
            )
        return F.mse_loss(found.float(), batch.noise - batch.latents)
