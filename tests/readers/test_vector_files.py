"""Files of vectors: every format reads back, every damage gets one clear message."""

from __future__ import annotations

import gzip
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from safetensors.numpy import save_file

from core.base import memory
from core.base.errors import InputError, VectorFileError
from core.base.types import FloatArray
from core.readers.vector_files import read_here, read_vectors

WORDS = ["the", "cat", "über", "new york"]
VECTORS = np.array([[1, 2, 3], [0.5, -1, 0], [0, 0, 1e-3], [4, 5, 6]], dtype=np.float32)


def as_word2vec(words: list[str], vectors: FloatArray, newline: bytes = b"\n") -> bytes:
    rows = [
        word.encode() + b" " + row.tobytes() + newline
        for word, row in zip(words, vectors, strict=True)
    ]
    return f"{len(words)} {vectors.shape[1]}\n".encode() + b"".join(rows)


def as_text(words: list[str], vectors: FloatArray, separator: str = " ") -> str:
    rows = (
        separator.join([word, *(repr(float(x)) for x in row)])
        for word, row in zip(words, vectors, strict=True)
    )
    return "\n".join(rows) + "\n"


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


SINGLE = [word.replace(" ", "_") for word in WORDS]
HEADER = f"{len(WORDS)} 3\n"
FILES: dict[str, tuple[str, bytes | str]] = {
    "word2vec binary": ("w.bin", as_word2vec(SINGLE, VECTORS)),
    "word2vec binary without line ends": ("w.bin", as_word2vec(SINGLE, VECTORS, b"")),
    "word2vec text": ("w.txt", HEADER + as_text(SINGLE, VECTORS)),
    "fastText": ("w.vec", HEADER + as_text(SINGLE, VECTORS).replace("\n", " \n")),
    "GloVe": ("glove.txt", as_text(SINGLE, VECTORS)),
    "GloVe with CRLF": ("glove.txt", as_text(SINGLE, VECTORS).replace("\n", "\r\n")),
    "text with tabs": ("w.txt", as_text(SINGLE, VECTORS, "\t")),
    "gzipped": ("w.bin.gz", gzip.compress(as_word2vec(SINGLE, VECTORS))),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_format_reads_back(tmp_path: Path, kind: str) -> None:
    name, data = FILES[kind]
    found = read_vectors(write(tmp_path, name, data))
    assert found.words == SINGLE
    assert found.vectors == pytest.approx(VECTORS)
    assert found.vectors.dtype == np.float32
    assert found.notes == ()


@pytest.mark.parametrize("kind", FILES)
def test_a_limit_reads_the_first_words(tmp_path: Path, kind: str) -> None:
    name, data = FILES[kind]
    found = read_vectors(write(tmp_path, name, data), limit=2)
    assert found.words == SINGLE[:2]
    assert found.vectors == pytest.approx(VECTORS[:2])


def test_words_with_spaces_are_read_from_text(tmp_path: Path) -> None:
    assert read_vectors(write(tmp_path, "g.txt", as_text(WORDS, VECTORS))).words == WORDS


def test_arrays_read_with_a_word_list_beside_or_inside(tmp_path: Path) -> None:
    words = write(tmp_path, "words.txt", "\n".join(WORDS) + "\n")
    np.save(tmp_path / "v.npy", VECTORS.astype(np.float64))
    np.savez(tmp_path / "inside.npz", vectors=VECTORS, words=np.array(WORDS))
    np.savez_compressed(tmp_path / "beside.npz", anything=VECTORS)
    save_file({"vectors": VECTORS}, tmp_path / "beside.safetensors")
    save_file({"x": VECTORS}, tmp_path / "in.safetensors", metadata={"words": "\n".join(WORDS)})
    for name, beside in (
        ("v.npy", words),
        ("inside.npz", None),
        ("beside.npz", words),
        ("beside.safetensors", words),
        ("in.safetensors", None),
    ):
        found = read_vectors(tmp_path / name, beside)
        assert found.words == WORDS, name
        assert found.vectors == pytest.approx(VECTORS), name


def test_a_tsv_pair_reads_with_and_without_a_header(tmp_path: Path) -> None:
    vectors = "\n".join("\t".join(repr(float(x)) for x in row) for row in VECTORS)
    table = write(tmp_path, "vectors.tsv", vectors)
    one = write(tmp_path, "metadata.tsv", "\n".join(WORDS))
    two = write(tmp_path, "more.tsv", "rank\tword\n" + "".join(f"{w}\t{w}\n" for w in WORDS))
    for beside in (one, two):
        found = read_vectors(table, beside)
        assert found.words == WORDS
        assert found.vectors == pytest.approx(VECTORS)


def test_the_real_word2vec_file_reads(shared_data: Callable[[str], Path]) -> None:
    found = read_vectors(shared_data("vectors/googlenews_8k_300d.bin"))
    assert found.vectors.shape == (8_000, 300)
    assert found.format == "word2vec binary"
    assert "king" in found.words
    assert np.isfinite(found.vectors).all()


def test_repeated_words_and_rows_without_direction_are_left_out_and_told(tmp_path: Path) -> None:
    words = ["a", "b", "a", "c", "d", "e"]
    rows = np.array([[1, 0], [2, 1], [9, 9], [0, 0], [np.nan, 1], [np.inf, 1]], dtype=np.float32)
    found = read_vectors(write(tmp_path, "w.bin", as_word2vec(words, rows)))
    assert found.words == ["a", "b"]
    assert found.vectors == pytest.approx(rows[:2])
    told = " ".join(found.notes)
    assert "2 rows (such as “d”) with NaN" in told
    assert "1 row (such as “c”) of zeros" in told
    assert "1 row (such as “a”) whose word had come before" in told


WHOLE = as_word2vec(SINGLE, VECTORS)
BAD: dict[str, tuple[str, bytes | str, str]] = {
    "empty": ("w.bin", b"", "0 bytes"),
    "cut in a vector": ("w.bin", WHOLE[:-7], "ends within word 4 of the 4"),
    "cut after the header": ("w.bin", b"4 3\n", "ends within word 1"),
    "header states more words, binary": ("w.bin", WHOLE.replace(b"4 3", b"9 3", 1), "ends within"),
    "header states fewer words, binary": ("w.bin", WHOLE.replace(b"4 3", b"2 3", 1), "goes on"),
    "header states more words, text": ("w.txt", "9 3\n" + as_text(SINGLE, VECTORS), "has only 4"),
    "header states fewer words, text": ("w.txt", "2 3\n" + as_text(SINGLE, VECTORS), "has more"),
    "header states another dimension": ("w.txt", "4 2\n" + as_text(SINGLE, VECTORS), "Line 2"),
    "a short row": ("g.txt", "a 1 2 3\nb 1 2\n", "Line 2"),
    "a long row": ("g.txt", "a 1 2 3\nb 1 2 3 4\n", "Line 2"),
    "a word among the numbers": ("g.txt", "a 1 2 3\nb 1 x 3\n", "Line 2"),
    "prose": ("g.txt", "It was a dark and stormy night.\n", "not a file of vectors"),
    "an image": ("w.bin", b"\x89PNG\r\n\x1a\n" + bytes(200), "is a picture"),
    "a pickle": ("w.bin", pickle.dumps({"a": [1.0]}, protocol=4), "pickle"),
    "a damaged gzip": ("w.bin.gz", gzip.compress(WHOLE)[:-9], "A whole gzip file"),
    "zeros only": ("g.txt", "a 0 0\nb 0 0\n", "no usable row"),
    "a cut npy": ("v.npy", b"\x93NUMPY\x01\x00v\x00{'descr'", "could not be read"),
    "a zip that is none": ("v.npz", b"PK\x03\x04" + bytes(50), "could not be read"),
    "a damaged safetensors": (
        "v.safetensors",
        b"\x40\x00\0\0\0\0\0\0{nonsense" + bytes(90),
        "read",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_told_what_is_wrong(tmp_path: Path, kind: str) -> None:
    name, data, told = BAD[kind]
    with pytest.raises(VectorFileError) as caught:
        read_vectors(write(tmp_path, name, data))
    assert told in str(caught.value)
    assert caught.value.expected
    assert "\n" not in str(caught.value)


def test_a_zip_of_other_things_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "torch.bin", "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps([1]))
    with pytest.raises(VectorFileError, match="is a checkpoint of PyTorch"):
        read_vectors(tmp_path / "torch.bin")


def test_a_header_that_claims_too_much_is_told(tmp_path: Path) -> None:
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 300), }"
    data = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(40)
    with zipfile.ZipFile(tmp_path / "v.npz", "w") as archive:
        archive.writestr("vectors.npy", data)
    write(tmp_path, "v.npy", data)
    words = write(tmp_path, "words.txt", "a\n")
    for name in ("v.npz", "v.npy"):
        with pytest.raises(InputError):
            read_vectors(tmp_path / name, words)


@given(st.integers(0, 2**31))
@settings(max_examples=150, deadline=None)
def test_flipped_bytes_in_packed_files_give_vectors_or_a_clear_error(seed: int) -> None:
    import io
    import tempfile

    buffer = io.BytesIO()
    np.savez_compressed(buffer, vectors=VECTORS, words=np.array(WORDS))
    plain = io.BytesIO()
    np.save(plain, VECTORS)
    random = np.random.default_rng(seed)
    whole = (buffer.getvalue(), plain.getvalue(), gzip.compress(WHOLE))[seed % 3]
    data = bytearray(whole)
    for at in random.integers(2, len(data), 3):
        data[at] = int(random.integers(0, 256))
    with tempfile.TemporaryDirectory() as folder:
        words = write(Path(folder), "words.txt", "\n".join(WORDS))
        try:
            found = read_here(write(Path(folder), "any", bytes(data)), words, Path(folder))
        except InputError as error:
            assert str(error)
        else:
            assert np.isfinite(found.vectors).all()


def test_word_lists_break_at_line_ends_only_and_short_rows_are_told(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", VECTORS)
    odd = ["a\u0085b", "c\u2028d", "e", "f"]
    found = read_vectors(tmp_path / "v.npy", write(tmp_path, "w.txt", "\r\n".join(odd)))
    assert found.words == odd
    table = write(tmp_path, "metadata.tsv", "rank\tword\n1\ta\n2\n3\tc\n4\td\n")
    with pytest.raises(VectorFileError, match=r"Line 3 of .* has 1 columns"):
        read_vectors(tmp_path / "v.npy", table)


def test_a_ragged_file_says_how_many_words_are_good(tmp_path: Path) -> None:
    rows = "a 1 2\nb 1 2\nc 1 2\nd 1\n"
    for header in ("", "4 2\n"):
        with pytest.raises(VectorFileError, match="first 3 words"):
            read_vectors(write(tmp_path, "v.txt", header + rows))


def test_arrays_of_objects_are_never_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "v.npz", vectors=np.array([{"a": 1}], dtype=object))
    words = write(tmp_path, "words.txt", "a\n")
    for name in ("v.npy", "v.npz"):
        with pytest.raises(VectorFileError, match="could not be read"):
            read_vectors(tmp_path / name, words)


def test_an_array_without_or_with_the_wrong_words_is_told(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", VECTORS)
    np.save(tmp_path / "flat.npy", VECTORS[0])
    np.savez(tmp_path / "two.npz", a=VECTORS, b=VECTORS)
    short = write(tmp_path, "words.txt", "one\ntwo\n")
    with pytest.raises(VectorFileError, match="no words"):
        read_vectors(tmp_path / "v.npy")
    with pytest.raises(VectorFileError, match="has 2 words"):
        read_vectors(tmp_path / "v.npy", short)
    with pytest.raises(VectorFileError, match="shape"):
        read_vectors(tmp_path / "flat.npy", short)
    with pytest.raises(VectorFileError, match="called “vectors”"):
        read_vectors(tmp_path / "two.npz", short)
    with pytest.raises(VectorFileError, match="no file"):
        read_vectors(tmp_path / "absent.npy")
    latin = write(tmp_path, "latin.txt", "caf\xe9\n".encode("latin-1") * 4)
    found = read_vectors(tmp_path / "v.npy", latin)
    assert found.words == ["café"]
    assert "not UTF-8" in found.notes[0]


def test_what_memory_cannot_hold_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "SMALL", 0)
    monkeypatch.setattr(memory, "available_bytes", lambda: 50)
    path = write(tmp_path, "w.bin", WHOLE)
    with pytest.raises(InputError, match="smaller limit"):
        read_vectors(path)
    assert read_vectors(path, limit=2).words == SINGLE[:2]


def test_a_small_zip_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "v.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("vectors.npy", bytes(10_000_000))
    monkeypatch.setattr(memory, "SMALL", 0)
    monkeypatch.setattr(memory, "available_bytes", lambda: 1_000_000)
    with pytest.raises(InputError, match="unpacked"):
        read_here(tmp_path / "v.npz", None, tmp_path)


SECRETS = (
    "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin\n",
    "DATABASE_PASSWORD=hunter2222\nOTHER_SECRET=correcthorse\n",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n",
    "hunter2222 0\ncorrecthorse 0 0\n",  # words, and vectors without a direction
    "hunter2222 nan\n",
    "word 1 2\nhunter2222 correcthorse 3 4\n",
    "1 2\nhunter2222 correcthorse\nx 3 4\n",
    '{"password": "hunter2222"}\n',
    "1\t2\nhunter2222\tcorrecthorse\n",
    "hunter2222\tcorrecthorse\n",
)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("name", ["any", "v.txt", "v.tsv", "v.npy", "v.npz", "v.safetensors"])
@pytest.mark.parametrize("words", [None, "list.txt"])
def test_a_file_that_holds_no_vectors_is_not_quoted(
    tmp_path: Path, secret: str, name: str, words: str | None
) -> None:
    """On a page any path of this computer can be named: the message would be a way to read it."""
    path = write(tmp_path, name, secret)
    beside = None if words is None else write(tmp_path, words, secret)
    try:
        read_vectors(path, beside)
    except InputError as error:
        told = str(error)
        parts = [part for part in re.split(r"[^A-Za-z0-9]+", secret) if len(part) > 4]
        assert not [part for part in parts if part in told], told
        assert name in told or (words is not None and words in told)


@given(st.binary(max_size=300))
@settings(max_examples=400, deadline=None)
def test_any_bytes_give_vectors_or_a_clear_error(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), "any.bin", data)
        try:
            found = read_vectors(path)
        except InputError as error:
            assert str(error)
        else:
            assert len(found.words) == len(found.vectors) > 0
            assert np.isfinite(found.vectors).all()


@pytest.mark.slow
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
@settings(max_examples=300, deadline=None)
def test_one_wrong_byte_gives_vectors_or_a_clear_error(at: int, value: int) -> None:
    import tempfile

    data = WHOLE[:at] + bytes([value]) + WHOLE[at + 1 :]
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = read_vectors(write(Path(folder), "any.bin", data))
        except InputError as error:
            assert str(error)
        else:
            assert np.isfinite(found.vectors).all()
