"""``python -m core database ACTION``: vector databases, as sources of datasets and as targets."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from core.base.errors import InputError, shorten
from core.base.filters import parse_filter
from core.base.types import FloatArray
from core.cli import encode
from core.cli.progress import StderrProgress
from core.cli.texts import find_space
from core.databases import duck, opening, searching, sending
from core.databases.protocol import Database
from core.sentences import from_database, opened_as
from core.spaces.catalog import DEFAULT_SPACE

HELP = "Lists, opens, searches or fills a collection of a vector database."
_ADDRESS = f"such as {', '.join(opening.EXAMPLES)}; a key is taken from {opening.KEY_VARIABLE}"
_SQL = f"of DuckDB or Parquet: a SELECT, whose answer is the collection “{duck.QUERY}”"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The things to do, each with its own arguments."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="its collections")
    describe = actions.add_parser("describe", help="a collection's rows, fields and vectors")
    opened = actions.add_parser("open", help="keep a collection as a dataset of the app")
    send = actions.add_parser("send", help="write texts, pictures or vectors to a collection")
    search = actions.add_parser("search", help="the rows nearest to a text or vector, by it")
    every = (listing, describe, opened, send, search)
    for action in every:
        action.add_argument("address", help=_ADDRESS)
        # the verb's own option is not seen behind an action
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    for action in every[1:]:
        action.add_argument("collection", help="its name, as list tells it")
    for action in (listing, describe, opened, search):
        action.add_argument("--sql", default="", metavar="SELECT", help=_SQL)
    for action in (opened, search):
        action.add_argument("--field", default="", help="of vectors, where it has several")
        action.add_argument("--space", metavar="MODEL", help="the model that made its vectors")
    opened.add_argument("--name", default="", help="of the dataset (default: the collection's)")
    opened.add_argument("--limit", type=int, metavar="N", help="open no more than N rows")
    encode.add_source(send)
    asked = search.add_mutually_exclusive_group(required=True)
    asked.add_argument("--query", metavar="TEXT", help=f"encoded by --space or {DEFAULT_SPACE}")
    asked.add_argument("--vector", metavar="NUMBERS", help="with commas between: --vector=-1,0.5,…")
    search.add_argument("-k", type=int, default=10, help="default: %(default)s")
    search.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="only rows with this value; also FIELD=A|B and FIELD=LOW..HIGH, and several times. "
        "The database filters. Names and values that hold such signs stand in quotation marks: "
        "'\"a=b\"=1'",
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Does it, in the form that the docs state.

    Raises:
        InputError: the address, a name or a vector cannot be used.
    """
    query = getattr(options, "sql", "")
    wanted = encode.encode(options) if options.action == "send" else None
    key = opening.environment_key()
    write = wanted is not None
    with opening.opened(options.address, key, write=write, query=query) as database:
        told = {"database": database.kind, "address": database.address}
        if wanted is not None:
            return told | _send(database, options, wanted)
        return told | _ACTIONS[options.action](database, options)


def _list(database: Database, _: argparse.Namespace) -> dict[str, Any]:
    return {"collections": database.collections()}


def _describe(database: Database, options: argparse.Namespace) -> dict[str, Any]:
    found = database.describe(options.collection)
    fields = [
        {"name": one.name, "type": one.kind} | ({"dim": one.dim} if one.dim else {})
        for one in found.fields
    ]
    return {"collection": found.name, "rows": found.rows, "key": found.key, "fields": fields}


def _open(database: Database, options: argparse.Namespace) -> dict[str, Any]:
    kept = from_database.keep(
        database,
        options.collection,
        vectors=options.field,
        title=options.name,
        model=options.space or "",
        limit=options.limit,
        progress=StderrProgress(),
    )
    link = opened_as.link("map", kept.entry.name, kept.roles)
    return {
        "collection": options.collection,
        "name": kept.entry.name,
        "count": kept.taken,
        "left_out": [{"count": one.count, "reason": one.reason} for one in kept.left_out],
        "notes": list(kept.entry.notes),
        "page": link[0],
        "dataset_address": opened_as.address(link),
    }


def _send(
    database: Database, options: argparse.Namespace, wanted: encode.Encoded
) -> dict[str, Any]:
    rows = len(wanted.vectors)
    ids, columns = sending.choose_ids(wanted.columns, rows, options.id)
    progress = StderrProgress()
    sent = sending.send(database, options.collection, ids, wanted.vectors, columns, progress)
    left_out = [{"count": one.count, "reason": one.reason} for one in sent.left_out]
    return {
        "collection": sent.collection,
        "count": sent.rows,
        "dim": sent.dim,
        "space": wanted.space,
        "made": sent.made,
        "left_out": [*wanted.told.get("left_out", []), *left_out],
        "columns_left_out": list(sent.columns),
    }


def _search(database: Database, options: argparse.Namespace) -> dict[str, Any]:
    collection = database.describe(options.collection)
    example = next((f"{one.name}=VALUE" for one in collection.fields if not one.dim), "FIELD=VALUE")
    where = [parse_filter(text, example) for text in options.where]
    query = _query(options)
    answer = searching.search(database, collection, options.field, query, options.k, where)
    return {
        "collection": collection.name,
        "metric": answer.metric,
        "index": answer.index,
        "hits": [
            {"id": one.id, "score": one.score, "row": searching.plain(one.row)}
            for one in answer.hits
        ],
    }


_ACTIONS = {"list": _list, "describe": _describe, "open": _open, "search": _search}


def _query(options: argparse.Namespace) -> FloatArray:
    if options.vector is None:
        encoder = find_space(options.space or DEFAULT_SPACE).text_encoder()
        row: FloatArray = encoder.encode_query(options.query).vectors[0]
        return row
    try:
        numbers = [float(one) for one in options.vector.split(",")]
    except ValueError:
        numbers = []
    vector = np.array(numbers, dtype=np.float32)
    if not numbers or not np.isfinite(vector).all():
        raise InputError(
            f"“{shorten(options.vector)}” is no vector.",
            "Numbers with commas between are.",
            "Change --vector.",
        )
    return vector


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    lines = [f"{result['database']} at {result['address']}"]
    lines += result.get("collections", [])
    if "fields" in result:
        key = f", key {result['key']}" if result["key"] else ""
        lines.append(f"{result['collection']}: {result['rows']:,} rows{key}")
        lines += [
            f"  {one['name']}: {one['type']}" + (f", {one['dim']} numbers" if "dim" in one else "")
            for one in result["fields"]
        ]
    lines += [f"({note})" for note in result.get("notes", ())]
    lines += [f"(left out: {one['count']:,} {one['reason']})" for one in result.get("left_out", ())]
    if result.get("columns_left_out"):
        names = ", ".join(result["columns_left_out"])
        lines.append(f"(not sent, since the collection has no such field: {names})")
    if "made" in result:
        place = f"the {'new ' if result['made'] else ''}collection {result['collection']}"
        lines.append(f"{result['count']:,} rows of {result['dim']} numbers sent to {place}")
    if "dataset_address" in result:
        lines.append(f"{result['count']:,} rows as the dataset {result['name']}")
        lines.append(f"see it at /{result['dataset_address']}")
    if "metric" in result:
        lines.append(f"({searching.how(result['metric'], result['index'])})")
    for hit in result.get("hits", ()):
        cells = ", ".join(f"{name}={shorten(str(cell))}" for name, cell in hit["row"].items())
        lines.append(f"{hit['score']:.4f}  {hit['id']}  {shorten(cells, 200)}")
    return "\n".join(lines)
