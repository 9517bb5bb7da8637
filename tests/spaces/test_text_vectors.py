"""Vectors of texts on disk: encoded once, never served damaged, kept through kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import Cancelled, DamagedError, ServiceError
from core.base.types import Encoded, Modality, Space
from core.spaces import vector_store
from core.spaces.text_vectors import count_missing, load_or_encode
from core.storage import data_home

ROOT = Path(__file__).resolve().parents[2]
SPACE = Space("fake", "Fake", 5, (Modality.TEXT,))
TEXTS = [f"text {number}" for number in range(60)]


class CountingEncoder:
    """Draws a vector, its length and whether it was cut from a text's bytes; counts the texts."""

    def __init__(self, space: Space = SPACE, chunk: int = 10, salt: int = 0) -> None:
        self.space = space
        self.chunk = chunk
        self.salt = salt
        self.fail_after = float("inf")
        self.asked: list[str] = []

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        assert 0 < len(texts) <= self.chunk
        if len(self.asked) + len(texts) > self.fail_after:
            raise ServiceError("The service is away.", "", "Wait.")
        self.asked.extend(texts)
        return self.drawn(texts)

    def encode_query(self, text: str) -> Encoded:
        return self.encode_texts([text])

    def drawn(self, texts: Sequence[str]) -> Encoded:
        seeds = [[self.salt, *text.encode("utf-8", "surrogatepass")] for text in texts]
        rows = [np.random.default_rng(seed).normal(size=self.space.dim) for seed in seeds]
        raw = np.array(rows, dtype=np.float32).reshape(len(texts), self.space.dim)
        lengths = np.linalg.norm(raw, axis=1)
        return Encoded(raw / lengths[:, None], lengths, np.array(["7" in text for text in texts]))


def check(found: Encoded, texts: Sequence[str], salt: int = 0) -> None:
    """Vectors, lengths and cut flags are those of ``texts``, to the bit."""
    expected = CountingEncoder(salt=salt).drawn(texts)
    np.testing.assert_array_equal(found.vectors, expected.vectors)
    np.testing.assert_array_equal(found.lengths, expected.lengths)
    np.testing.assert_array_equal(found.cut, expected.cut)
    assert (found.vectors.dtype, found.lengths.dtype) == (np.float32, np.float32)
    assert found.cut.dtype == np.bool_


def chunks(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def encode(texts: Sequence[str], folder: Path) -> list[str]:
    """Encodes and checks ``texts``; what the encoder was asked, in order of the alphabet."""
    encoder = CountingEncoder()
    check(load_or_encode(texts, encoder, folder), texts)
    return sorted(encoder.asked)


def test_order_lengths_and_cut_flags_are_kept_and_a_second_call_encodes_nothing(
    tmp_path: Path,
) -> None:
    mixed = ["a much longer text than all others", "", "猫", "\ud83d", "7", *TEXTS[::-1]]
    assert count_missing(mixed, tmp_path / "v") == 65
    assert encode(mixed, tmp_path / "v") == sorted(mixed)
    assert count_missing(mixed, tmp_path / "v") == 0
    assert encode(mixed, tmp_path / "v") == []
    assert encode(mixed[::-1], tmp_path / "v") == []
    assert not [path for path in (tmp_path / "v").iterdir() if path not in chunks(tmp_path / "v")]


def test_repeated_texts_are_encoded_once(tmp_path: Path) -> None:
    texts = ["b", "a", "b", "b", "a", "c"]
    assert count_missing(texts, tmp_path / "v") == 3
    assert encode(texts, tmp_path / "v") == ["a", "b", "c"]


def test_ten_rows_added_to_a_thousand_encode_ten(tmp_path: Path) -> None:
    thousand = [f"row {number}" for number in range(1_000)]
    ten = [f"new {number}" for number in range(10)]
    assert len(encode(thousand, tmp_path / "v")) == 1_000
    together = [*thousand[:500], *ten, *thousand[500:]]
    assert count_missing(together, tmp_path / "v") == 10
    assert encode(together, tmp_path / "v") == sorted(ten)


def test_no_texts_need_no_folder(tmp_path: Path) -> None:
    assert encode([], tmp_path / "v") == []
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_call_keeps_its_chunks_and_the_next_encodes_the_rest(tmp_path: Path) -> None:
    def stop(done: int, total: int, note: str = "") -> None:
        if done >= 30:
            raise Cancelled("Encoding")

    first = CountingEncoder()
    with pytest.raises(Cancelled):
        load_or_encode(TEXTS, first, tmp_path / "v", stop)
    assert len(first.asked) == 30
    assert count_missing(TEXTS, tmp_path / "v") == 30
    assert sorted(first.asked + encode(TEXTS, tmp_path / "v")) == sorted(TEXTS)


def test_an_encoder_that_fails_in_the_middle_keeps_the_chunks_before(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    encoder.fail_after = 25
    with pytest.raises(ServiceError, match="away"):
        load_or_encode(TEXTS, encoder, tmp_path / "v")
    assert len(encoder.asked) == 20
    assert sorted(encoder.asked + encode(TEXTS, tmp_path / "v")) == sorted(TEXTS)


def test_progress_never_goes_back_and_ends_at_the_number_of_different_texts(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []

    def report(done: int, total: int, note: str = "") -> None:
        seen.append((done, total, note))

    load_or_encode(TEXTS[:20], CountingEncoder(), tmp_path / "v")
    load_or_encode([*TEXTS, *TEXTS[:7]], CountingEncoder(), tmp_path / "v", report)
    assert seen == [(done, 60, "texts encoded") for done in (20, 30, 40, 50, 60)]


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("harm", ["first byte", "middle", "last byte", "truncated", "empty"])
def test_a_damaged_chunk_is_encoded_again_and_never_served(tmp_path: Path, harm: str) -> None:
    encode(TEXTS, tmp_path / "v")
    path = chunks(tmp_path / "v")[2]
    size = path.stat().st_size
    if harm in ("truncated", "empty"):
        path.write_bytes(path.read_bytes()[: size // 2 if harm == "truncated" else 0])
    else:
        flip(path, {"first byte": 0, "middle": size // 2, "last byte": size - 1}[harm])
    assert len(encode(TEXTS, tmp_path / "v")) == 10
    assert encode(TEXTS, tmp_path / "v") == []


@pytest.mark.slow
def test_a_bit_flipped_anywhere_in_a_chunk_is_noticed(tmp_path: Path) -> None:
    encode(["one", "two"], tmp_path / "v")
    (path,) = chunks(tmp_path / "v")
    whole = path.read_bytes()
    for at in range(len(whole)):
        for old in chunks(tmp_path / "v"):
            old.unlink()
        path.write_bytes(whole)
        flip(path, at)
        assert encode(["one", "two"], tmp_path / "v"), at


def test_several_damaged_chunks_are_all_encoded_again(tmp_path: Path) -> None:
    encode(TEXTS, tmp_path / "v")
    for path in chunks(tmp_path / "v")[:4]:
        flip(path, path.stat().st_size - 1)
    assert len(encode(TEXTS, tmp_path / "v")) == 40
    assert encode(TEXTS, tmp_path / "v") == []


def test_a_disk_that_damages_every_chunk_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_wrong(target: Path, data: bytes) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))

    monkeypatch.setattr(data_home, "write_file", write_wrong)
    with pytest.raises(DamagedError, match=r"damaged each time.*Check the disk"):
        load_or_encode(TEXTS[:10], CountingEncoder(), tmp_path / "v")


def test_spaces_never_mix(tmp_path: Path, own_home: Path) -> None:
    keys = (("texts", "a", "1"), ("texts", "a", "2"), ("texts", "b", "1"), ("pictures", "a", "1"))
    folders = {vector_store.space_folder(*key) for key in keys}
    assert len(folders) == 4
    assert {folder.parent for folder in folders} == {own_home / "texts", own_home / "pictures"}
    assert vector_store.space_folder("texts", "../../x y", "123").parent == own_home / "texts"
    first, second = tmp_path / "1", tmp_path / "2"
    for salt, folder in ((1, first), (2, second)):
        check(load_or_encode(TEXTS, CountingEncoder(salt=salt), folder), TEXTS, salt)
    again = CountingEncoder(salt=1)
    check(load_or_encode(TEXTS, again, first), TEXTS, salt=1)
    assert not again.asked


def test_vectors_of_another_dimension_are_encoded_again(tmp_path: Path) -> None:
    wide = CountingEncoder(Space("wide", "Wide", 9, (Modality.TEXT,)))
    load_or_encode(TEXTS[:10], wide, tmp_path / "v")
    assert encode(TEXTS[:10], tmp_path / "v") == sorted(TEXTS[:10])


CHILD = """
import sys, time
from pathlib import Path
from core.spaces.text_vectors import load_or_encode
from tests.spaces.test_text_vectors import TEXTS, CountingEncoder

class Slow(CountingEncoder):
    def encode_texts(self, texts):
        time.sleep(0.3)
        return super().encode_texts(texts)

load_or_encode(TEXTS, Slow(chunk=2), Path(sys.argv[1]))
"""


def test_after_kill_9_only_the_rest_is_encoded(tmp_path: Path) -> None:
    folder = tmp_path / "v"
    command = [sys.executable, "-c", CHILD, str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ)
    try:
        deadline = time.monotonic() + 120
        while len(chunks(folder)) < 3 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL
    kept = 2 * len(chunks(folder))
    assert 6 <= kept < 60
    assert count_missing(TEXTS, folder) == 60 - kept
    assert len(encode(TEXTS, folder)) == 60 - kept
