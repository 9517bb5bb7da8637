"""Lesson 10: noise by a schedule, against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from core.lessons import noise


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.9, 1.0])
def test_what_is_left_of_a_picture_is_its_correlation(share: float) -> None:
    random = np.random.default_rng(0)
    picture = noise.standardized(random.exponential(size=200_000))
    mixed = noise.mix(picture, random.normal(size=200_000), share)
    assert np.corrcoef(picture, mixed)[0, 1] == pytest.approx(
        noise.left_of_picture(share), abs=0.01
    )


def test_ddpm_keeps_nearly_all_at_first_and_nearly_nothing_at_last() -> None:
    betas = noise.ddpm_betas()
    kept = noise.kept_by_ddpm(betas)
    assert kept[0] == pytest.approx(np.sqrt(1 - 1e-4))
    assert kept[1] == pytest.approx(np.sqrt((1 - 1e-4) * (1 - betas[1])))
    assert (np.diff(kept) < 0).all()
    assert kept[-1] == pytest.approx(0.00635, abs=1e-4)  # 0.0064, as the paper's 4e-5 squared


def test_guidance_goes_beyond_what_was_asked() -> None:
    away, towards = np.array([0.0, 1.0]), np.array([1.0, 1.0])
    assert noise.guided(away, towards, 0).tolist() == [0, 1]
    assert noise.guided(away, towards, 1).tolist() == [1, 1]
    assert noise.guided(away, towards, 3).tolist() == [3, 1]


def test_numbers_that_all_agree_have_no_spread() -> None:
    assert noise.standardized(np.full(4, 7.0)).tolist() == [0, 0, 0, 0]
    assert noise.standardized(np.array([1.0, 3.0])).tolist() == [-1, 1]


@pytest.mark.parametrize(
    ("values", "step"),
    [([0.0, 0.5, 0.95, 1.0], 3), ([0.0, 0.95, 0.2, 1.0], 4), ([1.0, 0.05, 0.0], 2), ([0.3], 1)],
)
def test_the_step_from_which_on_it_stays(values: list[float], step: int) -> None:
    assert noise.first_within(values, 0.9) == step
