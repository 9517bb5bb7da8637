"""Files of vectors in all formats, for `fuzz` to change."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.fuzz_seeds import WORDS, Files, numbers, saved, vectors


def vector_texts() -> Files:
    """GloVe's and word2vec's text."""
    rows = [f"{word} {row}" for word, row in zip(WORDS, numbers(" "), strict=True)]
    return ["\n".join([*top, *rows, ""]).encode() for top in ([f"{len(WORDS)} 6"], [])]


def word2vec() -> Files:
    """word2vec's binary format."""
    pairs = zip(WORDS, vectors(), strict=True)
    rows = (word.encode() + b" " + row.tobytes() for word, row in pairs)
    return [f"{len(WORDS)} 6\n".encode() + b"".join(rows)]


def packed_vectors() -> Files:
    """Both, gzipped."""
    return [gzip.compress(data, mtime=0) for data in (*word2vec(), *vector_texts())]


def npy() -> Files:
    """Arrays of several types."""
    arrays = [vectors().astype(kind) for kind in ("f4", "f8", "f2", "i2", ">f4")]
    return [saved(lambda out, array=array: np.save(out, array)) for array in arrays]


def npz() -> Files:
    """Arrays with words of text and of bytes."""
    words = np.array(WORDS), np.array([word.encode() for word in WORDS])
    return [
        saved(lambda out: np.savez_compressed(out, vectors=vectors(), words=words[0])),
        saved(lambda out: np.savez(out, vectors=vectors(), words=words[1])),
    ]


def safetensors() -> Files:
    """One tensor and two."""
    from safetensors.numpy import save

    words = {"words": "\n".join(WORDS)}
    two: dict[str, npt.NDArray[Any]] = {
        "vectors": vectors().astype(np.float16),
        "other": vectors(),
    }
    return [save({"vectors": vectors()}, words), save(two, words)]


def safetensors_alone() -> Files:
    """A tensor without words, whose list lies beside it."""
    from safetensors.numpy import save

    return [save({"embeddings": vectors().astype(kind)}) for kind in ("f4", "f2", "i4")]


def faiss_indexes() -> Files:
    """Flat indexes of FAISS, with ids and without."""
    import faiss

    plain = faiss.IndexFlatIP(vectors().shape[1])
    named = faiss.IndexIDMap(faiss.IndexFlatL2(vectors().shape[1]))
    plain.add(vectors())
    named.add_with_ids(vectors(), np.arange(len(WORDS))[::-1].astype(np.int64))
    return [faiss.serialize_index(one).tobytes() for one in (plain, named)]


def vector_tabs() -> Files:
    """Numbers alone."""
    return ["\n".join(numbers("\t")).encode()]
