"""Does a network beat key points? The nearest of other pictures by each, on the same sample.

Queries and labelled others are drawn from each gallery by seed 0; a query is right where the best
of the others is of its class. Key points rank by the number of matches, and then the nearest 10 of
that order by how many matches agree, as the page does with the encoder's nearest.
Chance is the share of the query's class among the others. Times are of the processor, so that other
work on the machine hardly counts; where a query is compared, its own points are ready.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.common import Rows, machine, table
from benchmarks.pictures_report import LAYERS, encoders
from core.base.types import IntArray
from core.images.gallery import Gallery
from core.images.keypoint_matching import match_descriptors, rank_by_key_points
from core.images.keypoints import Detector, KeyPoints, find_key_points
from core.images.sources import load_gallery
from core.readers.pictures import ImageEncoder

SETS = (("flower_photos", "label"), ("caltech101", "label"))
RERANKED = 10
MOST = 200  # of ORB's points, which bounds the time


@dataclass(frozen=True, slots=True)
class Sample:
    """Queries and others of a gallery, with the class of each."""

    queries: Gallery
    others: Gallery
    asked: list[str]
    known: list[str]


def draw(path: Path, column: str, queries: int, others: int) -> Sample:
    """A seeded sample without overlap."""
    gallery = load_gallery(str(path))
    rows = np.random.default_rng(0).permutation(len(gallery))[: queries + others]
    first, second = gallery.take(rows[:queries]), gallery.take(rows[queries:])
    return Sample(first, second, first.labels(column), second.labels(column))


def accuracy(sample: Sample, best: Sequence[int] | IntArray) -> str:
    """The share of queries whose best is of their class."""
    pairs = zip(sample.asked, best, strict=True)
    return f"{np.mean([name == sample.known[at] for name, at in pairs]):.3f}"


def by_vectors(name: str, encoder: ImageEncoder, sample: Sample) -> list[tuple[str, ...]]:
    """One encoder."""
    pictures = [
        gallery.open(row)
        for gallery in (sample.queries, sample.others)
        for row in range(len(gallery))
    ]
    encoder.encode_pictures(pictures[:8])  # what is done once is not counted
    began = time.process_time()
    vectors = encoder.encode_pictures(pictures)
    encoded = time.process_time() - began
    began = time.process_time()
    count = len(sample.asked)
    best = np.argmax(vectors[:count] @ vectors[count:].T, axis=1)
    compared = time.process_time() - began
    each = 1e3 * encoded / len(pictures)
    return [(name, accuracy(sample, best), f"{each:.1f}", f"{1e3 * compared / count:.3f}")]


def by_key_points(detector: Detector, sample: Sample) -> list[tuple[str, ...]]:
    """One detector: by the number of matches, and re-ranked by those that agree."""
    began = time.process_time()
    queries, others = (
        [find_key_points(gallery.open(row), detector, most=MOST) for row in range(len(gallery))]
        for gallery in (sample.queries, sample.others)
    )
    each = 1e3 * (time.process_time() - began) / (len(queries) + len(others))
    began = time.process_time()
    orders = [by_count(query, others) for query in queries]
    counted = time.process_time() - began
    began = time.process_time()
    reranked, agreeing = [], []
    for query, order in zip(queries, orders, strict=True):
        near, found = rank_by_key_points(query, [others[at] for at in order[:RERANKED]])
        reranked.append(int(order[near[0]]))
        agreeing.append(found[near[0]].score)
    agreed = counted + time.process_time() - began
    points = np.mean([len(one) for one in (*queries, *others)])
    none = np.mean([score == 0 for score in agreeing])
    print(f"{detector}: {points:.0f} points a picture; for {none:.2f} of queries no match agrees")
    return [
        (
            f"{detector}, {what}",
            accuracy(sample, best),
            f"{each:.1f}",
            f"{1e3 * taken / len(queries):.0f}",
        )
        for what, best, taken in (
            ("matches", [order[0] for order in orders], counted),
            ("matches that agree", reranked, agreed),
        )
    ]


def by_count(query: KeyPoints, others: Sequence[KeyPoints]) -> IntArray:
    """Others by their number of matches with ``query``, most first; ties in their order."""
    counts = [len(match_descriptors(query, other)) for other in others]
    return np.argsort(-np.array(counts), kind="stable")


def main() -> None:
    """Prints a table for each gallery."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--others", type=int, default=200)
    options = parser.parse_args()
    print(machine())
    weights = options.data / "models" / "mobilenetv2_100_imagenet1001.safetensors"
    peers = encoders(weights, LAYERS[-1:])
    for name, column in SETS:
        path = options.data / "images" / f"{name}.parquet"
        sample = draw(path, column, options.queries, options.others)
        chance = np.mean([sample.known.count(label) for label in sample.asked]) / len(sample.known)
        print(f"\n{name}, by {column}: chance {chance:.3f}")
        rows: Rows = [
            ("by", "nearest is of its class", "CPU ms a picture", "CPU ms to compare with all")
        ]
        for title, encoder in peers.items():
            rows += by_vectors(title, encoder, sample)
        for detector in Detector:
            rows += by_key_points(detector, sample)
        print(table(rows), flush=True)


if __name__ == "__main__":
    main()
