"""What `core` says is true on the command line as well as on a page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from core.base.paths import ROOT

CORE = ROOT / "core"
ONLY_PAGES = (
    *("ui/", "cache/", "charts/", "training/", "shelf/", "inventory/", "export/tensorboard"),
)
CODE = [
    path
    for path in sorted(CORE.rglob("*.py"))
    if not path.relative_to(CORE).as_posix().startswith(ONLY_PAGES)
]
ACTIONS = re.compile(
    r"\b(drop (a|the) |drag|dropped|click|button|sidebar|text box|password box|tick )",
    re.IGNORECASE,
)
PAGE = re.compile(r"\bon the page\b|\bthe page (Words|Sentences|Images|Map|Generate|Graph)\b")


def texts(path: Path) -> Iterator[str]:
    """The strings of a module, without docstrings; what is put into them is ``{}``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            parts.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            parts |= {id(part) for part in node.values}
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            )
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value


def test_modules_that_only_pages_use_are_not_used_by_verbs() -> None:
    rooms = re.compile(r"\bcore\.(ui|cache|charts|training|shelf|inventory)\b")
    broken = [
        path.name
        for path in (CORE / "cli").glob("*.py")
        if rooms.search(path.read_text(encoding="utf-8"))
    ]
    assert not broken


def test_what_is_said_without_a_page_names_the_app_and_asks_for_nothing_on_a_screen() -> None:
    broken = [
        f"{path.relative_to(CORE)}: {text}"
        for path in CODE
        for text in texts(path)
        if " " in text
        and (ACTIONS.search(text) or (PAGE.search(text) and not re.search(r"\bapp\b", text)))
    ]
    assert not broken, "\n".join(broken)
