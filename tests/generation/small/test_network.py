"""The small generators' own network and schedulers: the same numbers as diffusers'."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.generation import small
from core.generation.small import weights
from core.generation.small.network import DIM, LENGTH, VectorUNet
from core.generation.small.schedulers import SCHEDULERS, TIMES

THEIRS = {
    "Euler": ("FlowMatchEulerDiscreteScheduler", {"shift": 1.0}),
    "Euler with fresh noise": (
        "FlowMatchEulerDiscreteScheduler",
        {"shift": 1.0, "stochastic_sampling": True},
    ),
    "DPM++ 2M": (
        "DPMSolverMultistepScheduler",
        {"use_flow_sigmas": True, "prediction_type": "flow_prediction"},
    ),
}


def latents(count: int) -> torch.Tensor:
    return torch.randn(count, 16, 8, 8, generator=torch.Generator().manual_seed(count))


@pytest.mark.parametrize("widths", [(128, 256), (32,), (32, 48, 64)])
@torch.inference_mode()
def test_the_network_is_that_of_diffusers(widths: tuple[int, ...]) -> None:
    from diffusers import UNet2DConditionModel

    torch.manual_seed(0)
    own = VectorUNet(16, widths).eval()
    theirs = UNet2DConditionModel.from_config(own.config).eval()
    theirs.load_state_dict(own.state_dict())
    noisy, times = latents(2), torch.tensor([20.0, 731.5])
    asked = torch.nn.functional.normalize(torch.randn(2, DIM))
    nothing = torch.zeros(2, 1, 8)
    wanted = theirs(noisy, times, nothing, class_labels=asked * LENGTH).sample
    found = own(noisy, times, asked)
    assert wanted.std() > 0.05
    assert (found - wanted).abs().max() < 1e-6


@pytest.mark.parametrize("name", list(SCHEDULERS))
@pytest.mark.parametrize("steps", [1, 4, 20])
def test_a_scheduler_goes_as_diffusers_does(name: str, steps: int) -> None:
    import diffusers

    kind, settings = THEIRS[name]
    theirs = getattr(diffusers, kind)(num_train_timesteps=TIMES, **settings)
    if kind.startswith("Flow"):
        theirs.set_timesteps(sigmas=np.linspace(1, 1 / steps, steps).tolist())
    else:
        theirs.set_timesteps(steps)
    own = SCHEDULERS[name]()
    shares = own.shares(steps).tolist()
    assert shares == pytest.approx(theirs.sigmas.tolist(), abs=1e-6)
    x = y = latents(1)
    first, second = (torch.Generator().manual_seed(1) for _ in range(2))
    for at, time in enumerate(theirs.timesteps):
        foreseen = torch.sin(3 * x) + 0.1 * at  # any function of the latents
        x = own.step(foreseen, x, shares[at], shares[at + 1], first)
        foreseen = torch.sin(3 * y) + 0.1 * at
        y = theirs.step(foreseen, time, y, generator=second, return_dict=False)[0]
        assert torch.allclose(x, y, atol=1e-4)


def test_none_of_it_imports_diffusers() -> None:
    for path in Path(small.__file__).parent.glob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if line.strip().startswith(("import diff", "from diff"))]


def test_the_shipped_files_are_still_read_by_diffusers() -> None:
    from diffusers import UNet2DConditionModel

    theirs = UNet2DConditionModel.from_pretrained(weights.FOLDER / weights.UNET)
    own = weights.open_pipeline().unet.state_dict()
    assert all(torch.equal(own[name], one) for name, one in theirs.state_dict().items())
