"""Every generator that is known by name, and opening one."""

from __future__ import annotations

from typing import Any

from core.errors import InputError, shorten
from core.generation.request import Generator
from core.generation.small import NAME as SMALL
from core.generation.small import SmallGenerator

DEFAULT = SMALL
SMALL_SETTINGS = {"steps": 20, "guidance": 3.0}


def names() -> list[str]:
    """All of them, ours first."""
    return [SMALL]


def defaults(name: str) -> dict[str, Any]:
    """Steps and guidance that suit a generator."""
    return dict(SMALL_SETTINGS)


def title(name: str) -> str:
    """What people call it."""
    return SmallGenerator.title if name == SMALL else name


def sides(generator: Generator) -> list[int]:
    """Sides of pictures to choose from, in pixels."""
    if generator.name == SMALL:
        return [64, 128, 256, 512, 768, 1024]
    return sorted({generator.side // 2, generator.side, 512, 768, 1024})


def open_generator(name: str) -> Generator:
    """A generator, ready to draw.

    Raises:
        InputError: there is none of this name.
        NotReadyError: its weights are not here.
    """
    if name == SMALL:
        return SmallGenerator()
    raise InputError(
        f"There is no generator called “{shorten(name)}”.",
        f"Known: {', '.join(names())}.",
        "Choose one of these.",
    )
