"""GLIDE's tokens: GPT-2's byte pairs (Radford et al. 2019) of a prompt in lower case.

They are in no checkpoint. GPT-2's file of merges is enough: its vocabulary is the 256 signs that
stand for bytes, then what each merge makes, in order, then the mark of the end.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.errors import InputError, shorten
from core.readers import archives
from core.storage.data_home import storage_errors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

NAMES = ("vocab.bpe", "vocab.bpe.gz", "merges.txt", "tokenizer.json")
END = "<|endoftext|>"
REMEDY = (
    "Put GPT-2's vocabulary beside the checkpoint: vocab.bpe or vocab.bpe.gz, which is in the "
    "folder glide_text2im/tokenizer of GLIDE's repository, or GPT-2's merges.txt or tokenizer.json."
)
_LARGEST = 20_000_000  # bytes unpacked; the largest, tokenizer.json, has 1.4 million


def find(folder: Path) -> Path | None:
    """A file of the vocabulary in the folder of a checkpoint."""
    return next((found for name in NAMES if (found := folder / name).is_file()), None)


def read_tokenizer(path: Path, size: int) -> Tokenizer:
    """The tokenizer of a file of ``NAMES``, whose vocabulary has ``size`` tokens.

    Raises:
        InputError: it is no such file, or of another vocabulary.
        StorageError: it cannot be read.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    # GPT-2 numbers the signs by the bytes they stand for where these can be printed, then the rest,
    # which are given the next code points: sorted, they are in that order.
    signs = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = _read_merges(path)
    vocabulary = [*signs, *(first + second for first, second in merges), END]
    numbers = {token: number for number, token in enumerate(vocabulary)}
    if len(numbers) != size or len(vocabulary) != size:
        raise _other(path, f"it makes {len(numbers):,} tokens")
    for first, second in merges:
        made = numbers[first + second]
        if not (numbers.get(first, made) < made and numbers.get(second, made) < made):
            raise _other(path, f"“{shorten(f'{first} {second}', 40)}” merges what is no token")
    found = Tokenizer(models.BPE(numbers, merges))
    found.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    found.decoder = decoders.ByteLevel()
    return found


def encode(tokenizer: Tokenizer, text: str, length: int) -> tuple[list[int], list[bool], str]:
    """Numbers of a text's tokens, filled up to ``length``; which are given; what was cut off."""
    read = tokenizer.encode(text.lower()).ids
    end = tokenizer.get_vocab_size() - 1  # the mark of the end comes last
    kept, lost = read[:length], read[length:]
    fill = length - len(kept)
    given = [True] * len(kept) + [False] * fill
    return kept + [end] * fill, given, tokenizer.decode(lost).strip()


def _read_merges(path: Path) -> list[tuple[str, str]]:
    with storage_errors("read", path):
        size = path.stat().st_size
        data = path.read_bytes() if size <= _LARGEST else b""
    if not data:
        raise _other(path, f"it has {size:,} bytes")
    try:
        if path.suffix == ".gz":
            data = b"".join(archives.gunzip(data, _LARGEST))
        text = data.decode("utf-8")
        lines: Any = text.splitlines()
        if path.suffix == ".json":
            lines = json.loads(text)["model"]["merges"]
        pairs = [one.split(" ") if isinstance(one, str) else list(one) for one in lines]
    except (archives.PackedError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _other(path, "it cannot be read as such") from error
    pairs = [pair for pair in pairs if pair != [""] and pair[:1] != ["#version:"]]
    if not all(len(pair) == 2 and all(isinstance(p, str) and p for p in pair) for pair in pairs):
        raise _other(path, "not every line of it is a pair")
    return [(first, second) for first, second in pairs]


def _other(path: Path, why: str) -> InputError:
    return InputError(
        f"{shorten(path.name)}, beside the checkpoint, is not GPT-2's vocabulary: {why}.",
        "GLIDE reads prompts by GPT-2's 50,000 merges, which make 50,257 tokens.",
        REMEDY,
    )
