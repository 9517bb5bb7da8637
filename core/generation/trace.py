"""Looking inside: every step of a picture, with guidance, without, and with a classifier's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import InputError
from core.base.types import FloatArray
from core.generation import classifier_guidance, prompts
from core.generation.request import Generator, Request
from core.generation.small.generator import SmallGenerator, asked_vector, unwanted_tensor
from core.spaces.encoders.minilm_pictures import PictureEncoder

if TYPE_CHECKING:
    from torch import Tensor

    from core.generation.small.pipeline import Moment
    from core.readers.pictures import Pixels

WITH, WITHOUT, CLASSIFIER = "guidance", "no guidance", "classifier guidance"


@dataclass(frozen=True, slots=True)
class Seen:
    """One step.

    Attributes:
        share: of noise it began with, 1 to 0.
        noisy: ``(64, 64, 3)``, the latents it began with, decoded.
        clean: the same of the picture foreseen there.
        likeness: cosine of the foreseen picture's vector and the prompt's.
    """

    share: float
    noisy: Pixels
    clean: Pixels
    likeness: float


@dataclass(frozen=True, slots=True)
class Trace:
    """All steps of a picture in order."""

    steps: tuple[Seen, ...]

    @property
    def shares(self) -> list[float]:
        """The noise schedule."""
        return [step.share for step in self.steps]


def small(generator: Generator) -> SmallGenerator:
    """The generator, where it is one that can be looked into.

    Raises:
        InputError: it is another.
    """
    if isinstance(generator, SmallGenerator):
        return generator
    raise InputError(
        f"{generator.title} cannot be looked into here.",
        "Its steps are seen in the preview.",
        "Choose the small generator for this tool.",
    )


def trace(generator: SmallGenerator, request: Request, kind: str) -> Trace:
    """Draws a picture and keeps every step.

    Args:
        kind: ``WITH`` guides as the request says, away from its negative prompt, and draws what the
            generator draws; ``WITHOUT`` not at all, ``CLASSIFIER`` by our picture encoder, with the
            request's guidance as weight: neither knows of a negative prompt.

    Raises:
        InputError: as ``Generator.generate``.
    """
    vector = asked_vector(request.checked())
    encoder = PictureEncoder(prompts.text_encoder().space)
    moments: list[Moment] = []
    with generator.lock:
        guidance = request.guidance if kind == WITH else 1.0
        _run(generator, request, vector, guidance, kind, encoder, moments.append)
        return Trace(tuple(_see(generator, moment, vector, encoder) for moment in moments))


def _run(  # noqa: PLR0913, PLR0917
    generator: SmallGenerator,
    request: Request,
    vector: FloatArray,
    guidance: float,
    kind: str,
    encoder: PictureEncoder,
    on_step: Callable[[Moment], None],
) -> None:
    import torch

    asked = torch.from_numpy(vector.astype(np.float32))
    steering: Callable[[Tensor, float], Tensor] | None = None
    if kind == CLASSIFIER:
        steering = classifier_guidance.steer(
            encoder.network, generator.pipeline.autoencoder.decode, asked, request.guidance
        )
        # Nothing is asked of the network itself: only the classifier leads.
        asked = torch.zeros_like(asked)
    generator.pipeline(
        asked,
        unwanted=unwanted_tensor(request) if kind == WITH else None,
        steps=request.steps,
        guidance=guidance,
        seed=request.seed,
        scheduler=generator.scheduler(request.scheduler),
        steer=steering,
        on_step=on_step,
    )


def _see(
    generator: SmallGenerator, moment: Moment, vector: FloatArray, encoder: PictureEncoder
) -> Seen:
    from PIL import Image

    clean = generator.pixels(moment.clean)
    own = encoder.encode_pictures([Image.fromarray(clean)])[0]
    return Seen(moment.share, generator.pixels(moment.noisy), clean, float(own @ vector))
