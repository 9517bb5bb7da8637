"""A model of diffusers as a generator: opened when it first draws, followed at every step."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from core.base.errors import InputError, OutOfMemoryError, shorten
from core.base.memory import format_bytes
from core.generation import init_image
from core.generation.device import machine
from core.generation.large import (
    asked,
    autoencoders,
    controlnets,
    denoising,
    embeddings,
    latents,
    loading,
    lora,
    pipelines,
)
from core.generation.large.call_arguments import arguments
from core.generation.large.files import check_folder
from core.generation.large.lora import Lora
from core.generation.large.memory_plan import Plan, is_out_of_memory, place
from core.generation.request import Generated, OnStep, Request, Step, Stop

_TILED = 640 * 640  # pixels from which the autoencoder works in tiles
_DRAWN = {"cpu": 160 * 160, "mps": 512 * 512, "cuda": 1024 * 1024}  # previewed in full up to
_SMALLEST = 256  # pixels: below this a smaller picture does not help

_OTHER_NUMBERS = (
    "Numbers often leave the range of half precision: take the precision float32 (or bfloat16), "
    "else another scheduler, fewer steps or less guidance."
)


class LargeGenerator:
    """A diffusers model in a folder; ``Generator`` of ``core.generation.request``.

    A seed gives the same noise on every device, since it is drawn on the CPU. A guidance of 1 or
    less is none, which takes one pass through the network instead of two.

    Raises:
        InputError: the folder holds no such model, or a part is missing.
        NotReadyError: diffusers here does not know its pipeline.
    """

    takes_vectors = square = False

    def __init__(self, name: str, title: str, folder: Path, *, side: int = 0) -> None:
        self.name, self.title, self.folder = name, title, folder
        self.layout = check_folder(folder, title, half=machine().device != "cpu")
        self._class = loading.pipeline_class(self.layout, title)
        self.side = side or loading.native_side(self.layout)
        flows = any(part.name == "transformer" for part in self.layout.parts)
        self.multiple = 16 if flows else 8
        self.schedulers = loading.scheduler_names(self.layout)
        self.takes_picture = pipelines.takes_picture(self.layout.pipeline)
        self.takes_mask = pipelines.takes_mask(self.layout.pipeline)
        self.takes_control = self.layout.pipeline in pipelines.STEERED
        self._pipes: dict[str, Any] = {}  # by what they begin from; they share their networks
        self._plan: Plan | None = None
        self._setup = loading.Setup()  # that it was opened with
        self._scheduler: Any = None  # the model's own, never stepped
        self._rough: denoising.RoughDecoder | None = None

    def close(self) -> None:
        """Frees its memory; it opens again when it draws."""
        import torch

        self._pipes, self._plan, self._scheduler, self._rough = {}, None, None, None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def generate(self, request: Request, on_step: OnStep) -> Generated:
        """Draws one picture; ``request`` of the result holds the size and scheduler it had.

        After ``Stop`` the picture is the one that was foreseen at that step.

        Raises:
            InputError: it cannot take such a request.
            OutOfMemoryError: the machine's memory does not suffice.
            Cancelled: by ``on_step``.
        """
        request = asked.complete(self, request.checked())
        with self._errors_told(request):
            words, loras = lora.parse(request.prompt)
            both = f"{request.prompt} {request.negative}"
            embeddings.parse(both)  # what is missing is told before the weights are read
            pipe = self._open(request, loras)
            notes = list(self._plan.notes if self._plan else ())
            notes += filter(None, (lora.weights_note(both), embeddings.plain_note(both)))
            if request.source is not None and pipelines.refers(type(pipe).__name__):
                request = replace(request, source=replace(request.source, strength=1.0))
                notes.append("The picture is a reference here, so strength has no effect.")
            begun = init_image.placed(request, notes)
            given = arguments(pipe, replace(request, prompt=words), begun, notes)
            given |= asked.steered(request, notes)
            began = time.perf_counter()
            image, done, stopped = self._run(pipe, request, given, on_step, notes)
            if begun is not None:
                image = begun.finish(image)
            spent = time.perf_counter() - began
        return Generated(image, request, done, spent, tuple(notes), stopped)

    def _open(self, request: Request, loras: tuple[Lora, ...]) -> Any:
        """The pipeline for such a request, its scheduler fresh."""
        vae = autoencoders.FOLDER.find(request.vae) if request.vae else None
        setup = loading.Setup(request.precision, loras, vae)
        if self._plan is not None and self._setup != setup:
            self.close()
        if "" not in self._pipes:
            self._setup = setup
            self._pipes[""], self._plan = loading.load(self.layout, self._class, self.title, setup)
            self._scheduler = self._pipes[""].scheduler
        mode = ""
        if request.source is not None:
            mode = "image" if request.source.mask is None else "mask"
        if request.control is not None:
            mode = f"control {request.control.network}"
        if mode not in self._pipes:
            self._pipes[mode] = (
                init_image.sharing(self._pipes[""], mode)
                if request.control is None
                else controlnets.steering(
                    self._pipes[""], controlnets.FOLDER.find(request.control.network)
                )
            )
        pipe = self._pipes[mode]
        if self._plan is not None and self._plan.offload and len(self._pipes) > 1:
            place(pipe, self._plan)
        pipe.scheduler = loading.make_scheduler(self._scheduler, request.scheduler)
        vae = latents.decoder_of(pipe)
        large = request.width * request.height > _TILED
        if hasattr(vae, "enable_tiling"):
            vae.enable_tiling() if large else vae.disable_tiling()
        return pipe

    def _run(
        self,
        pipe: Any,
        request: Request,
        given: dict[str, Any],
        on_step: OnStep,
        notes: list[str],
    ) -> tuple[Image.Image, int, bool]:
        """The picture, the steps that were done, and whether it was stopped before the last."""
        import torch

        planned = int(given["num_inference_steps"])
        if request.source is not None and "strength" in given:
            planned = max(1, min(planned, int(planned * request.source.strength)))

        def draw(held: Any) -> Image.Image:
            return self._preview(pipe, held, request)

        def checked(step: Step) -> None:
            if not denoising.is_finite(follower.foreseen):
                raise self._no_numbers(step, request)
            on_step(step)

        follower = denoising.Follower(pipe, planned, checked, draw)
        try:
            made = pipe(**given)
            flagged = bool((getattr(made, "nsfw_content_detected", None) or [False])[0])
            image, done = made.images[0], planned
        except Stop:
            found = latents.unpack(pipe, follower.foreseen, request.width, request.height)
            pixels = latents.decode(pipe, found)
            with torch.no_grad():
                pixels, flagged = _check_safety(pipe, pixels)
            image, done = denoising.as_picture(pixels), follower.done
            if flagged:
                image = Image.new("RGB", image.size)
            if done < planned:
                notes.append(
                    f"Stopped after {done} of {planned} steps: the predicted x0 of that step."
                )
        finally:
            pipe.maybe_free_model_hooks()
        if not flagged and image.getextrema() == ((0, 0),) * 3:
            notes.append(f"The picture is black everywhere. {_OTHER_NUMBERS}")
        if flagged:
            notes.append(
                "The model's safety checker blacked this picture out; another seed or prompt "
                "may do."
            )
        return image, done, done < planned

    def _preview(self, pipe: Any, held: Any, request: Request) -> Image.Image:
        """What is foreseen: in full where that is cheap, else coarse.

        Coarse too where there is a safety checker, which would take longer than a step.
        """
        import torch

        with torch.no_grad():
            found = latents.unpack(pipe, held, request.width, request.height)
            full = request.width * request.height <= _DRAWN.get(machine().device, 0)
            if full and getattr(pipe, "safety_checker", None) is None:
                return denoising.as_picture(latents.decode(pipe, found))
            self._rough = self._rough or denoising.RoughDecoder(pipe)
            return self._rough.draw(found, request.width, request.height)

    @contextlib.contextmanager
    def _errors_told(self, request: Request) -> Iterator[None]:
        """Turns what pipelines raise into errors that a person can act on."""
        try:
            yield
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            told = self._too_large(request)
        except ValueError as error:
            raise InputError(
                f"{self.title} refuses this request: {shorten(str(error), 200)}",
                "Its pipeline checks what it is given.",
                "Change the size, the steps or the scheduler.",
            ) from error
        else:
            return
        self.close()  # outside the handler, whose traceback holds the tensors
        raise told

    def _no_numbers(self, step: Step, request: Request) -> InputError:
        dtype = "" if self._plan is None else f" in {self._plan.dtype}"
        return InputError(
            f"{self.title} gave no numbers (NaN) at step {step.done} of {step.total}{dtype}, with "
            f"the scheduler {request.scheduler}.",
            "A picture is made of finite numbers.",
            _OTHER_NUMBERS,
        )

    def _too_large(self, request: Request) -> OutOfMemoryError:
        width, height = (
            max(8, round(side / 2 / 16) * 16) for side in (request.width, request.height)
        )
        smaller = max(width, height) >= _SMALLEST
        return OutOfMemoryError(
            f"{self.title} ran out of memory at {request.width} × {request.height} pixels.",
            f"{format_bytes(machine().free)} were free beside it.",
            f"Take {width} × {height} pixels, or choose a smaller model."
            if smaller
            else "Choose a smaller model, or end other programs.",
        )


def _check_safety(pipe: Any, pixels: Any) -> tuple[Any, bool]:
    """Pixels after the model's safety checker, where it has one, and whether it blacked them."""
    if getattr(pipe, "safety_checker", None) is None:
        return pixels, False
    checked, flags = pipe.run_safety_checker(pixels, pipe._execution_device, pipe.dtype)
    return checked, bool(flags and flags[0])
