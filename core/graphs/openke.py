"""Graphs by number, as OpenKE writes them: lists of names with numbers, and triples of numbers.

``entity2id.txt`` and ``relation2id.txt`` have a name and its number a line, ``train2id.txt``,
``valid2id.txt`` and ``test2id.txt`` head, **tail**, relation; the first line of each may be how
many follow (Han et al. 2018, https://github.com/thunlp/OpenKE).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import PurePosixPath

from core.base.errors import InputError, counted, listed, shorten
from core.graphs.graph import PARTS, Triple
from core.readers.encodings import decode

_ENTITIES, _RELATIONS = "entity2id", "relation2id"
_FILES = {"train2id": "train", "valid2id": "valid", "test2id": "test"}
_NAMED = 3


def is_openke(files: Mapping[str, bytes]) -> bool:
    """Whether files are a graph by number."""
    return {_ENTITIES, _RELATIONS, "train2id"} <= {_stem(file) for file in files}


def belongs(file: str) -> bool:
    """Whether a file of this name is one of such a graph."""
    return _stem(file) in {_ENTITIES, _RELATIONS, *_FILES}


def read_openke(
    files: Mapping[str, bytes], codec: str | None = None
) -> tuple[dict[str, list[Triple]], list[str], int]:
    """Triples by name in their parts, notes, and how many rows of triples there were.

    Raises:
        InputError: a list of names cannot be read.
    """
    named = {_stem(file): (file, data) for file, data in files.items()}
    notes: list[str] = []
    others = [file for file in files if not belongs(file)]
    if others:
        notes.append(f"Left out beside the files of OpenKE: {listed(others)}.")
    entities = _names(*named[_ENTITIES], codec, notes)
    relations = _names(*named[_RELATIONS], codec, notes)
    parts: dict[str, list[Triple]] = {part: [] for part in PARTS}
    rows = 0
    for stem, part in _FILES.items():
        if stem in named:
            rows += _read_part(*named[stem], entities, relations, parts[part], notes)
    return parts, notes, rows


def _stem(file: str) -> str:
    return PurePosixPath(file.lower().replace("\\", "/")).name.partition(".")[0]


def _lines(
    file: str, data: bytes, codec: str | None, notes: list[str]
) -> list[tuple[int, list[str]]]:
    """Lines as cells with their numbers; a count on the first line is compared and taken away."""
    text, _, told = decode(file, data, codec)
    notes += [f"{file}: {note}" for note in told]
    lines = [
        (number, line.split("\t") if "\t" in line else line.split())
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip()
    ]
    if lines and len(lines[0][1]) == 1 and lines[0][1][0].strip().isdecimal():
        count = int(lines.pop(0)[1][0])
        if count != len(lines):
            notes.append(
                f"{file}: its first line says {count:,}, and {counted(len(lines), 'line')} follow."
            )
    return lines


def _names(file: str, data: bytes, codec: str | None, notes: list[str]) -> dict[int, str]:
    """Names by number; the number stands last, or first where it does in all lines."""
    lines = _lines(file, data, codec, notes)
    first = bool(lines) and not all(cells[-1].strip().isdecimal() for _, cells in lines)
    names: dict[int, str] = {}
    wrong = []
    for number, cells in lines:
        id_cell, rest = (cells[0], cells[1:]) if first else (cells[-1], cells[:-1])
        name = " ".join(" ".join(rest).split())
        if name and id_cell.strip().isdecimal() and int(id_cell) not in names:
            names[int(id_cell)] = name
        else:
            wrong.append(number)
    if not names:
        raise InputError(
            f"“{shorten(file)}” holds no name with a number.",
            "A line has a name and its number.",
            "Check the file.",
        )
    if wrong:
        notes.append(
            f"{file}: left out, since they are no name with a number of its own: {_told(wrong)}."
        )
    counts = Counter(names.values())
    if alike := [name for name, count in counts.items() if count > 1]:
        names = {at: name if counts[name] == 1 else f"{name} ({at})" for at, name in names.items()}
        notes.append(f"{file}: names of several numbers are told apart by them: {listed(alike)}.")
    return names


def _read_part(  # noqa: PLR0913, PLR0917
    file: str,
    data: bytes,
    entities: Mapping[int, str],
    relations: Mapping[int, str],
    triples: list[Triple],
    notes: list[str],
) -> int:
    lines = _lines(file, data, None, notes)
    wrong = []
    for number, cells in lines:
        try:
            head, tail, relation = map(int, cells)
            triples.append((entities[head], relations[relation], entities[tail]))
        except (ValueError, KeyError):
            wrong.append(number)
    if wrong:
        notes.append(
            f"{file}: left out, since they are not three numbers that the lists have: "
            f"{_told(wrong)}."
        )
    return len(lines)


def _told(lines: list[int]) -> str:
    named = ", ".join(f"{number:,}" for number in lines[:_NAMED])
    return f"{counted(len(lines), 'line')} ({named}{' ...' if len(lines) > _NAMED else ''})"
