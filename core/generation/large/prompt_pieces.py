"""Prompts of Stable Diffusion and SDXL at the level of tokens: long ones, and embeddings in them.

CLIP reads 77 tokens, a mark of the start and of the end among them. A longer prompt is read in
pieces of 75, each with its own marks, and the network attends to the outputs of all of them, one
after the other, as AUTOMATIC1111's program does. Prompt and negative prompt need as many pieces, so
the shorter one is filled up with empty ones. Vectors of textual inversion take the place of those
of words as the encoder reads them; nothing of the model is changed.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from core.base.errors import InputError, shorten
from core.generation.large import embeddings
from core.generation.request import Request

LENGTH = 75  # tokens of a piece, without its two marks
_STAND_IN = 0  # token where a vector stands: no mark of the end, after which CLIP looks
Unit = tuple[int, Any]  # a token and its vector, None for its own


@dataclass(frozen=True, slots=True)
class _Reader:
    """A text encoder with its tokenizer."""

    tokenizer: Any
    encoder: Any

    @property
    def width(self) -> int:
        return int(self.encoder.get_input_embeddings().weight.shape[1])


def reads_pieces(pipe: Any) -> bool:
    """Whether a pipeline's prompt is read by CLIP alone and can be given as its outputs."""
    readers = _readers(pipe)
    known = inspect.signature(type(pipe).__call__).parameters
    return (
        getattr(pipe, "unet", None) is not None
        and bool(readers)
        and all(type(one.encoder).__name__.startswith("CLIPText") for one in readers)
        and "prompt_embeds" in known
        and (len(readers) == 1 or "pooled_prompt_embeds" in known)
    )


def arguments(pipe: Any, request: Request, notes: list[str]) -> dict[str, Any]:
    """What a pipeline is given in place of a prompt's words; nothing where they will do.

    Raises:
        InputError: an embedding is damaged, or made for another model.
    """
    texts = [request.prompt, request.negative if request.guidance > 1 else ""]
    parts = [embeddings.parse(text) for text in texts]
    named = {part for row in parts for part in row if isinstance(part, embeddings.Embedding)}
    if not reads_pieces(pipe):
        if named:
            name = shorten(next(iter(named)).name)
            raise InputError(
                f"The embedding “{name}” cannot be used with {type(pipe).__name__}.",
                "Embeddings of textual inversion are for Stable Diffusion and SDXL.",
                "Choose such a model, or take it out of the prompt.",
            )
        return {}
    readers = _readers(pipe)
    vectors = {one: embeddings.read(one, [r.width for r in readers]) for one in named}
    # By prompt and negative prompt, for each reader.
    units = [
        [_units(reader, row, vectors, at) for at, reader in enumerate(readers)] for row in parts
    ]
    pieces = [[_pieces(row) for row in both] for both in units]
    count = max(len(one) for both in pieces for one in both)
    if count == 1 and not named:
        return {}
    _tell(parts, units, vectors, count, notes)
    return _encoded(pipe, readers, pieces, count, unsaid=not request.negative)


def _readers(pipe: Any) -> list[_Reader]:
    named = (
        (getattr(pipe, f"tokenizer{end}", None), getattr(pipe, f"text_encoder{end}", None))
        for end in ("", "_2")
    )
    return [_Reader(*one) for one in named if None not in one]


def _units(
    reader: _Reader,
    parts: list[str | embeddings.Embedding],
    vectors: dict[embeddings.Embedding, list[Any]],
    at: int,
) -> list[list[Unit]]:
    """What must stay together: each token by itself, and all vectors of an embedding."""
    units: list[list[Unit]] = []
    for part in parts:
        if isinstance(part, str):
            read = reader.tokenizer(part, add_special_tokens=False, verbose=False).input_ids
            units += [[(token, None)] for token in read]
        else:
            units.append([(_STAND_IN, vector) for vector in vectors[part][at]])
    return units


def _pieces(units: list[list[Unit]]) -> list[list[Unit]]:
    """Pieces of at most ``LENGTH``; there is one at least."""
    pieces: list[list[Unit]] = [[]]
    for unit in units:
        if len(pieces[-1]) + len(unit) > LENGTH:
            pieces.append([])
        pieces[-1].extend(unit)
    return pieces


def _encoded(
    pipe: Any,
    readers: list[_Reader],
    pieces: list[list[list[list[Unit]]]],
    count: int,
    *,
    unsaid: bool,
) -> dict[str, Any]:
    import torch

    given: dict[str, Any] = {}
    for mark, both in zip(("", "negative_"), pieces, strict=True):
        read = [
            _read(pipe, reader, one + [[]] * (count - len(one)), last=len(readers) == 1)
            for reader, one in zip(readers, both, strict=True)
        ]
        states = torch.cat([hidden for hidden, _ in read], dim=-1)
        pooled = read[-1][1]
        zeros = mark and unsaid and pipe.config.get("force_zeros_for_empty_prompt")
        given[f"{mark}prompt_embeds"] = torch.zeros_like(states) if zeros else states
        if len(readers) > 1:
            given[f"{mark}pooled_prompt_embeds"] = torch.zeros_like(pooled) if zeros else pooled
    return given


def _read(pipe: Any, reader: _Reader, pieces: list[list[Unit]], *, last: bool) -> tuple[Any, Any]:
    """Outputs ``(1, pieces * 77, width)`` and, of the first piece, the pooled ``(1, width)``.

    Args:
        last: whether those of the last layer are taken, as Stable Diffusion does; SDXL takes those
            of the last but one.
    """
    import torch

    tokenizer = reader.tokenizer
    rows = []
    for piece in pieces:
        ids = [tokenizer.bos_token_id, *(token for token, _ in piece), tokenizer.eos_token_id]
        rows.append(ids + [tokenizer.pad_token_id] * (LENGTH + 2 - len(ids)))
    placed = {
        (row, column): vector
        for row, piece in enumerate(pieces)
        for column, (_, vector) in enumerate(piece, 1)
        if vector is not None
    }
    with torch.no_grad(), _replaced(reader, placed):
        read = reader.encoder(
            torch.tensor(rows, device=pipe._execution_device), output_hidden_states=not last
        )
    hidden = read[0] if last else read.hidden_states[-2]
    pooled = read[0] if not last and read[0].ndim == 2 else None
    return hidden.reshape(1, -1, hidden.shape[-1]), None if pooled is None else pooled[:1]


@contextmanager
def _replaced(reader: _Reader, placed: dict[tuple[int, int], Any]) -> Iterator[None]:
    """While it lasts, word vectors at ``(row, column)`` are those of ``placed``."""

    def replace(module: Any, taken: Any, words: Any) -> Any:
        words = words.clone()
        for (row, column), vector in placed.items():
            words[row, column] = vector.to(words)
        return words

    hook = reader.encoder.get_input_embeddings().register_forward_hook(replace)
    try:
        yield
    finally:
        hook.remove()


def _tell(
    parts: list[list[str | embeddings.Embedding]],
    units: list[list[list[list[Unit]]]],
    vectors: dict[embeddings.Embedding, list[Any]],
    count: int,
    notes: list[str],
) -> None:
    for name, row, read in zip(("prompt", "negative prompt"), parts, units, strict=True):
        used = dict.fromkeys(part for part in row if isinstance(part, embeddings.Embedding))
        length = sum(len(unit) for unit in read[0])
        if used:
            told = ", ".join(f"“{one.name}” {len(vectors[one][0])}" for one in used)
            notes.append(f"Of the {length} tokens of the {name}, embeddings take: {told}.")
        if length and count > 1:
            notes.append(f"Tokens of the {name}: {length}, read in {count} pieces of {LENGTH}.")
