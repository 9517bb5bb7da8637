"""Names in square brackets: how pictures are called in a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from core.base.errors import GoneError, InputError, shorten
from core.formula.tokens import clean
from core.readers.picture_folders import SUFFIXES


def bracket_name(name: str) -> str:
    """A name as it stands between square brackets, which it may not hold itself."""
    return " ".join(clean(name).replace("[", "(").replace("]", ")").split())


def unknown_name(name: str) -> InputError:
    """The error for a name in brackets that stands for nothing here.

    One that looks like a picture's file was a picture that somebody dropped: that is no mistake.
    """
    likely = (name, name.rpartition(" (")[0])  # of several with one name the others have a number
    gone = any(PurePath(one).suffix.lower() in SUFFIXES for one in likely)
    return (GoneError if gone else InputError)(
        f"There is no picture or saved vector called [{shorten(name)}] here.",
        "Names in square brackets stand for pictures of yours by their files' names, "
        "pictures of the gallery by their id, and saved vectors.",
        "Check the name; a picture of yours has to be given too.",
    )


@dataclass(frozen=True, slots=True)
class PictureNames:
    """What the pictures of a gallery are called in square brackets.

    Attributes:
        names: of each row; no two are the same.
        rows: by these names, and by the ids.
    """

    names: list[str]
    rows: dict[str, int]

    def find(self, name: str) -> int | None:
        """The row of a picture by its name or its id, however its spaces and accents are typed."""
        row = self.rows.get(name)
        return self.rows.get(bracket_name(name)) if row is None else row


def name_pictures(ids: Sequence[str]) -> PictureNames:
    """Names for square brackets: an id that can stand there is its own name.

    Of several that would be called the same, such as ``a[1].jpg`` and ``a(1).jpg``, all but one
    get a number: ``a(1).jpg (2)``.
    """
    wanted = [bracket_name(one) or "picture" for one in ids]
    owners: dict[str, int] = {}
    for row, (one, name) in enumerate(zip(ids, wanted, strict=True)):
        if one == name:
            owners.setdefault(name, row)
    for row, name in enumerate(wanted):
        owners.setdefault(name, row)
    taken, numbers, names = set(wanted), dict.fromkeys(wanted, 1), []
    for row, name in enumerate(wanted):
        chosen = name
        while owners[name] != row and chosen in taken:
            numbers[name] += 1
            chosen = f"{name} ({numbers[name]})"
        taken.add(chosen)
        names.append(chosen)
    by_id = {one: row for row, one in enumerate(ids)}
    return PictureNames(names, by_id | {name: row for row, name in enumerate(names)})
