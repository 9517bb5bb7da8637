"""Pictures to begin from: pipelines that take them, sizes, masks."""

from __future__ import annotations

from typing import Any

from PIL import Image, ImageOps

from core.base.errors import InputError
from core.generation.request import MAX_SIDE, Request, Source


def variant_of(kind: type[Any], mode: str) -> type[Any] | None:
    """The pipeline's class that begins from a picture (``image``) or changes a part (``mask``).

    ``None`` where diffusers has none for this family.
    """
    from diffusers.pipelines import auto_pipeline

    look = {
        "image": auto_pipeline.AUTO_IMAGE2IMAGE_PIPELINES_MAPPING,
        "mask": auto_pipeline.AUTO_INPAINT_PIPELINES_MAPPING,
    }[mode]
    texts = auto_pipeline.AUTO_TEXT2IMAGE_PIPELINES_MAPPING
    family = next((name for name, one in texts.items() if one.__name__ == kind.__name__), "")
    found: type[Any] | None = look.get(family)
    return found


def sharing(pipe: Any, mode: str) -> Any:
    """A pipeline that begins from a picture and shares the networks of ``pipe``."""
    from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting

    auto = {"image": AutoPipelineForImage2Image, "mask": AutoPipelineForInpainting}[mode]
    made = auto.from_pipe(pipe)
    made.set_progress_bar_config(disable=True)
    return made


def size_of(request: Request, side: int, multiple: int) -> tuple[int, int]:
    """Width and height of the picture: as asked for, else of the source's form, else square.

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
    if request.source is None or request.width or request.height:
        return request.width or request.height or side, request.height or request.width or side
    width, height = request.source.image.size
    scale = side / (width * height) ** 0.5
    return _near(width * scale, multiple), _near(height * scale, multiple)


def _near(side: float, multiple: int) -> int:
    return min(MAX_SIDE, max(1, round(side / multiple)) * multiple)


def fit(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A picture as RGB of that size, transparency on white, cut around its middle."""
    if image.mode not in ("RGB", "L"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return ImageOps.fit(image.convert("RGB"), size, Image.Resampling.LANCZOS)


def fit_mask(source: Source, size: tuple[int, int]) -> Image.Image:
    """A mask, laid over all of its picture, as ``L`` of that size and cut as the picture is.

    Raises:
        InputError: it is black everywhere.
    """
    mask = source.mask or Image.new("L", source.image.size, "white")
    over = mask.convert("L").resize(source.image.size, Image.Resampling.BILINEAR)
    fitted = ImageOps.fit(over, size, Image.Resampling.BILINEAR)
    if fitted.getextrema()[1] == 0:
        raise InputError(
            "The mask is black everywhere.", "It is white where the picture may change.", "Draw it."
        )
    return fitted


def keep_outside(made: Image.Image, source: Image.Image, mask: Image.Image) -> Image.Image:
    """What was made where the mask is white, and the source's own pixels where it is black."""
    return Image.composite(made.convert("RGB"), source, mask)
