"""CLIP by open_clip: pictures and texts in one space (Radford et al. 2021, arXiv:2103.00020).

Weights are a file of this computer, downloaded or given: safetensors, or tensors that
``torch.load(weights_only=True)`` reads.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base import vectors as vec
from core.base.errors import ExplorerError, InputError, NotReadyError, shorten
from core.base.types import BoolArray, Encoded, FloatArray, Space
from core.readers.pictures import in_batches, to_rgb
from core.spaces.encoders.weights import is_plain, read_tensors
from core.storage import hub_client

if TYPE_CHECKING:
    from PIL import Image

WEIGHTS = "open_clip_model.safetensors"
BATCH = 32
_PATIENCE = 5  # seconds for the hub's answer
_FAULTS = (RuntimeError, ValueError, KeyError, TypeError, AttributeError, OSError, AssertionError)


@dataclass(frozen=True, slots=True)
class ClipRecipe:
    """open_clip's name of the architecture, and whether it uses OpenAI's quick GELU."""

    architecture: str = "ViT-B-32"
    quick_gelu: bool = False


class ClipEncoder:
    """Pictures and texts to unit vectors.

    Args:
        space: the space of the vectors.
        recipe: the architecture.
        weights: the file with its weights.
    """

    chunk = 128

    def __init__(self, space: Space, recipe: ClipRecipe, weights: Path) -> None:
        self.space, self.recipe, self.weights = space, recipe, weights
        self._lock = threading.Lock()

    @cached_property
    def _model(self) -> Any:
        import open_clip

        with self._lock:
            return build(open_clip, self.recipe, self.weights)

    @cached_property
    def transform(self) -> Any:
        """open_clip's own transform for evaluation: scaled, cut to the middle square.

        Pixels are normalised as the published weights of the architecture want it, where they
        agree: those of SigLIP and MobileCLIP want other means than the first CLIP's.
        """
        import open_clip

        visual = self._model.visual
        wanted = _agreed_transform(self.recipe.architecture)
        return open_clip.image_transform(
            visual.image_size,
            is_train=False,
            mean=wanted.get("mean", visual.image_mean),
            std=wanted.get("std", visual.image_std),
            interpolation=wanted.get("interpolation"),
            resize_mode=wanted.get("resize_mode"),
        )

    @cached_property
    def _tokenizer(self) -> Any:
        import open_clip

        with hub_parts(open_clip, self.recipe.architecture):
            return open_clip.get_tokenizer(self.recipe.architecture)

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        """Unit vectors ``(n, dim)`` of pictures of any size and mode."""
        import torch

        rows: list[FloatArray] = []
        for part in in_batches(pictures, lambda one: self.transform(to_rgb(one)), BATCH):
            pixels = torch.stack(part)
            with torch.inference_mode():
                rows.append(self._model.encode_image(pixels).float().numpy())
        if not rows:
            return np.empty((0, self.space.dim), dtype=np.float32)
        return vec.normalize(np.concatenate(rows))

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        """Vectors ``(len(texts), dim)``; texts longer than the model reads are cut."""
        import torch

        tokens = self._tokenizer(list(texts))
        with torch.inference_mode():
            found = self._model.encode_text(tokens).float().numpy()
        ones = np.ones(len(texts), dtype=np.float32)
        return Encoded(vec.normalize(found), ones, self._cut(texts, tokens))

    def _cut(self, texts: Sequence[str], tokens: Any) -> BoolArray:
        """Which texts have more tokens than were read; one that just fits ends as a cut one does.

        With room for one more, only a text that was cut has one more: so for all of open_clip's
        tokenizers, which fill up with tokens of their own.
        """
        room = tokens.shape[1] + 1
        fill = self._tokenizer([""], context_length=room)[0, -2]
        more = self._tokenizer(list(texts), context_length=room)
        cut: BoolArray = ((more != fill).sum(1) > (tokens != fill).sum(1)).numpy()
        return cut

    def encode_query(self, text: str) -> Encoded:
        """The vector ``(1, dim)`` of a question; CLIP encodes it like any text."""
        return self.encode_texts([text])

    def encode(self, inputs: Sequence[str]) -> FloatArray:
        """Unit vectors ``(len(inputs), dim)`` of texts."""
        return self.encode_texts(inputs).vectors

    def measure(self) -> int:
        """Numbers in a vector; encodes a text, which shows that the model can be used."""
        return int(self.encode_texts(["a"]).vectors.shape[1])


def _agreed_transform(architecture: str) -> dict[str, Any]:
    """What all published weights of an architecture say of their pictures."""
    from open_clip.pretrained import get_pretrained_cfg, list_pretrained_tags_by_model

    fields = ("mean", "std", "interpolation", "resize_mode")
    told = [
        {field: found[field] for field in fields if found.get(field) is not None}
        for tag in list_pretrained_tags_by_model(architecture)
        if (found := get_pretrained_cfg(architecture, tag))
    ]
    return told[0] if told and all(one == told[0] for one in told) else {}


@contextmanager
def _as_saved(weights: Path) -> Iterator[Path]:
    """The file; where a training program has put something around the network's names, one without
    that."""
    from safetensors.torch import save_file

    tensors, changed = ({}, False) if is_plain(weights) else read_tensors(weights)
    if not changed:
        yield weights
        return
    with TemporaryDirectory(prefix="clip-") as folder:
        file = Path(folder) / WEIGHTS
        save_file({name: one.contiguous().clone() for name, one in tensors.items()}, file)
        yield file


@contextmanager
def hub_parts(open_clip: Any, architecture: str) -> Iterator[None]:
    """For what takes parts of an architecture from the Hugging Face hub, as SigLIP its tokenizer.

    The hub's own client tries again for a minute; here it is asked once, and where it is out of
    reach what lies in its cache is used.

    Raises:
        NotReadyError: the parts are not in the cache, and the hub does not give them.
    """
    from huggingface_hub import constants, try_to_load_from_cache

    told = open_clip.get_model_config(architecture) or {}
    text = told.get("text_cfg", {})
    names = {text[key] for key in ("hf_model_name", "hf_tokenizer_name") if text.get(key)}
    files = ("config.json", "tokenizer_config.json", "tokenizer.json")
    offline = constants.HF_HUB_OFFLINE
    for name in sorted(names):
        try:
            with hub_client.connect("model", name, _PATIENCE) as hub:
                hub.files()
        except ExplorerError as error:
            if not any(isinstance(try_to_load_from_cache(name, file), str) for file in files):
                raise NotReadyError(
                    f"{shorten(architecture)} takes parts of {name} from the Hugging Face hub, and "
                    f"they are not here: {error.given}",
                    error.expected,
                    f"Fetch them once with the hub in reach: hf download {name}",
                ) from error
            constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = offline


def build(open_clip: Any, recipe: ClipRecipe, weights: Path) -> Any:
    """The model with its weights, ready to evaluate.

    Raises:
        InputError: there is no such architecture, or the weights are not its own.
    """
    from pickle import UnpicklingError  # the error alone: what torch.load raises for code

    from safetensors import SafetensorError

    if recipe.architecture not in open_clip.list_models():
        raise InputError(
            f"open_clip knows no architecture “{shorten(recipe.architecture)}”.",
            f"It knows {len(open_clip.list_models())}, such as ViT-B-32 and RN50.",
            "Name one of these.",
        )
    try:
        with hub_parts(open_clip, recipe.architecture), _as_saved(weights) as file:
            model = open_clip.create_model(
                recipe.architecture,
                pretrained=str(file),
                force_quick_gelu=recipe.quick_gelu,
                weights_only=True,
            )
    except (UnpicklingError, SafetensorError, *_FAULTS) as error:
        # What torch says of a file that is none of its own is advice about its pickles.
        no_tensors = isinstance(error, UnpicklingError)
        told = "it holds more or other than tensors" if no_tensors else shorten(str(error), 160)
        raise InputError(
            f"{shorten(weights.name)} cannot be used as {shorten(recipe.architecture)}: {told}.",
            "Weights of exactly this architecture are needed, as safetensors or a state_dict.",
            "Check the architecture.",
        ) from error
    return model.eval()
