"""``python -m core map``: words, texts, pictures or vectors as a map, and how good it is."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from core.base.errors import InputError, counted
from core.base.types import Metric
from core.cli import files, map_growth, map_items, map_large, source_kinds
from core.cli.progress import StderrProgress
from core.maps import row_ranges, store as map_store, sweep as map_sweep, tags as map_tags
from core.maps.clusters import (
    CLUSTER,
    NOT_IN_ANY,
    Clustering,
    Grouping,
    NamedClusters,
    map_clusters,
)
from core.maps.export import map_columns, to_parquet
from core.maps.items import MapData
from core.maps.recipe import HELP as RECIPE_HELP, METRICS, Method, Recipe, Target
from core.maps.store import StoredMap
from core.maps.targets import target_of
from core.spaces.catalog import DEFAULT_PICTURES, DEFAULT_SPACE
from core.storage import data_home

HELP = "A 2-D or 3-D map by PCA, t-SNE or UMAP, with figures on how far it can be trusted."
_ON_MAP = "projection"
_WHOLE = ("dims", "seed", "neighbors", "epochs")
_NUMBERS = (
    *_WHOLE,
    *("min_dist", "spread", "perplexity", "exaggeration", "dens_lambda", "target_weight"),
)
_RECIPE = ("method", "metric", *_NUMBERS, "densmap", "target")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is mapped, how, and where to."""
    parser.add_argument("source", help=source_kinds.KNOWN)
    parser.add_argument(
        "--out",
        metavar="FILE",
        required=True,
        help="the Parquet file to write; of --sample a folder",
    )
    parser.add_argument(
        "--space",
        help="a space's name (default: the vectors that a table or gallery has, else "
        f"{DEFAULT_SPACE}, of pictures {DEFAULT_PICTURES})",
    )
    parser.add_argument(
        "--method",
        choices=[method.value for method in Method],
        help=f"{RECIPE_HELP['method']} (default: {Method.UMAP.value})",
    )
    parser.add_argument(
        "--metric",
        choices=[metric.value for metric in METRICS],
        help=f"{RECIPE_HELP['metric']} (default: {Metric.COSINE.value}; of --columns "
        f"{Metric.EUCLIDEAN.value})",
    )
    for name in _NUMBERS:
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=int if name in _WHOLE else float,
            metavar="N",
            help=RECIPE_HELP[name],
        )
    parser.add_argument(
        "--densmap", action=argparse.BooleanOptionalAction, help=RECIPE_HELP["densmap"]
    )
    parser.add_argument("--target", metavar="COLUMN", help=RECIPE_HELP["target"])
    parser.add_argument(
        "--recipe",
        metavar="FILE",
        help="a recipe (JSON) as the app offers on the page Map; other options go before",
    )
    parser.add_argument(
        "--sweep",
        action="append",
        metavar="NAME=V,V,...",
        help="values of a parameter (neighbors, min-dist or perplexity), also several times: a map "
        "for each combination; their figures are written in place of one map's points",
    )
    parser.add_argument("--columns", metavar="A,B,...", help="columns of numbers as the vectors")
    parser.add_argument(
        "--standardize",
        action="store_true",
        help="of --columns: each less its mean, divided by its standard deviation",
    )
    map_growth.add_arguments(parser)
    map_large.add_arguments(parser)
    parser.add_argument("--limit", type=int, help="only the first so many items")
    parser.add_argument("--blend", type=float, help="of pictures: caption weight, 0 to 1")
    _add_clusters(parser)
    map_items.add_arguments(parser)


def _add_clusters(parser: argparse.ArgumentParser) -> None:
    own = Grouping(Clustering.KMEANS)
    parser.add_argument(
        "--clusters",
        choices=[kind.value for kind in Clustering],
        help=f"the cluster of each point, by name in the column “{CLUSTER}”; noise is "
        f"“{NOT_IN_ANY}”",
    )
    parser.add_argument(
        "--clusters-of",
        choices=[_ON_MAP, "vectors"],
        default=_ON_MAP,
        help="what is grouped (default: %(default)s)",
    )
    for name, default, told in (
        ("k", own.count, "how many k-means makes"),
        ("least", own.least, "points in the smallest that HDBSCAN makes"),
        ("samples", own.samples, "HDBSCAN's min_samples; 0: as --clusters-least"),
    ):
        parser.add_argument(
            f"--clusters-{name}",
            type=int,
            default=default,
            metavar="N",
            help=f"{told} (default: %(default)s)",
        )
    parser.add_argument(
        "--clusters-nearest",
        action="store_true",
        help="put noise into the cluster of the nearest point that is in one",
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Writes the map and tells its quality, in the form that the docs state.

    Raises:
        InputError: the options do not go together, or what they name cannot be used.
    """
    map_large.require(options)
    if options.limit is not None and options.limit < 1:
        raise InputError(f"--limit is {options.limit}.", "It is at least 1.", "Change --limit.")
    given: dict[str, Any] = {}
    if options.recipe is not None:
        given = map_store.read_recipe(data_home.given_path(options.recipe))
    if options.sample is not None:
        return map_large.run(options, _recipe(options, given))
    out = files.out_file(options.out, ".parquet")
    recipe = _recipe(options, given)
    loaded = map_items.load_chosen(
        options, options.source, options.space, standardize=options.standardize
    )
    tags = map_tags.load_all(loaded.data)
    data = _part(map_tags.attach(loaded.data, tags), given)
    target = target_of(data, recipe)
    if options.sweep is not None:
        return _sweep(options, data, recipe, target, out) | loaded.told
    stored = map_store.load_or_project(data.vectors, recipe, StderrProgress(), target=target)
    made_of = stored.projection
    grown = map_growth.load(options, data, given)
    told: dict[str, Any] = {}
    if grown is not None:
        data, (stored, told) = grown.data, map_growth.place(options, grown, stored)
    projection, quality = stored.projection, stored.quality
    clusters = _clusters(options, data, stored)
    lost = None if quality is None else quality.lost
    columns = map_columns(data, projection, lost, clusters=clusters)
    about = map_store.about(stored, data.name, data.space)
    about |= {"part": given["part"]} if "part" in given else {}
    written = to_parquet(columns, json.dumps(about))
    files.write_out(out, written)
    notes = [*data.notes, *projection.notes]
    if given and given.get("digest") != made_of.digest:
        notes.append("The vectors are not those that the recipe was written for.")
    if given and given.get("target_digest", "") != made_of.target_digest:
        notes.append("The target's values are not those that the recipe was written for.")
    result = _answer(stored, str(out)) | {"name": data.name, "space": data.space} | loaded.told
    result |= told
    if tags:
        result["tags"] = {name: len(rows) for name, rows in tags.items()}
    if clusters is not None:
        result["clusters"] = dict(zip(clusters.names, clusters.sizes(), strict=True))
        result["in_none"] = clusters.in_none
        result["silhouette"] = clusters.clusters.silhouette
    return result | ({"notes": notes} if notes else {})


def _recipe(options: argparse.Namespace, given: dict[str, Any]) -> Recipe:
    chosen = {name: getattr(options, name) for name in _RECIPE}
    own = Metric.COSINE if options.columns is None else Metric.EUCLIDEAN
    return Recipe.from_dict(
        {"metric": own}
        | given.get("recipe", {})
        | {name: value for name, value in chosen.items() if value is not None}
    )


def _sweep(
    options: argparse.Namespace, data: MapData, recipe: Recipe, target: Target | None, out: Path
) -> dict[str, Any]:
    """Maps by each combination of values; writes their figures, a row a map."""
    grid: dict[str, list[float]] = {}
    for given in options.sweep:
        name, _, values = given.partition("=")
        key = name.strip().replace("-", "_")
        read = map_sweep.read_values(name.strip() or "--sweep", values)
        grid[key] = list(dict.fromkeys([*grid.get(key, []), *read]))
    wanted = map_sweep.recipes(recipe, grid)
    made = map_sweep.run(data.vectors, wanted, StderrProgress(), target)
    columns = map_sweep.table(wanted, made, list(grid))
    files.write_out(out, to_parquet(columns, json.dumps({"recipe": recipe.as_dict()})))
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return {"count": len(data), "sweep": rows, "file": str(out), "name": data.name}


def _clusters(
    options: argparse.Namespace, data: MapData, stored: StoredMap
) -> NamedClusters | None:
    """The clusters of a map, where they are asked for."""
    if options.clusters is None:
        return None
    grouping = Grouping(
        Clustering(options.clusters),
        options.clusters_of == _ON_MAP,
        options.clusters_k,
        options.clusters_least,
        options.clusters_samples,
        options.clusters_nearest,
    )
    return map_clusters(data, stored.projection, grouping, StderrProgress())


def _part(data: MapData, given: dict[str, Any]) -> MapData:
    """The part of the items that a recipe is of."""
    if "part" not in given:
        return data
    return data.take(row_ranges.unpack(str(given["part"]), data.ids, data.texts))


def _answer(stored: StoredMap, file: str) -> dict[str, Any]:
    projection, quality = stored.projection, stored.quality
    answer: dict[str, Any] = {
        "count": len(projection),
        "method": projection.recipe.method.value,
        "seconds": round(projection.seconds, 3),
        "trustworthiness": None if quality is None else quality.trustworthiness,
        "continuity": None if quality is None else quality.continuity,
        "neighbors_kept": None if quality is None else quality.neighbors_kept,
        "dims": projection.recipe.dims,
        "file": file,
    }
    if quality is not None:
        answer["k"] = quality.k
        if quality.anchors is not None:
            answer["anchors"] = quality.anchors
            answer["trustworthiness_error"] = quality.trustworthiness_error
            answer["continuity_error"] = quality.continuity_error
    if projection.explained is not None:
        answer["explained"] = projection.explained.tolist()
    return answer


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    if "sweep" in result:
        return _show_sweep(result)
    if "sample" in result:
        return map_large.show(result)
    lines = [f"({note})" for note in result.get("notes", ())]
    if result["trustworthiness"] is not None:
        lines += [
            f"{result[name]:.4f}  {name.replace('_', ' ')}, k = {result['k']}"
            for name in ("trustworthiness", "continuity", "neighbors_kept")
        ]
    summary = (
        f"{counted(result['count'], 'point')} by {result['method']} in {result['seconds']:.1f} s"
    )
    if "added" in result:
        lines.append(map_growth.show(result))
    if "clusters" in result:
        lines += [f"{size:8,}  {name}" for name, size in result["clusters"].items()]
        lines.append(f"{result['in_none']:8,}  {NOT_IN_ANY}")
    return "\n".join([*lines, f"{summary}, wrote {result['file']}"])


def _show_sweep(result: dict[str, Any]) -> str:
    lines = []
    for row in result["sweep"]:
        settings = ", ".join(f"{name} {value:g}" for name, value in row.items() if name in _NUMBERS)
        figures = "  ".join(
            "      -" if row[name] is None else f"{row[name]:.4f}" for name in map_sweep.FIGURES
        )
        lines.append(f"{figures}  {settings}")
    told = ", ".join(name.replace("_", " ") for name in map_sweep.FIGURES)
    count = counted(len(lines), "map")
    return "\n".join([*lines, f"{told} of {count}, wrote {result['file']}"])
