"""Batches for the picture encoder: every source in each, changed as ``augment`` does it.

A batch depends on the seed and its number alone, so training goes on from a checkpoint exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor

from core.datasets import openmoji
from core.training import augment
from core.training.augment import Look, Originals
from core.training.captions import CaptionPool, names_of
from core.training.picture_data import Photos, draw_emoji
from core.training.teacher import DIM as TEACHER_DIM
from core.types import FloatArray

EMOJI = "openmoji"
# Pictures of each source in a batch.
# Emoji come last, since photos of the same batch are grounds for them.
SHARES = {"caltech101": 24, "cifar10": 22, "flower_photos": 9, "fashion_products": 11, EMOJI: 44}
LOOKS = {
    EMOJI: Look(
        turn=0.2, stretch=0.12, zoom=(0.8, 1.5), warp=0.04, mirror=0.3, hue=0.15, color=0.2,
        style=0.06,
    ),
    "caltech101": Look(zoom=(0.5, 1.05), turn=0.12, style=0.05),
    "cifar10": Look(zoom=(0.75, 1.05), style=0.02),
    "flower_photos": Look(zoom=(0.45, 1.05), turn=0.15, hue=0.04, style=0.05),
    "fashion_products": Look(zoom=(0.8, 1.1), hue=0.02, color=0.1, style=0.02),
}  # fmt: skip
# A part of the emoji are shown nearly as they are, as people will give them: all at first, since
# it is easier to learn what is what and then how it may vary, and a third from a quarter on.
GENTLE_SHARE, GENTLE_UNTIL = 0.35, 0.25
GENTLE = Look(
    turn=0.04, stretch=0.03, zoom=(0.9, 1.12), mirror=0.0, hue=0.03, color=0.06, style=0.0
)
# What is drawn there has a direction: turned far or mirrored, it would be another emoji.
_DIRECTED = {"arrow", "keycap", "alphanum", "av-symbol", "country-flag", "flag",
             "subdivision-flag", "math", "punctuation", "time", "zodiac", "other-symbol",
             "geometric", "currency", "hand-single-finger", "hand-fingers-open"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures and what they are to be.

    Attributes:
        pixels: ``(n, 3, s, s)`` float32 in [-1, 1].
        captions: ``(n,)`` rows of the pool.
        teacher: ``(n, TEACHER_DIM)`` unit rows, zero where the teacher has seen nothing.
    """

    pixels: Tensor
    captions: Tensor
    teacher: Tensor


@dataclass(frozen=True, slots=True)
class Source:
    """Pictures of one kind: ``pixels`` ``(n, s, s, 3 or 4)``, and the captions each may have."""

    name: str
    pixels: Tensor
    extents: Tensor
    directed: Tensor
    captions: Sequence[np.ndarray]
    teacher: Tensor | None


def photo_source(photos: Photos, pool: CaptionPool, features: FloatArray | None) -> Source:
    """The photos of a set that are trained on."""
    rows = np.flatnonzero(~photos.held_out)
    return Source(
        photos.name,
        torch.from_numpy(photos.pixels[rows]),
        torch.from_numpy(photos.extents[rows]),
        torch.zeros(len(rows), dtype=torch.bool),
        [pool.rows(names_of(photos.names[row])) for row in rows],
        None if features is None else torch.from_numpy(features[rows]),
    )


def emoji_source(pool: CaptionPool) -> Source:
    """All of OpenMoji."""
    items = openmoji.list_emoji()
    return Source(
        EMOJI,
        torch.from_numpy(draw_emoji()),
        torch.ones(len(items), 2),
        torch.tensor([_is_directed(item) for item in items]),
        [pool.rows([item.caption]) for item in items],
        None,
    )


def _is_directed(item: openmoji.Emoji) -> bool:
    sides = {"left", "right"} & set(item.caption.replace("-", " ").split())
    return bool(sides) or item.subgroup in _DIRECTED


def make_batch(
    sources: Sequence[Source], size: int, seed: int, number: int, passed: float
) -> Batch:
    """Batch ``number``, at the share ``passed`` of the training, as ``SHARES`` orders it."""
    gentle = max(GENTLE_SHARE, 1 - (1 - GENTLE_SHARE) * passed / GENTLE_UNTIL)
    random = torch.Generator().manual_seed(seed * 1_000_003 + number)
    parts: list[Tensor] = []
    captions: list[int] = []
    teacher: list[Tensor] = []
    for source in sorted(sources, key=lambda source: [*SHARES].index(source.name)):
        count = SHARES[source.name]
        rows = torch.randint(0, len(source.pixels), (count,), generator=random)
        if source.name == EMOJI:
            plain = round(gentle * count)
            first, rest = rows[:plain], rows[plain:]
            parts.append(_gentle(_originals(source, first), size, random))
            if len(rest):
                parts.append(_drawn(_originals(source, rest), size, parts[0], random))
        else:
            parts.append(_photos(_originals(source, rows), size, LOOKS[source.name], random))
        for row in rows.tolist():
            options = source.captions[row]
            captions.append(int(options[_below(len(options), random)]))
        seen = source.teacher
        teacher.append(torch.zeros(count, TEACHER_DIM) if seen is None else seen[rows])
    pixels = torch.cat(parts) * 2 - 1
    return Batch(
        pixels.contiguous(memory_format=torch.channels_last),
        torch.tensor(captions),
        torch.cat(teacher),
    )


def _originals(source: Source, rows: Tensor) -> Originals:
    pixels = source.pixels[rows].permute(0, 3, 1, 2).float() / 255
    return Originals(pixels, source.extents[rows], source.directed[rows])


def _photos(originals: Originals, size: int, look: Look, random: Generator) -> Tensor:
    shown = augment.view(originals, size, look, random)
    return augment.restyle(augment.recolor(shown, look, random), look.style, random)


def _gentle(originals: Originals, size: int, random: Generator) -> Tensor:
    """Emoji on white, little changed."""
    shown = augment.view(originals, size, GENTLE, random)
    white = torch.ones(1, 3, size, size)
    return augment.recolor(augment.on_ground(shown, white), GENTLE, random)


def _drawn(originals: Originals, size: int, photos: Tensor, random: Generator) -> Tensor:
    """Emoji as another artist might draw them, on grounds of any kind."""
    look = LOOKS[EMOJI]
    shown = augment.shade(augment.view(originals, size, look, random), 0.5, random)
    shown = augment.on_ground(shown, augment.make_grounds(photos, len(shown), random))
    shown = augment.redraw_lines(shown, 0.3, random)
    return augment.restyle(augment.recolor(shown, look, random), look.style, random)


def _below(limit: int, random: Generator) -> int:
    return int(torch.randint(0, limit, (1,), generator=random)) if limit > 1 else 0


def by_source(values: Tensor) -> str:
    """The means of a batch's values ``(n,)`` for each source, for the log."""
    parts = torch.split(values, [*SHARES.values()])
    return " ".join(f"{name} {part.mean():.2f}" for name, part in zip(SHARES, parts, strict=True))
