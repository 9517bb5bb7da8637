"""Every generator that can draw here, and opening one; nothing heavy is imported for the list."""

from __future__ import annotations

from typing import Any

from core.errors import InputError, shorten
from core.generation import large
from core.generation.request import Generator
from core.generation.small import NAME as SMALL
from core.generation.small import SmallGenerator

DEFAULT = SMALL
_SETTINGS = {"steps": 20, "guidance": 3.0}
_SIDES = (64, 128, 256, 512, 768, 1024)


def names() -> list[str]:
    """Those that are ready, ours first."""
    return [SMALL, *(entry.name for entry in large.list_large() if entry.ready)]


def title(name: str) -> str:
    """What people call it."""
    if name == SMALL:
        return SmallGenerator.title
    return next((entry.title for entry in large.list_large() if entry.name == name), name)


def defaults(name: str) -> dict[str, Any]:
    """Steps and guidance that suit a generator."""
    for entry in large.list_large():
        if entry.name == name:
            return {"steps": entry.steps, "guidance": entry.guidance}
    return dict(_SETTINGS)


def sides(generator: Generator) -> list[int]:
    """Sides of pictures to choose from, in pixels."""
    if generator.name == SMALL:
        return list(_SIDES)
    return sorted({generator.side, *(side for side in _SIDES if side <= 2 * generator.side)})


def open_generator(name: str) -> Generator:
    """A generator, ready to draw; its weights are read when it first does.

    Raises:
        InputError: there is none of this name, or its folder holds no model.
        NotReadyError: its weights are not here.
    """
    if name == SMALL:
        return SmallGenerator()
    known = [SMALL, *(entry.name for entry in large.list_large())]
    if name not in known:
        raise InputError(
            f"There is no generator called “{shorten(name)}”.",
            f"Known: {', '.join(known)}.",
            "Choose one of these, or add a repository or folder on the page Generate.",
        )
    return large.open_large(name)


def close(generator: Generator) -> None:
    """Frees what a generator holds in memory."""
    if not isinstance(generator, SmallGenerator):
        from core.generation.diffusers_generator import LargeGenerator

        if isinstance(generator, LargeGenerator):
            generator.close()
