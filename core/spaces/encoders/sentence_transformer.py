"""Any sentence-transformers model that lies in a folder of this computer (Reimers & Gurevych 2019).

Only safetensors weights and the library's own modules are loaded: a model that brings pickled
weights or code of its own is refused.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import Encoded, FloatArray, Space
from core.readers import file_kinds
from core.spaces.encoders import prompts
from core.spaces.encoders.text_batches import batches, require_unicode
from core.spaces.settings import NONE, Settings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_OWN_MODULES = "sentence_transformers."
_FAULTS = (OSError, ValueError, KeyError, RuntimeError, ImportError, AttributeError, TypeError)


class SentenceTransformerEncoder:
    """Texts to unit vectors, with the lengths that the model gave them.

    Args:
        space: the space of the vectors.
        folder: the model's files.
        wanted: a person's own prompts, and how many numbers of a vector are kept.
        name: what the hub calls the model, which tells its family.
    """

    chunk = 128

    def __init__(self, space: Space, folder: Path, wanted: Settings = NONE, name: str = "") -> None:
        self.space = space
        self.folder = folder
        self.prompts = prompts.find(folder, name, wanted)
        # The fast tokenizer keeps its padding in shared state and fails when used by two threads.
        self._lock = threading.Lock()

    @cached_property
    def _model(self) -> SentenceTransformer:
        return load_model(self.folder)

    @property
    def dim(self) -> int:
        """Numbers in a vector; loads the model."""
        with self._lock:
            return int(self._model.get_embedding_dimension() or 0)

    def encode(self, inputs: Sequence[str]) -> FloatArray:
        """Unit vectors ``(len(inputs), dim)``; texts longer than the model reads are cut."""
        return self.encode_texts(inputs).vectors

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        """Vectors ``(len(texts), dim)`` of rows of a dataset.

        Raises:
            InputError: a text is not Unicode, or the model cannot be used.
        """
        require_unicode(texts)
        with self._lock:
            raw = np.empty((len(texts), self.space.dim), dtype=np.float32)
            for rows in batches(self._sizes(texts)):
                found = self._model.encode_document(
                    [texts[row] for row in rows],
                    prompt=self.prompts.text,
                    batch_size=len(rows),
                    show_progress_bar=False,
                    convert_to_numpy=True,
                )
                raw[rows] = found[:, : self.space.dim]
            return self._encoded(raw, [self.prompts.text + text for text in texts])

    def encode_query(self, text: str) -> Encoded:
        """The vector ``(1, dim)`` of a question, with the model's prompt for such if it has one."""
        require_unicode([text])
        with self._lock:
            found = self._model.encode_query(
                [text], prompt=self.prompts.query, show_progress_bar=False, convert_to_numpy=True
            )
            raw = np.asarray(found, dtype=np.float32)[:, : self.space.dim]
            return self._encoded(raw, [self.prompts.query + text])

    def _sizes(self, texts: Sequence[str]) -> list[int]:
        """What batches go by, in characters."""
        return [len(text) for text in texts]

    def _encoded(self, raw: FloatArray, texts: Sequence[str]) -> Encoded:
        lengths = vec.lengths(raw)
        if not np.isfinite(lengths).all():
            raise InputError(
                f"The model of {self.space.title} gave vectors that are not numbers.",
                "Finite numbers were expected.",
                "Choose another model; its weights seem to be damaged.",
            )
        return Encoded(vec.normalize(raw), vec.told_lengths(lengths), self._cut(texts))

    def _cut(self, texts: Sequence[str]) -> Any:
        """Which texts the model does not read to their end, ``(n,)`` bool."""
        limit = self._model.max_seq_length
        found = np.zeros(len(texts), dtype=np.bool_)
        if limit is None:
            return found
        # A token is at least one byte, so short texts need no counting.
        long = [row for row, text in enumerate(texts) if len(text.encode()) + 2 > limit]
        for row in long:
            found[row] = self._count_tokens(texts[row]) > limit
        return found

    def _count_tokens(self, text: str) -> int:
        tokens = self._model.tokenizer(text, truncation=False, verbose=False)["input_ids"]
        return len(tokens)


def load_model(folder: Path) -> SentenceTransformer:
    """The model in ``folder``.

    Raises:
        InputError: it is no sentence-transformers model, has no safetensors weights, or brings
            code of its own.
    """
    _check(folder)
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        return SentenceTransformer(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except (*_FAULTS, SafetensorError) as error:
        raise _unusable(folder, file_kinds.reason_of_weights(folder, error)) from error


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise InputError(
            f"“{folder}” is not a folder.", "A model's folder is needed.", "Check the path."
        )
    if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
        raise _unusable(folder, "it has neither config.json nor modules.json")
    pickled = {path.parent for path in folder.rglob("pytorch_model*.bin")}
    safe = {path.parent for path in folder.rglob("*.safetensors")}
    if not safe or pickled - safe:
        raise _unusable(folder, "it lacks .safetensors weights, and pickled ones are never opened")
    modules = folder / "modules.json"
    if modules.is_file():
        try:
            types = [str(module["type"]) for module in json.loads(modules.read_bytes())]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _unusable(folder, f"modules.json cannot be read ({error})") from error
        foreign = [name for name in types if not name.startswith(_OWN_MODULES)]
        if foreign:
            raise _unusable(folder, f"it needs code that is not in the library ({foreign[0]})")


def _unusable(folder: Path, reason: str) -> InputError:
    return InputError(
        f"The model in “{folder}” cannot be used: {reason}.",
        "A sentence-transformers or transformers model with safetensors weights is needed.",
        "Choose another model, or save this one again with a current sentence-transformers.",
    )
