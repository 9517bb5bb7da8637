"""Names for people of things in the data home, read from what describes them; nothing is loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.base.errors import shorten
from core.graphs.catalog import KNOWN
from core.images.public import catalog as public_catalog
from core.spaces import catalog

_LARGEST = 2_000_000  # bytes of a description that are read
_METHODS = {
    "pca": "PCA",
    "tsne": "t-SNE",
    "umap": "UMAP",
    "umap-learn": "UMAP (umap-learn)",
    "pacmap": "PaCMAP",
}


def name(folder: str, path: Path) -> str:
    """What a thing of this folder is called."""
    told = describe(path)
    if folder == "hub":
        kind, _, rest = path.name.partition("--")
        return f"{rest.replace('--', '/')} ({kind.removesuffix('s')})" if rest else path.name
    if folder == "maps":
        recipe = told.get("recipe")
        if isinstance(recipe, dict):
            method = _METHODS.get(str(recipe.get("method")), "Map")
            return f"{method}, {told.get('given', '?')} points, {path.name[-6:]}"
    if folder in ("vocabularies", "texts", "pictures", "archives"):
        plain = path.name.removesuffix(".parts")
        return f"{plain.rpartition('-')[0] or plain}, {plain[-6:]}"
    return shorten(path.name, 80)


def is_public(folder: str, path: Path) -> bool:
    """Whether a graph or gallery is one that can be fetched."""
    if folder == "graphs":
        return path.name in KNOWN
    return public_catalog.find_set(str(describe(path).get("public", ""))) is not None


def is_linked(path: Path) -> bool:
    """Whether a gallery is a folder of this computer that is read where it is."""
    return "path" in describe(path)


def is_of_service(path: Path) -> bool:
    """Whether vectors of texts came from a service on the network that is known."""
    services = [
        spec.space.name for source in catalog.SOURCES if source.is_service for spec in source.known
    ]
    return path.name.rpartition("-")[0] in services


def describe(path: Path) -> dict[str, Any]:
    """What ``about.json`` of a folder tells; nothing where it cannot be read."""
    about = path / "about.json"
    try:
        if about.stat().st_size > _LARGEST:
            return {}
        told = json.loads(about.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
