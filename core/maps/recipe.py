"""What a map is: how it is made (a recipe), what comes out, and where something new lands on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    UMAP_LEARN = "umap-learn"
    PACMAP = "pacmap"


class UmapMetric(StrEnum):
    """How umap-learn compares vectors, beside cosine and Euclidean distance.

    Not among them: metrics of true and false (Jaccard, Hamming, Dice and their like) and of places
    on the globe (haversine), which vectors of numbers are not, and those that need parameters of
    their own (Minkowski, Mahalanobis, standardised Euclidean).
    """

    MANHATTAN = "manhattan"
    CHEBYSHEV = "chebyshev"
    CORRELATION = "correlation"
    CANBERRA = "canberra"
    BRAYCURTIS = "braycurtis"
    HELLINGER = "hellinger"


METRICS: tuple[Metric | UmapMetric, ...] = (*Metric, *UmapMetric)
# Of counts and shares: below 0 they mean nothing, or cannot be computed.
NOT_BELOW_ZERO = (UmapMetric.BRAYCURTIS, UmapMetric.HELLINGER)

# One sentence on what each parameter does, by the names of Recipe.
HELP: Mapping[str, str] = MappingProxyType(
    {
        "method": (
            "PCA keeps large distances and is exact; t-SNE and UMAP keep neighbourhoods and bend "
            "the rest. “UMAP” is our own and quicker; umap-learn, the original, has more metrics, "
            "densMAP and supervision. PaCMAP weighs pairs that are near, in between and far apart, "
            "and keeps more of the whole."
        ),
        "dims": "In 2-D, points can be selected with the mouse; 3-D preserves more neighbours.",
        "seed": (
            "Without a number the map is made as fast as this computer can and comes out a little "
            "different each time; with one it comes out the same, and UMAP takes about twice as "
            "long."
        ),
        "metric": (
            "Cosine compares directions only; Euclidean also counts how long the vectors are. Of "
            "umap-learn, too: correlation (cosine about each vector's own mean), Manhattan (the "
            "sum of differences), Chebyshev (the largest one), Canberra (each difference by its "
            "numbers' size); of numbers that are nowhere below 0 also Bray–Curtis and Hellinger."
        ),
        "neighbors": (
            "How many nearest points UMAP ties each point to, itself counted, or PaCMAP: few show "
            "detail, many the whole."
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
        "densmap": (
            "densMAP: dense and sparse neighbourhoods stay so, where UMAP makes all about equally "
            "dense."
        ),
        "dens_lambda": "How much densMAP weighs densities against neighbourhoods; 0 is UMAP.",
        "target": (
            "A column that supervises umap-learn: rows of the same kind, or of near numbers, are "
            "pulled together. The map then shows what it was told, not what it found."
        ),
        "target_weight": (
            "How much the column counts: near 0 little, near 1 almost alone. Even at 0 umap-learn "
            "loosens ties between kinds a little."
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
        "dens_lambda": (0, 100),
        "target_weight": (0, 1),
        "seed": (0, MAX_SEED),
    }
)
_WHOLE = ("dims", "neighbors", "epochs", "seed")
_OPTIONAL = ("epochs", "seed")
UMAP_LEARN_ALONE = ("densmap", "dens_lambda", "target", "target_weight")
_KINDS: Mapping[str, Any] = MappingProxyType({"densmap": bool, "target": str | None})


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a map beside the vectors; what a method does not use is ignored by it.

    ``seed`` ``None`` is fast: UMAP then runs in parallel and comes out different each time.
    ``epochs`` ``None`` is the method's own number. ``target`` names the column that supervises
    the map. ``HELP`` says what each does.

    Raises:
        InputError: a value is outside its range, or a metric is not the method's.
    """

    method: Method = Method.UMAP
    dims: int = 2
    seed: int | None = None
    metric: Metric | UmapMetric = Metric.COSINE
    neighbors: int = 15
    min_dist: float = 0.1
    spread: float = 1.0
    perplexity: float = 30.0
    exaggeration: float = 1.0
    epochs: int | None = None
    densmap: bool = False
    dens_lambda: float = 2.0
    target: str | None = None
    target_weight: float = 0.5

    def __post_init__(self) -> None:
        require_in_ranges(self, "the map", _RANGES, _WHOLE, _OPTIONAL)
        if self.min_dist > self.spread:
            raise InputError(
                f"The least distance is {self.min_dist:g}, the spread {self.spread:g}.",
                "The least distance is at most the spread.",
                "Lower it, or raise the spread.",
            )
        for name, kind in _KINDS.items():
            if not isinstance(getattr(self, name), kind):
                raise InputError(
                    f"“{name}” of the map is {shorten(repr(getattr(self, name)))}.",
                    "densMAP is true or false, the target the name of a column, or none.",
                    "Change it.",
                )
        if isinstance(self.metric, UmapMetric) and self.method is not Method.UMAP_LEARN:
            raise InputError(
                f"The metric is {self.metric.value}, the method {self.method.value}.",
                f"{self.method.value} compares by {' or '.join(Metric)}.",
                f"Change the metric, or take the method {Method.UMAP_LEARN.value}.",
            )

    @property
    def compared(self) -> Metric:
        """How neighbours are compared where the map is judged and new points are placed.

        By cosine where the metric does not count how long vectors are; else by Euclidean distance.
        """
        if isinstance(self.metric, Metric):
            return self.metric
        return Metric.COSINE if self.metric is UmapMetric.CORRELATION else Metric.EUCLIDEAN

    def shows_as_given(self, dim: int) -> bool:
        """Whether vectors of ``dim`` numbers are no more than the map has dimensions."""
        return dim <= self.dims

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
        plain = with_whole(values, _WHOLE)
        for name, kinds in (("method", [*Method]), ("metric", METRICS)):
            if name in plain:
                plain[name] = _choice(name, plain[name], kinds)
        return cls(**plain)


def _choice(name: str, value: Any, kinds: Sequence[StrEnum]) -> StrEnum:
    for kind in kinds:
        if kind == value:
            return kind
    raise InputError(
        f"“{name}” is {shorten(repr(value))}.",
        f"It is one of: {', '.join(kinds)}.",
        "Choose one of these.",
    )


@dataclass(frozen=True, slots=True)
class Target:
    """What supervises a map: a value for each of ``n`` rows.

    Attributes:
        values: ``(n,)`` float32, finite: the number of the row's kind, -1 where it is not known,
            or a number that is compared by how far it is from others.
        categorical: whether they are kinds.
    """

    values: FloatArray
    categorical: bool


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
        target_digest: stands for what supervised the map; "" for nothing.
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
    target_digest: str = ""

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
