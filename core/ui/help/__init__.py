"""What each page and tool does, when it misleads, and where to read more, as Markdown."""

from __future__ import annotations

from core.ui.help import (
    generate,
    graph,
    home,
    images,
    learn,
    map as map_help,
    sentences,
    train,
    words,
)
from core.ui.help.parts import Help

PAGES = {
    "words": words,
    "sentences": sentences,
    "images": images,
    "map": map_help,
    "generate": generate,
    "graph": graph,
    "train": train,
    "learn": learn,
}


HOUSE = {"home": home.HOME, "storage": home.STORAGE}  # pages without tools


def page_help(page: str) -> Help:
    """What is said of a page as a whole."""
    return HOUSE[page] if page in HOUSE else PAGES[page].PAGE


def tool_help(page: str, tool: str) -> Help:
    """What is said of one tool of a page."""
    found: Help = PAGES[page].TOOLS[tool]
    return found
