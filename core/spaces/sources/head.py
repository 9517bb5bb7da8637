"""Heads that were trained here: each a space of its own, on the vectors of another.

A head is a folder of the data home with ``head.safetensors`` and ``head.json``, which names its
base and the digests of the base's vectors: with others a head gives nonsense. Where texts were
trained along with pictures, ``text-head.safetensors`` is the head that they go through. Vectors of
the base are kept once, whichever heads stand on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from core.base.errors import NOT_AS_WRITTEN, DamagedError, ExplorerError, StorageError
from core.base.reasons import reason_of
from core.base.types import Modality, Space, TextEncoder
from core.readers.pictures import ImageEncoder
from core.spaces.encoders import head as head_encoder
from core.spaces.encoders.head import Head, HeadImageEncoder, HeadTextEncoder
from core.spaces.entry import DAMAGED, READY, Source, SpaceEntry, SpaceSpec
from core.storage import data_home

FOLDER = "heads"
WEIGHTS, ABOUT = "head.safetensors", "head.json"
TEXT_WEIGHTS = "text-head.safetensors"
FORMAT = 1
NEEDS_BASE = "needs its base model"


@dataclass(frozen=True, slots=True)
class HeadFile:
    """A head as it is kept.

    Attributes:
        base: the name of the space that it stands on.
        base_digests: of that space's vectors, by modality.
        trained_on: what its items were, ``text`` or ``image``.
        columns: the characteristics that it was trained on; none where it took no labels.
        about: all else that is told of it: data, settings, figures, losses.
        text_head: what texts go through, where they were trained along; ``None`` where texts go
            through ``head``.
    """

    name: str
    head: Head
    base: str
    base_digests: Mapping[str, str]
    trained_on: Modality
    columns: tuple[str, ...]
    about: Mapping[str, Any] = field(default_factory=dict)
    text_head: Head | None = None

    @property
    def subject(self) -> str:
        """What it was trained on, for a person: the columns, or what takes no labels."""
        return ", ".join(self.columns) or "augmented views"

    @property
    def for_texts(self) -> Head:
        """What texts go through."""
        return self.head if self.text_head is None else self.text_head


def digests_of(base: SpaceEntry) -> dict[str, str]:
    """What decides the vectors of a base, by modality.

    Raises:
        StorageError: its files cannot be read.
    """
    found = {}
    if Modality.TEXT in base.space.modalities:
        found[Modality.TEXT.value] = base.source.text_digest(base)
    if Modality.IMAGE in base.space.modalities:
        found[Modality.IMAGE.value] = base.image_digest
    return found


def head_folder(name: str) -> Path:
    """Where the head of this name lies."""
    return data_home.data_home() / FOLDER / name


def write(kept: HeadFile, folder: Path, *, more: Mapping[str, bytes] | None = None) -> None:
    """Writes a head into a new folder, whole or not at all, with ``more`` files beside it.

    Raises:
        StorageError: the folder is there already, or cannot be written.
    """
    weights = head_encoder.to_bytes(kept.head)
    of_texts = None if kept.text_head is None else head_encoder.to_bytes(kept.text_head)
    told = {
        "format": FORMAT,
        "name": kept.name,
        "base": kept.base,
        "base_digests": dict(kept.base_digests),
        "base_dim": len(kept.head.mean),
        "dim": kept.head.dim,
        "trained_on": kept.trained_on.value,
        "columns": list(kept.columns),
        "sha256": data_home.sha256(weights),
        **({} if of_texts is None else {"text_sha256": data_home.sha256(of_texts)}),
        **kept.about,
    }
    with data_home.write_folder(folder, exclusive=True) as beside:
        (beside / WEIGHTS).write_bytes(weights)
        if of_texts is not None:
            (beside / TEXT_WEIGHTS).write_bytes(of_texts)
        for name, data in (more or {}).items():
            (beside / name).write_bytes(data)
        text = json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False)
        (beside / ABOUT).write_text(text, encoding="utf-8")


def read(folder: Path) -> tuple[HeadFile, str]:
    """A head that was written, and what stands for its weights, those for texts too.

    Raises:
        DamagedError: it is not what was written.
        StorageError: it cannot be read.
    """
    with data_home.storage_errors("read", folder):
        if not (folder / ABOUT).is_file() or not (folder / WEIGHTS).is_file():
            raise _damaged(folder, "a file is missing")
        text, weights = (folder / ABOUT).read_bytes(), (folder / WEIGHTS).read_bytes()
    try:
        told: dict[str, Any] = json.loads(text)
        sha256, of_texts = str(told.pop("sha256")), told.pop("text_sha256", None)
        if sha256 != data_home.sha256(weights):
            raise _damaged(folder, f"{WEIGHTS} is not what was written")
        text_head = None if of_texts is None else _text_head(folder, str(of_texts))
        kept = HeadFile(
            str(told.pop("name")),
            head_encoder.from_bytes(weights),
            str(told.pop("base")),
            {str(kind): str(one) for kind, one in told.pop("base_digests").items()},
            Modality(told.pop("trained_on")),
            tuple(map(str, told.pop("columns"))),
            told,
            text_head,
        )
    except NOT_AS_WRITTEN as error:
        raise _damaged(folder, reason_of(error)) from error
    return kept, sha256 if of_texts is None else data_home.sha256(f"{sha256} {of_texts}".encode())


def _text_head(folder: Path, sha256: str) -> Head:
    with data_home.storage_errors("read", folder):
        if not (folder / TEXT_WEIGHTS).is_file():
            raise _damaged(folder, f"{TEXT_WEIGHTS} is missing")
        weights = (folder / TEXT_WEIGHTS).read_bytes()
    if sha256 != data_home.sha256(weights):
        raise _damaged(folder, f"{TEXT_WEIGHTS} is not what was written")
    return head_encoder.from_bytes(weights)


def _damaged(folder: Path, what: str) -> DamagedError:
    return DamagedError(
        f"The head in “{folder}” is damaged: {what}.",
        "Its files must be as they were written.",
        "Delete the folder, and train it again.",
    )


class HeadSource(Source):
    """A head on ``base``; ``None`` where that is not here."""

    name = "head"
    licence = "that of its base"

    def __init__(self, base: SpaceEntry | None = None) -> None:
        self.base = base

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """The head in the folder of this name, ready while its base gives the same vectors."""
        folder = head_folder(spec.space.name)
        try:
            kept, sha256 = read(folder)
        except StorageError as error:
            spec = replace(spec, about=str(error))
            return SpaceEntry(spec, self, DAMAGED, folder=folder, remedy=error.remedy)
        title = kept.base if self.base is None else self.base.space.title
        modalities = tuple(Modality(kind) for kind in kept.base_digests)
        space = Space(folder.name, kept.name, kept.head.dim, modalities)
        spec = SpaceSpec(space, _about(kept, title))
        if self.base is not None:
            asked = self.base.spec
            spec = replace(spec, url=asked.url, key_variable=asked.key_variable)
        if why := self._lacks(kept):
            return SpaceEntry(spec, self, NEEDS_BASE, sha256, folder, why)
        parts = (sha256, *(kept.base_digests[kind] for kind in sorted(kept.base_digests)))
        digest = data_home.digest_bytes(*data_home.as_bytes(parts))
        return SpaceEntry(spec, self, READY, digest, folder)

    def _lacks(self, kept: HeadFile) -> str:
        """What keeps the head from being used; empty where nothing does."""
        if self.base is None:
            return f"Its base, the embedding model “{kept.base}”, is not here: add it again."
        title = self.base.space.title
        if not self.base.ready:
            return f"Its base, {title}, is not ready: {self.base.state}. {self.base.remedy}"
        try:
            same = digests_of(self.base) == dict(kept.base_digests)
        except ExplorerError as error:
            return f"Its base, {title}, cannot be used: {error}"
        return "" if same else f"Its base, {title}, gives other vectors now: train the head again."

    def kept_by(self, entry: SpaceEntry) -> SpaceEntry:
        """The base, whose vectors are kept."""
        return entry if self.base is None else self.base.source.kept_by(self.base)

    def word_encoder(self, entry: SpaceEntry) -> None:
        """It has no words."""

    def text_encoder(self, entry: SpaceEntry, key: str) -> TextEncoder:
        """The base's encoder, then the head, or that for texts where there is one."""
        base, kept = self._opened(entry)
        return HeadTextEncoder(entry.space, kept.for_texts, base.text_encoder(key))

    def image_encoder(self, entry: SpaceEntry) -> ImageEncoder:
        """The base's encoder, then the head."""
        base, kept = self._opened(entry)
        return HeadImageEncoder(entry.space, kept.head, base.image_encoder())

    def _opened(self, entry: SpaceEntry) -> tuple[SpaceEntry, HeadFile]:
        folder = entry.require_folder()
        if self.base is None:
            raise AssertionError  # it would not be ready
        return self.base, read(folder)[0]

    def text_digest(self, entry: SpaceEntry) -> str:
        """Of head and base."""
        return entry.digest

    def removable(self, entry: SpaceEntry) -> bool:
        """Always."""
        return True

    def remove(self, entry: SpaceEntry) -> None:
        """Deletes the head; the base and its vectors stay."""
        data_home.delete(head_folder(entry.space.name))


class EnglishHeadSource(HeadSource):
    """On a base that reads English alone."""

    english: ClassVar[bool] = True


class ServiceHeadSource(HeadSource):
    """On a service, to which the texts are sent."""

    is_service: ClassVar[bool] = True


def _about(kept: HeadFile, title: str) -> str:
    on = "texts" if kept.trained_on is Modality.TEXT else "pictures"
    data = kept.about.get("data")
    told = f"A head on {title}, trained on {kept.subject} of {on}{f' of {data}' if data else ''}."
    if kept.text_head is not None:
        told += " Texts go through a second head, trained along."
    elif len(kept.base_digests) > 1:
        other = "Pictures" if kept.trained_on is Modality.TEXT else "Texts"
        told += f" {other} go through the same head, which has not seen any."
    return told


def list_heads(others: Sequence[SpaceEntry]) -> list[SpaceEntry]:
    """The heads that are here; ``others`` are the spaces that they can stand on, beside heads."""
    folder = data_home.data_home() / FOLDER
    if not folder.is_dir():
        return []
    known = {entry.space.name: entry for entry in others}
    waiting = {
        path.name: _base_of(path)
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    }
    heads: list[SpaceEntry] = []
    while waiting:
        # Those whose base is known, and where there are none, one whose base is not here.
        ready = [name for name, base in waiting.items() if base in known or base not in waiting]
        for name in ready or list(waiting)[:1]:
            base = known.get(waiting.pop(name))
            entry = _source(base).entry(SpaceSpec(Space(name, name, 0, ())))
            heads.append(entry)
            known.setdefault(name, entry)
    return heads


def _source(base: SpaceEntry | None) -> HeadSource:
    if base is not None and base.source.is_service:
        return ServiceHeadSource(base)
    if base is not None and base.source.english:
        return EnglishHeadSource(base)
    return HeadSource(base)


def _base_of(folder: Path) -> str:
    try:
        return str(json.loads((folder / ABOUT).read_bytes())["base"])
    except (OSError, *NOT_AS_WRITTEN):
        return ""
