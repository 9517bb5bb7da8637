"""Measures the figures of the photos' model card.

``python -m core.training.generator.photos_report`` prints them as JSON. For each of three hundred
photos that were held out one is drawn from its name, with a seed of its own, and the judge says of
both whether they show it.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.base.types import FloatArray
from core.generation import generators, prompts
from core.generation.request import Request
from core.generation.small.generator import SmallGenerator
from core.generation.small.models import PHOTOS
from core.generation.small.pipeline import VectorPipeline
from core.generation.small.schedulers import TIMES, Euler
from core.images import sources
from core.readers.pictures import Pixels
from core.training import reports
from core.training.generator.judge import Classifier, Judge, frechet
from core.training.generator.photos import SHARES, captions_of, load_photos, read_pixels, rows_of
from core.training.picture_encoder.data import SETS

COUNT = 300  # photos of each of the two halves that were held out
OF_CLASS, LEAST = 8, 16  # photos of a class that the classifier is fitted on, at most and at least
NEAR = 0.08  # root mean square of pixels in [0, 1]: below it a photo is a near-copy, as of emoji
BATCH = 32


@dataclass(frozen=True, slots=True)
class Photos:
    """Photos with what they may be called, the class they are of, and their set."""

    pixels: Pixels
    prompts: list[str]
    labels: list[str]
    sets: list[str]


class Report:
    """The figures, each by its own method."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.generator = SmallGenerator(PHOTOS, folder)
        self.judge = Judge()
        self.trained = load_photos(data)
        self.classifier = self._fit()
        self.first, self.second = self._held_out(data)
        self.real = self.judge.features(self.first.pixels)
        self.other = self.judge.features(self.second.pixels)
        self.drawn = self.draw(self.first.prompts)
        self.seen = self.judge.features(self.drawn)

    def _fit(self) -> Classifier:
        """The classifier, on photos that were trained on: real ones, drawn ones never."""
        labels = [
            _label(own, kind)
            for own, kind in zip(self.trained.captions, self.trained.kinds, strict=True)
        ]
        counts = Counter(labels)
        taken: Counter[str] = Counter()
        rows = []
        for row in np.random.default_rng(0).permutation(len(labels)):
            label = labels[row]
            if counts[label] >= LEAST and taken[label] < OF_CLASS:
                taken[label] += 1
                rows.append(int(row))
        features = self.judge.features(self.trained.pixels[rows])
        return Classifier(features, [labels[row] for row in rows])

    def _held_out(self, data: Path) -> tuple[Photos, Photos]:
        """Two halves of as many photos, each set with its share."""
        halves: list[list[tuple[Any, str, str, str]]] = [[], []]
        for one in SETS:
            gallery = sources.from_path(data / one.file)
            rows = rows_of(gallery, one, held_out=True)
            pixels = read_pixels(gallery, one, rows, data)
            found = []
            for at, row in enumerate(rows):
                captions = captions_of(gallery.frame.iloc[row].to_dict(), one)
                label = _label(captions, one.name)
                if label in self.classifier.classes:
                    fashion = one.name == "fashion_products"
                    prompt = captions[1] if fashion else captions[0]
                    found.append((pixels[at], prompt, label, one.name))
            count = min(round(SHARES[one.name] * COUNT), len(found) // 2)
            order = np.random.default_rng(0).permutation(len(found))
            halves[0] += [found[at] for at in order[:count]]
            halves[1] += [found[at] for at in order[count : 2 * count]]
        return _photos(halves[0]), _photos(halves[1])

    def draw(self, asked: Sequence[str], seed: int = 0) -> Pixels:
        """A photo ``(64, 64, 3)`` for each prompt, the seeds counting up from ``seed``."""
        texts = prompts.text_encoder()
        vectors = np.stack([prompts.resolve_prompt(one, texts) for one in asked])
        own = generators.defaults(PHOTOS.name)
        found = []
        for at in range(0, len(asked), BATCH):
            part = torch.from_numpy(vectors[at : at + BATCH])
            latents = draw_latents(self.generator.pipeline, part, seed + at, **own)
            found += [self.generator.pixels(one[None]) for one in latents]
        return np.stack(found)

    def own_class(self) -> dict[str, float]:
        """How often the judge has the class that was asked for among its five, drawn and real."""
        labels, sets = self.first.labels, np.array(self.first.sets)
        found: dict[str, float] = {"classes": len(self.classifier.classes)}
        right = {
            name: self.classifier.within(features, labels, count)
            for name, features, count in (
                ("drawn, within 5", self.seen, 5),
                ("real, within 5", self.real, 5),
                ("drawn, first", self.seen, 1),
                ("real, first", self.real, 1),
            )
        }
        for name, hits in right.items():
            found[name] = _share(hits)
            by_class = [hits[[label == one for label in labels]].mean() for one in set(labels)]
            found[f"{name}, mean of classes"] = round(float(np.mean(by_class)), 4)
            for one in SHARES:
                found[f"{name}, {one}"] = _share(hits[sets == one])
        shuffled = list(np.random.default_rng(1).permutation(labels))
        found["drawn of another class, within 5"] = _share(
            self.classifier.within(self.seen, shuffled, 5)
        )
        found["drawn over real, within 5"] = round(
            found["drawn, within 5"] / found["real, within 5"], 3
        )
        return found

    def distances(self) -> dict[str, float]:
        """Fréchet distances to the first half; the second half's is what real photos come to."""
        noise = np.random.default_rng(0).integers(0, 255, self.drawn[:200].shape, dtype=np.uint8)
        return {
            "drawn": round(frechet(self.seen, self.real), 2),
            "second half": round(frechet(self.other, self.real), 2),
            "first half through the autoencoder": round(
                frechet(self.judge.features(self._through(self.first.pixels)), self.real), 2
            ),
            "noise": round(frechet(self.judge.features(noise), self.real), 2),
        }

    def _through(self, pixels: Pixels) -> Pixels:
        from core.spaces.encoders.minilm_pictures import to_input

        pipeline = self.generator.pipeline
        latents = [pipeline.encode(torch.from_numpy(to_input(one[None]))) for one in pixels]
        return np.stack([self.generator.pixels(one) for one in latents])

    def near_copies(self) -> dict[str, float]:
        """How near the nearest photo trained on is, or its mirror image; of real ones beside."""
        side = self.trained.pixels.shape[1]
        both = [self.trained.pixels, self.trained.pixels[:, :, ::-1]]
        found = {}
        for name, pixels in (("drawn", self.drawn), ("real, held out", self.second.pixels)):
            own: FloatArray = pixels.reshape(len(pixels), -1).astype(np.float32) / np.float32(255)
            least = np.full(len(own), np.inf, np.float32)
            for known in both:
                for at in range(0, len(known), 2_000):
                    part = known[at : at + 2_000].reshape(-1, side * side * 3)
                    flat: FloatArray = part.astype(np.float32) / np.float32(255)
                    squares = (flat**2).sum(1) - 2 * own @ flat.T + (own**2).sum(1)[:, None]
                    least = np.minimum(least, squares.min(1))
            nearest = np.sqrt(np.maximum(least, 0) / own.shape[1])
            found[f"{name}, below {NEAR:g}"] = _share(nearest < NEAR)
            found[f"{name}, median distance"] = round(float(np.median(nearest)), 4)
        return found

    def seeds(self) -> dict[str, float]:
        """How far photos of one prompt differ between two seeds."""
        again = self.draw(self.first.prompts[:200:4], seed=5_000)
        wrong = again.astype(np.float32) / np.float32(255) - self.drawn[:200:4] / np.float32(255)
        return {"median distance": float(np.median(np.sqrt((wrong**2).mean((1, 2, 3)))))}

    def seconds(self) -> float:
        """Median time of one picture, as the page draws it."""
        own = generators.defaults(PHOTOS.name)
        spent = []
        for seed in range(8):
            began = time.perf_counter()
            request = Request(PHOTOS.name, "a sunflower", seed=seed, width=512, height=512, **own)
            self.generator.generate(request, lambda step: None)
            spent.append(time.perf_counter() - began)
        return round(statistics.median(spent[1:]), 3)


@torch.inference_mode()
def draw_latents(
    pipeline: VectorPipeline, vectors: torch.Tensor, seed: int, *, steps: int, guidance: float
) -> torch.Tensor:
    """Latents ``(n, c, g, g)`` for vectors ``(n, dim)`` at once; each as alone with its seed."""
    noise = [
        torch.randn(1, pipeline.unet.channels, 8, 8, generator=torch.Generator().manual_seed(one))
        for one in range(seed, seed + len(vectors))
    ]
    latents, scheduler = torch.cat(noise), Euler()
    both = torch.cat([torch.zeros_like(vectors), vectors])
    for share, left in pairwise(scheduler.shares(steps).tolist()):
        found = pipeline.foresee(latents.repeat(2, 1, 1, 1), torch.tensor(share * TIMES), both)
        away, towards = found.chunk(2)
        guided = away + guidance * (towards - away)
        latents = scheduler.step(guided, latents, share, left, None)
    return latents


def _label(captions: Sequence[str], name: str) -> str:
    """The class that a photo is of: its article type, or its commonest name."""
    return captions[2] if name == "fashion_products" else captions[0]


def _photos(found: Sequence[tuple[Any, str, str, str]]) -> Photos:
    pixels, asked, labels, sets = zip(*found, strict=True)
    return Photos(np.stack(pixels), list(asked), list(labels), list(sets))


def _share(hits: FloatArray | np.ndarray) -> float:
    return round(float(np.mean(hits)), 4)


def measure(data: Path, weights: Path) -> dict[str, Any]:
    """Every figure."""
    report = Report(weights, data)
    return {
        "own class": report.own_class(),
        "Fréchet distance": report.distances(),
        "near-copies": report.near_copies(),
        "seeds": report.seeds(),
        "seconds a picture": report.seconds(),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints every figure as JSON."""
    return reports.run("generator.photos_report", PHOTOS.folder, measure, arguments)


if __name__ == "__main__":
    sys.exit(main())
