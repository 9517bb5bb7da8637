"""Word vectors of spaCy packages, read through spaCy's own ``Vocab.vectors``, and written as one.

Packages are found by their entry point, so that listing them does not import spaCy.
"""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import metadata, util
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from core.base import vectors as vec
from core.base.errors import NOT_AS_WRITTEN, InputError, NotReadyError, StorageError
from core.base.types import FloatArray, Progress, no_progress
from core.readers import isolated
from core.spaces.vocabulary import Vocabulary
from core.storage import data_home

ENTRY_POINT = "spacy_models"
_VECTORS = "vectors.npy"


@dataclass(frozen=True, slots=True)
class SpacyPackage:
    """An installed spaCy package, or a folder written by spaCy, that has word vectors.

    ``digest`` changes with version, size and time of the vectors: reading them all to list the
    package would take seconds.
    """

    name: str
    version: str
    dim: int
    folder: Path
    digest: str


@dataclass(frozen=True, slots=True)
class SpacyVectors:
    """Words with unit vectors; ``aliases`` are further words that share a row."""

    words: list[str]
    vectors: FloatArray
    aliases: dict[str, int]


def installed_packages() -> list[SpacyPackage]:
    """Installed spaCy packages with vectors, by name."""
    places = tuple((place, _changed(place)) for place in sys.path)
    packages = [_package(folder) for folder in _installed_folders(places)]
    by_name = {package.name: package for package in packages if package is not None}
    return [by_name[name] for name in sorted(by_name)]


@lru_cache(maxsize=1)
def _installed_folders(places: tuple[tuple[str, int], ...]) -> list[Path]:
    """Folders of the packages in ``places``: entries of ``sys.path``, and when each last changed.

    Python's own look-up reads the metadata of everything that is installed.
    """
    specs = (
        util.find_spec(entry.value.split(":")[0].split(".")[0])
        for entry in metadata.entry_points(group=ENTRY_POINT)
    )
    return [Path(spec.origin).parent for spec in specs if spec is not None and spec.origin]


def _changed(place: str) -> int:
    """When something was installed into or removed from a folder of ``sys.path``."""
    try:
        return Path(place).stat().st_mtime_ns
    except OSError:  # pip names archives and folders that are not there
        return 0


def open_folder(folder: Path) -> SpacyPackage:
    """The spaCy package in ``folder`` (as written by ``nlp.to_disk``, or a package's own).

    Raises:
        InputError: it is not one, or has no vectors.
    """
    package = _package(folder)
    if package is None:
        raise InputError(
            f"“{folder}” is not a spaCy folder with word vectors.",
            "Expected meta.json that states vectors, and a folder vocab beside it.",
            "Give the folder that holds meta.json.",
        )
    return package


def load_given(package: SpacyPackage, progress: Progress = no_progress) -> SpacyVectors:
    """As ``load_vectors``, for a folder that a person brought: a child reads it.

    Raises:
        NotReadyError, InputError: as ``load_vectors``.
        Cancelled: by ``progress``.
    """
    size = sum(file.stat().st_size for file in package.folder.rglob("*") if file.is_file())
    with TemporaryDirectory(prefix="spacy-") as folder:
        answer = isolated.run(
            f"{__name__}:load_in_child",
            {"package": asdict(package) | {"folder": str(package.folder)}, "target": folder},
            name=package.folder.name,
            limits=isolated.limits_for(size),
            progress=progress,
            libraries=("spacy",),
        )
        vectors = np.load(Path(folder) / _VECTORS, allow_pickle=False)
    return SpacyVectors(answer["words"], vectors, answer["aliases"])


def load_in_child(package: dict[str, Any], target: str, progress: Progress) -> dict[str, Any]:
    """What ``load_given`` has a child do: the array goes to a file."""
    found = load_vectors(SpacyPackage(**package | {"folder": Path(package["folder"])}))
    np.save(Path(target) / _VECTORS, found.vectors, allow_pickle=False)
    return {"words": found.words, "aliases": found.aliases}


def load_vectors(package: SpacyPackage) -> SpacyVectors:
    """Words and unit vectors of ``package``; rows of zeros, which have no direction, are left out.

    Only the package's vocabulary is read; its pipeline is not run.

    Raises:
        NotReadyError: spaCy is not installed.
        InputError: the vectors are in a form without a word list (floret), or damaged.
    """
    try:
        from spacy.vectors import Mode
        from spacy.vocab import Vocab
    except ImportError as error:
        raise NotReadyError(
            "spaCy is not installed.", "", "Install it: pip install spacy"
        ) from error
    try:
        vocab = Vocab().from_disk(package.folder / "vocab", exclude=["lookups"])
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"The vocabulary in “{package.folder}” could not be read: {error}.",
            "It must be as spaCy wrote it.",
            "Install the package again.",
        ) from error
    table = vocab.vectors
    if table.mode == Mode.floret:
        raise InputError(
            f"{package.name} has floret vectors, which are made of parts of words.",
            "A list of words with a vector each is needed.",
            "Choose a package with default vectors, such as en_core_web_lg.",
        )
    return _rows(vocab, table)


def _rows(vocab: Any, table: Any) -> SpacyVectors:
    data = np.asarray(table.data, dtype=np.float32)
    largest = np.max(np.abs(data), axis=1, initial=0.0)
    usable: npt.NDArray[np.bool_] = np.isfinite(largest) & (largest > 0)
    new_row = np.cumsum(usable) - 1
    words: dict[int, str] = {}
    aliases: dict[str, int] = {}
    for key, row in table.key2row.items():
        if row < 0 or not usable[row]:
            continue
        at = int(new_row[row])
        word = vocab.strings[key]
        if at in words:
            aliases[word] = at
        else:
            words[at] = word
    named = np.array(sorted(words), dtype=np.int64)
    vectors = vec.normalize(data[usable][named])
    place = {int(old): new for new, old in enumerate(named)}
    return SpacyVectors(
        [words[int(at)] for at in named],
        vectors,
        {word: place[at] for word, at in aliases.items()},
    )


def export_package(vocabulary: Vocabulary, target: Path, version: str = "1.0.0") -> Path:
    """Writes ``vocabulary`` as an installable spaCy package in the new folder ``target``.

    ``pip install TARGET`` makes it an installed package, listed like any other; the folder that is
    returned opens without installing.

    Raises:
        InputError: ``target`` exists.
    """
    import spacy
    from spacy.cli.package import package as write_package
    from spacy.vectors import Vectors

    if target.exists():
        raise InputError(
            f"“{target}” exists already.", "A new folder is written.", "Give another name."
        )
    name = "words_" + data_home.safe_name(vocabulary.space.name).replace("-", "_").replace(".", "_")
    nlp = spacy.blank("en")
    keys = [nlp.vocab.strings.add(word) for word in vocabulary.words]
    nlp.vocab.vectors = Vectors(
        strings=nlp.vocab.strings, data=np.array(vocabulary.vectors), keys=keys, name=name
    )
    nlp.meta.update(
        name=name,
        version=version,
        description=f"Word vectors of the embedding model {vocabulary.space.title}, unit length.",
    )
    with data_home.write_folder(target) as beside:
        written = beside / "written"
        nlp.to_disk(written)
        write_package(written, beside, create_sdist=False, create_wheel=False, silent=True)
        (inner,) = (path for path in beside.iterdir() if path != written)
        for path in inner.iterdir():
            path.rename(beside / path.name)
        inner.rmdir()
        shutil.rmtree(written)
    return next(target.glob("en_*/en_*"))


def _package(folder: Path) -> SpacyPackage | None:
    """The package whose ``meta.json`` lies in ``folder``; ``None`` if it has no vectors."""
    meta_file = folder / "meta.json"
    if not meta_file.is_file():
        return None
    try:
        meta = json.loads(meta_file.read_text(encoding="utf-8"))
        vectors = meta["vectors"]
        name = f"{meta['lang']}_{meta['name']}"
        dim, count, version = int(vectors["width"]), int(vectors["vectors"]), meta["version"]
    except NOT_AS_WRITTEN as error:
        raise StorageError(
            f"“{meta_file}” is not a description of a spaCy package: {error}.",
            "It must be as spaCy wrote it.",
            "Install the package again.",
        ) from error
    if not dim or not count:
        return None
    inner = folder / f"{name}-{version}"
    place = inner if inner.is_dir() else folder
    with data_home.storage_errors("read", place):
        found = (place / "vocab" / "vectors").stat()
    digest = f"spacy-{name}-{version}-{found.st_size}-{found.st_mtime_ns}"
    return SpacyPackage(name, version, dim, place, digest)
