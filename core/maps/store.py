"""Maps on disk: one that was computed opens again at once, with its quality.

A map is a folder named by a digest of all that decides it, with ``map.safetensors`` (coordinates,
what new points need, quality) and ``about.json`` (recipe, versions, and the SHA-256 of the other).
What is damaged is computed again.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.base.errors import (
    NOT_AS_WRITTEN,
    DamagedError,
    InputError,
    StorageError,
    shorten,
)
from core.base.reasons import reason_of
from core.base.types import FloatArray, Metric, Progress, no_progress
from core.maps import project, quality
from core.maps.quality import Quality
from core.maps.recipe import (
    UMAP_LEARN_ALONE,
    Method,
    Preview,
    Projection,
    Recipe,
    Target,
)
from core.storage import data_home

FOLDER, ARRAYS, ABOUT = "maps", "map.safetensors", "about.json"
FORMAT = 1
MAX_RECIPE = 20_000_000  # bytes; one names at most a bit for each item
_ARRAYS = ("coordinates", "rows", "explained", "components", "mean", "near")


@dataclass(frozen=True, slots=True)
class StoredMap:
    """A map and its quality; ``quality`` is ``None`` below three points.

    ``opened`` tells that it came from the disk.
    """

    projection: Projection
    quality: Quality | None
    opened: bool = False


def map_folder(vectors: FloatArray, recipe: Recipe, target: Target | None = None) -> Path:
    """Where the map of these vectors ``(n, dim)`` by this recipe lies, or will."""
    return _folder(project.vectors_digest(vectors), recipe, project.target_digest(target))


def load_or_project(
    vectors: FloatArray,
    recipe: Recipe,
    progress: Progress = no_progress,
    preview: Preview | None = None,
    target: Target | None = None,
) -> StoredMap:
    """The map of ``(n, dim)`` vectors by a recipe: opened, or computed and kept.

    A map without a seed is kept too; ``forget`` makes room for another. Where the disk cannot be
    written to, the map says in its notes that it is not kept.

    Args:
        target: the values of the column that the recipe names.

    Raises:
        InputError: the vectors cannot be projected.
        StorageError: a map that is there cannot be read.
        Cancelled: by ``progress``; nothing of the map is kept then.
        OutOfMemoryError: umap-learn took more than there is.
    """
    folder = map_folder(vectors, recipe, target)
    if folder.is_dir():
        try:
            return load(folder)
        except DamagedError:
            data_home.delete(folder)  # made by us from the vectors: made again below
    projection = project.project(vectors, recipe, progress, preview, target)
    measured = None
    as_given = recipe.shows_as_given(vectors.shape[1]) and recipe.compared is Metric.EUCLIDEAN
    if len(projection) >= quality.LEAST and as_given:
        measured = quality.lossless(len(projection))
    elif len(projection) >= quality.LEAST:
        measured = quality.map_quality(
            vectors if len(projection) == len(vectors) else vectors[projection.rows],
            projection.coordinates,
            metric=recipe.compared,
            progress=progress,
            near=projection.near,
        )
    stored = StoredMap(projection, measured)
    progress(0, 0, "keeping the map")
    try:
        save(stored, folder)
    except StorageError as error:  # what took long is shown all the same
        note = f"This map is not kept. {error}"
        return StoredMap(replace(projection, notes=(*projection.notes, note)), measured)
    return stored


def forget(vectors: FloatArray, recipe: Recipe, target: Target | None = None) -> None:
    """Deletes the map of these vectors ``(n, dim)`` by this recipe: it is made again."""
    with suppress(StorageError):  # then the one that is there stays
        data_home.delete(map_folder(vectors, recipe, target))


def save(made: StoredMap, folder: Path) -> None:
    """Writes a map, whole or not at all."""
    from safetensors.numpy import save_file

    arrays = {name: getattr(made.projection, name) for name in _ARRAYS}
    arrays["lost"] = None if made.quality is None else made.quality.lost
    with data_home.write_folder(folder) as beside:
        save_file(
            {name: array.copy() for name, array in arrays.items() if array is not None},
            beside / ARRAYS,
        )
        told = about(made) | {"format": FORMAT, "sha256": data_home.digest_file(beside / ARRAYS)}
        (beside / ABOUT).write_text(json.dumps(told, indent=1), encoding="utf-8")


def about(stored: StoredMap, name: str = "", space: str = "") -> dict[str, Any]:
    """What makes the map again, as plain values: recipe, digest of the vectors, versions."""
    projection = stored.projection
    facts: dict[str, Any] = {
        "recipe": projection.recipe.as_dict(),
        "digest": projection.digest,
        "given": projection.given,
        "unit": projection.unit,
        "notes": list(projection.notes),
        "seconds": projection.seconds,
        "versions": dict(projection.versions),
        "code": project.CODE,
        "quality": None if stored.quality is None else _numbers(stored.quality),
    }
    if projection.target_digest:
        facts["target_digest"] = projection.target_digest
    return facts | ({"name": name, "space": space} if name else {})


def read_recipe(path: Path) -> dict[str, Any]:
    """What ``about`` told, from a file: ``recipe`` with the values, ``digest`` of the vectors.

    Raises:
        InputError: there is no such file, it is no file, or it holds no recipe.
    """
    data = data_home.read_given(path, MAX_RECIPE)
    reason: Exception | None = None
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        told, reason = None, error
    if not isinstance(told, dict) or not isinstance(told.get("recipe"), dict):
        raise InputError(
            f"“{shorten(str(path))}” holds no recipe of a map.",
            "It is a JSON file as the app offers for download on the page Map.",
            "Name one.",
        ) from reason
    return told


def load(folder: Path) -> StoredMap:
    """A map that was saved, checked against its digest.

    Raises:
        DamagedError: it is not what was written.
        StorageError: it cannot be read.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as read_arrays

    for name in (ARRAYS, ABOUT):
        if not (folder / name).is_file():
            raise _damaged(folder, f"{name} is missing")
    with data_home.storage_errors("read", folder):
        data, text = (folder / ARRAYS).read_bytes(), (folder / ABOUT).read_bytes()
    try:
        told = json.loads(text)
        if told["sha256"] != data_home.sha256(data):
            raise _damaged(folder, f"{ARRAYS} is not what was written")
        arrays = read_arrays(data)
        projection = Projection(
            recipe=Recipe.from_dict(told["recipe"]),
            given=int(told["given"]),
            digest=str(told["digest"]),
            unit=bool(told["unit"]),
            notes=tuple(told["notes"]),
            seconds=float(told["seconds"]),
            versions=dict(told["versions"]),
            target_digest=str(told.get("target_digest", "")),
            **{name: arrays.get(name) for name in _ARRAYS},  # type: ignore[arg-type]
        )
        found = told["quality"]
        measured = None if found is None else Quality(lost=arrays["lost"], **found)
    except (*NOT_AS_WRITTEN, InputError, SafetensorError) as error:
        raise _damaged(folder, reason_of(error)) from error
    return StoredMap(projection, measured, opened=True)


def _folder(digest: str, recipe: Recipe, target_digest: str) -> Path:
    # What another method ignores is left out: maps of it that were kept before are found.
    ignored = () if recipe.method is Method.UMAP_LEARN else UMAP_LEARN_ALONE
    values = {name: value for name, value in recipe.as_dict().items() if name not in ignored}
    written = json.dumps(values, sort_keys=True)
    decides = (digest, written, f"{project.CODE} {FORMAT}", *filter(None, [target_digest]))
    key = data_home.digest_bytes(*(part.encode() for part in decides))
    return data_home.data_home() / FOLDER / f"{recipe.method.value}-{key[:32]}"


def _numbers(measured: Quality) -> dict[str, Any]:
    names = [name for name in Quality.__dataclass_fields__ if name != "lost"]
    return {name: getattr(measured, name) for name in names}


def _damaged(folder: Path, what: str) -> DamagedError:
    return DamagedError(
        f"The map in “{folder}” is damaged: {what}.",
        "Its files must be as they were written.",
        "Delete the folder; it is computed again.",
    )
