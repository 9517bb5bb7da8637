"""What a map is: how it is made (a recipe), what comes out, and where something new lands on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

from core.base.errors import InputError, shorten
from core.base.types import FloatArray, IntArray, Metric
from core.base.validation import require_in_ranges, with_whole

MAX_SEED = 2**32 - 1


class Method(StrEnum):
    """How vectors become points of a plane or of space."""

    PCA = "pca"
    TSNE = "tsne"
    UMAP = "umap"


# One sentence on what each parameter does, by the names of Recipe.
HELP: Mapping[str, str] = MappingProxyType(
    {
        "method": (
            "PCA keeps large distances and is exact; t-SNE and UMAP keep neighbourhoods and bend "
            "the rest."
        ),
        "dims": "A plane can be selected in with the mouse; space holds more neighbours.",
        "seed": (
            "Without a number the map is made as fast as this computer can and comes out a little "
            "different each time; with one it comes out the same, and UMAP takes about twice as "
            "long."
        ),
        "metric": (
            "Cosine compares directions only; Euclidean also counts how long the vectors are."
        ),
        "neighbors": (
            "How many nearest points UMAP ties each point to, itself counted: few show detail, "
            "many the whole."
        ),
        "min_dist": "How close UMAP packs points: small gives tight clumps, large an even spread.",
        "spread": "The scale of UMAP's map; together with the least distance it sets how clumped.",
        "perplexity": (
            "About how many neighbours t-SNE weighs for each point: few show detail, many the "
            "whole."
        ),
        "exaggeration": (
            "How much stronger than it should t-SNE pulls neighbours together to the end: above 1 "
            "clusters stand further apart."
        ),
        "epochs": (
            "How many rounds the layout is improved for; more take longer and help little beyond "
            "the default."
        ),
    }
)

_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "dims": (2, 3),
        "neighbors": (2, 200),
        "min_dist": (0, 5),
        "spread": (0.1, 10),
        "perplexity": (1, 500),
        "exaggeration": (1, 20),
        "epochs": (1, 10_000),
        "seed": (0, MAX_SEED),
    }
)
_WHOLE = ("dims", "neighbors", "epochs", "seed")
_OPTIONAL = ("epochs", "seed")


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a map beside the vectors; what a method does not use is ignored by it.

    ``seed`` ``None`` is fast: UMAP then runs in parallel and comes out different each time.
    ``epochs`` ``None`` is the method's own number. ``HELP`` says what each does.

    Raises:
        InputError: a value is outside its range.
    """

    method: Method = Method.UMAP
    dims: int = 2
    seed: int | None = None
    metric: Metric = Metric.COSINE
    neighbors: int = 15
    min_dist: float = 0.1
    spread: float = 1.0
    perplexity: float = 30.0
    exaggeration: float = 1.0
    epochs: int | None = None

    def __post_init__(self) -> None:
        require_in_ranges(self, "the map", _RANGES, _WHOLE, _OPTIONAL)
        if self.min_dist > self.spread:
            raise InputError(
                f"The least distance is {self.min_dist:g}, the spread {self.spread:g}.",
                "The least distance is at most the spread.",
                "Lower it, or raise the spread.",
            )

    def as_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return asdict(self) | {"method": self.method.value, "metric": self.metric.value}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        """What ``as_dict`` gave; missing values are the defaults.

        Raises:
            InputError: a name or a value is unknown.
        """
        known = {each.name for each in fields(cls)}
        if unknown := sorted(str(name) for name in values if name not in known):
            raise InputError(
                f"A recipe has no “{shorten(unknown[0])}”.",
                f"It has: {', '.join(sorted(known))}.",
                "Leave it out.",
            )
        told = with_whole(values, _WHOLE)
        for name, kind in (("method", Method), ("metric", Metric)):
            if name in told:
                told[name] = _choice(name, told[name], kind)
        return cls(**told)


def _choice(name: str, value: Any, kind: type[StrEnum]) -> StrEnum:
    try:
        return kind(value)
    except ValueError as error:
        raise InputError(
            f"“{name}” is {shorten(repr(value))}.",
            f"It is one of: {', '.join(kind)}.",
            "Choose one of these.",
        ) from error


@dataclass(frozen=True, slots=True)
class Projection:
    """A map of ``n`` of the vectors that were given.

    Attributes:
        coordinates: ``(n, dims)`` float32, finite.
        rows: ``(n,)`` which of the given rows these are; rows with NaN or infinity are left out.
        given: how many rows were given.
        digest: of the vectors that were given, with their shape.
        explained: PCA's share of the variance on each axis ``(dims,)``; ``None`` for others.
        components, mean: ``(dims, dim)`` and ``(dim,)`` where the map is linear: a vector lands on
            ``(vector - mean) @ components.T``. ``None`` for t-SNE and UMAP.
        unit: whether the vectors were taken at unit length.
        near: ``(n, k)`` each shown row's nearest other shown rows among the vectors, nearest
            first, where the method needed them.
        notes: what was changed about the recipe or the data, a sentence each.
        versions: of the libraries that decided the result.
    """

    coordinates: FloatArray
    recipe: Recipe
    rows: IntArray
    given: int
    digest: str
    explained: FloatArray | None = None
    components: FloatArray | None = None
    mean: FloatArray | None = None
    unit: bool = True
    near: IntArray | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    versions: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.coordinates)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where ``m`` new vectors land on a map.

    Attributes:
        coordinates: ``(m, dims)`` float32.
        rows: ``(m, k)`` the nearest points of the map, as rows of its coordinates, nearest first.
        scores: ``(m, k)`` their similarity: cosine, or the Euclidean distance with a minus sign.
    """

    coordinates: FloatArray
    rows: IntArray
    scores: FloatArray


class Preview(Protocol):
    """Called now and then with the coordinates so far."""

    def __call__(self, coordinates: FloatArray) -> None:
        """``coordinates`` ``(n, dims)``, a copy."""
