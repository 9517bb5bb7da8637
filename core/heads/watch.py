"""What is seen of a training while it goes, and what came of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from core.base.types import FloatArray, IntArray
from core.heads.settings import Settings
from core.heads.split import Split
from core.spaces.encoders.head import Head


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured after an epoch, 0 being the base.

    Attributes:
        precision: of the held-out items, the mean over the columns of the share of the 10 nearest
            training items that are of the same class.
        nearest: the same of the nearest one.
            With views both are of views: the share of the items of which one view has another
            among its 10 nearest of all held-out items' other views, and nearest.
        zero_shot: where texts are trained along, the share of the items whose class's name is the
            nearest of all names.
        places: ``(m, 2)`` of ``Watch.shown`` on a map by PCA, turned to lie as the one before.
    """

    epoch: int
    precision: float
    nearest: float
    places: FloatArray
    zero_shot: float | None = None


@dataclass(slots=True)
class Watch:
    """What is seen of a training while it goes; ``stop`` set ends it, and the best is kept.

    Attributes:
        shown: the rows of ``Data`` that the map shows, all held out.
        matrix: similarities of the items ``matrix_rows`` of ``Data``, sorted by class.
    """

    losses: list[float] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    shown: IntArray | None = None
    matrix: FloatArray | None = None
    matrix_rows: IntArray | None = None
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Trained:
    """A head with how it came about.

    Attributes:
        text_head: what texts go through, where they were trained along.
        own_view: with views, how often one of a held-out item finds the other: before and after,
            each among the nearest 10 and nearest.
        best: the epoch whose head this is.
        seconds: of training and measuring, without what a checkpoint had before.
        notes: how it ended, where not as asked.
    """

    head: Head
    settings: Settings
    parts: Split
    best: int
    losses: tuple[float, ...]
    points: tuple[Point, ...]
    shown: IntArray
    seconds: float
    notes: tuple[str, ...] = ()
    text_head: Head | None = None
    own_view: tuple[tuple[float, float], tuple[float, float]] | None = None
