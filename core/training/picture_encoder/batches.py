"""Batches for the picture encoder: every source in each, changed as ``augment`` does it.

A batch depends on the seed and its number alone, so training goes on from a checkpoint exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor

from core.base.types import FloatArray
from core.images import openmoji
from core.readers.pictures import Pixels
from core.training.picture_encoder import augment
from core.training.picture_encoder.augment import Look, Originals
from core.training.picture_encoder.captions import CaptionPool, names_of
from core.training.picture_encoder.data import Photos, draw_emoji, read_twemoji
from core.training.picture_encoder.rounds import ARTISTS, EMOJI, GENTLE, TWEMOJI, Mix, Moment
from core.training.picture_encoder.teacher import DIM as TEACHER_DIM

# What is drawn there has a direction: turned far or mirrored, it would be another emoji.
_DIRECTED = {
    "arrow",
    "keycap",
    "alphanum",
    "av-symbol",
    "country-flag",
    "flag",
    "subdivision-flag",
    "math",
    "punctuation",
    "time",
    "zodiac",
    "other-symbol",
    "geometric",
    "currency",
    "hand-single-finger",
    "hand-fingers-open",
}


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
    """The photos of a set that are trained on; ``features`` ``(n, dim)`` are the teacher's."""
    rows = np.flatnonzero(~photos.held_out)
    return Source(
        photos.name,
        torch.from_numpy(photos.pixels[rows]),
        torch.from_numpy(photos.extents[rows]),
        torch.zeros(len(rows), dtype=torch.bool),
        [pool.rows(names_of(photos.names[row])) for row in rows],
        None if features is None else torch.from_numpy(features[rows]),
    )


def emoji_sources(pool: CaptionPool) -> list[Source]:
    """All of OpenMoji, and those of them that Twemoji's artists have drawn too."""
    items = openmoji.list_emoji()
    twins = read_twemoji()
    return [
        _emoji_source(EMOJI, items, draw_emoji(), pool),
        _emoji_source(
            TWEMOJI, [items[number] for number in twins], np.stack([*twins.values()]), pool
        ),
    ]


def _emoji_source(
    name: str, items: Sequence[openmoji.Emoji], pixels: Pixels, pool: CaptionPool
) -> Source:
    return Source(
        name,
        torch.from_numpy(pixels),
        torch.ones(len(items), 2),
        torch.tensor([_is_directed(item) for item in items]),
        [pool.rows([item.caption]) for item in items],
        None,
    )


def _is_directed(item: openmoji.Emoji) -> bool:
    sides = {"left", "right"} & set(item.caption.replace("-", " ").split())
    return bool(sides) or item.subgroup in _DIRECTED


def make_batch(sources: Sequence[Source], moment: Moment, seed: int, number: int) -> Batch:
    """Batch ``number`` as the moment's mix orders it."""
    mix = moment.mix
    random = torch.Generator().manual_seed(seed * 1_000_003 + number)
    named = {source.name: source for source in sources}
    parts: list[Tensor] = []
    captions: list[int] = []
    teacher: list[Tensor] = []
    for name, count in mix.shares.items():
        source = named[name]
        rows = torch.randint(0, len(source.pixels), (count,), generator=random)
        if name in ARTISTS:
            plain = round(moment.gentle * count)
            parts.append(_gentle(_originals(source, rows[:plain]), moment.size, random))
            if plain < count:
                originals = _originals(source, rows[plain:])
                parts.append(_drawn(originals, name, moment, parts[0], random))
        else:
            look = mix.looks[name]
            parts.append(_photos(_originals(source, rows), moment.size, look, random))
        captions += [_choose(source.captions[row], mix.own_name, random) for row in rows.tolist()]
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


def _drawn(
    originals: Originals, name: str, moment: Moment, photos: Tensor, random: Generator
) -> Tensor:
    """Emoji as another artist might draw them, on grounds of any kind."""
    look = moment.mix.looks[name]
    shown = augment.view(originals, moment.size, look, random)
    shown = augment.shade(shown, 0.5, random)
    shown = augment.on_ground(shown, augment.make_grounds(photos, len(shown), random))
    shown = augment.redraw_lines(shown, moment.mix.lines, random)
    return augment.restyle(augment.recolor(shown, look, random), look.style, random)


def _choose(options: np.ndarray, own_name: float, random: Generator) -> int:
    if len(options) == 1:
        return int(options[0])
    if own_name and float(torch.rand(1, generator=random)) < own_name:
        return int(options[0])
    return int(options[int(torch.randint(0, len(options), (1,), generator=random))])


def by_source(values: Tensor, mix: Mix) -> str:
    """The means of a batch's values ``(n,)`` for each source, for the log."""
    parts = torch.split(values, [*mix.shares.values()])
    named = zip(mix.shares, parts, strict=True)
    return " ".join(f"{name} {part.mean():.2f}" for name, part in named)
