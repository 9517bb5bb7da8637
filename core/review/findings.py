"""What was found of the items of a dataset, and all of it as one table with an action for each.

Nothing is deleted: an action is advice, for a person or a script that reads the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.base.types import IntArray


class Action(StrEnum):
    """What to do with an item, the stronger later."""

    KEEP = "keep"
    LOOK = "look"
    DROP = "drop"


_ORDER = tuple(Action)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found of an item.

    Attributes:
        row: of the item.
        reason: for a person; other items are named by their ids.
        score: how clear it is, on the scale of its check; findings of one check compare.
        other: the row of the item that it is about too, such as the one it is a duplicate of.
    """

    row: int
    action: Action
    reason: str
    score: float
    other: int | None = None


def as_table(
    ids: Sequence[str],
    findings: Mapping[str, Sequence[Finding]],
    subset: IntArray,
    changed: Mapping[int, Action] | None = None,
) -> dict[str, list[Any]]:
    """One line for each item, in the order of ``ids``.

    Args:
        findings: by the name of their check. The strongest action of an item's findings is its
            own; one without any is kept.
        subset: ``(m,)`` rows of a subset, in the order of their choice; ``subset`` says the place
            of each from 1, ``None`` outside.
        changed: what a person has decided otherwise, by row.
    """
    actions = [Action.KEEP] * len(ids)
    reasons: list[list[str]] = [[] for _ in ids]
    for found in findings.values():
        for one in found:
            actions[one.row] = max(actions[one.row], one.action, key=_ORDER.index)
            reasons[one.row].append(one.reason)
    for row, action in (changed or {}).items():
        actions[row] = action
    places: list[int | None] = [None] * len(ids)
    for place, row in enumerate(subset.tolist(), 1):
        places[row] = place
    return {
        "id": [*ids],
        "action": [str(action) for action in actions],
        "reason": ["; ".join(one) for one in reasons],
        "subset": places,
    }
