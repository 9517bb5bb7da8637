"""Pictures of the entities that ``python -m core graph`` answers with."""

from __future__ import annotations

import argparse
from typing import Any

from core.base.errors import InputError
from core.graphs import pictures
from core.graphs.graph import Graph
from core.graphs.pictures import EntityPictures
from core.images import galleries, sources


def add_arguments(*parsers: argparse.ArgumentParser) -> None:
    """The gallery, and what its pictures are matched by."""
    for parser in parsers:
        parser.add_argument(
            "--gallery",
            metavar="NAME",
            help="pictures of entities: openmoji, a gallery of the app, or a folder, archive or "
            "table of pictures",
        )
        parser.add_argument(
            "--match",
            metavar="FIELD",
            help="what of the pictures is the entities' ids or names: id, caption, folder or a "
            "column; default: what fits most",
        )


def open_pictures(options: argparse.Namespace, graph: Graph) -> EntityPictures | None:
    """The pictures that were asked for.

    Raises:
        InputError: there is no such gallery, or no picture of it is an entity's.
    """
    if options.gallery is None:
        if options.match is not None:
            raise InputError(
                "--match says what pictures are matched by, and none are given.",
                "It goes with --gallery.",
                "Leave it out, or name a gallery.",
            )
        return None
    here = [one for one in galleries.list_galleries() if one.name == options.gallery]
    gallery = galleries.load(here[0]) if here else sources.load_gallery(options.gallery)
    return pictures.join(graph, gallery, options.match or "")


def of(found: EntityPictures | None, entity: int) -> dict[str, str]:
    """The id of an entity's picture; empty where it has none."""
    return {} if found is None else {"picture": found.id(entity)}


def told(found: EntityPictures | None) -> dict[str, Any]:
    """How the pictures were matched."""
    return {} if found is None else {"pictures": found.told()}
