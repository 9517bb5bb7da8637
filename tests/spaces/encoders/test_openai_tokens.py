"""Texts too long for a model of a service: cut by tokens, without their tables by bytes."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import tiktoken

from core.spaces.encoders import openai_tokens
from core.spaces.encoders.openai_tokens import MAX_TOKENS, cut_text
from tests.support.embeddings_server import EmbeddingsServer
from tests.support.openai_fixtures import (
    embeddings_service,  # noqa: F401  the fixture “server”
    encoder,
    plain_environment,  # noqa: F401  used by every test
)

KNOWN = "text-embedding-3-small"
# Pieces of letters, of spaces and of the rest, as in the real tables, which tests cannot download.
MERGES = [
    b"aa",
    b"aaaa",
    b"th",
    b"the",
    "é".encode(),
    b"\xa4x",
    b"x\xc3",
    b"yx",
    b"yx\xc3",
    b"w\xc3",
    b"qw\xc3",
]
RANKS = {bytes([at]): at for at in range(256)} | {m: 256 + at for at, m in enumerate(MERGES)}
TABLES = tiktoken.Encoding(
    name="small",
    pat_str=r"\p{L}+|\s+|[^\s\p{L}]+",
    mergeable_ranks=RANKS,
    special_tokens={"<|endoftext|>": 999},
)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Which models' tables were asked for; they are ``TABLES``."""
    asked: list[str] = []

    def give(model: str) -> tiktoken.Encoding:
        asked.append(model)
        return TABLES

    monkeypatch.setattr(tiktoken, "encoding_for_model", give)
    openai_tokens._tables.cache_clear()
    yield asked
    openai_tokens._tables.cache_clear()


def count(text: str) -> int:
    return len(TABLES.encode(text, disallowed_special=()))


def test_texts_of_few_bytes_are_not_counted(loads: list[str]) -> None:
    for text in ("a", "é" * 4_095, "x" * MAX_TOKENS):
        assert cut_text(text, KNOWN) == (text, False)
    assert loads == []


def test_long_texts_are_cut_by_tokens(loads: list[str]) -> None:
    fits = "a" * (4 * MAX_TOKENS)
    assert cut_text(fits, KNOWN) == (fits, False)
    assert cut_text(fits + "a", KNOWN) == (fits, True)
    assert cut_text("a" * 3_000_000, KNOWN) == (fits, True)
    words = "the cat, " * 4_000
    part, was_cut = cut_text(words, KNOWN)
    assert was_cut
    assert words.startswith(part)
    assert count(part) == MAX_TOKENS
    assert loads == [KNOWN]


@pytest.mark.parametrize("start", ["", "z", "zz", "zzz"])
@pytest.mark.parametrize("unit", ["猫", "🐈", "é", "yxä", "qwä", "a猫🐈é "])
def test_a_cut_never_splits_a_character(loads: list[str], start: str, unit: str) -> None:
    text = start + unit * 20_000
    part, was_cut = cut_text(text, KNOWN)
    assert was_cut
    assert text.startswith(part)
    # As much as fits: a character more, or two that one token joins, would be too many.
    assert MAX_TOKENS - 4 <= count(part) <= MAX_TOKENS


def test_special_words_are_plain_text(loads: list[str]) -> None:
    text = "<|endoftext|>" * 1_000
    part, was_cut = cut_text(text, KNOWN)
    assert was_cut
    assert part == text[:MAX_TOKENS]


def test_without_tables_a_text_is_cut_at_a_safe_size_and_they_are_asked_for_once(
    monkeypatch: pytest.MonkeyPatch, loads: list[str]
) -> None:
    def fail(model: str) -> tiktoken.Encoding:
        loads.append(model)
        raise ConnectionError("no network")

    monkeypatch.setattr(tiktoken, "encoding_for_model", fail)
    assert cut_text("aé" * 20_000, KNOWN) == ("aé" * 2_730 + "a", True)
    assert cut_text("x" * 9_000, KNOWN) == ("x" * MAX_TOKENS, True)
    assert loads == [KNOWN]


def test_tables_that_do_not_come_are_not_waited_for_twice(
    monkeypatch: pytest.MonkeyPatch, loads: list[str]
) -> None:
    stop = threading.Event()

    def hang(model: str) -> tiktoken.Encoding:
        loads.append(model)
        stop.wait(60)
        return TABLES

    monkeypatch.setattr(tiktoken, "encoding_for_model", hang)
    monkeypatch.setattr(openai_tokens, "LOAD_SECONDS", 0.01)
    assert cut_text("a" * 9_000, KNOWN) == ("a" * MAX_TOKENS, True)
    stop.set()
    assert cut_text("a" * 9_000, KNOWN) == ("a" * MAX_TOKENS, True)
    assert loads == [KNOWN]


def test_a_model_of_another_maker_is_cut_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    openai_tokens._tables.cache_clear()
    asked: list[str] = []
    monkeypatch.setattr(tiktoken, "get_encoding", asked.append)
    assert cut_text("a" * 9_000, "nomic-embed-text") == ("a" * MAX_TOKENS, True)
    assert asked == []


def test_cut_texts_are_marked_and_sent_cut(server: EmbeddingsServer, loads: list[str]) -> None:
    found = encoder(server, model=KNOWN).encode_texts(["a b", "a" * 40_000])
    assert found.cut.tolist() == [False, True]
    assert server.asked[0].texts == ["a b", "a" * (4 * MAX_TOKENS)]
