"""What the pictures are told to be: one pool of captions that photos and emoji share.

"cat" of CIFAR-10 and the emoji called "cat" have the same caption, and all captions go through the
same templates, so that the two worlds of pictures do not stay apart. Every text is encoded by
MiniLM, which is frozen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from safetensors.numpy import load, save

from core.base import vectors as vec
from core.base.types import FloatArray
from core.images import openmoji
from core.images.zero_shot import spoken
from core.spaces.encoders.minilm import MiniLMEncoder
from core.storage import data_home
from core.training.picture_encoder.data import cache_folder

TEMPLATES = (
    "{}",
    "a photo of a {}",
    "a picture of a {}",
    "a drawing of a {}",
    "an image of {}",
    "a small {}",
)
# The words people use for what a data set names by habit, in the plural, or by a rarer word. A
# class that is not here is called what it is called, with spaces.
NAMES = {
    "Faces": ("Faces", "face", "person"),
    "Faces_easy": ("Faces easy", "face", "person"),
    "Leopards": ("Leopards", "leopard"),
    "Motorbikes": ("Motorbikes", "motorcycle"),
    "airplane": ("airplane", "airplane", "plane"),
    "airplanes": ("airplanes", "airplane"),
    "automobile": ("automobile", "automobile", "car"),
    "bass": ("bass", "bass fish"),
    "brontosaurus": ("brontosaurus", "brontosaurus", "dinosaur"),
    "camera": ("camera",),
    "car_side": ("car side", "automobile", "car"),
    "cellphone": ("cellphone", "mobile phone"),
    "cougar_body": ("cougar body", "cougar"),
    "cougar_face": ("cougar face", "cougar"),
    "crocodile_head": ("crocodile head", "crocodile"),
    "dollar_bill": ("dollar bill", "dollar banknote"),
    "euphonium": ("euphonium", "euphonium", "brass instrument"),
    "ferry": ("ferry", "ferry", "ship"),
    "flamingo_head": ("flamingo head", "flamingo"),
    "grand_piano": ("grand piano", "grand piano", "piano"),
    "hawksbill": ("hawksbill", "hawksbill", "turtle"),
    "inline_skate": ("inline skate", "roller skate"),
    "joshua_tree": ("joshua tree", "joshua tree", "tree"),
    "ketch": ("ketch", "sailboat"),
    "nautilus": ("nautilus", "nautilus", "spiral shell"),
    "rhino": ("rhino", "rhinoceros"),
    "roses": ("roses", "rose"),
    "schooner": ("schooner", "sailboat"),
    "sea_horse": ("sea horse", "seahorse"),
    "ship": ("ship", "ship", "boat"),
    "stegosaurus": ("stegosaurus", "stegosaurus", "dinosaur"),
    "sunflowers": ("sunflowers", "sunflower"),
    "tulips": ("tulips", "tulip"),
    "water_lilly": ("water lilly", "water lily"),
    "wild_cat": ("wild cat",),
    "windsor_chair": ("windsor chair", "windsor chair", "chair"),
}


def names_of(label: str) -> tuple[str, ...]:
    """What a photo of this class may be called; the class's own name counts as often as listed."""
    return NAMES.get(label, (spoken(label),))


class CaptionPool:
    """Every caption once, with its vectors.

    Attributes:
        captions: the distinct captions, emoji first.
        vectors: ``(len(TEMPLATES), n, dim)``, each caption in each template.
        targets: ``(n, dim)``, the mean of a caption's templates; for emoji, together with its
            keywords: what a picture's vector should be.
    """

    def __init__(self, names: Sequence[str], encoder: MiniLMEncoder) -> None:
        emoji = openmoji.list_emoji()
        own = [item.caption for item in emoji]
        self.captions = list(dict.fromkeys([*own, *names]))
        self.row = {caption: row for row, caption in enumerate(self.captions)}
        texts = [text.format(name) for text in TEMPLATES for name in self.captions]
        keyed = [item.described for item in emoji]
        found = _encode([*texts, *keyed], encoder)
        count = len(self.captions)
        self.vectors = found[: len(texts)].reshape(len(TEMPLATES), count, -1)
        mean = vec.normalize(self.vectors.mean(axis=0))
        mean[: len(own)] += found[len(texts) :]
        self.targets = vec.normalize(mean)

    def rows(self, names: Sequence[str]) -> np.ndarray:
        """The rows of captions, ``(len(names),)`` int64."""
        return np.array([self.row[name] for name in names], dtype=np.int64)


def _encode(texts: Sequence[str], encoder: MiniLMEncoder) -> FloatArray:
    digest = data_home.digest_bytes(*(text.encode() for text in texts))
    path = cache_folder() / f"captions-{digest[:16]}.safetensors"
    if not path.is_file():
        data_home.write_file(path, save({"vectors": encoder.encode(texts)}))
    found: FloatArray = load(path.read_bytes())["vectors"]
    return found
