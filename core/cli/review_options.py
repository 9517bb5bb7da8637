"""``--review`` of any verb: its options, and its answer as plain data and as lines."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

from core.base.columns import to_csv
from core.base.errors import InputError, shorten
from core.cli import files
from core.cli.progress import StderrProgress
from core.knn.all_pairs import Neighbors
from core.review import subsets
from core.review.findings import Action, as_table
from core.review.review import MARGIN, SUBSET, Items, Limits, review


def add_arguments(parser: argparse._ActionsContainer, noun: str) -> None:
    """What a review is to know; ``--review`` itself is one of the questions.

    Args:
        noun: what an item is called, such as "picture".
    """
    parser.add_argument(
        "--split-column",
        metavar="NAME",
        help="with --review: the column of splits; duplicates in two of them are leaks",
    )
    parser.add_argument(
        "--threshold",
        type=float,
        help="with --review: the cosine of near-duplicates (default: 0.95, or Otsu's threshold "
        "if more)",
    )
    parser.add_argument(
        "--subset",
        type=int,
        default=SUBSET,
        metavar="N",
        help=f"with --review: {noun}s in the subset (default: %(default)s)",
    )
    parser.add_argument(
        "--subset-method",
        choices=subsets.METHODS,
        default=subsets.REPRESENTATIVE,
        help="with --review: facility location or k-center (default: %(default)s)",
    )
    parser.add_argument("--out", metavar="FILE", help="with --review: the CSV to write")


def check(options: argparse.Namespace) -> None:
    """What is wrong is told before any long work.

    Raises:
        InputError: the options of a review are out of their ranges.
    """
    threshold = options.threshold
    if threshold is not None and not -1 <= threshold <= 1:
        raise InputError(
            f"--threshold is {threshold}.", "It is a cosine, from -1 to 1.", "Change it."
        )
    if options.out is not None:
        files.out_file(options.out, ".csv")


def answer(
    items: Items, near: Neighbors, threshold: float, options: argparse.Namespace
) -> dict[str, Any]:
    """A review of items whose nearest others are ``near``; writes the CSV that is asked for.

    Raises:
        InputError: the subset is to have no item, or the CSV cannot be written.
    """
    limits = Limits(threshold, MARGIN, options.subset, options.subset_method)
    found = review(items, near, limits, StderrProgress())
    table = as_table(items.ids, found.findings, found.subset)
    if options.out is not None:
        files.write_out(files.out_file(options.out, ".csv"), to_csv(table))
    counts = Counter(table["action"])
    titles = items.titles or items.ids
    return {
        "threshold": threshold,
        "actions": {str(action): counts[action] for action in Action},
        "found": {check: len(findings) for check, findings in found.findings.items()},
        "failed": {check: str(error) for check, error in found.failed.items()},
        "subset": [items.ids[row] for row in found.subset.tolist()],
        "items": [
            dict(zip(("id", "title", "action", "reason"), line, strict=True))
            for line in zip(table["id"], titles, table["action"], table["reason"], strict=True)
        ],
    }


def _called(one: dict[str, Any]) -> str:
    """What an item is called, behind its id; nothing where that is its id."""
    return "" if one["title"] == one["id"] else f"  “{shorten(one['title'])}”"


def lines(result: dict[str, Any]) -> list[str]:
    """The review for a person: what is to be dropped or looked at, and how many of each."""
    told = [
        f"{one['action']}  {one['id']:<16}  {one['reason']}{_called(one)}"
        for one in result["items"]
        if one["action"] != Action.KEEP
    ]
    told += [f"({check} not checked: {why})" for check, why in result["failed"].items()]
    told.append(", ".join(f"{count:,} {action}" for action, count in result["actions"].items()))
    return told
