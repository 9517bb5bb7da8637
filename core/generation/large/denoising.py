"""Follows a pipeline step by step, whatever its class, by way of its scheduler.

Every pipeline of diffusers calls its scheduler's ``step`` once for each evaluation of the network;
not all have a callback. What the network predicts there gives the picture that is foreseen,
the predicted x_0: of the noise ``e`` by (x - sqrt(1 - a) e) / sqrt(a) with ``a`` the share of
signal (Ho et al. 2020, eq. 15), of a flow's velocity ``v`` by x - s v with ``s`` the share of
noise (Esser et al. 2024).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any

import numpy as np
from PIL import Image

from core.generation.large import latents
from core.generation.request import OnStep, Step

_CELLS, _CELL = 8, 3  # patches of one colour by which a decoder is learnt, and their side


class Follower:
    """Follows one run, and remembers what is foreseen.

    Attributes:
        done: steps that are done, of ``planned``.
        foreseen: the predicted x_0 as latents, None before the first step.
    """

    def __init__(
        self, pipe: Any, planned: int, on_step: OnStep, draw: Callable[[Any], Image.Image]
    ) -> None:
        self.pipe, self.planned, self.on_step, self.draw = pipe, planned, on_step, draw
        self.done, self.evaluated = 0, 0
        self.foreseen: Any = None
        self._follow(pipe.scheduler)

    def _follow(self, scheduler: Any) -> None:
        original = scheduler.step

        @wraps(original)
        def step(model_output: Any, timestep: Any, sample: Any, *args: Any, **more: Any) -> Any:
            made = original(model_output, timestep, sample, *args, **more)
            self._seen(made, model_output, timestep, sample)
            return made

        scheduler.step = step

    def _seen(self, made: Any, output: Any, timestep: Any, sample: Any) -> None:
        scheduler = self.pipe.scheduler
        whole = getattr(self.pipe, "_num_timesteps", None) or len(scheduler.timesteps)
        foreseen = predict_x0(scheduler, made, output, timestep, sample)
        self.evaluated += 1
        self.foreseen = foreseen
        # Some schedulers evaluate the network more than once a step.
        self.done = min(self.planned, ceil(self.evaluated * self.planned / whole))
        self.on_step(Step(self.done, self.planned, lambda: self.draw(foreseen)))


def predict_x0(scheduler: Any, made: Any, output: Any, timestep: Any, sample: Any) -> Any:
    """The predicted x_0 of a step; where the scheduler does not tell, the latents after it."""
    told = getattr(made, "pred_original_sample", None)
    if told is None and isinstance(made, tuple) and len(made) > 1:
        told = made[1]
    if told is not None:
        return told
    config = scheduler.config
    if "FlowMatch" in type(scheduler).__name__ and len(scheduler.sigmas):
        # step_index already stands at the next one
        sigma = scheduler.sigmas[max(0, (scheduler.step_index or 1) - 1)]
        return sample - sigma.to(sample.device, sample.dtype) * output
    if hasattr(scheduler, "alphas_cumprod") and not config.get("use_flow_sigmas"):
        signal = scheduler.alphas_cumprod[int(timestep)].to(sample.device, sample.dtype)
        kind = config.get("prediction_type", "epsilon")
        if kind == "epsilon":
            return (sample - (1 - signal).sqrt() * output) / signal.sqrt()
        if kind == "v_prediction":
            return signal.sqrt() * sample - (1 - signal).sqrt() * output
        if kind == "sample":
            return output
    return made[0]


def is_finite(foreseen: Any) -> bool:
    """Whether all of them are numbers."""
    import torch

    return bool(torch.isfinite(foreseen).all())


def as_picture(pixels: Any) -> Image.Image:
    """The first of pixels ``(n, 3, height, width)`` in [-1, 1] as a picture."""
    values = (pixels[0].detach().float() / 2 + 0.5).clamp(0, 1).permute(1, 2, 0).cpu().numpy()
    return Image.fromarray(np.nan_to_num(values * 255).round().astype(np.uint8))


class RoughDecoder:
    """Latents to coarse pictures by one matrix, thousands of times cheaper than the autoencoder.

    The matrix is learnt once by least squares from patches of random latents, each of one value,
    and the mean colours that the autoencoder decodes them to.
    """

    def __init__(self, pipe: Any) -> None:
        import torch

        channels = latents.channels(pipe)
        chance = torch.Generator("cpu").manual_seed(0)
        coarse = torch.randn((1, channels, _CELLS, _CELLS), generator=chance)
        fine = coarse.repeat_interleave(_CELL, 2).repeat_interleave(_CELL, 3)
        vae = latents.decoder_of(pipe)
        pixels = latents.decode(pipe, fine.to(vae.device, vae.dtype)).cpu()
        colours = torch.nn.functional.adaptive_avg_pool2d(pixels, _CELLS)[0].flatten(1).T
        inputs = torch.cat([coarse[0].flatten(1).T, torch.ones(_CELLS**2, 1)], 1)
        self.matrix = torch.linalg.lstsq(inputs, colours).solution  # (channels + 1, 3)

    def draw(self, found: Any, width: int, height: int) -> Image.Image:
        """A picture of ``width`` x ``height``, coarse, of latents ``(1, channels, rows, cols)``."""
        import torch

        flat = found[0].detach().float().cpu().flatten(1).T
        pixels = flat @ self.matrix[:-1] + self.matrix[-1]
        rows, columns = found.shape[-2:]
        image = as_picture(torch.as_tensor(pixels.T.reshape(1, 3, rows, columns)))
        return image.resize((width, height), Image.Resampling.BICUBIC)
