"""``generate``: the picture that it begins from, its mask, and how far its canvas grows."""

from __future__ import annotations

import argparse

from core.base.errors import InputError, shorten
from core.cli import files
from core.generation import masks, outpainting, placement
from core.generation.edges import BLUR
from core.generation.request import Control, Source
from core.readers.pictures import open_picture


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which picture, and where it may change."""
    parser.add_argument("--image", metavar="FILE", help="a picture to begin from")
    parser.add_argument(
        "--strength", type=float, help="how far it is changed, above 0 to 1 (default: 0.6)"
    )
    parser.add_argument(
        "--mask",
        metavar="FILE",
        help="white where --image may change; or paint on a transparent ground, a hole, labels",
    )
    parser.add_argument("--invert-mask", action="store_true", help="change all but what it marks")
    parser.add_argument(
        "--extend",
        metavar="L,T,R,B",
        help="outpainting: how many percent --image grows left, up, right and down",
    )
    parser.add_argument(
        "--controlnet",
        metavar="NAME",
        help="steers a large model by the edges of --image: a ControlNet for edges (Canny), a file "
        "or folder in “controlnets” of the data home",
    )
    parser.add_argument(
        "--control-scale", type=float, help="how strongly edges steer, 0 to 2 (default: 1)"
    )
    parser.add_argument(
        "--control-blur",
        type=float,
        help=f"in pixels, before edges are looked for; more leaves the main ones (default: {BLUR})",
    )


def read_control(options: argparse.Namespace) -> Control | None:
    """The picture whose edges steer, where a ControlNet is named.

    Raises:
        InputError: options that do not go together, or a file that is no picture.
    """
    if options.controlnet is None:
        for name in ("control_scale", "control_blur"):
            if getattr(options, name) is not None:
                raise InputError(
                    f"--{name.replace('_', '-')} was given without a ControlNet.",
                    "It says how the edges of a picture steer.",
                    "Name one with --controlnet, or leave it out.",
                )
        return None
    if options.image is None:
        raise InputError(
            "--controlnet was given without a picture.",
            "It steers by the edges of one.",
            "Name the picture with --image, or leave --controlnet out.",
        )
    for name in ("strength", "mask", "extend"):
        if getattr(options, name) is not None:
            raise InputError(
                f"--{name} was given with --controlnet.",
                "Where edges steer, the picture itself is not begun from.",
                "Leave one of them out.",
            )
    photo = open_picture(*files.read_picture(options.image))
    scale = 1.0 if options.control_scale is None else options.control_scale
    blur = BLUR if options.control_blur is None else options.control_blur
    return Control(photo, options.controlnet, scale, blur)


def read(options: argparse.Namespace) -> tuple[Source | None, list[str]]:
    """The picture to begin from with its mask, and how that was read.

    Raises:
        InputError: options that do not go together, or a file that is no picture.
    """
    if options.invert_mask and options.mask is None:
        raise InputError(
            "--invert-mask was given without a mask.",
            "It turns a mask round.",
            "Name the mask with --mask, or leave --invert-mask out.",
        )
    if options.image is None:
        for name, what in (
            ("strength", "how far a picture is changed"),
            ("mask", "where a picture is changed"),
            ("extend", "how far a picture's canvas grows"),
        ):
            if getattr(options, name) is not None:
                raise InputError(
                    f"--{name} was given without a picture.",
                    f"It says {what}.",
                    f"Name the picture with --image, or leave --{name} out.",
                )
        return None, []
    photo = placement.plain(open_picture(*files.read_picture(options.image)))
    strength = 0.6 if options.strength is None else options.strength
    if options.extend is not None:
        if options.mask is not None:
            raise InputError(
                "--mask and --extend were given together.",
                "The new edges of a larger canvas are its mask.",
                "Leave one of them out.",
            )
        photo, edges = outpainting.extended(photo, _percents(options.extend))
        return Source(photo, 1.0 if options.strength is None else strength, edges), []
    if options.mask is None:
        return Source(photo, strength), []
    mask = masks.read_mask(open_picture(*files.read_picture(options.mask)))
    mask = mask.inverted() if options.invert_mask else mask
    placement.check_form(mask.image, photo)
    return Source(photo, strength, mask.image), [
        f"{mask.reading} That is {mask.share:.0%} of the picture."
    ]


def _percents(text: str) -> tuple[float, float, float, float]:
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(
            f"--extend is “{shorten(text, 80)}”.",
            "It is four numbers with commas: left, up, right, down, in percent.",
            "Such as --extend 25,0,25,0.",
        ) from error
    return left, top, right, bottom
