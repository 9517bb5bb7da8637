"""A space as the app lists it: what it is, and whether it can be used now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.base.types import Space
from core.spaces.catalog import Source

READY = "ready"


@dataclass(frozen=True, slots=True)
class SpaceEntry:
    """A space in the list: what it is, where it comes from, and whether it can be used now.

    ``digest`` decides the vectors, so caches are keyed by name and digest. ``folder`` is where
    the vectors or the model's files lie, or will lie once built. ``remedy`` says what makes it
    ready. ``size``, ``model``, ``url`` and ``key_variable`` are as in ``catalog.SpaceSpec``.
    ``recipe`` is how a network of ours is built, as JSON.
    """

    space: Space
    source: Source
    about: str
    state: str
    digest: str
    folder: Path | None = None
    layer: int | None = None
    remedy: str = ""
    size: str = ""
    model: str = ""
    url: str = ""
    key_variable: str = ""
    recipe: str = ""

    @property
    def ready(self) -> bool:
        """Whether it can be loaded or built now."""
        return self.state == READY

    @property
    def built(self) -> bool:
        """Whether loading its words needs no building first."""
        return self.source is not Source.MINILM or (
            self.folder is not None and self.folder.exists()
        )
