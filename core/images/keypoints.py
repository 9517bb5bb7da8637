"""Key points of pictures: places that can be found again after a picture was turned or scaled.

A detector finds them and describes what is around each: SIFT (Lowe 2004, *Distinctive image
features from scale-invariant keypoints*) finds blobs and describes them by histograms of gradients;
ORB (Rublee et al. 2011, *ORB: an efficient alternative to SIFT or SURF*) finds corners and
describes them by 256 comparisons of brightness. scikit-image computes both.

Positions are in pixels of the *working picture*, whose longer side is at most ``SIDE``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.base.types import FloatArray
from core.readers.pictures import to_rgb

if TYPE_CHECKING:
    from PIL import Image

SIDE = 400
MOST = 500  # points of a picture by ORB, the strongest corners
_STEP = 1.2  # between the sizes at which ORB looks
Grey = npt.NDArray[np.float64]
Descriptors = npt.NDArray[Any]


class Detector(StrEnum):
    """What finds and describes the points."""

    SIFT = "SIFT"
    ORB = "ORB"


# Pixels of the shorter side below which there is nothing: ORB describes what lies 20 pixels from
# every edge, and scikit-image's SIFT fails where its doubled picture has less than 12.
_LEAST_SIDE = MappingProxyType({Detector.SIFT: 6, Detector.ORB: 40})


@dataclass(frozen=True, slots=True)
class KeyPoints:
    """The ``n`` key points of a picture.

    Attributes:
        positions: ``(n, 2)``, rows and columns in pixels of the working picture.
        descriptors: ``(n, 256)`` bool of ORB, ``(n, 128)`` uint8 of SIFT.
        scales: ``(n,)``, the size of what was seen: SIFT's blur in pixels, ORB's scaling down.
        orientations: ``(n,)``, in radians, as the detector measures them.
        size: width and height of the working picture.
    """

    positions: FloatArray
    descriptors: Descriptors
    scales: FloatArray
    orientations: FloatArray
    detector: Detector
    size: tuple[int, int]

    def __len__(self) -> int:
        return len(self.positions)


def working_picture(picture: Image.Image, side: int = SIDE) -> Image.Image:
    """A picture of any mode as RGB whose longer side is at most ``side``; never enlarged."""
    from PIL import Image

    rgb = to_rgb(picture)
    scale = min(1.0, side / max(rgb.size))
    size = (max(1, round(rgb.width * scale)), max(1, round(rgb.height * scale)))
    return rgb.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)


def find_key_points(
    picture: Image.Image, detector: Detector, *, side: int = SIDE, most: int = MOST
) -> KeyPoints:
    """The key points of a picture of any size and mode; none where it is flat or tiny.

    Args:
        side: the longer side of the working picture, in pixels, at most.
        most: points that ORB keeps; SIFT keeps all.
    """
    working = working_picture(picture, side)
    grey = np.asarray(working.convert("L"), dtype=np.float64) / 255
    found = _detect(grey, detector, most)
    if found is None:
        orb = detector is Detector.ORB
        none: Descriptors = np.empty((0, 256 if orb else 128), dtype=bool if orb else np.uint8)
        empty = np.empty(0, dtype=np.float32)
        return KeyPoints(empty.reshape(0, 2), none, empty, empty, detector, working.size)
    sift = detector is Detector.SIFT
    return KeyPoints(
        (_sift_positions(found) if sift else _orb_positions(found, grey.shape)).astype(np.float32),
        found.descriptors,
        np.asarray(found.sigmas if sift else found.scales, dtype=np.float32),
        np.asarray(found.orientations, dtype=np.float32),
        detector,
        working.size,
    )


def _detect(grey: Grey, detector: Detector, most: int) -> Any | None:
    """scikit-image's detector after it has seen the picture; ``None`` where it found nothing."""
    from skimage.feature import ORB, SIFT

    if min(grey.shape) < _LEAST_SIDE[detector]:
        return None
    made = SIFT() if detector is Detector.SIFT else ORB(downscale=_STEP, n_keypoints=most)
    try:
        with np.errstate(divide="ignore", invalid="ignore"):  # SIFT divides by flat curvatures
            made.detect_and_extract(grey)
    except RuntimeError as error:
        if "found no features" not in str(error):
            raise
        return None
    return made if len(made.descriptors) else None


def _sift_positions(found: Any) -> Grey:
    """SIFT's positions, which count from a quarter of a pixel off: it doubles the picture first.

    Pixel x of a picture has its middle at 2 x + 0.5 of the doubled one, where scikit-image 0.26
    takes it to be at 2 x.
    """
    return np.asarray(found.positions, dtype=np.float64) - 0.25


def _orb_positions(found: Any, shape: tuple[int, ...]) -> Grey:
    """ORB's positions, put right for the sizes at which the points were found.

    scikit-image 0.26 multiplies a pixel's number by the scaling; its middle, and the sizes as they
    were rounded up, need (k + 0.5) * size / smaller size - 0.5. Else points of the smallest size
    are off by more than a pixel, in a direction that does not turn with the picture.
    """
    octaves = np.round(np.log(found.scales) / np.log(_STEP)).astype(np.int64)
    numbers = found.keypoints / found.scales[:, None]
    sizes = [np.array(shape, dtype=np.float64)]
    while len(sizes) <= octaves.max(initial=0):
        sizes.append(np.ceil(sizes[-1] / _STEP))
    return np.asarray((numbers + 0.5) * (sizes[0] / np.array(sizes)[octaves]) - 0.5)
