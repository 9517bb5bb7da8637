"""``python -m core map --add``: new rows on a map whose points stay, and what that cost."""

from __future__ import annotations

import argparse
from typing import Any

from core.base.errors import InputError, counted
from core.cli import map_items
from core.cli.progress import StderrProgress
from core.maps import growth, items, store as map_store
from core.maps.growth import Grown
from core.maps.items import MapData
from core.maps.store import StoredMap
from core.maps.targets import target_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which rows are placed, and whether the loss is measured."""
    parser.add_argument(
        "--add",
        metavar="SOURCE",
        help="rows to place on the map, whose points stay: a source of the same kind that has "
        "grown, or another one; the column “added” tells them apart",
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="of --add: also make a map of all rows anew, and tell what placing lost against it",
    )


def load(options: argparse.Namespace, data: MapData, given: dict[str, Any]) -> Grown | None:
    """The items of the map with those of ``--add`` behind them; ``None`` where it is not given.

    Raises:
        InputError: it does not go with another option, or has no new row of the same kind.
    """
    if options.add is None:
        if options.fresh:
            raise InputError("--fresh was given without --add.", "", "Name what is added.")
        return None
    if "part" in given:
        raise InputError(
            "The recipe is of a part of the items.",
            "--add places rows on a map of all.",
            "Leave one of them out.",
        )
    space = data.space or options.space
    other = map_items.load_chosen(options, options.add, space, standardize=False).data
    if options.standardize:  # as the map's own columns are, not by themselves
        own = map_items.load_chosen(options, options.source, space, standardize=False).data
        other = items.standardized_as(other, own.vectors)
    return growth.join(data, other)


def place(
    options: argparse.Namespace, grown: Grown, stored: StoredMap
) -> tuple[StoredMap, dict[str, Any]]:
    """The map with the new rows on it, and what is told of them.

    Raises:
        InputError: as ``growth.place_new``.
    """
    placed = growth.place_new(grown, stored, StderrProgress())
    kept = growth.kept_of_new(grown, placed)
    told: dict[str, Any] = {"rows": grown.added, "neighbors_kept": kept, "fresh": None}
    if options.fresh:
        recipe = stored.projection.recipe
        target = target_of(grown.data, recipe)
        fresh = map_store.load_or_project(
            grown.data.vectors, recipe, StderrProgress(), target=target
        )
        loss = growth.compare(grown, placed, fresh)
        if loss is not None:
            told |= {"neighbors_kept": loss.placed, "fresh": loss.fresh}
    return placed, {"added": told}


def show(result: dict[str, Any]) -> str:
    """What is told of the new rows, for a person."""
    added = result["added"]
    told = f"{counted(added['rows'], 'row')} added; the other points stay."
    if added["neighbors_kept"] is not None:
        told += f" Neighbors kept of the new ones: {added['neighbors_kept']:.4f}"
        told += "" if added["fresh"] is None else f", on a fresh map {added['fresh']:.4f}"
    return told
