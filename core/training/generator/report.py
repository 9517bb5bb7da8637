"""Measures the figures of the small generator's model card.

``python -m core.training.generator.report`` prints them as JSON. Pictures are drawn with the
defaults of the page, seed 0 unless said, enlarged as a person sees them.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.base.errors import InputError
from core.base.types import FloatArray, IntArray
from core.generation import generators
from core.generation.request import Request
from core.generation.small import weights as small_weights
from core.generation.small.generator import OWN_SIDE, SmallGenerator
from core.generation.small.models import EMOJI
from core.images import openmoji
from core.readers.pictures import Pixels, to_square
from core.spaces.encoders.minilm_pictures import PictureEncoder
from core.spaces.registry import find_space
from core.training import reports
from core.training.generator.pictures import COLORS, Drawn, load_drawn
from core.training.generator.texts import held_out
from core.training.picture_encoder.train import TEACHER_FILE

CAPTIONS = 200
NEAR = 0.08  # root mean square of pixels in [0, 1]: below it a picture is a near-copy
PAINTED = ("heart", "apple", "cat", "car", "star", "book", "fish", "house", "flower", "balloon")
HUES = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
SIDE = 256


@dataclass(frozen=True, slots=True)
class Made:
    """Drawn pictures: as enlarged, as the network draws them, and how long each took."""

    images: list[Image.Image]
    pixels: Pixels
    seconds: list[float]


class Report:
    """The figures, each by its own method."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.generator = SmallGenerator(folder=folder)
        self.data = data
        entry = find_space("minilm")
        self.texts = entry.text_encoder()
        self.encoder = PictureEncoder(entry.space)
        self.items = openmoji.list_emoji()
        self.captions = self.texts.encode_texts([item.caption for item in self.items]).vectors
        random = np.random.default_rng(0)
        unseen = {one.emoji for one in held_out() if not one.change}
        seen = [number for number in range(len(self.items)) if number not in unseen]
        self.chosen = np.sort(random.choice(seen, CAPTIONS, replace=False))
        self.drawn = self.draw([self.items[number].caption for number in self.chosen])
        self.held = held_out()
        self.new = self.draw([self._called(one) for one in self.held])

    def draw(self, prompts: Sequence[str], seed: int = 0) -> Made:
        """A picture for each prompt."""
        own = generators.defaults(EMOJI.name)
        found = []
        for prompt in prompts:
            request = Request(EMOJI.name, prompt, seed=seed, width=SIDE, height=SIDE, **own)
            found.append(self.generator.generate(request, lambda step: None))
        images = [one.image for one in found]
        pixels = np.stack([to_square(image, OWN_SIDE) for image in images])
        return Made(images, pixels, [one.seconds for one in found])

    def _called(self, one: Drawn) -> str:
        caption = self.items[one.emoji].caption
        return f"{one.change} {openmoji.plain_name(caption)}" if one.change else caption

    def own_caption(self) -> dict[str, float]:
        """Captions trained on: how often the drawing finds its own, and how often the real does."""
        real = [openmoji.draw(self.items[number].id, SIDE) for number in self.chosen]
        ways = {"drawn": self.drawn.images, "real": real}
        found: dict[str, float] = {}
        for name, images in ways.items():
            scores = self.encoder.encode_pictures(images) @ self.captions.T
            rank = _ranks(scores, [{int(number)} for number in self.chosen])
            found |= {f"{name}, rank 1": _share(rank < 1), f"{name}, within 10": _share(rank < 10)}
        return _ratios(found)

    def held_out(self) -> dict[str, float]:
        """Captions and pairs of colour and object never trained on: they or their class."""
        right = [self._class(one) for one in self.held]
        real = [openmoji.draw(self.items[one.emoji].id, SIDE) for one in self.held]
        found: dict[str, float] = {}
        for name, images in {"drawn": self.new.images, "real": real}.items():
            rank = _ranks(self.encoder.encode_pictures(images) @ self.captions.T, right)
            found[f"{name}, within 10"] = _share(rank < 10)
            whole = np.array([not one.change for one in self.held])
            found[f"{name}, captions, within 10"] = _share(rank[whole] < 10)
            found[f"{name}, colours, within 10"] = _share(rank[~whole] < 10)
        return _ratios(found)

    def _class(self, one: Drawn) -> set[int]:
        """A held-out emoji and those of its subgroup; of a pair all that are called so."""
        item = self.items[one.emoji]
        if not one.change:
            alike: Callable[[openmoji.Emoji], bool] = lambda other: (  # noqa: E731
                other.subgroup == item.subgroup
            )
        else:
            name = openmoji.plain_name(item.caption)
            alike = lambda other: openmoji.plain_name(other.caption) == name  # noqa: E731
        return {number for number, other in enumerate(self.items) if alike(other)}

    def near_copies(self) -> dict[str, float]:
        """How often the nearest picture trained on is all but the same."""
        pixels = load_drawn(held_out())[1].reshape(-1, OWN_SIDE**2 * 3).astype(np.float32) / 255
        lengths = (pixels**2).sum(1)
        found = {}
        for name, made in (("captions trained on", self.drawn), ("held out", self.new)):
            own = made.pixels.reshape(len(made.pixels), -1).astype(np.float32) / 255
            squares = lengths - 2 * own @ pixels.T + (own**2).sum(1)[:, None]
            nearest = np.sqrt(np.maximum(squares.min(1), 0) / own.shape[1])
            found[name] = _share(nearest < NEAR)
            found[f"{name}, median distance"] = float(np.median(nearest))
        return found

    def second_judge(self) -> dict[str, float]:
        """The same by an ImageNet MobileNetV2: a drawing among the real pictures of all emoji."""
        judge = _open_judge(self.data / TEACHER_FILE)
        real = judge([openmoji.draw(item.id, SIDE) for item in self.items])
        scores = judge(self.drawn.images) @ real.T
        rank = _ranks(scores, [{int(number)} for number in self.chosen])
        wrong = np.roll(self.chosen, CAPTIONS // 2)
        return {
            "rank 1": _share(rank < 1),
            "within 10": _share(rank < 10),
            "another emoji in its place, within 10": _share(
                _ranks(scores, [{int(number)} for number in wrong]) < 10
            ),
        }

    def colors(self) -> dict[str, float]:
        """How often most coloured pixels are of the colour that was asked for."""
        asked = [(color, thing) for color in HUES for thing in PAINTED]
        made = self.draw([f"a {color} {thing}" for color, thing in asked])
        right = [
            main_color(one) == color for one, (color, _) in zip(made.pixels, asked, strict=True)
        ]
        by_color = {
            color: _share(np.array(right)[[one == color for one, _ in asked]]) for color in HUES
        }
        return {"all": _share(np.array(right))} | by_color

    def seeds(self) -> dict[str, float]:
        """How far pictures of one prompt differ between two seeds."""
        again = self.draw([self.items[number].caption for number in self.chosen[:50]], seed=1)
        wrong = again.pixels.astype(np.float32) / 255 - self.drawn.pixels[:50] / np.float32(255)
        each = np.sqrt((wrong**2).mean((1, 2, 3)))
        return {"median distance": float(np.median(each)), "equal": _share(each == 0)}

    def seconds(self) -> float:
        """Median time of a picture."""
        return statistics.median(self.drawn.seconds[1:])


def main_color(pixels: Pixels) -> str:
    """The colour of ``HUES`` that most coloured pixels of a drawing ``(side, side, 3)`` are nearest
    to; "" for none.
    """
    flat = pixels.reshape(-1, 3).astype(np.float32)
    spread = flat.max(1) - flat.min(1)
    flat = flat[(spread > 40) & (flat.max(1) > 60)]
    if len(flat) < 20:
        return ""
    palette = np.array([tone for name in HUES for tone in COLORS[name]], dtype=np.float32)
    nearest = ((flat[:, None] - palette) ** 2).sum(2).argmin(1) // 2
    return HUES[int(np.bincount(nearest, minlength=len(HUES)).argmax())]


def _ranks(scores: FloatArray, right: Sequence[set[int]]) -> IntArray:
    """How many of each row's scores are above the best that is right."""
    best = np.array([max(row[at] for at in of) for row, of in zip(scores, right, strict=True)])
    ranks: IntArray = (scores > best[:, None]).sum(1)
    return ranks


def _share(hits: np.ndarray) -> float:
    return round(float(np.mean(hits)), 4)


def _ratios(found: dict[str, float]) -> dict[str, float]:
    kinds = [name.removeprefix("drawn, ") for name in found if name.startswith("drawn")]
    return found | {
        f"drawn over real, {kind}": round(found[f"drawn, {kind}"] / found[f"real, {kind}"], 3)
        for kind in kinds
    }


def _open_judge(weights: Path) -> Callable[[Sequence[Image.Image]], FloatArray]:
    from core.training.picture_encoder.teacher import describe

    return lambda images: describe(np.stack([to_square(one, 112) for one in images]), weights)


def measure(data: Path, weights: Path) -> dict[str, Any]:
    """Every figure.

    Raises:
        InputError: the second judge's weights are not here.
    """
    judge = data / TEACHER_FILE
    if not judge.is_file():  # told at once, not after minutes of drawing
        raise InputError(
            f"There is no file {judge}.", "The second judge's weights are needed.", "Check --data."
        )
    report = Report(weights, data)
    return {
        "own caption": report.own_caption(),
        "held out": report.held_out(),
        "near-copies": report.near_copies(),
        "second judge": report.second_judge(),
        "colours": report.colors(),
        "seeds": report.seeds(),
        "seconds a picture": report.seconds(),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints every figure as JSON."""
    return reports.run("generator_report", small_weights.FOLDER, measure, arguments)


if __name__ == "__main__":
    sys.exit(main())
