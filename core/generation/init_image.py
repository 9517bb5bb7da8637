"""Pictures to begin from, for large models: pipelines that take them, and sizes."""

from __future__ import annotations

import math
from typing import Any

from core.base.errors import InputError
from core.generation import placement
from core.generation.placement import Laid
from core.generation.request import MAX_SIDE, Request


def sharing(pipe: Any, mode: str) -> Any:
    """A pipeline that begins from a picture and shares the networks of ``pipe``."""
    from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting

    auto = {"image": AutoPipelineForImage2Image, "mask": AutoPipelineForInpainting}[mode]
    made = auto.from_pipe(pipe)
    made.set_progress_bar_config(disable=True)
    return made


def size_of(request: Request, side: int, multiple: int) -> tuple[int, int]:
    """Width and height of the picture: as asked for, else of the source's form, else square.

    Where one of the two is asked for, the other is of the source's form too, else the same.

    Raises:
        InputError: a side that was asked for is no multiple of what the model needs.
    """
    for name, asked in (("width", request.width), ("height", request.height)):
        if asked % multiple:
            raise InputError(
                f"The {name} is {asked} pixels.",
                f"This model needs a multiple of {multiple}.",
                f"Take {max(1, round(asked / multiple)) * multiple}.",
            )
    width, height = request.width, request.height
    if width and height:
        return width, height
    if request.source is None:
        return width or height or side, height or width or side
    form = request.source.image.width / request.source.image.height
    if width or height:
        return width or _near(height * form, multiple), height or _near(width / form, multiple)
    return _size_of_form(form, side, multiple)


def _size_of_form(form: float, side: int, multiple: int) -> tuple[int, int]:
    """Width and height whose quotient is nearest to ``form``, of about ``side`` squared pixels."""
    whole = min(side * form**0.5, MAX_SIDE, MAX_SIDE * form)  # the width, were there no multiples
    widths = range(_near(whole * 0.85, multiple), _near(whole * 1.1, multiple) + 1, multiple)
    sizes = [(width, _near(width / form, multiple)) for width in widths]

    def wrong(size: tuple[int, int]) -> float:
        width, height = size
        area = width * height / (whole * whole / form)
        return abs(math.log(width / height / form)) + 0.1 * abs(math.log(area))

    return min(sizes, key=wrong)


def _near(side: float, multiple: int) -> int:
    return min(MAX_SIDE, max(1, round(side / multiple)) * multiple)


def placed(request: Request, notes: list[str]) -> Laid | None:
    """A request's plain source with its mask at the size that it names; a crop is noted.

    Raises:
        InputError: as ``placement.lay``.
    """
    source = request.source
    if source is None:
        return None
    size = source.image.size
    where = placement.covering(size, (request.width, request.height), source.mask)
    left, top, right, bottom = (round(side) for side in where.region)
    if (left, top, right, bottom) != (0, 0, *size):
        notes.append(
            f"Of the picture's {size[0]} x {size[1]} pixels those from {left}, {top} to {right}, "
            f"{bottom} were taken, since {request.width} x {request.height} is of another form. "
            "Leave width and height out to keep all of it."
        )
    return placement.lay(source.image, source.mask, where)
