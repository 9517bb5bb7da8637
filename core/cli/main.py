"""Reads the command line, runs one verb, and keeps the promises on output and exit status.

With ``--json`` one JSON object goes to standard output and nothing else; messages and progress go
to standard error. Exit status: 0 done, also where nobody read the answer to its end, 2 the input
was wrong, 1 a fault of ours (a traceback).
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any

from core.base.errors import ExplorerError, InputError
from core.base.paths import COMMAND
from core.cli import (
    add,
    database,
    encode,
    generate,
    graph,
    images,
    map as map_verb,
    sentences,
    spaces,
    streams,
    train,
    words,
)
from core.storage import cleanup

_OPTION = re.compile(r"--[a-z][a-z-]*=")
VERBS = {
    "words": words,
    "sentences": sentences,
    "images": images,
    "map": map_verb,
    "add": add,
    "encode": encode,
    "database": database,
    "generate": generate,
    "graph": graph,
    "train": train,
    "spaces": spaces,
}


class _Parser(argparse.ArgumentParser):
    """argparse, with its errors as ours, so that they too can be told in JSON."""

    def error(self, message: str) -> Any:
        raise InputError(f"{message[:1].upper()}{message[1:]}.", "", f"See {self.prog} --help")

    def print_help(self, file: Any = None) -> None:
        streams.write(self.format_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb; returns the exit status."""
    streams.prepare()
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    try:
        options = _options(given)
        result = _run(options)
        if as_json:
            streams.write_json(result)
        else:
            streams.write(VERBS[options.verb].show(result))
    except KeyboardInterrupt:
        return 130
    except ExplorerError as error:
        streams.tell(f"error: {error}")
        if as_json:
            streams.write_json({"error": {"type": type(error).__name__, "message": str(error)}})
        return 2
    return 0


def answer(arguments: Sequence[str]) -> dict[str, Any]:
    """What a verb answers, as ``--json`` writes it.

    Raises:
        ExplorerError: the arguments cannot be used, or what is named cannot.
    """
    return _run(_options(arguments))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    return _parser().parse_args([_protect(argument) for argument in arguments])


def _run(options: argparse.Namespace) -> dict[str, Any]:
    cleanup.sweep(quick=True)
    result: dict[str, Any] = VERBS[options.verb].run(options)
    return result


def _protect(argument: str) -> str:
    """A formula that begins with a minus sign, made safe from being read as an option.

    Options hold no spaces but behind ``=``, formulas with a sign in front do, or are one word after
    it: a space before the sign keeps argparse from taking ``-king + queen`` for ``-k``.
    """
    is_formula = argument.startswith("-") and " " in argument and not _OPTION.match(argument)
    return f" {argument}" if is_formula else argument


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=COMMAND, description="Embedding Explorer without a browser.")
    verbs = parser.add_subparsers(dest="verb", required=True, parser_class=_Parser)
    for name, module in VERBS.items():
        verb = verbs.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(verb)
        verb.add_argument("--json", action="store_true", help="one JSON object on standard output")
    return parser
