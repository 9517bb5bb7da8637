"""A large model as it is listed: what it is, in what state, and what suits it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.base.memory import format_bytes
from core.generation.large.added import Added
from core.generation.large.guided_diffusion import Network

READY, GATED, MEMORY, PICKLED = "ready", "gated", "needs more memory", "only pickled weights"
VOCABULARY = "needs its vocabulary"
STEPS, GUIDANCE = 25, 5.0  # of models of which nothing is known


@dataclass(frozen=True, slots=True)
class LargeEntry:
    """A large model as it is listed.

    Attributes:
        name: ``sd15`` and the like, ``hub:organisation/name``, or ``folder:/path``.
        size: of the download, or on the disk, for people.
        memory: what it wants of RAM, or of the GPU's memory, for people.
        gated: whether the hub asks for an account that accepted its terms.
        state: ``ready``, ``needs download (2.6 GB)``, ``gated``, ``needs more memory``, or why not.
        remedy: what makes it ready, "" where it is.
        seconds: about how long a picture takes here, None where nothing is known.
        estimate: the same for people.
        repository: on the hub, "" of a folder.
        side, steps, guidance: what suits it; ``side`` is 0 where the folder says it.
        folder: where it lies.
        page: address of its page.
        added: whether a person added it.
        network: of a checkpoint, which its file holds.
    """

    name: str
    title: str
    about: str
    licence: str
    size: str
    memory: str
    gated: bool
    state: str
    remedy: str = ""
    seconds: float | None = None
    estimate: str | None = None
    repository: str = ""
    side: int = 0
    steps: int = STEPS
    guidance: float = GUIDANCE
    folder: Path | None = None
    page: str = ""
    added: bool = False
    network: Network | None = None

    @property
    def ready(self) -> bool:
        """Whether it can be opened now."""
        return self.state == READY

    @property
    def downloadable(self) -> bool:
        """Whether the hub can be asked for it."""
        missing = self.folder is None and bool(self.repository)
        return missing and self.state not in (PICKLED, MEMORY)


def of_checkpoint(one: Added, network: Network, state: str, remedy: str) -> LargeEntry:
    """The entry of a checkpoint that a person added."""
    return LargeEntry(
        one.name,
        f"{network.title} ({Path(one.source).name})",
        network.about,
        "MIT (of its code)",
        format_bytes(one.size),
        f"more than {format_bytes(one.size)}",
        False,
        state,
        remedy,
        side=network.side,
        steps=network.steps,
        guidance=network.guidance,
        folder=Path(one.source) if state == READY else None,
        page=network.page,
        added=True,
        network=network,
    )


def spell_seconds(seconds: float) -> str:
    """A rough time for a person, as in ``about 40 s`` or ``about 3 minutes``."""
    if seconds < 90:
        return (
            f"about {max(1, round(seconds)):d} s"
            if seconds < 10
            else (f"about {round(seconds, -1):.0f} s")
        )
    if seconds < 5_400:
        return f"about {round(seconds / 60)} minutes"
    return f"about {round(seconds / 3_600)} hours"
