"""A guided-diffusion checkpoint as a generator: pixels from noise, led by a class and by gradients.

Those with classes take that of ImageNet whose name is nearest to the prompt; they were trained with
a class always, so there is no classifier-free guidance. Guidance above 1 is the gradient of
OpenAI's classifier of noisy pictures where it lies beside the checkpoint, else that of our picture
encoder on what is foreseen (``classifier_guidance``).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from core.base.types import FloatArray
from core.generation import classifier_guidance, prompts
from core.generation.device import machine
from core.generation.large import denoising, guided_diffusion, pixel_diffusion
from core.generation.large.guided_diffusion import Network
from core.generation.request import Generated, OnStep, Request
from core.generation.small.generator import asked_vector
from core.images import imagenet
from core.spaces.encoders.minilm_pictures import PictureEncoder

if TYPE_CHECKING:
    from torch import Tensor

    from core.generation.large.guided_classifier import NoisyClassifier


class GuidedGenerator:
    """A checkpoint in a file; ``Generator`` of ``core.generation.request``.

    Args:
        name: in the list of generators.
        path: of the file, which is read when it first draws.
        network: which of those published it is, as ``guided_diffusion`` recognized it.
    """

    square = takes_vectors = True
    takes_picture = takes_mask = takes_control = False
    schedulers = tuple(pixel_diffusion.SCHEDULERS)

    def __init__(self, name: str, path: Path, network: Network) -> None:
        self.name, self.path, self.network = name, path, network
        self.title = f"{network.title} ({path.name})"
        self.side = self.multiple = network.side
        self.lock = threading.Lock()

    @cached_property
    def unet(self) -> Any:
        """The network, on the device where it computes.

        Raises:
            InputError: the file is not there any more, or holds no such network.
            OutOfMemoryError: it has no room.
        """
        return guided_diffusion.read_network(self.path).to(machine().device)

    @property
    def classifier_path(self) -> Path | None:
        """OpenAI's classifier, where it lies beside the checkpoint."""
        return guided_diffusion.classifier_of(self.path, self.network)

    @cached_property
    def classifier(self) -> NoisyClassifier | None:
        """The same, ready to evaluate.

        Raises:
            InputError: it holds another network.
        """
        if self.classifier_path is None:
            return None
        from core.generation.large.guided_classifier import read_classifier

        return read_classifier(self.classifier_path, self.side).to(machine().device)

    def close(self) -> None:
        """Frees its memory; it opens again when it draws."""
        with self.lock:
            self.__dict__.pop("unet", None)
            self.__dict__.pop("classifier", None)

    def generate(self, request: Request, on_step: OnStep) -> Generated:
        """Draws one picture; see the protocol.

        Raises:
            NotReadyError: the encoder of prompts is not installed.
        """
        checked = request.checked()
        request = pixel_diffusion.complete(checked, self.title, self.side, self.schedulers)
        vector = asked_vector(request)
        label, notes = self._label(vector)
        if request.guidance > 1:
            own = self.classifier_path
            notes.append(f"Guided by {own.name if own else 'our picture encoder'}.")
        began = time.monotonic()
        with self.lock:
            pixels, done = pixel_diffusion.followed(
                lambda tell: self._denoise(request, vector, label, tell),
                request,
                on_step,
                request.steps,
            )
        image = denoising.as_picture(pixels)
        if image.width != request.width:
            image = image.resize((request.width, request.height), Image.Resampling.BICUBIC)
        spent, stopped = time.monotonic() - began, done < request.steps
        return Generated(image, request, done, spent, tuple(notes), stopped)

    def _label(self, vector: FloatArray) -> tuple[int | None, list[str]]:
        """The class that a prompt's vector is nearest to, and what is told of it."""
        if not self.network.architecture.classes and self.classifier_path is None:
            return None, []
        names = [one.name for one in imagenet.classes()]
        cosines = prompts.text_encoder().encode_texts(names).vectors @ vector
        best = int(np.argmax(cosines))
        return best, [f"ImageNet's class “{names[best]}” (similarity {cosines[best]:.2f})."]

    def _denoise(
        self, request: Request, vector: FloatArray, label: int | None, tell: Callable[..., None]
    ) -> Tensor:
        import torch

        random = torch.Generator().manual_seed(request.seed)
        noise = torch.randn(1, 3, self.side, self.side, generator=random)
        device, weight = machine().device, max(0.0, request.guidance - 1)
        labels = None
        if label is not None and self.network.architecture.classes:
            labels = torch.tensor([label], device=device)
        scheduler = pixel_diffusion.make_scheduler(request.scheduler, self.network.schedule)
        judge = self.classifier if weight else None
        steer = _steering(vector, weight) if judge is None else None

        @torch.inference_mode()
        def foresee(noisy: Tensor, at: Tensor) -> Tensor:
            noisy, at = noisy.to(device), at.to(device)
            found: Tensor = self.unet(noisy, at, class_labels=labels).sample
            if judge is not None and label is not None:
                # The paper's algorithm 2: the score of a class, in units of noise.
                spread = (1 - scheduler.alphas_cumprod[int(at)]).sqrt().to(device)
                found[:, :3] -= spread * weight * judge.slope(noisy, at[None], label)
            return found.float().cpu()

        return pixel_diffusion.sample(foresee, scheduler, noise, request.steps, steer, tell, random)


def _steering(vector: FloatArray, weight: float) -> Callable[[Tensor, float], Tensor] | None:
    """What leads a foreseen picture towards a prompt's vector; None for a weight of 0 or less."""
    if weight <= 0:
        return None
    import torch

    encoder = PictureEncoder(prompts.text_encoder().space)
    asked = torch.from_numpy(vector.astype(np.float32))
    return classifier_guidance.steer(encoder.network, lambda pixels: pixels, asked, weight)
