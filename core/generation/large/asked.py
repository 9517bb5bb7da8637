"""What is asked of a model of diffusers: whether it can, and what its pipeline gets for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.base.errors import InputError, shorten
from core.generation import init_image, placement
from core.generation.edges import edges
from core.generation.large import pipelines
from core.generation.request import Generator, Request, Source


def complete(model: Generator, request: Request) -> Request:
    """The request with size and scheduler named.

    Raises:
        InputError: the model cannot meet it.
    """
    if request.vector is not None or request.negative_vector is not None:
        raise InputError(
            f"{model.title} cannot generate from a vector.",
            "It reads a prompt in words.",
            "Type words, or choose our own generator.",
        )
    if request.scheduler and request.scheduler not in model.schedulers:
        raise InputError(
            f"{model.title} has no scheduler “{shorten(request.scheduler)}”.",
            f"It has {', '.join(model.schedulers)}.",
            "Choose one of these.",
        )
    _check_source(model, request)
    if request.source is not None:
        image = placement.plain(request.source.image)
        request = replace(request, source=replace(request.source, image=image))
    if request.control is not None:
        image = placement.plain(request.control.image)
        request = replace(request, control=replace(request.control, image=image))
    width, height = init_image.size_of(_as_source(request), model.side, model.multiple)
    return replace(
        request,
        width=width,
        height=height,
        scheduler=request.scheduler or model.schedulers[0],
    )


def _check_source(model: Generator, request: Request) -> None:
    source = request.source
    if request.control is not None and (source is not None or not model.takes_control):
        raise InputError(
            f"{model.title} is not steered by edges."
            if source is None
            else "A picture to begin from was given beside one whose edges steer.",
            f"ControlNets go with {', '.join(pipelines.STEERED)}, in place of an initial image.",
            "Take one away, or choose another model, such as Stable Diffusion 1.5.",
        )
    if source is None:
        return
    if not model.takes_picture:
        raise InputError(
            f"{model.title} does not begin from a picture.",
            "It takes prompts as text alone.",
            "Take the picture away, or choose another model, such as SD-Turbo.",
        )
    if source.mask is not None and not model.takes_mask:
        raise InputError(
            f"{model.title} takes no mask.",
            "It changes a picture as a whole.",
            "Take the mask away, or choose another model, such as Stable Diffusion 1.5.",
        )


def _as_source(request: Request) -> Request:
    """The request as if it began from the plain picture that steers it, which is laid alike."""
    control = request.control
    return request if control is None else replace(request, source=Source(control.image))


def steered(request: Request, notes: list[str]) -> dict[str, Any]:
    """What a pipeline with a ControlNet is called with beside the rest."""
    control = request.control
    laid = None if control is None else init_image.placed(_as_source(request), notes)
    if control is None or laid is None:
        return {}
    notes.append(
        f"Steered by the edges of a picture: ControlNet “{shorten(control.network)}”, scale "
        f"{control.scale:g}."
    )
    image = edges(laid.picture, control.blur).convert("RGB")
    return {"image": image, "controlnet_conditioning_scale": float(control.scale)}
