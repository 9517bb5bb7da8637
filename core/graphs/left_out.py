"""What of the files of a graph is in no triple, by the notes that tell it, each with its count."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.graphs.graph import Graph
from core.readers.table_layout import LeftOut

_ROWS = "rows?|lines?|triples?|statements?|labels?"
_NOTE = re.compile(
    rf"(?:.+?: )?(?:left out,? |(?P<read>read as ))(?P<why>.+): (?P<count>[\d,]+) (?:{_ROWS})\b.*",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"Rows: [\d,]+; triples taken: [\d,]+; left out: (?P<count>[\d,]+)\.")
OTHERS = "rows that the notes tell of"


def left_out(graph: Graph) -> list[LeftOut]:
    """Rows of a graph's files that are no triple of it; together as many as its last note says."""
    found = [
        LeftOut(_number(match), (match["read"] or "").lower() + match["why"])
        for note in graph.notes
        if (match := _NOTE.fullmatch(note)) is not None
    ]
    whole = next((_number(m) for note in graph.notes if (m := _WHOLE.fullmatch(note))), 0)
    rest = whole - sum(one.count for one in found)
    return [*found, LeftOut(rest, OTHERS)] if rest > 0 else found


def columns(graph: Graph) -> dict[str, str]:
    """The column of each member of a triple in the first file that has columns."""
    for one in graph.detected:
        if one.get("columns"):
            return dict(one["columns"])
    return {}


def formats(graph: Graph) -> dict[str, str]:
    """What the files were taken for, and their encodings."""
    kinds: Sequence[str] = [str(one.get("kind", "")) for one in graph.detected]
    codes = [str(one.get("encoding", "")) for one in graph.detected]
    return {
        "format": ", ".join(dict.fromkeys(filter(None, kinds))),
        "encoding": ", ".join(dict.fromkeys(filter(None, codes))),
    }


def _number(match: re.Match[str]) -> int:
    return int(match["count"].replace(",", ""))
