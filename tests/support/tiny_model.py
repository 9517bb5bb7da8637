"""A real sentence-transformers model small enough to be made by a test in a moment."""

from __future__ import annotations

from pathlib import Path

from tests.support.hub_server import Files

DIM = 16
MAX_TOKENS = 24  # what it reads of a text, the two special tokens among them
WORDS = [
    *("a", "the", "on", "in", "of", "is", "and", "cat", "dog", "fish", "bird", "tree", "house"),
    *("river", "mountain", "king", "queen", "red", "blue", "green", "runs", "sleeps", "swims"),
    *("flies", "sings", "old", "young", "big", "small", "one", "two", "three"),
]
PIECES = [*"abcdefghijklmnopqrstuvwxyz0123456789.,!?"]


def build_tiny_model(folder: Path, seed: int = 0) -> Path:
    """The model's files in ``folder``: a BERT of 2 layers and 16 numbers with the mean of its
    tokens, not normalized, so that vectors have lengths other than 1. Gives ``folder``.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast
    from transformers.utils import logging

    logging.disable_progress_bar()
    plain = folder.with_name(f"{folder.name}-plain")
    plain.mkdir(parents=True)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [*special, *WORDS, *(p for p in PIECES if p not in WORDS), *(f"##{p}" for p in PIECES)]
    (plain / "vocab.txt").write_text("\n".join(pieces))
    tokenizer = BertTokenizerFast.from_pretrained(plain)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=DIM,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=0.5,
    )
    BertModel(config).eval().save_pretrained(plain)
    tokenizer.save_pretrained(plain)
    words = Transformer(str(plain), max_seq_length=MAX_TOKENS)
    model = SentenceTransformer(modules=[words, Pooling(DIM, "mean")], device="cpu")
    model.save_pretrained(str(folder), create_model_card=False)
    return folder


def model_files(folder: Path) -> Files:
    """A model's files by their path in it, as ``hub_server`` serves them."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
