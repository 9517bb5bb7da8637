"""The script of a map's chart: the modules of ``assets/scatter`` as one, and its style sheet.

The modules are plain ES modules, as any browser takes them; there is no build step. As one script
they are fetched once, and a page that stands alone holds them.
"""

from __future__ import annotations

import re
from functools import cache

from core.base.paths import ASSETS

FOLDER = ASSETS / "scatter"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const |class |function |async )", re.MULTILINE)


@cache
def style() -> str:
    """The style sheet."""
    return (FOLDER / "scatter.css").read_text(encoding="utf-8")


@cache
def script() -> str:
    """All modules, each after those that it imports; the last declares the function ``mount``."""
    placed: dict[str, str] = {}

    def place(name: str) -> None:
        text = (FOLDER / name).read_text(encoding="utf-8")
        for other in _IMPORT.findall(text):
            if other not in placed:
                place(other)
        placed[name] = _EXPORT.sub("", _IMPORT.sub("", text))

    place("scatter.js")
    return "\n".join(placed.values())
