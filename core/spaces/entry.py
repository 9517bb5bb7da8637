"""A space as the app lists it: what it is, whether it can be used now, and the kind it is of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from core.base.errors import InputError, NotReadyError
from core.base.types import Encoder, Modality, Progress, Space, TextEncoder, no_progress
from core.readers.pictures import ImageEncoder
from core.spaces import vector_store
from core.spaces.vocabulary import Vocabulary
from core.spaces.vocabulary_files import Loaded

READY = "ready"
DAMAGED = "damaged"
NEEDS_DOWNLOAD = "needs download"
_REFUSALS = {
    Modality.WORD: (
        "has no words",
        "An embedding model with a list of words is needed: MiniLM, a spaCy package or "
        "imported vectors.",
        "Choose one of these; use this one on the pages Sentences and Images.",
    ),
    Modality.TEXT: (
        "takes no texts",
        "An embedding model that encodes texts is needed.",
        "Choose another embedding model.",
    ),
    Modality.IMAGE: (
        "takes no pictures",
        "An embedding model that takes pictures is needed.",
        "Choose another model, such as minilm.",
    ),
}


@dataclass(frozen=True, slots=True)
class SpaceSpec:
    """What is known of a space before anything is looked up: plain data.

    Attributes:
        about: one sentence for the person who chooses.
        layer: for MiniLM, the layer that is read; ``None`` for the model's output.
        install: the command that makes it ready, where it is not.
        size: what that downloads.
        model: the model's name on the hub or in the service, or the path of its files.
        url: the service's address.
        key_variable: the environment's variable that holds the service's key.
        recipe: how a network of ours is built, as JSON.
        digest: of the model's files, where a person added files of this computer.
        signature: their sizes and times then.
        settings: how a person wants it used, as JSON of ``core.spaces.settings``.
    """

    space: Space
    about: str = ""
    layer: int | None = None
    install: str = ""
    size: str = ""
    model: str = ""
    url: str = ""
    key_variable: str = ""
    recipe: str = ""
    digest: str = ""
    signature: str = ""
    settings: str = ""


@dataclass(frozen=True, slots=True)
class SpaceEntry:
    """A space in the list, with its state now.

    Attributes:
        source: the kind it is of, which opens it.
        digest: decides the vectors: what is kept on the disk is named by it.
        folder: where the vectors or the model's files lie, or will lie once built.
        remedy: what makes it ready.
        command: what makes it ready, to be typed on this computer; "" where none does.
    """

    spec: SpaceSpec
    source: Source
    state: str
    digest: str = ""
    folder: Path | None = None
    remedy: str = ""
    command: str = ""

    @property
    def space(self) -> Space:
        """Its name, title, dimension, and what it takes."""
        return self.spec.space

    @property
    def about(self) -> str:
        """One sentence for the person who chooses."""
        return self.spec.about

    @property
    def ready(self) -> bool:
        """Whether it can be loaded or built now."""
        return self.state == READY

    @property
    def built(self) -> bool:
        """Whether loading its words needs no building first."""
        return self.source.built(self)

    @property
    def downloadable(self) -> bool:
        """Whether ``download`` makes it ready."""
        return self.state.startswith(NEEDS_DOWNLOAD)

    @property
    def removable(self) -> bool:
        """Whether a person added it here, so that ``remove`` takes it away."""
        return self.source.removable(self)

    def may_take(self, modality: Modality) -> bool:
        """Whether it takes such inputs; what a damaged one takes is not known."""
        return modality in self.space.modalities or not self.space.modalities

    def vocabulary(self, progress: Progress = no_progress) -> Loaded:
        """Its words with their index; built first where that has not been done.

        Raises:
            InputError: it has no words.
            NotReadyError: it must be installed first.
            StorageError: an imported vocabulary is damaged. (A built one is built again.)
            Cancelled: by ``progress``; a later call goes on where this one stopped.
        """
        self._require(Modality.WORD)
        return self.source.vocabulary(self, progress)

    def build(self, progress: Progress = no_progress) -> bool:
        """Makes its words ready to load; true once they are. Holds nothing of them in memory."""
        self.vocabulary(progress)
        return True

    def words_so_far(self, more_than: int = 0) -> Vocabulary | None:
        """Its most frequent words whose vectors are there while the others are being made.

        Returns:
            ``None`` where they are not more than ``more_than``.

        Raises:
            StorageError: they cannot be read.
        """
        return self.source.words_so_far(self, more_than)

    def word_encoder(self) -> Encoder | None:
        """What encodes words that the vocabulary lacks; ``None`` where the space cannot."""
        return self.source.word_encoder(self)

    def text_encoder(self, key: str = "") -> TextEncoder:
        """What encodes texts in this space; a service takes ``key``, or the environment's.

        Raises:
            InputError: it does not take texts.
            NotReadyError: it must be downloaded first, or needs a key.
        """
        self._require(Modality.TEXT)
        return self.source.text_encoder(self, key)

    def image_encoder(self) -> ImageEncoder:
        """What encodes pictures in this space.

        Raises:
            InputError: it does not take pictures.
            NotReadyError: it must be downloaded first.
        """
        self._require(Modality.IMAGE)
        return self.source.image_encoder(self)

    def download(self, progress: Progress = no_progress) -> bool:
        """Makes a ``downloadable`` space ready; true once it is.

        Raises:
            InputError: the hub does not have it.
            ServiceError: the hub is out of reach.
        """
        self.source.download(self, progress)
        return True

    def remove(self) -> None:
        """Takes away what a person added.

        Raises:
            InputError: it was not added here.
            StorageError: it cannot be deleted.
        """
        self.source.remove(self)

    @property
    def image_digest(self) -> str:
        """Stands for all that decides the vectors of pictures; InputError where it takes none."""
        self._require(Modality.IMAGE)
        return self.source.image_digest(self)

    @property
    def text_digest(self) -> str:
        """Stands for all that decides the vectors of texts, of a head those of its base."""
        kept = self.source.texts_kept_by(self)
        return kept.source.text_digest(kept)

    @property
    def text_folder(self) -> Path:
        """Where the vectors of texts in this space are kept, or those that they are made of."""
        name = self.source.texts_kept_by(self).space.name
        return vector_store.space_folder(vector_store.TEXTS, name, self.text_digest)

    @property
    def image_folder(self) -> Path:
        """Where the same of pictures are kept; InputError where it takes none."""
        kept = self.source.kept_by(self)
        return vector_store.space_folder(vector_store.PICTURES, kept.space.name, kept.image_digest)

    def require_folder(self) -> Path:
        """Where its vectors or its model's files lie.

        Raises:
            NotReadyError: they are not here, or not as they should be.
        """
        if self.folder is None or not self.ready:
            raise self._not_here()
        return self.folder

    def _require(self, modality: Modality) -> None:
        if not self.space.modalities:
            raise self._not_here()
        if modality not in self.space.modalities:
            refusal, expected, remedy = _REFUSALS[modality]
            raise InputError(f"{self.space.title} {refusal}.", expected, remedy)

    def _not_here(self) -> NotReadyError:
        return NotReadyError(
            f"The embedding model {self.space.title} is not here yet.", "", self.remedy
        )


class Source(ABC):
    """A kind of space: where such spaces come from, and how they are opened. One object a kind.

    ``SpaceEntry`` asks a kind only for what the space takes, so a kind leaves out what none of
    its spaces takes.

    Attributes:
        name: stands for the kind in files.
        known: its spaces that are known by name.
        licence: of what such spaces are made, for the person who chooses.
        is_service: texts are sent to someone who may charge for them.
        english: its spaces read English alone.
        bundled: it comes with the app, whose own words and emoji it encodes at the first visit.
    """

    name: ClassVar[str]
    known: ClassVar[tuple[SpaceSpec, ...]] = ()
    licence: ClassVar[str] = ""
    is_service: ClassVar[bool] = False
    english: ClassVar[bool] = False
    bundled: ClassVar[bool] = False

    @abstractmethod
    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """A space of this kind with its state now."""

    def others(self) -> Iterable[SpaceEntry]:
        """Spaces that are here and not known by name."""
        return ()

    def built(self, entry: SpaceEntry) -> bool:
        """Whether loading its words needs no building first."""
        return True

    def vocabulary(self, entry: SpaceEntry, progress: Progress) -> Loaded:
        """As ``SpaceEntry.vocabulary``."""
        raise NotImplementedError(f"{self.name} has no words")

    def words_so_far(self, entry: SpaceEntry, more_than: int) -> Vocabulary | None:
        """As ``SpaceEntry.words_so_far``."""
        return None

    def word_encoder(self, entry: SpaceEntry) -> Encoder | None:
        """As ``SpaceEntry.word_encoder``."""
        return None

    def text_encoder(self, entry: SpaceEntry, key: str) -> TextEncoder:
        """As ``SpaceEntry.text_encoder``."""
        raise NotImplementedError(f"{self.name} takes no texts")

    def image_encoder(self, entry: SpaceEntry) -> ImageEncoder:
        """As ``SpaceEntry.image_encoder``."""
        raise NotImplementedError(f"{self.name} takes no pictures")

    def kept_by(self, entry: SpaceEntry) -> SpaceEntry:
        """The space whose vectors are kept on the disk: of a head those that it is applied to."""
        return entry

    def texts_kept_by(self, entry: SpaceEntry) -> SpaceEntry:
        """The same of texts alone: of a space that has another's texts that one."""
        kept = self.kept_by(entry)
        return kept if kept is entry else kept.source.texts_kept_by(kept)

    def text_digest(self, entry: SpaceEntry) -> str:
        """Stands for all that decides the vectors of texts; their folder is named by it."""
        return entry.digest

    def image_digest(self, entry: SpaceEntry) -> str:
        """Stands for all that decides the vectors of pictures; their folder is named by it."""
        return entry.digest

    def download(self, entry: SpaceEntry, progress: Progress) -> None:
        """As ``SpaceEntry.download``."""
        raise NotImplementedError(f"{self.name} downloads nothing")

    def removable(self, entry: SpaceEntry) -> bool:
        """Whether a person added the space here."""
        return False

    def remove(self, entry: SpaceEntry) -> None:
        """As ``SpaceEntry.remove``; an InputError, where nothing was added."""
        raise InputError(
            f"{entry.space.title} was neither added nor imported.",
            "Only imported and added embedding models are removed here.",
            "",
        )
