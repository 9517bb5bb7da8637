"""Embeddings of textual inversion: words that a text encoder learnt, named ``<embedding:name>``.

Textual inversion (Gal et al. 2022, arXiv 2208.01618) finds one or more vectors that stand in a
prompt where a word's own vectors would. Files lie in ``embeddings`` of the data home, as
safetensors: AUTOMATIC1111's ``emb_params`` or diffusers' one tensor for Stable Diffusion, and
``clip_l`` with ``clip_g`` for the two text encoders of SDXL. ComfyUI's ``embedding:name`` is read
as well. ``prompt_pieces`` puts the vectors in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import InputError, shorten
from core.generation.large.brought_files import Folder
from core.readers import file_kinds

FOLDER = Folder("embedding", "embeddings", "take it out of the prompt")
MOST = 75  # vectors of one: a piece of a prompt must hold them
_TAG = re.compile(r"<embedding:([^<>:]+)>|\bembedding:([\w.-]*\w)")
_PAIR = ("clip_l", "clip_g")  # of SDXL, in the order of its text encoders


@dataclass(frozen=True, slots=True)
class Embedding:
    """A file that a prompt names."""

    path: Path

    @property
    def name(self) -> str:
        """As it is named in a prompt."""
        return self.path.stem


def parse(prompt: str) -> list[str | Embedding]:
    """A prompt as words and embeddings, in their order.

    Raises:
        InputError: there is no file of that name, or it is pickled.
    """
    parts: list[str | Embedding] = []
    end = 0
    for tag in _TAG.finditer(prompt):
        parts += [prompt[end : tag.start()], Embedding(FOLDER.find((tag[1] or tag[2]).strip()))]
        end = tag.end()
    return [part for part in (*parts, prompt[end:]) if not isinstance(part, str) or part.strip()]


def plain_note(prompt: str) -> str:
    """What is to be told where embeddings are named as in AUTOMATIC1111, by their bare names."""
    words = _TAG.sub(" ", prompt)
    bare = [name for name in FOLDER.names() if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words)]
    if not bare:
        return ""
    return (
        f"“{shorten(bare[0], 60)}” is read as plain words: the embedding of that name is "
        f"<embedding:{shorten(bare[0], 60)}>."
    )


def read(embedding: Embedding, widths: list[int]) -> list[Any]:
    """Its vectors ``(n, width)`` for each text encoder of a model, tensors of float32.

    Args:
        widths: of the encoders' word vectors, such as 768 for Stable Diffusion 1, and 768 and
            1280 for SDXL.

    Raises:
        InputError: the file is damaged, no embedding, or made for encoders of other widths.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(embedding.path)
    except (SafetensorError, OSError) as error:
        why = shorten(file_kinds.reason_of_weights(embedding.path, error), 120)
        raise _unfit(embedding, f"it cannot be read ({why})") from error
    if set(_PAIR) <= set(tensors):
        found = [tensors[key] for key in _PAIR]
    elif "emb_params" in tensors or len(tensors) == 1:
        found = [tensors.get("emb_params", next(iter(tensors.values())))]
    else:
        raise _unfit(embedding, f"it holds {len(tensors)} tensors, of none of the known forms")
    vectors = [one.float().reshape(-1, one.shape[-1] if one.ndim else 1) for one in found]
    if [one.shape[1] for one in vectors] != widths:
        here = " and ".join(str(one.shape[1]) for one in vectors)
        wanted = " and ".join(str(width) for width in widths)
        raise _unfit(embedding, f"its vectors have {here} numbers, this model's words {wanted}")
    if len({len(one) for one in vectors}) > 1 or not 1 <= len(vectors[0]) <= MOST:
        counts = " and ".join(str(len(one)) for one in vectors)
        raise _unfit(embedding, f"it has {counts} vectors, where 1 to {MOST} have room")
    if not all(bool(one.isfinite().all()) for one in vectors):
        raise _unfit(embedding, "not all of its numbers are finite")
    return vectors


def _unfit(embedding: Embedding, why: str) -> InputError:
    return InputError(
        f"The embedding “{shorten(embedding.name)}” cannot be used: {why}.",
        "It must be made by textual inversion for the family of the model that draws (Stable "
        "Diffusion or SDXL).",
        "Choose a model that it was made for, or take it out of the prompt.",
    )
