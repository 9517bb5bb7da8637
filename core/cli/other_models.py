"""Which other models ``--why`` asks, and what they say, as plain data and as lines."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from core.attribution.agreement import Agreement
from core.base.errors import ExplorerError, InputError
from core.base.types import Modality
from core.spaces import registry
from core.spaces.entry import SpaceEntry

ALL = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The models that are asked too."""
    parser.add_argument(
        "--why-spaces",
        metavar="A,B,...",
        help="with --why: the other embedding models that are asked, or all (default: those that "
        "have the vectors of all items already)",
    )


def check(options: argparse.Namespace, modality: Modality) -> None:
    """What is wrong is told before any long work.

    Raises:
        InputError: nothing is to be explained, or a model is not here.
    """
    if options.why is None and options.why_spaces is not None:
        raise InputError("--why-spaces goes with --why.", "", "Name a result with --why.")
    for name in _names(options.why_spaces):
        registry.find_space(name, modality)


def _names(wanted: str | None) -> list[str]:
    return [] if wanted in (None, ALL) else [name.strip() for name in str(wanted).split(",")]


def ask(
    wanted: str | None,
    modality: Modality,
    own: str,
    is_kept: Callable[[SpaceEntry], bool],
    ask_model: Callable[[SpaceEntry], Agreement],
) -> dict[str, Any]:
    """How the models that are ``wanted`` rank a result; those that were not asked are named.

    Args:
        own: the model that is searched with, which is left out.
        is_kept: whether a model's vectors of all items are here.

    A service is asked only where it is named.
    """
    models, not_asked = [], []
    for entry in registry.list_spaces():
        name = entry.space.name
        if not entry.ready or modality not in entry.space.modalities or name == own:
            continue
        free = not entry.source.is_service and (wanted == ALL or (not wanted and is_kept(entry)))
        if not (free or name in _names(wanted)):
            not_asked.append(name)
            continue
        try:
            models.append(_told(name, ask_model(entry)))
        except ExplorerError as error:
            models.append({"space": name, "left_out": str(error)})
    return {"models": models, "not_asked": not_asked}


def _told(name: str, said: Agreement) -> dict[str, Any]:
    return {
        "space": name,
        "rank": said.rank,
        "of": said.of,
        "similarity": said.similarity,
        "overlap": said.overlap,
        "top": said.top,
    }


def lines(result: dict[str, Any]) -> list[str]:
    """The same for a person."""
    told = []
    for one in result["models"]:
        if "left_out" in one:
            told.append(f"{one['space']}: not asked: {one['left_out']}")
        else:
            told.append(
                f"{one['space']}: rank {one['rank']:,} of {one['of']:,}, "
                f"{one['overlap']} of the {one['top']} best are the same"
            )
    if result["not_asked"]:
        names = ", ".join(result["not_asked"])
        told.append(f"(not asked, which --why-spaces changes: {names})")
    return told
