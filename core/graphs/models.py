"""Trained models on disk: a graph's folder (``graph_files``) with vectors and settings beside it.

``vectors.safetensors`` has the vectors, complex ones as real and imaginary parts, ``model.json``
settings, figures and the SHA-256 of the vectors. A training that was stopped has
``resume.safetensors`` too, with all that it goes on from. No pickle is written or opened.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.base.errors import NOT_AS_WRITTEN, InputError
from core.base.reasons import reason_of
from core.graphs import store as graph_store
from core.graphs.graph import Graph
from core.graphs.scoring import COMPLEX, GraphVectors, Model, Vectors
from core.graphs.settings import Settings
from core.graphs.training import Trained
from core.storage import data_home

VECTORS, RESUME, ABOUT = "vectors.safetensors", "resume.safetensors", "model.json"
FOLDER = "graph-models"
FORMAT = 1
_NAMES = ("entities", "relations", "inverses")


@dataclass(frozen=True, slots=True)
class GraphModel:
    """A graph with a model of it.

    Attributes:
        figures: what was measured on the triples of ``graph.measured`` when it was trained.
        digest: stands for the graph, its readable names and the vectors.
    """

    graph: Graph
    trained: Trained
    figures: Mapping[str, float] = field(default_factory=dict)
    digest: str = ""

    @property
    def vectors(self) -> GraphVectors:
        """Those of entities and relations."""
        return self.trained.vectors

    @property
    def title(self) -> str:
        """What tells it from others."""
        made = self.trained.settings
        return f"{self.graph.name} · {made.model.value}, dimension {made.dim}"


def save(model: GraphModel, folder: Path, *, exclusive: bool = False) -> None:
    """Writes a model, whole or not at all; with ``exclusive`` a folder that is there is an error.

    Raises:
        StorageError: it cannot be written.
    """
    from safetensors.numpy import save_file

    with data_home.write_folder(folder, exclusive=exclusive) as beside:
        graph_store.write_graph(model.graph, beside)
        save_file(_arrays(model.vectors), beside / VECTORS)
        made = model.trained
        resume = {}
        if made.state is not None:
            save_file(dict(made.state), beside / RESUME)
            resume = {"resume_sha256": data_home.digest_file(beside / RESUME)}
        told = {
            "format": FORMAT,
            "settings": made.settings.as_dict(),
            "epochs": made.epochs,
            "losses": list(made.losses),
            "mrrs": [list(point) for point in made.mrrs],
            "seconds": made.seconds,
            "notes": list(made.notes),
            "figures": dict(model.figures),
            "graph": model.graph.digest,
            "sha256": data_home.digest_file(beside / VECTORS),
            **resume,
        }
        (beside / ABOUT).write_text(json.dumps(told, indent=1, allow_nan=False), encoding="utf-8")


def load(folder: Path) -> GraphModel:
    """A model that was saved, checked against its digests.

    Raises:
        InputError: there is no model in the folder.
        DamagedError: it is not what was written.
        StorageError: it cannot be read.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as read_arrays

    if not (folder / ABOUT).is_file():
        raise InputError(
            f"“{folder}” holds no model of a graph.",
            f"A folder that graph train wrote, with {ABOUT} and {VECTORS}.",
            "Check the path, or train one.",
        )
    graph = graph_store.read_graph(folder)
    with data_home.storage_errors("read", folder):
        text = (folder / ABOUT).read_bytes()
        data = (folder / VECTORS).read_bytes() if (folder / VECTORS).is_file() else b""
    try:
        told: dict[str, Any] = json.loads(text)
        if told["sha256"] != data_home.sha256(data):
            raise graph_store.damaged(folder, f"{VECTORS} is not what was written")
        if told["graph"] != graph.digest:
            raise graph_store.damaged(folder, "the triples are not those of the model")
        settings = Settings.from_dict(told["settings"])
        vectors = _vectors(settings.model, read_arrays(data))
        if not _fits(graph, vectors):
            raise graph_store.damaged(folder, "vectors and names differ in number")
        trained = Trained(
            vectors,
            settings,
            int(told["epochs"]),
            tuple(float(loss) for loss in told["losses"]),
            tuple((_finite(epoch), _finite(mrr)) for epoch, mrr in told["mrrs"]),
            float(told["seconds"]),
            tuple(told["notes"]),
        )
        measured = {name: float(value) for name, value in told["figures"].items()}
    except (*NOT_AS_WRITTEN, InputError, SafetensorError) as error:
        raise graph_store.damaged(folder, reason_of(error)) from error
    return GraphModel(graph, trained, measured, model_digest(graph, vectors))


def _finite(told: Any) -> float:
    number = float(told)
    if not math.isfinite(number):
        raise ValueError(f"{number} is no point of a curve")
    return number


def can_resume(folder: Path) -> bool:
    """Whether the training of a model was stopped, and can go on."""
    return (folder / RESUME).is_file()


def load_to_resume(folder: Path) -> GraphModel:
    """A model with the state that its training goes on from.

    Raises:
        InputError: there is no model in the folder, or its training was not stopped.
        DamagedError: it is not what was written.
        StorageError: it cannot be read.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as read_arrays

    model = load(folder)
    if not can_resume(folder):
        raise InputError(
            f"The training of “{folder}” cannot be resumed.",
            f"A folder with {RESUME}: a training that was stopped before its last epoch.",
            "Train a new model with more epochs.",
        )
    with data_home.storage_errors("read", folder):
        data = (folder / RESUME).read_bytes()
    if _unchecked(folder).get("resume_sha256") != data_home.sha256(data):
        raise graph_store.damaged(folder, f"{RESUME} is not what was written")
    try:
        state = read_arrays(data)
    except SafetensorError as error:
        raise graph_store.damaged(folder, f"{RESUME}: {reason_of(error)}") from error
    return replace(model, trained=replace(model.trained, state=state))


def model_digest(graph: Graph, vectors: GraphVectors) -> str:
    """Stands for a graph, its readable names and its vectors."""
    arrays = _arrays(vectors)
    held = (arrays[name].tobytes() for name in sorted(arrays))
    labels = json.dumps(dict(graph.labels), sort_keys=True)
    return data_home.digest_bytes(
        graph.digest.encode(), labels.encode(), vectors.model.encode(), *held
    )


def kept_folder(model: GraphModel) -> Path:
    """Where a model that is trained on the page lies; its name says where epochs are missing."""
    made = model.trained
    name = data_home.safe_name(f"{model.graph.name}-{made.settings.model.value}")
    part = "" if made.whole else f"-unfinished-{made.epochs}-of-{made.settings.epochs}"
    return folder_of(f"{name}{part}-{model.digest[:10]}")


def folder_of(name: str) -> Path:
    """Where the model of this name, as ``list_kept`` has it, lies."""
    return data_home.data_home() / FOLDER / name


def list_kept(graph: str = "") -> dict[str, Path]:
    """The models in the data home by the names of their folders.

    Those with all their epochs come first, and among them the newest: so the first is the one to
    take where nobody chose.

    Args:
        graph: the digest of a graph, for its models alone.
    """
    place = data_home.data_home() / FOLDER
    stamps: dict[Path, tuple[bool, float]] = {}
    for one in place.iterdir() if place.is_dir() else ():
        if one.name.startswith("."):
            continue
        with contextlib.suppress(OSError):  # it is no model, or was deleted meanwhile
            written = (one / ABOUT).stat().st_mtime
            told = _unchecked(one)
            if graph in ("", told.get("graph")):
                stamps[one] = (_is_whole(told), written)
    return {one.name: one for one in sorted(stamps, key=lambda one: stamps[one], reverse=True)}


def _unchecked(folder: Path) -> dict[str, Any]:
    """What the folder of a model tells of it; nothing where it is damaged."""
    try:
        told = json.loads((folder / ABOUT).read_bytes())
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _is_whole(told: Mapping[str, Any]) -> bool:
    try:
        return bool(told["epochs"] >= told["settings"]["epochs"])
    except (KeyError, TypeError):
        return False


def _arrays(vectors: GraphVectors) -> dict[str, Any]:
    held: dict[str, Any] = {}
    for name in _NAMES:
        array: Vectors | None = getattr(vectors, name)
        if array is None:
            continue
        if np.iscomplexobj(array):
            held[f"{name}.real"] = np.ascontiguousarray(array.real)
            held[f"{name}.imag"] = np.ascontiguousarray(array.imag)
        else:
            held[name] = np.ascontiguousarray(array)
    return held


def _vectors(model: Model, arrays: Mapping[str, Any]) -> GraphVectors:
    held: dict[str, Vectors | None] = {}
    for name in _NAMES:
        if model not in COMPLEX:
            held[name] = arrays.get(name)
        elif f"{name}.real" in arrays:
            parts = arrays[f"{name}.real"] + 1j * arrays[f"{name}.imag"]
            held[name] = parts.astype(np.complex64)
    entities, relations = held["entities"], held["relations"]
    if entities is None or relations is None:
        raise ValueError("vectors are missing")
    return GraphVectors(model, entities, relations, held.get("inverses"))


def _fits(graph: Graph, vectors: GraphVectors) -> bool:
    width = vectors.entities.shape[1] * (2 if vectors.model is Model.TRANSH else 1)
    shape = (len(graph.relations), width)
    others = (
        [vectors.relations] if vectors.inverses is None else [vectors.relations, vectors.inverses]
    )
    whole = len(vectors.entities) == len(graph.entities) and vectors.finite
    return whole and all(one.shape == shape for one in others)
