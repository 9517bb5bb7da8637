"""``python -m core spaces``: every space and whether it can be used now; layers as new spaces."""

from __future__ import annotations

import argparse
from typing import Any

from core.base.errors import InputError, shorten
from core.spaces import added
from core.spaces.encoders import efficientnet
from core.spaces.encoders.efficientnet import NETWORKS, Network
from core.spaces.registry import list_spaces
from core.spaces.sources.efficientnet import EFFICIENTNET

HELP = "List every embedding model: name, modalities, dimension, state."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Without options every space is listed."""
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument(
        "--layers", metavar="NETWORK", help=f"the layers of a network: {', '.join(NETWORKS)}"
    )
    asked.add_argument(
        "--add-layer",
        nargs=2,
        metavar=("NETWORK", "LAYER"),
        help="list a layer of a network as a space of its own",
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """The list as plain data.

    Raises:
        InputError: there is no such network or layer.
    """
    if options.layers is not None:
        shapes = efficientnet.layers(_network(options.layers))
        return {
            "network": options.layers,
            "layers": [{"name": one.name, "shape": list(one.shape)} for one in shapes],
        }
    if options.add_layer is not None:
        network, layer = options.add_layer
        return {"added": added.add(EFFICIENTNET.layer(_network(network), layer))}
    return {
        "spaces": [
            {
                "name": entry.space.name,
                "title": entry.space.title,
                "modalities": [modality.value for modality in entry.space.modalities],
                "dim": entry.space.dim,
                "state": entry.state,
            }
            for entry in list_spaces()
        ]
    }


def _network(name: str) -> Network:
    if name not in NETWORKS:
        raise InputError(
            f"There is no network “{shorten(name)}”.", f"Known: {', '.join(NETWORKS)}.", ""
        )
    return NETWORKS[name]


def show(result: dict[str, Any]) -> str:
    """The list for a person."""
    if "added" in result:
        return f"{result['added']} is listed: name it with --space."
    if "layers" in result:
        return "\n".join(
            f"{one['name']:<24} {' × '.join(map(str, one['shape']))}" for one in result["layers"]
        )
    rows = (
        f"{row['name']:<20} {row['dim']:>5}  {', '.join(row['modalities']):<12} {row['state']}"
        for row in result["spaces"]
    )
    return "\n".join(rows)
