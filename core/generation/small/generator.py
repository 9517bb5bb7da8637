"""Our own small generators: they draw pictures from any vector of MiniLM's space.

Trained by ``python -m core.training.generator.train``; what each can and cannot do is in its model
card in ``assets/models``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL.Image import Resampling

from core.base.errors import InputError
from core.base.types import FloatArray
from core.generation import prompts
from core.generation.placement import Laid, contained, lay, plain
from core.generation.request import Generated, OnStep, Request, Source, Step, Stop
from core.generation.small import weights
from core.generation.small.models import EMOJI, SmallModel
from core.generation.small.schedulers import SCHEDULERS, Euler
from core.generation.small.upscale import enlarge
from core.readers.pictures import Pixels
from core.spaces.encoders.minilm_pictures import to_input

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

    from core.generation.small.pipeline import Begin, Moment, VectorPipeline

OWN_SIDE = 64  # of what the network draws
DEFAULT_SIDE = 512
PREVIEW_TIMES = 4


class SmallGenerator:
    """One of ours. Keep one: it holds its weights.

    Args:
        model: which.
        folder: where they lie, other than in the project.
    """

    side = DEFAULT_SIDE
    multiple, square = OWN_SIDE, True
    schedulers = tuple(SCHEDULERS)
    takes_vectors = takes_picture = takes_mask = True
    takes_control = False

    def __init__(self, model: SmallModel = EMOJI, folder: Path | None = None) -> None:
        self.model, self.folder = model, folder or model.folder
        self.name, self.title = model.name, model.title
        self.lock = threading.Lock()

    @property
    def opened(self) -> bool:
        """Whether its networks are in memory."""
        return "pipeline" in self.__dict__

    @cached_property
    def pipeline(self) -> VectorPipeline:
        """The networks, opened when first needed.

        Raises:
            StorageError: a file is missing or damaged.
        """
        return weights.open_pipeline(self.folder)

    def warm(self) -> None:
        """Imports and reads what the first picture takes.

        Raises:
            NotReadyError: the encoder of prompts is not installed.
            StorageError: a file is missing or damaged.
        """
        _ = self.pipeline
        prompts.text_encoder().encode_texts(["warm"])

    def close(self) -> None:
        """Nothing: what it holds is small, and goes with it."""

    def generate(self, request: Request, on_step: OnStep) -> Generated:
        """Draws one picture; see the protocol.

        Raises:
            StorageError: its files are damaged.
        """
        times = check_size(request.checked()) // OWN_SIDE
        began = time.monotonic()
        laid = None if request.source is None else _lay(request.source, times)
        drawing = _Drawing(self, on_step, laid)
        with self.lock:
            latents = drawing.run(request)
            pixels = self.pixels(latents)
        image = enlarge(pixels, times, drawing=self.model.drawings)
        if laid is not None:
            image = laid.finish(image)
        spent = time.monotonic() - began
        return Generated(image, request, drawing.done, spent, stopped=drawing.stopped)

    def pixels(self, latents: Tensor) -> Pixels:
        """One picture ``(64, 64, 3)`` of latents ``(1, c, g, g)``."""
        found = self.pipeline.decode(latents)[0].permute(1, 2, 0)
        scaled: Pixels = ((found + 1) * 127.5).round().byte().numpy()
        return scaled

    def scheduler(self, name: str) -> Euler:
        """A scheduler for one picture; "" for its own.

        Raises:
            InputError: it has none of this name.
        """
        if (name or self.schedulers[0]) not in SCHEDULERS:
            raise InputError(
                f"{self.title} has no scheduler “{name}”.",
                f"It has {', '.join(SCHEDULERS)}.",
                "Choose one of these.",
            )
        return SCHEDULERS[name or self.schedulers[0]]()

    def begin(self, laid: Laid, strength: float) -> Begin:
        """A picture to begin from, as it lies on the canvas, as latents."""
        import torch

        from core.generation.small.pipeline import Begin, grid_mask

        small = laid.picture.resize((OWN_SIDE, OWN_SIDE), Resampling.BICUBIC, reducing_gap=3.0)
        latents = self.pipeline.encode(torch.from_numpy(to_input(np.asarray(small)[None])))
        mask = None
        if laid.mask is not None:
            touched = (np.asarray(laid.mask) > 0).astype(np.float32)
            mask = grid_mask(torch.from_numpy(touched[None, None]))
        return Begin(latents, strength, mask)


def _lay(source: Source, times: int) -> Laid:
    """A picture to begin from in the square that is drawn, enlarged so many times."""
    photo = plain(source.image)
    where = contained(photo.size, OWN_SIDE).scaled(times)
    return lay(photo, source.mask, where, Resampling.BICUBIC)


class _Drawing:
    """One picture on its way: turns its steps into what an observer sees, and counts them."""

    def __init__(self, generator: SmallGenerator, on_step: OnStep, laid: Laid | None) -> None:
        self.generator, self.on_step, self.laid = generator, on_step, laid
        self.done = 0
        self.stopped = False
        self.last: Tensor | None = None
        self._total = 0

    def run(self, request: Request) -> Tensor:
        """Latents of the picture, as far as it was let."""
        generator = self.generator
        begin = None
        if self.laid is not None and request.source is not None:
            begin = generator.begin(self.laid, request.source.strength)
        try:
            found: Tensor = generator.pipeline(
                _tensor(asked_vector(request)),
                unwanted=unwanted_tensor(request),
                steps=request.steps,
                guidance=request.guidance,
                seed=request.seed,
                scheduler=generator.scheduler(request.scheduler),
                begin=begin,
                on_step=self._step,
            )
        except Stop:
            if self.last is None:
                raise
            self.stopped = self.done < self._total
            return self.last
        return found

    def _step(self, moment: Moment) -> None:
        self.done, self._total, self.last = moment.done, moment.total, moment.clean
        self.on_step(Step(moment.done, moment.total, self._previewer(moment)))

    def _previewer(self, moment: Moment) -> Callable[[], Image.Image]:
        def preview() -> Image.Image:
            pixels = self.generator.pixels(moment.clean)
            drawn = enlarge(pixels, PREVIEW_TIMES, drawing=self.generator.model.drawings)
            return drawn if self.laid is None else self.laid.placement.cut(drawn)

        return preview


def asked_vector(request: Request) -> FloatArray:
    """What a request asks for, ``(dim,)``: its vector, or its prompt's.

    Raises:
        InputError: as ``resolve_prompt``.
        NotReadyError: the encoder of prompts is not installed.
    """
    if request.vector is not None:
        return request.vector
    return prompts.resolve_prompt(request.prompt, prompts.text_encoder())


def unwanted_tensor(request: Request) -> Tensor | None:
    """What a request leads away from, ``(dim,)``; ``None`` where it names nothing.

    Raises:
        InputError: its vector is none that the generator draws from.
    """
    if request.negative_vector is not None:
        return _tensor(request.negative_vector)
    if not request.negative.strip():
        return None
    return _tensor(prompts.resolve_prompt(request.negative, prompts.text_encoder()))


def _tensor(vector: FloatArray) -> Tensor:
    import torch

    dim = prompts.text_encoder().space.dim
    if vector.shape != (dim,) or not np.isfinite(vector).all():
        raise InputError(
            f"The prompt's vector has the shape {vector.shape}, or numbers that are none.",
            f"The small generator takes vectors of {dim} finite numbers.",
            "Use a vector of the embedding model minilm.",
        )
    return torch.from_numpy(np.ascontiguousarray(vector, dtype=np.float32))


def check_size(request: Request) -> int:
    """The side of the picture in pixels.

    Raises:
        InputError: it is no square, or its side no multiple of what the network draws.
    """
    width = request.width or request.height or DEFAULT_SIDE
    height = request.height or width
    if width != height or width % OWN_SIDE or not OWN_SIDE <= width <= 1024:
        raise InputError(
            f"The size is {width} x {height} pixels.",
            f"The small generator makes squares whose side is a multiple of {OWN_SIDE}, "
            "up to 1,024.",
            f"Take {DEFAULT_SIDE} x {DEFAULT_SIDE}.",
        )
    return width
