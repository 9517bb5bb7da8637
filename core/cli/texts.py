"""The texts of a table in vectors: those that they came with, or those of a space."""

from __future__ import annotations

from dataclasses import replace

from core.base.types import Modality, Progress
from core.cli import table_options
from core.readers import table_vectors
from core.sentences import own_vectors
from core.sentences.dataset import EncodedTexts
from core.spaces import registry, text_vectors
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.entry import SpaceEntry
from core.spaces.settings import NONE, Settings
from core.spaces.sources.folder import FOLDER
from core.spaces.vector_store import NamedEngine
from core.storage import data_home


def find_space(name: str, wanted: Settings = NONE) -> SpaceEntry:
    """The space of texts of this name, or that of a model's folder, which is opened as ``wanted``.

    Raises:
        InputError: there is none.
    """
    known = {entry.space.name for entry in registry.list_spaces()}
    if name not in known and (path := data_home.given_path(name)).is_dir():
        return FOLDER.probe(path, wanted=wanted)
    return registry.find_space(name, Modality.TEXT)


def open_texts(  # noqa: PLR0913
    source: table_options.Source,
    chosen: table_options.Choice,
    space: str | None,
    progress: Progress,
    wanted: Settings = NONE,
    *,
    engine: NamedEngine | None = None,
) -> EncodedTexts:
    """The texts of a table in the vectors that they came with, or encoded, by ``engine`` or here.

    A space that is named with the column of the vectors is the model that made them; one that is
    named alone encodes the texts.

    Raises:
        InputError: a column or the space is not there, or no column holds text.
        Cancelled: by ``progress``.
    """
    own = chosen.vectors is not None and chosen.vectors != table_vectors.NONE
    if space is not None and not own:
        chosen = replace(chosen, vectors=table_vectors.NONE)
    dataset = table_options.texts(source, chosen, space or "")
    if dataset.own is not None:
        return own_vectors.open_own(dataset, strict=space is not None)
    entry = find_space(DEFAULT_SPACE if space is None else space, wanted)
    encoder = entry.text_encoder()
    vectors = text_vectors.load_or_encode(
        dataset.texts, encoder, entry.text_folder, progress, engine
    )
    return EncodedTexts(entry, dataset, encoder, vectors)
