"""Which triples the verb ``graph`` works on, and how they are read."""

from __future__ import annotations

import argparse

from core.base.errors import InputError, shorten
from core.cli.progress import StderrProgress
from core.graphs import download, sources
from core.graphs.catalog import KNOWN
from core.graphs.graph import Graph
from core.graphs.triples import ReadAs
from core.storage import data_home

_SEPARATORS = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|"}


def add_arguments(parser: argparse.ArgumentParser, *, needed: bool = True) -> None:
    """The triples, and how they are read; ``needed`` says whether they must be named."""
    told = f"{', '.join(KNOWN)}, or a file, archive or folder of triples"
    parser.add_argument("source", nargs=None if needed else "?", help=told)
    labels = "readable names of entities and relations: JSON, TSV or CSV"
    parser.add_argument("--labels", metavar="FILE", help=labels)
    _add_reading(parser)
    parser.add_argument("--download", action="store_true", help="fetch a known graph if need be")


def _add_reading(parser: argparse.ArgumentParser) -> None:
    """How a file of triples is read, where it was detected wrongly."""
    group = parser.add_argument_group("files", "what is not given is detected, and told by --json")
    group.add_argument(
        "--columns",
        metavar="H,R,T",
        help="the columns of head, relation and tail, by name or by number from 1",
    )
    group.add_argument("--header", choices=["yes", "no"], help="whether the first row is of names")
    group.add_argument("--separator", metavar="SIGN", help=f"{', '.join(_SEPARATORS)}, or the sign")
    group.add_argument("--encoding", metavar="NAME", help="such as utf-8, cp1251, shift_jis")
    group.add_argument(
        "--language", metavar="TAG", default="en", help="of names in RDF; default: %(default)s"
    )


def _read_as(options: argparse.Namespace) -> ReadAs:
    separator = options.separator
    if separator is not None and len(separator := _SEPARATORS.get(separator, separator)) != 1:
        raise InputError(
            f"“{shorten(options.separator)}” is no separator.",
            f"One sign, or one of {', '.join(_SEPARATORS)}.",
            "Change --separator.",
        )
    header = None if options.header is None else options.header == "yes"
    return ReadAs(options.columns, header, separator, options.encoding, options.language)


def load(options: argparse.Namespace) -> Graph:
    """The graph that the options name, fetched where they say so.

    Raises:
        InputError: there is none, it cannot be used, or an option is wrong.
        NotReadyError: it is a known one that is not here.
    """
    known = sources.find_known(options.source)
    if known is not None and options.download:
        download.download(known, StderrProgress())
    labels = None if options.labels is None else data_home.given_path(options.labels)
    if labels is not None and not labels.is_file():
        raise InputError(
            f"There is no file “{shorten(options.labels)}”.",
            "JSON, or lines of id, tab, name.",
            "Check --labels.",
        )
    return sources.load_graph(options.source, labels, _read_as(options))
