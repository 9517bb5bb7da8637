"""``python -m core train clicks``: a space adapted to pairs that are marked alike or not alike."""

from __future__ import annotations

import argparse
from typing import Any

from core.base.errors import InputError, counted
from core.cli import files, train_items
from core.cli.progress import StderrProgress
from core.heads import metric
from core.heads.labels import usable_columns
from core.heads.mark_files import read_pairs
from core.heads.metric_effect import head_file, measure
from core.storage import data_home

HELP = "Adapts a space to pairs of items that are marked alike or not alike."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The data, the pairs, how much they count, and where the head goes."""
    train_items.add_arguments(parser)
    parser.add_argument(
        "--pairs",
        required=True,
        metavar="FILE",
        help="a CSV of id,id,alike: 1 for alike, 0 for not; texts have their row numbers as ids",
    )
    parser.add_argument(
        "--strength",
        type=float,
        default=metric.STRENGTH,
        metavar="N",
        help="how much the marks count against the space as it was. Default: %(default)s.",
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Learns, measures, writes and keeps.

    Raises:
        InputError: no pair can be taken, or the head cannot go where it shall.
    """
    out = train_items.new_folder(options)
    text = files.read_text(options.pairs)
    items = train_items.open_items(options, StderrProgress())
    given = read_pairs(text, items.ids)
    if not len(given.pairs):
        raise InputError(
            f"Of {counted(given.count, 'pair')} none can be taken: row {given.left_out[0].row}, "
            f"{given.left_out[0].reason}.",
            "Pairs of ids of the data, each with 1 for alike or 0 for not alike, are needed.",
            "Check the ids.",
        )
    labels = list(usable_columns(items.frame).values())
    effect = measure(items.vectors, given.pairs, labels, options.strength)
    name = options.name or (out.name if out is not None else "clicks")
    kept = head_file(effect, name, items.origin)
    left_out = train_items.put(kept, options, out)
    answer: dict[str, Any] = {
        "trained": "clicks",
        "space": data_home.safe_name(name),
        "base": items.origin.base.space.name,
        "data": items.origin.data,
        "rows": given.count,
        "pairs": len(given.pairs),
        "alike": int(effect.pairs.alike.sum()),
        "left_out": [{"row": one.row, "reason": one.reason} for one in given.left_out],
        "strength": effect.strength,
        **effect.as_dict(),
        "notes": [*effect.notes, *left_out],
    }
    if out is not None:
        answer["folder"] = str(out)
    return answer


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    held = result["held_out"]
    lines = [
        f"{counted(result['rows'], 'row')}: {counted(result['pairs'], 'pair')} taken "
        f"({result['alike']:,} alike), {len(result['left_out']):,} left out"
    ]
    lines += [f"row {one['row']} left out: {one['reason']}" for one in result["left_out"]]
    if held["marks"]:
        lines.append(
            f"held out, {held['right_before']:,} of {held['marks']:,} marks told right before, "
            f"{held['right_after']:,} after"
        )
    lines += [
        f"{column}: P@10 {one['before']:.3f} before, {one['after']:.3f} after "
        f"({one['items']:,} items without a mark)"
        for column, one in result["precision_at_10"].items()
    ]
    return "\n".join(lines + [f"({note})" for note in result["notes"]])
