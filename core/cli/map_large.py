"""``python -m core map --sample``: a map of more rows than the memory holds."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from core.base.errors import InputError, StorageError, counted
from core.base.ray_tasks import LOCAL
from core.cli import engines
from core.cli.progress import StderrProgress
from core.maps import large
from core.maps.quality import Quality
from core.maps.recipe import Recipe
from core.readers import parquet_parts
from core.storage import data_home

ABOUT = "about.json"
JUDGED = 5_000
_LEAST = 100  # rows of a sample
_OF_ONE_MAP = ("add", "sweep", "columns", "clusters", "limit", "blend", "target")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many rows are mapped, by how many placing is judged, and who places."""
    parser.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="for more rows than the memory holds: a map of N of them, chosen by density, on which "
        "the others are placed; SOURCE is Parquet with vectors, a file, a folder of parts, or "
        "either in an object store, and --out a folder",
    )
    parser.add_argument(
        "--judge",
        type=int,
        default=JUDGED,
        metavar="N",
        help="with --sample: rows outside it at which placing is measured (default: %(default)s)",
    )
    engines.add_arguments(parser)


def require(options: argparse.Namespace) -> None:
    """Refuses what does not go with ``--sample``, or without it.

    Raises:
        InputError: something does not.
    """
    if options.sample is None:
        given = {"--engine": options.engine != engines.HERE, "--workers": options.workers}
        given |= {"--address": options.cluster, "--judge": options.judge != JUDGED}
        for option, value in given.items():
            if value:
                raise InputError(f"{option} was given.", "It goes with --sample.", "Leave it out.")
        return
    for name in _OF_ONE_MAP:
        if getattr(options, name) is not None:
            raise InputError(f"--{name} was given.", "It is not for --sample.", "Leave it out.")
    if options.cluster is not None and options.engine == engines.HERE:
        raise InputError("--address was given.", "It is Ray's.", f"Add --engine {engines.RAY}.")
    for option, least in (("sample", _LEAST), ("judge", 3), ("workers", 1)):
        value = getattr(options, option)
        if value is not None and value < least:
            raise InputError(f"--{option} is {value}.", f"At least {least}.", "Change it.")


def run(options: argparse.Namespace, recipe: Recipe) -> dict[str, Any]:
    """Writes the parts with their coordinates, and tells how good they are.

    Raises:
        InputError: the source has no vectors or too few, or a file is in the way.
    """
    out = data_home.given_path(options.out)
    if out.suffix or out.is_file():
        raise InputError(
            f"--out is “{out.name}”.", "With --sample it is a folder, for parts.", "Name one."
        )
    progress = StderrProgress()
    source = data_home.given_path(options.source)
    parts = parquet_parts.open_parts(options.source, source, options.vectors)
    try:
        made = large.fit(parts, recipe, options.sample, options.judge, out, progress)
        engine = _engine(options, made, parts)
        placed, left_out = large.place_all(made, parts, engine, out, progress)
        file, shown = large.overview(out, placed)
        answer = {
            "count": placed,
            "left_out": _left_out(left_out),
            "sample": len(made.sample.rows),
            "boxes": len(made.shares),
            "method": recipe.method.value,
            "quality": {
                "sample": _told(made.stored.quality, len(made.sample.rows)),
                "placed": _told(large.judge(made, progress), len(made.judged.rows)),
            },
            "overview": str(file),
            "shown": shown,
            "parts": str(out / large.PLACED),
            "notes": list(made.stored.projection.notes),
        }
        about = answer | {"name": parts.name, "space": parts.space, "recipe": recipe.as_dict()}
        data_home.write_file(out / ABOUT, json.dumps(about, indent=1).encode())
    except StorageError as error:
        given, expected = error.given, "A folder that can be written to."
        raise InputError(given, expected, "Change --out.") from error
    return answer


def _engine(
    options: argparse.Namespace, made: large.Fit, parts: parquet_parts.Parts
) -> large.Engine:
    if options.engine == engines.RAY:
        return large.by_ray(made, parts, options.cluster or LOCAL, options.workers or 0)
    return large.by_children(made, parts, options.workers or os.cpu_count() or 1)


def _left_out(count: int) -> list[dict[str, Any]]:
    return [{"count": count, "reason": "rows with no whole vector"}] if count else []


def _told(found: Quality | None, rows: int) -> dict[str, Any]:
    if found is None:
        return {"rows": rows}
    names = ("trustworthiness", "continuity", "neighbors_kept", "k")
    return {"rows": rows} | {name: getattr(found, name) for name in names}


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    lines = [f"({note})" for note in result["notes"]]
    lines += [f"(left out: {one['count']:,} {one['reason']})" for one in result["left_out"]]
    for name, told in (("sample", "the sample’s map"), ("placed", "rows placed on it")):
        found = result["quality"][name]
        if "k" in found:
            lines.append(
                f"{told}, at {counted(found['rows'], 'row')}: trustworthiness "
                f"{found['trustworthiness']:.4f}, continuity {found['continuity']:.4f}, neighbors "
                f"kept {found['neighbors_kept']:.4f} (k = {found['k']})"
            )
    lines.append(
        f"{counted(result['count'], 'row')} placed on a map of {result['sample']:,} by "
        f"{result['method']}, wrote {result['parts']}"
    )
    shown = counted(result["shown"], "row")
    return "\n".join([*lines, f"{shown} of them for the app: {result['overview']}"])
