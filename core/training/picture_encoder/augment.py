"""Pictures as other cameras and other artists would have made them, a batch at a time.

Everything is drawn from the generator that is given, so a step's batch is the same whenever it is
made. Pixels are floats in [0, 1], shape ``(n, 3, s, s)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

_LUMA = (0.299, 0.587, 0.114)
# Turning the hue is a rotation of the plane of I and Q (the NTSC colour space).
_TO_YIQ = torch.tensor([_LUMA, (0.596, -0.274, -0.322), (0.211, -0.523, 0.312)])


@dataclass(frozen=True, slots=True)
class Look:
    """How far pictures of one source are changed.

    Attributes:
        turn: standard deviation of the rotation, radians.
        stretch: the same of log aspect ratio and shear.
        zoom: lowest and highest share of the square that is shown; above 1 leaves a border.
        warp: standard deviation of a smooth displacement, share of half the side.
        mirror: probability of a mirrored picture.
        hue: standard deviation of the turn of hue, radians.
        color: the same of the gain of brightness, contrast and saturation.
        style: probability of each change of style.
    """

    turn: float = 0.08
    stretch: float = 0.08
    zoom: tuple[float, float] = (0.6, 1.05)
    warp: float = 0.0
    mirror: float = 0.5
    hue: float = 0.08
    color: float = 0.2
    style: float = 0.1


def uniform(count: int, low: float, high: float, random: Generator) -> Tensor:
    """``(count,)`` numbers between two bounds."""
    return torch.rand(count, generator=random) * (high - low) + low


def normal(count: int, deviation: float, random: Generator) -> Tensor:
    """``(count,)`` numbers around zero."""
    return torch.randn(count, generator=random) * deviation


def choose(count: int, share: float, random: Generator) -> Tensor:
    """Each of ``count`` rows with probability ``share``; their numbers."""
    return (torch.rand(count, generator=random) < share).nonzero()[:, 0]


@dataclass(frozen=True, slots=True)
class Originals:
    """Pictures before any change.

    Attributes:
        pixels: ``(n, c, s, s)``.
        extents: ``(n, 2)``, the share of the square that each picture fills.
        fixed: ``(n,)`` bool, pictures whose direction means something: hardly turned, no mirror.
    """

    pixels: Tensor
    extents: Tensor
    fixed: Tensor


def view(originals: Originals, size: int, look: Look, random: Generator) -> Tensor:
    """Pictures cut out, turned, stretched, mirrored and warped, ``(n, c, size, size)``."""
    count, fixed = len(originals.pixels), originals.fixed
    zoom = uniform(count, *look.zoom, random)
    aspect = normal(count, look.stretch, random).exp()
    shear = normal(count, look.stretch, random)
    angle = normal(count, look.turn, random) * torch.where(fixed, 0.3, 1.0)
    flip = torch.where((torch.rand(count, generator=random) < look.mirror) & ~fixed, -1.0, 1.0)
    room = (originals.extents - zoom[:, None]).abs().clamp(min=0.06)
    shift = (torch.rand(count, 2, generator=random) * 2 - 1) * room
    cos, sin = angle.cos(), angle.sin()
    wide, high = zoom * aspect, zoom / aspect
    theta = torch.stack(
        [
            torch.stack([flip * cos * wide, (shear - sin) * high, shift[:, 0]], 1),
            torch.stack([flip * sin * wide, cos * high, shift[:, 1]], 1),
        ],
        1,
    )
    grid = F.affine_grid(theta, [count, 1, size, size], align_corners=False)
    if look.warp:
        coarse = torch.randn(count, 2, 4, 4, generator=random) * look.warp
        smooth = F.interpolate(coarse, (size, size), mode="bicubic", align_corners=True)
        grid = grid + smooth.permute(0, 2, 3, 1)
    return F.grid_sample(originals.pixels, grid, padding_mode="border", align_corners=False)


def recolor(pixels: Tensor, look: Look, random: Generator) -> Tensor:
    """Brightness, contrast, saturation and hue changed by one linear map for each picture."""
    count = len(pixels)
    gain = normal(count, look.color, random).exp()[:, None, None]
    saturation = normal(count, look.color * 1.5, random).exp()[:, None, None]
    angle = normal(count, look.hue, random)
    cos, sin = angle.cos(), angle.sin()
    zero, one = torch.zeros(count), torch.ones(count)
    turn = torch.stack([one, zero, zero, zero, cos, -sin, zero, sin, cos], 1).view(-1, 3, 3)
    turn[:, 1:] *= saturation
    matrix = torch.linalg.inv(_TO_YIQ) @ turn @ _TO_YIQ * gain
    flat = pixels.flatten(2)
    middle = flat.mean(2, keepdim=True)
    lift = normal(count, look.color / 3, random)[:, None, None]
    changed = torch.bmm(matrix, flat - middle) + middle * gain.clamp(max=1) + lift
    return changed.clamp(0, 1).view_as(pixels)


def restyle(pixels: Tensor, share: float, random: Generator) -> Tensor:
    """Some pictures in another technique: blurred, coarse, grey, posterised, outlined, noisy."""
    pixels = pixels.clone()
    count = len(pixels)
    for change in (_blur, _coarsen, _grey, _posterise, _flatten, _outline, _grain):
        rows = choose(count, share, random)
        if len(rows):
            pixels[rows] = change(pixels[rows], random)
    return pixels


def _luma(pixels: Tensor) -> Tensor:
    return (pixels * torch.tensor(_LUMA)[:, None, None]).sum(1, keepdim=True)


def _blur(pixels: Tensor, random: Generator) -> Tensor:
    del random
    return F.avg_pool2d(F.pad(pixels, (1, 1, 1, 1), mode="replicate"), 3, 1)


def _coarsen(pixels: Tensor, random: Generator) -> Tensor:
    """As from a much smaller picture."""
    size = pixels.shape[-1]
    small = int(torch.randint(24, 41, (1,), generator=random))
    shrunk = F.interpolate(pixels, (small, small), mode="area")
    return F.interpolate(shrunk, (size, size), mode="bicubic", align_corners=False).clamp(0, 1)


def _grey(pixels: Tensor, random: Generator) -> Tensor:
    del random
    return _luma(pixels).expand_as(pixels)


def _posterise(pixels: Tensor, random: Generator) -> Tensor:
    steps = int(torch.randint(2, 6, (1,), generator=random))
    return (pixels * steps).round() / steps


def _flatten(pixels: Tensor, random: Generator) -> Tensor:
    """Small bright things taken away, then small dark ones: flat patches, as if painted."""
    del random
    opened = -F.max_pool2d(F.max_pool2d(-pixels, 3, 1, 1), 1)
    opened = F.max_pool2d(opened, 3, 1, 1)
    return without_lines(opened, 3)


def _outline(pixels: Tensor, random: Generator) -> Tensor:
    """Dark lines where the brightness changes, on white."""
    del random
    grey = F.avg_pool2d(_luma(pixels), 3, 1, 1)
    edges = F.max_pool2d(grey, 3, 1, 1) + F.max_pool2d(-grey, 3, 1, 1)
    return (1 - 2.5 * edges).clamp(0, 1).expand_as(pixels)


def _grain(pixels: Tensor, random: Generator) -> Tensor:
    noise = torch.randn(pixels.shape, generator=random) * 0.06
    return (pixels + noise).clamp(0, 1)


def on_ground(drawn: Tensor, grounds: Tensor) -> Tensor:
    """Premultiplied RGBA ``(n, 4, s, s)`` laid on grounds ``(n, 3, s, s)``."""
    return (drawn[:, :3] + (1 - drawn[:, 3:]) * grounds).clamp(0, 1)


def make_grounds(photos: Tensor, count: int, random: Generator) -> Tensor:
    """Grounds to lay drawings on: half white, the rest one color, a slope of two, or a photo."""
    size = photos.shape[-1]
    grounds = torch.ones(count, 3, size, size)
    colors = torch.rand(count, 3, 1, 1, generator=random)
    others = torch.rand(count, 3, 1, 1, generator=random)
    kind = torch.rand(count, generator=random)
    slope = torch.linspace(0, 1, size)[None, None, :, None]
    plain = ((kind > 0.5) & (kind <= 0.7)).nonzero()[:, 0]
    grounds[plain] = colors[plain].expand(-1, -1, size, size)
    sloped = ((kind > 0.7) & (kind <= 0.85)).nonzero()[:, 0]
    grounds[sloped] = colors[sloped] * slope + others[sloped] * (1 - slope)
    pictured = (kind > 0.85).nonzero()[:, 0]
    picked = torch.randint(0, len(photos), (len(pictured),), generator=random)
    grounds[pictured] = photos[picked]
    return grounds


def shade(drawn: Tensor, share: float, random: Generator) -> Tensor:
    """Light from one side on some of the premultiplied drawings ``(n, 4, s, s)``."""
    count, size = len(drawn), drawn.shape[-1]
    angle = uniform(count, 0, 6.2832, random)
    strength = normal(count, 0.35, random) * (torch.rand(count, generator=random) < share)
    line = torch.linspace(-1, 1, size)
    slope = angle.cos()[:, None, None] * line + angle.sin()[:, None, None] * line[:, None]
    light = (1 + strength[:, None, None] * slope)[:, None]
    lit = torch.minimum((drawn[:, :3] * light).clamp(min=0), drawn[:, 3:])
    return torch.cat([lit, drawn[:, 3:]], 1)


def redraw_lines(pixels: Tensor, share: float, random: Generator) -> Tensor:
    """The dark outlines of some pictures taken away, of others in another dark colour."""
    pixels = pixels.clone()
    count = len(pixels)
    for width in (3, 5):
        rows = choose(count, share / 2, random)
        if len(rows):
            pixels[rows] = without_lines(pixels[rows], width)
    rows = choose(count, share, random)
    if len(rows):
        dark = (1 - pixels[rows].amax(1, keepdim=True) / 0.35).clamp(min=0)
        colors = torch.rand(len(rows), 3, 1, 1, generator=random) * 0.6
        pixels[rows] = pixels[rows] + dark * colors
    return pixels


def without_lines(pixels: Tensor, width: int) -> Tensor:
    """Dark lines thinner than ``width`` pixels taken away (a closing: dilation, then erosion)."""
    reach = width // 2
    light = F.max_pool2d(pixels, width, 1, reach)
    return -F.max_pool2d(-light, width, 1, reach)
