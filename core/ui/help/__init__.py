"""What each page and tool does, when it misleads, and where to read more, as Markdown."""

from __future__ import annotations

from core.ui.help import generate, graph, home as house, images, map as map_, sentences, words
from core.ui.help.parts import Help

PAGES = {
    "words": words,
    "sentences": sentences,
    "images": images,
    "map": map_,
    "generate": generate,
    "graph": graph,
}


HOUSE = {"home": house.HOME, "disk": house.DISK}  # pages without tools


def page_help(page: str) -> Help:
    """What is said of a page as a whole."""
    return HOUSE[page] if page in HOUSE else PAGES[page].PAGE


def tool_help(page: str, tool: str) -> Help:
    """What is said of one tool of a page."""
    found: Help = PAGES[page].TOOLS[tool]
    return found
