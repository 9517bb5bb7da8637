"""The recipe of the picture encoder: its rounds of training, and what each is shown.

In each round the rate rises once and falls to nothing, as in warm restarts (Loshchilov and Hutter
2016, arXiv:1608.03983). The first learns what is what, mostly from emoji and on small pictures,
which are cheap; the second, all at the size in use, sees more photos, less changed, and emoji by a
second artist.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.training.picture_encoder.augment import Look

EMOJI, TWEMOJI = "openmoji", "twemoji"
ARTISTS = (EMOJI, TWEMOJI)
_DRAWN = Look(
    turn=0.2, stretch=0.12, zoom=(0.8, 1.5), warp=0.04, mirror=0.3, hue=0.15, color=0.2, style=0.06
)
GENTLE = Look(
    turn=0.04, stretch=0.03, zoom=(0.9, 1.12), mirror=0.0, hue=0.03, color=0.06, style=0.0
)


@dataclass(frozen=True, slots=True)
class Mix:
    """What the batches of a round hold.

    Attributes:
        shares: pictures of each source in a batch. Emoji come last, since photos of the same batch
            are grounds for them.
        looks: how far each source's pictures are changed.
        gentle: the part of the emoji shown nearly as they are, as people will give them.
        gentle_until: the part of the round in which ``gentle`` is reached; before it are more: it
            is easier to learn what is what and then how it may vary.
        lines: the part of the other emoji whose outlines are taken away or coloured.
        own_name: how often a photo is called by the first of its class's names, beside the even
            choice among all.
    """

    shares: Mapping[str, int]
    looks: Mapping[str, Look]
    gentle: float = 0.35
    gentle_until: float = 0.0
    lines: float = 0.3
    own_name: float = 0.0


@dataclass(frozen=True, slots=True)
class Moment:
    """How far a round has come: its mix, the share of it that is done, and the pictures' side."""

    mix: Mix
    passed: float
    size: int

    @property
    def gentle(self) -> float:
        """The part of the emoji that is shown gently now."""
        if self.passed >= self.mix.gentle_until:
            return self.mix.gentle
        return 1 - (1 - self.mix.gentle) * self.passed / self.mix.gentle_until


@dataclass(frozen=True, slots=True)
class Round:
    """Steps in which the rate goes up in a line to ``rate`` and down by half a cosine.

    ``sizes`` are sides of the pictures, each until a part of the round is done.
    """

    steps: int
    rate: float
    sizes: tuple[tuple[float, int], ...]
    mix: Mix
    warm_up: int = 300

    def moment(self, step: int) -> Moment:
        """How far the round has come at a step of it."""
        size = next(size for until, size in self.sizes if step < until * self.steps or until == 1.0)
        return Moment(self.mix, step / self.steps, size)

    def rate_at(self, step: int) -> float:
        """The learning rate of a step of this round."""
        rising = min(1.0, (step + 1) / self.warm_up)
        falling = 0.5 * (1 + math.cos(math.pi * step / self.steps))
        return self.rate * min(rising, falling)


FIRST = Mix(
    {"caltech101": 24, "cifar10": 22, "flower_photos": 9, "fashion_products": 11, EMOJI: 44},
    {
        "caltech101": Look(zoom=(0.5, 1.05), turn=0.12, style=0.05),
        "cifar10": Look(zoom=(0.75, 1.05), style=0.02),
        "flower_photos": Look(zoom=(0.45, 1.05), turn=0.15, hue=0.04, style=0.05),
        "fashion_products": Look(zoom=(0.8, 1.1), hue=0.02, color=0.1, style=0.02),
        EMOJI: _DRAWN,
    },
    gentle_until=0.25,
)
SECOND = Mix(
    {
        "caltech101": 26,
        "cifar10": 56,
        "flower_photos": 14,
        "fashion_products": 16,
        EMOJI: 24,
        TWEMOJI: 16,
    },
    {
        "caltech101": Look(zoom=(0.6, 1.05), turn=0.1, style=0.04),
        "cifar10": Look(zoom=(0.75, 1.05), style=0.02),
        "flower_photos": Look(zoom=(0.55, 1.05), turn=0.12, hue=0.03, style=0.03),
        "fashion_products": Look(zoom=(0.8, 1.1), hue=0.02, color=0.1, style=0.02),
        EMOJI: _DRAWN,
        TWEMOJI: _DRAWN,
    },
    gentle=0.4,
    lines=0.6,
    own_name=0.5,
)
ROUNDS = (
    Round(6_900, 2e-3, ((0.82, 64), (1.0, 80)), FIRST),
    Round(4_600, 1.5e-3, ((1.0, 80),), SECOND, warm_up=150),
)
INPUT = ROUNDS[-1].sizes[-1][1]  # the side of the pictures the encoder takes
