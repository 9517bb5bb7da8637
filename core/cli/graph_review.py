"""``python -m core graph review``: suspicious triples, and such that may be missing."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.base.columns import to_csv
from core.base.errors import InputError, counted, shorten
from core.cli import files
from core.cli.progress import StderrProgress
from core.graphs import models, review
from core.graphs.graph import PARTS
from core.graphs.models import GraphModel
from core.graphs.pykeen_home import prepare
from core.graphs.review import Suspicious
from core.storage import data_home

_TSV = ".tsv"
_MISSING, _WRONG = ("any_tail", "new"), ("parts", "cross_validate")  # options of one list alone


def add_actions(actions: Any) -> list[argparse.ArgumentParser]:
    """The action with its arguments."""
    parser = actions.add_parser(
        "review",
        help="triples that a model does not believe, or that may be missing",
        description="Triples that a model does not believe, or that may be missing (--missing).",
    )
    parser.add_argument("model_folder", metavar="DIR", help="a folder that graph train wrote")
    parser.add_argument("--missing", action="store_true", help="triples that may be missing")
    parser.add_argument("--relation", help="of this relation alone")
    parser.add_argument("--parts", help="splits to look for wrong ones; default: all")
    parser.add_argument(
        "--cross-validate",
        action="store_true",
        help="wrong training triples: each is ranked by a model that was trained without it",
    )
    parser.add_argument(
        "--any-tail",
        action="store_true",
        help="missing ones: also tails that the relation does not have in training",
    )
    parser.add_argument(
        "--new", action="store_true", help="missing ones: leave those of valid and test out"
    )
    parser.add_argument(
        "-k", type=int, default=20, help="in all, or missing ones of a relation; default: 20"
    )
    parser.add_argument("--out", metavar="FILE", help="a .csv with scores, or a .tsv of triples")
    return [parser]


def _review(options: argparse.Namespace) -> dict[str, Any]:
    if options.k < 1:
        raise InputError(f"-k is {options.k}.", "At least 1.", "Change it.")
    _require_of_one_list(options)
    if options.out is not None:
        _out(options.out)
    model = models.load(Path(data_home.given_path(options.model_folder)))
    graph = model.graph
    relation = None if options.relation is None else graph.relation(options.relation)
    if options.missing:
        chosen = range(len(graph.relations)) if relation is None else [relation]
        missing = review.find_missing(
            model,
            chosen,
            options.k,
            StderrProgress(),
            constrained=not options.any_tail,
            held_out=not options.new,
        )
        triples, table = missing.triples, missing.table(graph)
        more: dict[str, Any] = {"held_out": sum(bool(part) for part in missing.parts)}
    else:
        found = _suspicious(model, options)
        found = found if relation is None else found.of_relation(relation)
        triples, table = found.triples[: options.k], found.table(graph, options.k)
        more = {"ranked": len(found.triples), "triples_in_all": found.whole}
    if options.out is not None:
        out = _out(options.out)
        as_tsv = out.suffix.lower() == _TSV
        files.write_out(out, review.as_tsv(graph, triples) if as_tsv else to_csv(table))
        more["file"] = str(out)
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    return {"missing" if options.missing else "suspicious": rows, "graph": graph.name, **more}


def _require_of_one_list(options: argparse.Namespace) -> None:
    """An option that the list asked for does not take is told, not passed over."""
    others, kind = (_WRONG, "missing") if options.missing else (_MISSING, "suspicious")
    given = [name for name in others if getattr(options, name)]
    if options.cross_validate and options.parts and not options.missing:
        given, kind = ["parts"], "cross-validated training"
    if given:
        raise InputError(
            f"--{given[0].replace('_', '-')} was given with {kind} triples.",
            "--parts and --cross-validate are for suspicious ones, one at a time; --any-tail and "
            "--new for missing ones.",
            "Leave it out.",
        )


def _suspicious(model: GraphModel, options: argparse.Namespace) -> Suspicious:
    parts = list(PARTS) if options.parts is None else _parts(options.parts)
    if not options.cross_validate:
        return review.find_suspicious(model, parts, StderrProgress())
    prepare()
    return review.cross_validate(model.graph, model.trained.settings, StderrProgress())


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    if not set(parts) <= set(PARTS):
        raise InputError(
            f"--parts is “{shorten(text)}”.", f"Some of {', '.join(PARTS)}.", "Change it."
        )
    return parts


def _out(text: str) -> Path:
    if Path(text).suffix.lower() not in (".csv", _TSV):
        raise InputError(
            f"--out is “{shorten(text)}”.", "It is a file that ends in .csv or .tsv.", "Name one."
        )
    return files.out_file(text, Path(text).suffix.lower())


ACTIONS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {"review": _review}


def show(result: dict[str, Any]) -> str | None:
    """The answer for a person; ``None`` where it is not of this action."""
    if "suspicious" in result:
        lines = [
            f"{one['percentile']:7.1%}  ({one['head']}, {one['relation']}, {one['tail']})  "
            f"{one['split']}"
            for one in result["suspicious"]
        ]
        told = f"{result['ranked']:,} ranked, of {counted(result['triples_in_all'], 'triple')}."
    elif "missing" in result:
        lines = [
            f"{one['score']:9.4f}  ({one['head']}, {one['relation']}, {one['tail']})  "
            f"{one['split']}"
            for one in result["missing"]
        ]
        told = f"{result['held_out']} of these are held-out triples."
    else:
        return None
    lines.append(f"({told})")
    if "file" in result:
        lines.append(f"wrote {result['file']}")
    return "\n".join(lines)
