"""Lesson 10: noise that is added by a schedule, and what it leaves of a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Doubles = NDArray[np.float64]

DDPM = (1e-4, 0.02, 1_000)  # first and last beta, and steps, of Ho et al. 2020


def standardized(values: ArrayLike) -> Doubles:
    """Numbers ``(…)`` with mean 0 and standard deviation 1; all 0 where they agree."""
    wide = np.asarray(values, dtype=np.float64)
    spread = float(wide.std())
    result: Doubles = (wide - wide.mean()) / (spread or 1.0)
    return result


def mix(picture: Doubles, noise: Doubles, share: float) -> Doubles:
    """``(1 - s) x + s e`` of two arrays ``(…)``: the straight way of flow matching.

    Lipman et al. 2022, with the share of noise ``s`` from 0 to 1.
    """
    return (1 - share) * picture + share * noise


def left_of_picture(share: float) -> float:
    """The correlation of ``mix`` with the picture: both of variance 1, and independent."""
    return (1 - share) / float(np.hypot(1 - share, share))


def kept_by_ddpm(betas: Doubles) -> Doubles:
    """The correlation ``(steps,)`` of picture and noisy picture by DDPM's schedule.

    It is ``sqrt(prod(1 - beta))``, the factor of the picture in ``x_t`` (Ho et al. 2020, equation
    4): there the variances add up to 1.
    """
    result: Doubles = np.sqrt(np.cumprod(1 - np.asarray(betas, dtype=np.float64)))
    return result


def ddpm_betas() -> Doubles:
    """The linear schedule ``(1000,)`` of Ho et al. 2020."""
    first, last, steps = DDPM
    result: Doubles = np.linspace(first, last, steps)
    return result


def guided(away: Doubles, towards: Doubles, weight: float) -> Doubles:
    """Classifier-free guidance of two predictions ``(…)``: ``v_n + w (v_a - v_n)``.

    Ho & Salimans 2022: at 1 it is what was asked for, above 1 it goes beyond.
    """
    return away + weight * (towards - away)


def first_within(values: list[float], share: float) -> int:
    """The step, from 1, from which on ``values`` stay within ``share`` of the last one's rise."""
    start, end = values[0], values[-1]
    least = start + share * (end - start)
    late = [at for at, value in enumerate(values) if (value - least) * np.sign(end - start) < 0]
    return (late[-1] + 2) if late else 1
