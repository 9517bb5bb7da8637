"""The embedded model all-MiniLM-L6-v2: words and texts, and pictures by an encoder of our own."""

from __future__ import annotations

from core.base.errors import DamagedError
from core.base.types import Modality, Progress, Space
from core.spaces import frequent_words, vocabulary_files
from core.spaces.encoders import minilm, minilm_pictures
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.encoders.minilm_pictures import PictureEncoder
from core.spaces.entry import READY, Source, SpaceEntry, SpaceSpec
from core.spaces.vocabulary import Vocabulary
from core.spaces.vocabulary_files import Loaded
from core.storage import data_home


class MiniLMSource(Source):
    """Built here from the installed package."""

    name = "minilm"
    licence = "Apache-2.0; see its model card"
    english = True
    bundled = True
    known = (
        SpaceSpec(
            Space("minilm", "MiniLM", 384, (Modality.WORD, Modality.TEXT, Modality.IMAGE)),
            "The sentence encoder all-MiniLM-L6-v2: words, sentences and phrases share one vector "
            "space. So do pictures, by a small encoder of our own; it has seen emoji, clothes and "
            "photos of some 110 other things, and is no CLIP.",
        ),
        SpaceSpec(
            Space("minilm-layer2", "MiniLM, layer 2", 384, (Modality.WORD, Modality.TEXT)),
            "The same model read after its second layer: better at word analogies, worse at "
            "sentences. Its vectors cannot be compared with MiniLM's own.",
            layer=2,
        ),
    )

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Always ready; its digest stands for its list of words as well."""
        recipe = f"{minilm.recipe(spec.layer)} | {frequent_words.recipe()}"
        digest = data_home.digest_bytes(recipe.encode())
        folder = data_home.data_home() / "vocabularies" / f"{spec.space.name}-{digest[:12]}"
        return SpaceEntry(spec, self, READY, digest, folder)

    def built(self, entry: SpaceEntry) -> bool:
        """Whether its words have been encoded."""
        return entry.folder is not None and entry.folder.exists()

    def vocabulary(self, entry: SpaceEntry, progress: Progress) -> Loaded:
        """The most frequent English words, encoded once."""
        folder = entry.require_folder()
        if folder.exists():
            try:
                return vocabulary_files.load(folder)
            except DamagedError:
                data_home.delete(folder)  # made by us from what is installed: made again below
        words = frequent_words.frequent_words()
        vocabulary_files.build(entry.space, words, self.word_encoder(entry), folder, progress)
        return vocabulary_files.load(folder)

    def words_so_far(self, entry: SpaceEntry, more_than: int) -> Vocabulary | None:
        """Those that ``vocabulary`` has encoded."""
        words, folder = frequent_words.frequent_words(), entry.require_folder()
        return vocabulary_files.read_finished(entry.space, words, folder, more_than)

    def word_encoder(self, entry: SpaceEntry) -> MiniLMEncoder:
        """The model encodes a word as it does any text."""
        return MiniLMEncoder(entry.space, entry.spec.layer)

    def text_encoder(self, entry: SpaceEntry, key: str) -> MiniLMEncoder:
        """The model."""
        return self.word_encoder(entry)

    def image_encoder(self, entry: SpaceEntry) -> PictureEncoder:
        """Our own encoder into the model's space."""
        return PictureEncoder(entry.space)

    def text_digest(self, entry: SpaceEntry) -> str:
        """Of the model alone: an entry's digest stands for its words too."""
        return data_home.digest_bytes(minilm.recipe(entry.spec.layer).encode())

    def image_digest(self, entry: SpaceEntry) -> str:
        """Of our own encoder of pictures."""
        return data_home.sha256(minilm_pictures.recipe().encode())


MINILM = MiniLMSource()
