"""CLIP and SigLIP in folders as Transformers saves them: pictures and texts in one space.

Radford et al. 2021 (arXiv:2103.00020), Zhai et al. 2023 (arXiv:2303.15343). Only safetensors
weights and the library's own code are loaded.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base import vectors as vec
from core.base.errors import NOT_AS_WRITTEN, InputError, shorten
from core.base.types import Encoded, FloatArray, Space
from core.readers import file_kinds
from core.readers.pictures import in_batches, to_rgb
from core.spaces.encoders.text_batches import require_unicode

if TYPE_CHECKING:
    from PIL import Image

KINDS = ("clip", "siglip", "siglip2", "chinese_clip", "metaclip_2")
BATCH = 32
_FAULTS = (RuntimeError, ValueError, KeyError, TypeError, AttributeError, OSError, ImportError)


def kind_of(folder: Path) -> str:
    """Which of ``KINDS`` a folder holds, or ``""``."""
    try:
        told = json.loads((folder / "config.json").read_bytes())
        kind = str(told.get("model_type", ""))
    except (OSError, *NOT_AS_WRITTEN):
        return ""
    return kind if kind in KINDS else ""


class TransformersClipEncoder:
    """Pictures and texts to unit vectors.

    Args:
        space: the space of the vectors.
        folder: the model, its tokenizer and its image processor.
    """

    chunk = 128

    def __init__(self, space: Space, folder: Path) -> None:
        self.space, self.folder = space, folder
        # The fast tokenizer keeps its padding in shared state and fails when used by two threads.
        self._lock = threading.Lock()

    @cached_property
    def _parts(self) -> tuple[Any, Any, Any]:
        """Model, tokenizer and image processor."""
        return load(self.folder)

    @cached_property
    def _length(self) -> int:
        """How many tokens of a text are read."""
        config = self._parts[0].config.text_config
        return int(getattr(config, "max_position_embeddings", 77))

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        """Unit vectors ``(n, dim)`` of pictures of any size and mode."""
        import torch

        model, _, processor = self._parts
        rows: list[FloatArray] = []
        for part in in_batches(pictures, to_rgb, BATCH):
            inputs = processor(images=part, return_tensors="pt")
            with torch.inference_mode():
                rows.append(_pooled(model.get_image_features(**inputs)))
        if not rows:
            return np.empty((0, self.space.dim), dtype=np.float32)
        return vec.normalize(np.concatenate(rows))

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        """Vectors ``(len(texts), dim)``; texts longer than the model reads are cut."""
        import torch

        require_unicode(texts)
        if not texts:
            empty = np.empty((0, self.space.dim), dtype=np.float32)
            return Encoded(empty, np.empty(0, np.float32), np.empty(0, np.bool_))
        model, tokenizer, _ = self._parts
        with self._lock, torch.inference_mode():
            # SigLIP was trained on texts that are filled up to one length (its documentation).
            inputs = tokenizer(
                list(texts),
                padding="max_length",
                max_length=self._length,
                truncation=True,
                return_tensors="pt",
            )
            whole = tokenizer(list(texts), truncation=False, verbose=False)["input_ids"]
            taken = {
                name: inputs[name] for name in ("input_ids", "attention_mask") if name in inputs
            }
            found = _pooled(model.get_text_features(**taken))
        cut = np.array([len(tokens) > self._length for tokens in whole], dtype=np.bool_)
        return Encoded(vec.normalize(found), np.ones(len(texts), dtype=np.float32), cut)

    def encode_query(self, text: str) -> Encoded:
        """The vector ``(1, dim)`` of a question, encoded as a text is."""
        return self.encode_texts([text])

    def encode(self, inputs: Sequence[str]) -> FloatArray:
        """Unit vectors ``(len(inputs), dim)`` of texts."""
        return self.encode_texts(inputs).vectors

    def measure(self) -> int:
        """Numbers in a vector; encodes a text and a picture, which shows that it can be used.

        Raises:
            InputError: it cannot.
        """
        from PIL import Image

        try:
            dims = {
                self.encode_texts(["a"]).vectors.shape[1],
                self.encode_pictures([Image.new("RGB", (8, 8))]).shape[1],
            }
        except _FAULTS as error:
            raise _unusable(self.folder, str(error)) from error
        if len(dims) != 1:
            raise _unusable(self.folder, "its texts and pictures have vectors of other lengths")
        return int(dims.pop())


def _pooled(found: Any) -> FloatArray:
    """The features of a batch; later versions of the library give them in an object."""
    rows = getattr(found, "pooler_output", found)
    return np.asarray(rows.float().numpy(), dtype=np.float32)


def load(folder: Path) -> tuple[Any, Any, Any]:
    """Model, tokenizer and image processor of a folder.

    Raises:
        InputError: it is no CLIP or SigLIP of Transformers, or lacks a part.
    """
    if not kind_of(folder):
        raise _unusable(folder, "its config.json names no CLIP or SigLIP")
    if not any(folder.glob("*.safetensors")):
        raise _unusable(folder, "it lacks .safetensors weights, and pickled ones are never opened")
    from safetensors import SafetensorError
    from transformers import AutoImageProcessor, AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    known = {"local_files_only": True, "trust_remote_code": False}
    try:
        model = AutoModel.from_pretrained(folder, use_safetensors=True, **known)
        tokenizer = AutoTokenizer.from_pretrained(folder, **known)
        processor = AutoImageProcessor.from_pretrained(folder, **known)
    except (*_FAULTS, SafetensorError) as error:
        raise _unusable(folder, file_kinds.reason_of_weights(folder, error)) from error
    return model.eval().float(), tokenizer, processor


def _unusable(folder: Path, reason: str) -> InputError:
    return InputError(
        f"The model in “{folder}” cannot be used: {shorten(' '.join(reason.split()), 200)}.",
        "A folder is needed as save_pretrained writes it for model and processor of a CLIP or "
        "SigLIP.",
        "Choose another folder, or save model and processor into one.",
    )
