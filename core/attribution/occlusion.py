"""Which region of a picture carries its similarity: a patch covers one region after another.

Zeiler & Fergus 2014, "Visualizing and understanding convolutional networks" (arXiv:1311.2901),
section 4.2: where covering a region takes most of the score away, the network looked there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from core.base.types import FloatArray, Progress, no_progress
from core.readers.pictures import ImageEncoder, to_rgb

if TYPE_CHECKING:
    from PIL import Image

GRID = 7  # windows along a side
SIDE = 512  # pixels of the longer side that is covered: encoders see less
BATCH = 25  # pictures between two reports
Box = tuple[int, int, int, int]
Score = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Occlusion:
    """What covering each region of a picture takes from its similarity.

    Attributes:
        similarity: of the picture as it is.
        drops: ``(grid, grid)`` what is lost under each window, from the upper left; below 0 where
            the rest is more alike. Neighbouring windows share half of their area.
    """

    similarity: float
    drops: FloatArray

    def heat(self) -> FloatArray:
        """The same for each cell between the windows' edges, ``(grid + 1, grid + 1)``.

        A cell has the mean of the windows that cover it.
        """
        rows, columns = self.drops.shape
        total: FloatArray = np.zeros((rows + 1, columns + 1), dtype=np.float32)
        count: FloatArray = np.zeros_like(total)
        for down in (0, 1):
            for right in (0, 1):
                total[down : down + rows, right : right + columns] += self.drops
                count[down : down + rows, right : right + columns] += 1
        total /= count
        return total


def occlude(
    picture: Image.Image,
    encoder: ImageEncoder,
    score: Score,
    progress: Progress = no_progress,
    *,
    grid: int = GRID,
) -> Occlusion:
    """Covers ``grid`` times ``grid`` windows of a picture with its mean colour, one at a time.

    Args:
        score: the similarities ``(m,)`` of pictures with unit vectors ``(m, dim)``.

    Raises:
        InputError: the encoder takes no pictures that it does not know.
        Cancelled: by ``progress``.
    """
    small = to_rgb(picture)
    small.thumbnail((SIDE, SIDE), reducing_gap=3.0)
    views = covered(small, grid)
    total = grid * grid + 1
    scores: list[FloatArray] = []
    for at in range(0, total, BATCH):
        progress(at, total, "views encoded")
        scores.append(score(encoder.encode_pictures(list(islice(views, BATCH)))))
    progress(total, total, "views encoded")
    found = np.concatenate(scores)
    drops = (found[0] - found[1:]).reshape(grid, grid).astype(np.float32)
    return Occlusion(float(found[0]), drops)


def covered(picture: Image.Image, grid: int) -> Iterator[Image.Image]:
    """An RGB picture as it is, then with each window covered, row by row."""
    yield picture
    colour = tuple(int(value) for value in np.asarray(picture).mean(axis=(0, 1)).round())
    for box in windows(picture.width, picture.height, grid):
        view = picture.copy()
        view.paste(colour, box)
        yield view


def windows(width: int, height: int, grid: int) -> Iterator[Box]:
    """Left, upper, right and lower edge of ``grid`` times ``grid`` windows, row by row.

    Each is two of ``grid + 1`` parts wide and high, so that neighbours overlap by half.
    """
    across = np.linspace(0, width, grid + 2).round().astype(int).tolist()
    down = np.linspace(0, height, grid + 2).round().astype(int).tolist()
    for row in range(grid):
        for column in range(grid):
            yield across[column], down[row], across[column + 2], down[row + 2]
