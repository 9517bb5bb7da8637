"""The network of all-MiniLM-L6-v2: BERT's encoder (Devlin et al. 2019, arXiv:1810.04805), to read.

It is written out here since the libraries that have it load four times as much code as PyTorch
does, for which who opens the app the first time waits; a test compares it with theirs. Imported
only where the model is opened, since it needs torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core.base.types import BoolArray, IntArray

MOST_TOKENS = 256  # of a text that are read
HEADS, EPSILON = 12, 1e-12  # of the model's config.json
PAD = 0


class MiniLMNetwork:
    """Tokenizer and weights in a folder.

    Args:
        folder: has ``tokenizer.json`` and ``model.safetensors``.
        layers: how many of the six are computed; ``None`` for all.
    """

    def __init__(self, folder: Path, layers: int | None = None) -> None:
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        self.device = torch.device(_device())
        self.weights: Mapping[str, Tensor] = load_file(
            folder / "model.safetensors", device=str(self.device)
        )
        there = {int(name.split(".")[2]) for name in self.weights if name.startswith("encoder.")}
        self.layers = len(there) if layers is None else layers
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def tokens(self, texts: Sequence[str]) -> tuple[list[list[int]], BoolArray]:
        """The numbers of each text's tokens that are read, and ``(n,)`` which texts are cut."""
        whole = [one.ids for one in self.tokenizer.encode_batch(list(texts))]
        cut = np.array([len(ids) > MOST_TOKENS for ids in whole], dtype=np.bool_)
        read = [
            [*ids[: MOST_TOKENS - 1], ids[-1]] if over else ids
            for ids, over in zip(whole, cut, strict=True)
        ]
        return read, cut

    @staticmethod
    def padded(tokens: Sequence[Sequence[int]]) -> tuple[IntArray, IntArray]:
        """Tokens as one batch: numbers, and 1 where one is not filled up, both ``(n, length)``."""
        length = max(map(len, tokens))
        ids = np.array([[*row, *[PAD] * (length - len(row))] for row in tokens], dtype=np.int64)
        mask = np.array([[1] * len(row) + [0] * (length - len(row)) for row in tokens])
        return ids, mask

    @torch.inference_mode()
    def states(self, ids: IntArray, mask: IntArray) -> list[Tensor]:
        """Of a batch ``(n, length)`` what goes into the first layer, and what each one gives.

        Each is ``(n, length, 384)``.
        """
        weights = self.weights
        numbers = torch.from_numpy(ids).to(self.device)
        seen = torch.from_numpy(mask).to(self.device, torch.bool)[:, None, None, :]
        x = weights["embeddings.word_embeddings.weight"][numbers]
        x = x + weights["embeddings.token_type_embeddings.weight"][0]
        x = x + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        found = [self._normed(x, "embeddings")]
        for layer in range(self.layers):
            found.append(self._layer(found[-1], seen, f"encoder.layer.{layer}"))
        return found

    @torch.inference_mode()
    def pooled(self, tokens: Sequence[Sequence[int]]) -> Tensor:
        """The mean of the last states over each text's tokens, ``(n, 384)``."""
        ids, mask = self.padded(tokens)
        return mean(self.states(ids, mask)[-1], mask)

    def _layer(self, x: Tensor, seen: Tensor, name: str) -> Tensor:
        """Self-attention and a network of two layers, each beside a shortcut."""
        count, length, width = x.shape
        q, k, v = (
            self._linear(x, f"{name}.attention.self.{one}")
            .view(count, length, HEADS, width // HEADS)
            .transpose(1, 2)
            for one in ("query", "key", "value")
        )
        heard = functional.scaled_dot_product_attention(q, k, v, attn_mask=seen)
        heard = heard.transpose(1, 2).reshape(count, length, width)
        heard = self._linear(heard, f"{name}.attention.output.dense")
        x = self._normed(heard + x, f"{name}.attention.output")
        inner = functional.gelu(self._linear(x, f"{name}.intermediate.dense"))
        return self._normed(self._linear(inner, f"{name}.output.dense") + x, f"{name}.output")

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _normed(self, x: Tensor, name: str) -> Tensor:
        weight, bias = (self.weights[f"{name}.LayerNorm.{one}"] for one in ("weight", "bias"))
        return functional.layer_norm(x, weight.shape, weight, bias, EPSILON)


def mean(states: Tensor, mask: IntArray) -> Tensor:
    """The mean of ``(n, length, dim)`` over what ``mask`` ``(n, length)`` lets through."""
    weights = torch.from_numpy(mask).to(states.device, states.dtype)[:, :, None]
    return (states * weights).sum(1) / weights.sum(1)


def _device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
