"""What OpenAI's diffusion models on pixels share: sizes, schedules, and the way from noise.

Guided diffusion (Dhariwal & Nichol 2021, arXiv:2105.05233) and GLIDE (Nichol et al. 2021,
arXiv:2112.10741) foresee noise in pixels and a share between two variances (Nichol & Dhariwal
2021, arXiv:2102.09672, eq. 15), by which DDPM's steps draw their noise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.base.errors import InputError, shorten
from core.generation.large import denoising
from core.generation.request import OnStep, Request, Step, Stop

if TYPE_CHECKING:
    from torch import Tensor

TIMES = 1000  # of noise, that they were trained on
SCHEDULERS = {"DDIM": "DDIMScheduler", "DDPM": "DDPMScheduler"}
# DDIM's paper takes every so many-th time, their own code for DDPM the first, the last, and between
_OF_KIND = {
    "DDIM": {"timestep_spacing": "leading"},
    "DDPM": {"timestep_spacing": "linspace", "variance_type": "learned_range"},
}


def make_scheduler(name: str, schedule: str) -> Any:
    """A scheduler of diffusers for networks trained by a ``schedule`` of noise.

    It is given what is foreseen of the picture itself: so what limits it to [-1, 1], or leads it,
    counts for the next step's noise too, as in the papers' own code.
    """
    import diffusers

    return getattr(diffusers, SCHEDULERS[name])(
        num_train_timesteps=TIMES,
        beta_start=1e-4,
        beta_end=0.02,
        beta_schedule=schedule,
        prediction_type="sample",
        clip_sample=False,
        **_OF_KIND[name],
    )


def complete(
    request: Request, title: str, side: int, schedulers: Sequence[str], *, begins: str = "noise"
) -> Request:
    """The request with size and scheduler named.

    Raises:
        InputError: the size is no square of a multiple of ``side``, the scheduler is none of
            ``schedulers``, or a picture was given.
    """
    width = request.width or request.height or side
    height = request.height or width
    if width != height or width % side:
        raise InputError(
            f"The size is {width} x {height} pixels.",
            f"{title} makes squares whose side is a multiple of {side}.",
            f"Take {side} x {side}.",
        )
    scheduler = request.scheduler or schedulers[0]
    if scheduler not in schedulers:
        raise InputError(
            f"{title} has no scheduler “{shorten(scheduler)}”.",
            f"It has {', '.join(schedulers)}.",
            "Choose one of these.",
        )
    if request.source is not None or request.control is not None:
        raise InputError(
            f"{title} does not begin from a picture.",
            f"It begins from {begins}.",
            "Take the picture away, or choose another model.",
        )
    return replace(request, width=width, height=height, scheduler=scheduler)


def sample(  # noqa: PLR0913, PLR0917
    foresee: Callable[[Tensor, Tensor], Tensor],
    scheduler: Any,
    noise: Tensor,
    steps: int,
    steer: Callable[[Tensor, float], Tensor] | None,
    tell: Callable[[Tensor], None],
    random: Any,
) -> Tensor:
    """From noise ``(1, 3, s, s)`` to a picture in [-1, 1].

    Args:
        foresee: the noise in a noisy picture and the share between variances ``(1, 6, s, s)``,
            given it and the time from 0 to 999.
        steer: changes the foreseen picture, given it and the share of noise.
        tell: is given the foreseen picture after each step; what it raises ends the drawing.
    """
    import torch

    scheduler.set_timesteps(steps)
    learned = scheduler.config.get("variance_type") == "learned_range"
    noisy = noise
    for at in scheduler.timesteps:
        signal = scheduler.alphas_cumprod[int(at)]
        found = foresee(noisy, at)
        clean = foreseen(noisy, found[:, :3], signal)
        if steer is not None:
            clean = steer(clean, float((1 - signal).sqrt())).clamp(-1, 1)
        given = torch.cat([clean, found[:, 3:]], 1) if learned else clean
        noisy = scheduler.step(given, at, noisy, generator=random, return_dict=False)[0]
        tell(clean)
    return noisy.clamp(-1, 1)


def foreseen(noisy: Tensor, noise: Tensor, signal: Tensor) -> Tensor:
    """The predicted x_0 in [-1, 1], by the noise foreseen in ``noisy`` and the share of signal."""
    return ((noisy - (1 - signal).sqrt() * noise) / signal.sqrt()).clamp(-1, 1)


def followed(
    draw: Callable[[Callable[[Tensor], None]], Tensor],
    request: Request,
    on_step: OnStep,
    passes: int,
) -> tuple[Tensor, int]:
    """Pixels ``(1, 3, s, s)`` in [-1, 1], and how many of the request's steps were done.

    Args:
        draw: draws, and calls what it is given with the foreseen picture after each pass.
        passes: how many those are, of which the request's steps are told.
    """
    last: list[Tensor] = []

    def done() -> int:
        return min(request.steps, -(-len(last) * request.steps // passes))

    def tell(found: Tensor) -> None:
        last.append(found)
        on_step(Step(done(), request.steps, lambda: denoising.as_picture(found)))

    try:
        return draw(tell), request.steps
    except Stop:
        if not last:
            raise
        return last[-1], done()
