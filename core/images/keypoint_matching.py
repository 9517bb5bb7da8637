"""Which key points of two pictures match, and which of the matches agree.

Points match where each is the other's nearest, and clearly nearer than the second (Lowe 2004,
*Distinctive image features from scale-invariant keypoints*). Of the matches, those agree that one
affine transform explains, which is found by RANSAC (Fischler & Bolles 1981, *Random sample
consensus*). Affine transforms turn, scale, shear and shift: what a flat thing seen from another
side does, nearly.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.base.errors import InputError
from core.base.types import BoolArray, FloatArray, IntArray
from core.images.keypoints import Descriptors, KeyPoints
from core.readers.pictures import to_rgb

if TYPE_CHECKING:
    from PIL import Image

RATIO = 0.8  # Lowe 2004 drops matches above it: 90 % of his wrong ones and 5 % of the right ones
TOLERANCE = 3.0  # pixels between where a match is and where the transform puts it
SAMPLE = 3  # matches that fix an affine transform
LEAST = 5  # agreeing matches: three always do, and a fourth often by chance
TRIALS = 500
STRETCH = 5.0  # a transform that stretches or squeezes more than this is no view of a thing
SPREAD = 50.0  # square pixels that the triangle of a sample covers at least, so that it tells
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Matches:
    """The ``m`` matches between the key points of two pictures, the nearest first.

    Attributes:
        pairs: ``(m, 2)``, numbers of points in the first and in the second picture.
        distances: ``(m,)`` between the descriptors: for ORB the share of bits that differ, for
            SIFT Euclidean.
        agree: ``(m,)``, which of them ``transform`` explains.
        transform: ``(3, 3)``, affine, from ``(x, y, 1)`` of the first picture to the second's;
            ``None`` where none explains ``LEAST`` of them.
    """

    pairs: IntArray
    distances: FloatArray
    agree: BoolArray
    transform: Matrix | None

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def score(self) -> int:
        """How many agree: the higher, the surer that both pictures show the same thing."""
        return int(self.agree.sum())


def match_descriptors(a: KeyPoints, b: KeyPoints, ratio: float = RATIO) -> IntArray:
    """Which points of two pictures match ``(m, 2)``, whether they agree or not.

    Args:
        ratio: in (0, 1]: a match is kept where its distance is below this share of that to the
            second nearest; at 1 all are kept that are each other's nearest.

    Raises:
        InputError: the points are of two detectors, or the ratio is not in (0, 1].
    """
    from skimage import feature

    if a.detector is not b.detector:
        raise InputError(
            f"These are keypoints of {a.detector} and of {b.detector}.",
            "Only points of one detector can be compared.",
            "Find both with the same.",
        )
    if not 0 < ratio <= 1:
        raise InputError(f"The ratio is {ratio:g}.", "It lies above 0, up to 1.", "Try 0.8.")
    if not (len(a) and len(b)):
        return np.empty((0, 2), dtype=np.int64)
    pairs = feature.match_descriptors(a.descriptors, b.descriptors, max_ratio=ratio)
    return np.asarray(pairs, dtype=np.int64)


def match(a: KeyPoints, b: KeyPoints, ratio: float = RATIO, *, seed: int = 0) -> Matches:
    """Which points of two pictures match, as ``match_descriptors`` says, and which of these agree.

    Args:
        seed: of RANSAC's samples; the same gives the same answer.

    Raises:
        InputError: as ``match_descriptors``.
    """
    pairs = match_descriptors(a, b, ratio)
    distances = _distances(a.descriptors[pairs[:, 0]], b.descriptors[pairs[:, 1]])
    order = np.argsort(distances, kind="stable")
    pairs = pairs[order]
    agree, transform = _agreeing(_xy(a, pairs[:, 0]), _xy(b, pairs[:, 1]), seed)
    return Matches(pairs, distances[order], agree, transform)


def _distances(one: Descriptors, other: Descriptors) -> FloatArray:
    """Between rows of descriptors, as scikit-image measures them."""
    if one.dtype == np.bool_:
        return np.asarray((one != other).mean(axis=1), dtype=np.float32)
    difference = one.astype(np.float64) - other.astype(np.float64)
    return np.asarray(np.linalg.norm(difference, axis=1), dtype=np.float32)


def _xy(points: KeyPoints, rows: IntArray) -> Matrix:
    return points.positions[rows, ::-1].astype(np.float64)


def _agreeing(source: Matrix, target: Matrix, seed: int) -> tuple[BoolArray, Matrix | None]:
    """Which of ``m`` matches ``(m, 2)`` the best affine transform explains, and the transform."""
    from skimage.measure import ransac
    from skimage.transform import AffineTransform

    none = np.zeros(len(source), dtype=np.bool_)
    if len(source) < LEAST:
        return none, None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "No inliers found": that is an answer here
        model, inliers = ransac(
            (source, target),
            AffineTransform,
            SAMPLE,
            TOLERANCE,
            is_data_valid=_spread,
            is_model_valid=lambda model, *_: _plausible(model.params),
            max_trials=TRIALS,
            stop_probability=0.999,
            rng=seed,
        )
    if inliers is None or not model or not _plausible(model.params):
        return none, None
    agree = model.residuals(source, target) < TOLERANCE
    if _places(source[agree]) < LEAST or _places(target[agree]) < LEAST:
        return none, None
    return agree, np.asarray(model.params, dtype=np.float64)


def _places(points: Matrix) -> int:
    """How many different places: one corner is found at several scales, but tells only once."""
    return len(np.unique(np.round(points / TOLERANCE), axis=0))


def _spread(source: Matrix, target: Matrix) -> bool:
    """Whether three points make a triangle in both pictures: others fix no transform."""
    for points in (source, target):
        (x1, y1), (x2, y2) = points[1] - points[0], points[2] - points[0]
        if abs(x1 * y2 - x2 * y1) / 2 < SPREAD:
            return False
    return True


def _plausible(matrix: Matrix) -> bool:
    """Whether a transform neither mirrors, which descriptors do not survive, nor crushes."""
    linear = matrix[:2, :2]
    if not np.isfinite(linear).all() or np.linalg.det(linear) <= 0:
        return False
    stretch = np.linalg.svd(linear, compute_uv=False)
    return bool(stretch[0] <= STRETCH and stretch[-1] >= 1 / STRETCH)


def rank_by_key_points(
    query: KeyPoints, others: Sequence[KeyPoints], ratio: float = RATIO
) -> tuple[IntArray, list[Matches]]:
    """Pictures by how many matches with ``query`` agree, then by how many there are.

    Ties keep the order of ``others``, so that a ranking by vectors can be re-ranked.
    Returns the order ``(n,)``, best first, and the matches of each of ``others``.

    Raises:
        InputError: as ``match_descriptors``.
    """
    found = [match(query, other, ratio) for other in others]
    order = sorted(range(len(found)), key=lambda at: (-found[at].score, -len(found[at])))
    return np.array(order, dtype=np.int64), found


def turn_and_shrink(
    picture: Image.Image, degrees: float, scale: float
) -> tuple[Image.Image, Matrix]:
    """A picture made smaller and turned counter-clockwise about its middle, on white.

    Its size stays, so corners of a large one may be cut off. Also returns the transform that was
    done, ``(3, 3)``, from ``(x, y, 1)`` of a pixel to where it went.
    """
    from PIL import Image

    rgb = to_rgb(picture)
    width, height = max(1, round(rgb.width * scale)), max(1, round(rgb.height * scale))
    left, top = (rgb.width - width) // 2, (rgb.height - height) // 2
    ground = Image.new("RGB", rgb.size, "white")
    ground.paste(rgb.resize((width, height), Image.Resampling.LANCZOS), (left, top))
    turned = ground.rotate(degrees, Image.Resampling.BICUBIC, fillcolor="white")
    middle = _shift(rgb.width / 2, rgb.height / 2)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])  # y points down
    shrink = np.diag([width / rgb.width, height / rgb.height, 1.0])
    place = middle @ turn @ np.linalg.inv(middle) @ _shift(left, top) @ shrink
    # Pixel (0, 0) has its middle half a pixel inside the picture.
    return turned, _shift(-0.5, -0.5) @ place @ _shift(0.5, 0.5)


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def turn_and_scale(transform: Matrix) -> tuple[float, float]:
    """By how many degrees counter-clockwise a transform ``(3, 3)`` turns, by what factor it scales.

    Of an affine one these are the turn and the factor of the nearest turn with one factor for both
    axes (least squares).
    """
    (a, b), (c, d) = transform[:2, :2]
    cos, sin = (a + d) / 2, (b - c) / 2  # y points down
    return math.degrees(math.atan2(sin, cos)), math.hypot(cos, sin)


def follow(a: KeyPoints, b: KeyPoints, found: Matches, transform: Matrix) -> BoolArray:
    """Which matches ``(m,)`` a known transform explains, to within ``TOLERANCE`` pixels."""
    source = _xy(a, found.pairs[:, 0])
    put = (np.column_stack([source, np.ones(len(source))]) @ transform.T)[:, :2]
    missed = np.linalg.norm(put - _xy(b, found.pairs[:, 1]), axis=1)
    return np.asarray(missed < TOLERANCE, dtype=np.bool_)
