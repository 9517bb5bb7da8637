"""What is asked of a generator, checked before any work; and what a generator is.

A request holds everything that decides a picture, so that it can be made again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from core.base.errors import InputError, shorten
from core.base.types import FloatArray
from core.generation.edges import BLUR, MOST_BLUR
from core.generation.request_checks import (
    check_number,
    check_prompt,
    check_text,
    check_vector,
    check_whole,
)

if TYPE_CHECKING:
    from PIL import Image

MAX_NAME = 5_000  # of a generator, which may be the path of a folder
MAX_STEPS = 200
MAX_GUIDANCE = 30.0
MAX_SEED = 2**32 - 1
MAX_SIDE = 2_048
MAX_SCALE = 2.0  # of a ControlNet
PRECISIONS = ("float32", "bfloat16", "float16")
MULTIPLE = 8  # of a side's pixels: the grid of latents is so much smaller


@dataclass(frozen=True, slots=True)
class Source:
    """A picture to begin from.

    Attributes:
        image: any size and mode.
        strength: in (0, 1], how far it is changed; 1 leaves nothing of it.
        mask: white (mode ``L``, any size) where the picture may change, None for everywhere.
    """

    image: Image.Image
    strength: float = 0.6
    mask: Image.Image | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """A picture whose edges steer what is drawn.

    Attributes:
        image: any size and mode.
        network: name of the ControlNet's file.
        scale: from 0 to ``MAX_SCALE``, how strongly it steers.
        blur: in pixels, as of ``edges.edges``.
    """

    image: Image.Image
    network: str
    scale: float = 1.0
    blur: float = BLUR


@dataclass(frozen=True, slots=True)
class Request:
    """One picture that is asked for.

    Attributes:
        generator: its name in ``generators``.
        prompt: as typed; a formula where the generator draws from vectors.
        negative: what should not be there, "" for nothing.
        steps: of the scheduler.
        guidance: weight of classifier-free guidance; 1 is none.
        seed: of the noise.
        scheduler: its name in the generator's ``schedulers``, "" for the generator's own.
        width, height: of the picture in pixels; 0 for the generator's own.
        vector: ``(dim,)``, what the prompt stands for, where the generator draws from vectors.
        negative_vector: the same of ``negative``.
        source: a picture to begin from.
        control: a picture to be steered by.
        precision: of the networks' numbers, of ``PRECISIONS``; "" for what suits the computer.
        vae: name of the autoencoder's file that a large model draws with, "" for its own.
    """

    generator: str
    prompt: str
    negative: str = ""
    steps: int = 20
    guidance: float = 3.0
    seed: int = 0
    scheduler: str = ""
    width: int = 0
    height: int = 0
    vector: FloatArray | None = field(default=None, compare=False)
    negative_vector: FloatArray | None = field(default=None, compare=False)
    source: Source | None = field(default=None, compare=False)
    control: Control | None = field(default=None, compare=False)
    precision: str = ""
    vae: str = ""

    def checked(self) -> Request:
        """Itself; what is checked can be written into a picture and read again.

        Raises:
            InputError: a value is outside what any generator takes.
        """
        check_prompt(self.prompt)
        check_text("negative prompt", self.negative)
        for name, text in (
            ("generator", self.generator),
            ("scheduler", self.scheduler),
            ("VAE", self.vae),
        ):
            if len(text) > MAX_NAME:
                raise InputError(
                    f"The name of the {name} has {len(text):,} characters.",
                    f"It has at most {MAX_NAME:,}.",
                    "Move its folder to a shorter path, and add it again.",
                )
        if self.precision not in ("", *PRECISIONS):
            raise InputError(
                f"The precision is “{shorten(self.precision, 40)}”.",
                f"It is one of {', '.join(PRECISIONS)}.",
                "Choose one of these, or none.",
            )
        check_whole("Steps", self.steps, 1, MAX_STEPS)
        check_number("Guidance", self.guidance, 0, MAX_GUIDANCE)
        check_whole("The seed", self.seed, 0, MAX_SEED)
        check_vector(self.vector)
        check_vector(self.negative_vector)
        for name, side in (("width", self.width), ("height", self.height)):
            if side:
                check_whole(f"The {name}", side, MULTIPLE, MAX_SIDE)
            if side % MULTIPLE:
                raise InputError(
                    f"The {name} is {side} pixels.",
                    f"It is a multiple of {MULTIPLE}.",
                    f"Take {max(1, round(side / MULTIPLE)) * MULTIPLE}.",
                )
        if self.source is not None:
            check_number("Strength", self.source.strength, 0.01, 1)
        if self.control is not None:
            check_number("The scale of the ControlNet", self.control.scale, 0, MAX_SCALE)
            check_number("The blur before edges", self.control.blur, 0, MOST_BLUR)
        return self


@dataclass(frozen=True, slots=True)
class Step:
    """How far a picture has come.

    Attributes:
        done, total: steps.
        preview: draws the picture as it is foreseen now; called only where somebody looks.
    """

    done: int
    total: int
    preview: Callable[[], Image.Image]


OnStep = Callable[[Step], None]


class Stop(Exception):  # noqa: N818  # it is no error
    """Raised by a step's observer to end there and keep the picture as it is."""


@dataclass(frozen=True, slots=True)
class Generated:
    """A picture, and how it came about.

    Attributes:
        steps: that were really done.
        seconds: they took.
        stopped: whether somebody stopped it before its last step.
    """

    image: Image.Image
    request: Request
    steps: int
    seconds: float
    notes: tuple[str, ...] = ()
    stopped: bool = False


def tell_steps(asked: int, done: int, strength: float, *, stopped: bool) -> str:
    """How many steps were done, for people.

    Image-to-image begins in the middle, by its strength; that is 0 where a picture began as noise.
    """
    if strength:
        return f"{done} of {asked} steps (strength {strength:g}{', stopped' if stopped else ''})"
    if stopped:
        return f"{asked} steps (stopped after {done})"
    return f"{asked} steps" if done == asked else f"{done} of {asked} steps"


class Generator(Protocol):
    """Text to picture. One at a time calls it; it is shared by all sessions.

    Attributes:
        name: in the list of generators.
        title: for people.
        side: the width and height of its pictures where a request names none.
        multiple: of pixels that width and height are.
        square: whether they are one.
        schedulers: names of the schedulers that can be chosen, its own first.
        takes_vectors: whether ``vector`` of a request says what to draw, in place of the prompt.
        takes_picture: whether a request may have a source.
        takes_mask: whether a source may have a mask.
        takes_control: whether a request may have a control.
    """

    name: str
    title: str
    side: int
    multiple: int
    square: bool
    schedulers: tuple[str, ...]
    takes_vectors: bool
    takes_picture: bool
    takes_mask: bool
    takes_control: bool

    def generate(self, request: Request, on_step: OnStep) -> Generated:
        """Draws one picture.

        Raises:
            InputError: it cannot take such a request.
            OutOfMemoryError: the machine's memory does not suffice.
            Cancelled: by ``on_step``; nothing is kept. (``Stop`` keeps what there is.)
        """
        ...

    def close(self) -> None:
        """Frees what it holds in memory, where that is much; it opens it again when it draws."""
        ...
