"""What can be loaded: the known spaces as plain data. Nothing is imported or read here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.base.types import Modality, Space

DEFAULT_SPACE = "minilm"


class Source(StrEnum):
    """Where a space's vectors come from."""

    MINILM = "minilm"  # built from the installed model
    SPACY = "spacy"  # an installed spaCy package
    OWN = "own"  # a file of vectors that was imported
    HUB = "hub"  # a sentence-transformers model of a Hugging Face hub
    FOLDER = "folder"  # a sentence-transformers model in a folder of this computer
    API = "api"  # an embeddings service on the network
    CNN = "cnn"  # a layer of an image classifier, with weights of this computer
    CLIP = "clip"  # an open_clip model of a hub, or with weights of this computer
    CLASSICAL = "classical"  # colours and outlines of pictures, without a network


@dataclass(frozen=True, slots=True)
class SpaceSpec:
    """A space that is known by name.

    Attributes:
        about: one sentence for the person who chooses.
        layer: for MiniLM, the layer that is read; ``None`` for the model's output.
        install: the command that makes it ready, where it is not.
        size: what that downloads.
        model: the model's name on the hub or in the service.
        url: the service's address.
        key_variable: the environment's variable that holds the service's key.
        recipe: how a network of ours is built, as JSON.
    """

    space: Space
    source: Source
    about: str
    layer: int | None = None
    install: str = ""
    size: str = ""
    model: str = ""
    url: str = ""
    key_variable: str = ""
    recipe: str = ""


SPACES = (
    SpaceSpec(
        Space("minilm", "MiniLM", 384, (Modality.WORD, Modality.TEXT, Modality.IMAGE)),
        Source.MINILM,
        "The sentence encoder all-MiniLM-L6-v2: words, sentences and phrases share one space. So "
        "do pictures, by a small encoder of our own; it has seen emoji, clothes and photos of some "
        "110 other things, and is no CLIP.",
    ),
    SpaceSpec(
        Space("minilm-layer2", "MiniLM, layer 2", 384, (Modality.WORD, Modality.TEXT)),
        Source.MINILM,
        "The same model read after its second layer: better at word analogies, worse at sentences. "
        "Its vectors cannot be compared with MiniLM's own.",
        layer=2,
    ),
    SpaceSpec(
        Space("colour-outline", "Colours and outlines", 1956, (Modality.IMAGE,)),
        Source.CLASSICAL,
        "A histogram of colours and histograms of oriented gradients (HOG), without a network: the "
        "baseline that a network must beat. Pictures only.",
    ),
    SpaceSpec(
        Space("clip-laion2b", "CLIP ViT-B-32, LAION-2B", 512, (Modality.TEXT, Modality.IMAGE)),
        Source.CLIP,
        "CLIP by open_clip, trained on two billion pictures of the web with their captions. MIT.",
        size="605 MB",
        model="laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        recipe='{"architecture": "ViT-B-32"}',
    ),
    SpaceSpec(
        Space("clip-datacomp", "CLIP ViT-B-32, DataComp", 512, (Modality.TEXT, Modality.IMAGE)),
        Source.CLIP,
        "CLIP by open_clip, trained on a better chosen billion: the most accurate of the three. "
        "MIT.",
        size="605 MB",
        model="laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K",
        recipe='{"architecture": "ViT-B-32"}',
    ),
    SpaceSpec(
        Space("clip-openai", "CLIP ViT-B-32, OpenAI", 512, (Modality.TEXT, Modality.IMAGE)),
        Source.CLIP,
        "OpenAI's first CLIP, as open_clip has it. MIT.",
        size="605 MB",
        model="timm/vit_base_patch32_clip_224.openai",
        recipe='{"architecture": "ViT-B-32", "quick_gelu": true}',
    ),
    SpaceSpec(
        Space("en_core_web_md", "spaCy en_core_web_md", 300, (Modality.WORD,)),
        Source.SPACY,
        "spaCy's English vectors, 20,000 of them shared by half a million words.",
        install="python -m spacy download en_core_web_md",
        size="31 MB",
    ),
    SpaceSpec(
        Space("en_core_web_lg", "spaCy en_core_web_lg", 300, (Modality.WORD,)),
        Source.SPACY,
        "spaCy's large English vectors.",
        install="python -m spacy download en_core_web_lg",
        size="382 MB",
    ),
    SpaceSpec(
        Space("paraphrase-multilingual-mpnet-base-v2", "Multilingual MPNet", 768, (Modality.TEXT,)),
        Source.HUB,
        "Sentences of some fifty languages in one space: a sentence and its translation are near.",
        size="1.1 GB",
        model="sentence-transformers/paraphrase-multilingual-mpnet-base-v2",
    ),
    SpaceSpec(
        Space("text-embedding-3-small", "OpenAI text-embedding-3-small", 1536, (Modality.TEXT,)),
        Source.API,
        "OpenAI's service: the texts are sent to it, and it charges for them.",
        model="text-embedding-3-small",
        url="https://api.openai.com/v1",
        key_variable="OPENAI_API_KEY",
    ),
)
