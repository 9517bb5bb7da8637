"""A sweep: maps of the same vectors by several values of parameters, with their figures."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from core.base.columns import Columns
from core.base.errors import InputError, counted, shorten
from core.base.types import FloatArray, Progress, no_progress
from core.maps import store as map_store
from core.maps.recipe import Method, Recipe, Target
from core.maps.store import StoredMap

SWEPT: Mapping[Method, tuple[str, ...]] = MappingProxyType(
    {
        Method.UMAP: ("neighbors", "min_dist"),
        Method.UMAP_LEARN: ("neighbors", "min_dist"),
        Method.PACMAP: ("neighbors",),
        Method.TSNE: ("perplexity",),
    }
)
MOST = 25  # maps of one sweep
FIGURES = ("trustworthiness", "continuity", "neighbors_kept")


def read_values(name: str, text: str) -> list[float]:
    """The values that a parameter is to have, from a text with commas between; each once.

    Raises:
        InputError: one of them is no number, or there is none.
    """
    values: list[float] = []
    for part in text.replace(";", ",").split(","):
        if not part.strip():
            continue
        try:
            value = float(part)
        except ValueError as error:
            raise InputError(
                f"“{shorten(part.strip())}” is no value of {name}.",
                "Numbers with commas between, such as 5, 15, 50.",
                "Change it.",
            ) from error
        values.append(value)
    if not values:
        raise InputError(
            f"No value of {name} is given.", "At least one is needed.", "Type one or more numbers."
        )
    return list(dict.fromkeys(values))


def recipes(base: Recipe, grid: Mapping[str, Sequence[float]]) -> list[Recipe]:
    """A recipe for each combination of the values of ``grid``, the last name's changing first.

    Raises:
        InputError: a parameter is not swept for the method, a value is outside its range, or there
            are too many combinations.
    """
    swept = SWEPT.get(base.method, ())
    for name in grid:
        if name not in swept:
            raise InputError(
                f"“{shorten(name)}” cannot be swept for {base.method.value}.",
                f"It has: {', '.join(swept)}." if swept else "It has no parameters.",
                "Leave it out, or choose another method.",
            )
    combinations = list(itertools.product(*grid.values()))
    if len(combinations) > MOST:
        raise InputError(
            f"The values make {len(combinations):,} combinations.",
            f"At most {MOST} maps are made at once.",
            "Give fewer values.",
        )
    return [
        Recipe.from_dict(base.as_dict() | dict(zip(grid, values, strict=True)))
        for values in combinations
    ]


def run(
    vectors: FloatArray,
    wanted: Sequence[Recipe],
    progress: Progress = no_progress,
    target: Target | None = None,
) -> list[StoredMap]:
    """The maps of ``(n, dim)`` vectors by each recipe; those that were made before are opened.

    Raises:
        InputError: the vectors are shown as they are, so that all maps would be alike.
        InputError, OutOfMemoryError, StorageError: as ``store.load_or_project``.
        Cancelled: by ``progress``; the maps that were finished are kept.
    """
    dim = vectors.shape[1]
    if wanted and all(recipe.shows_as_given(dim) for recipe in wanted):
        raise InputError(
            f"The rows have {counted(dim, 'number')} each.",
            f"In {wanted[0].dims} dimensions they are shown as they are: all maps would be alike.",
            "Choose more columns, or other data.",
        )
    made = []
    for at, recipe in enumerate(wanted):

        def report(done: int, total: int, note: str = "", at: int = at) -> None:
            progress(at, len(wanted), f"maps; the next: {done:,} of {total:,} {note}")

        progress(at, len(wanted), "maps")
        made.append(map_store.load_or_project(vectors, recipe, report, target=target))
    progress(len(wanted), len(wanted), "maps")
    return made


def table(wanted: Sequence[Recipe], made: Sequence[StoredMap], names: Sequence[str]) -> Columns:
    """The values of the parameters ``names`` and the figures of each map, a row a map."""
    columns: dict[str, list[Any]] = {
        "method": [recipe.method.value for recipe in wanted],
        **{name: [getattr(recipe, name) for recipe in wanted] for name in names},
    }
    for name in FIGURES:
        columns[name] = [
            None if one.quality is None else float(getattr(one.quality, name)) for one in made
        ]
    columns["k"] = [None if one.quality is None else one.quality.k for one in made]
    columns["seconds"] = [round(one.projection.seconds, 3) for one in made]
    return columns
