"""The vectors of the emoji's pictures and captions that come with the app, made anew.

To be run after a change of the drawings, the captions, or of what encodes pictures by default.
``--check`` writes nothing: it tells how far what is there lies from what is computed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

import numpy as np

from core.base.errors import ExplorerError, InputError
from core.base.types import Encoded, FloatArray, IntArray, Modality
from core.images import openmoji, shipped_vectors
from core.images.gallery import Gallery
from core.images.sources import load_gallery
from core.spaces import registry, text_vectors
from core.spaces.entry import SpaceEntry

NEAREST = 10
SEED = 17


def encode(gallery: Gallery, entry: SpaceEntry, rows: IntArray) -> FloatArray:
    """Unit vectors ``(m, dim)`` of some pictures, computed here whatever is kept.

    Raises:
        StorageError: weights are missing or damaged.
    """
    return entry.image_encoder().encode_pictures(gallery.open(int(row)) for row in rows)


def encode_captions(gallery: Gallery, entry: SpaceEntry) -> tuple[list[str], Encoded]:
    """The different captions, and their vectors ``(n, dim)`` computed here whatever is kept.

    Raises:
        NotReadyError: the model is not here.
    """
    texts = sorted({text for column in gallery.texts for text in column})
    encoder = entry.text_encoder()
    parts = [
        encoder.encode_texts(texts[start : start + encoder.chunk])
        for start in range(0, len(texts), encoder.chunk)
    ]
    vectors = np.concatenate([part.vectors for part in parts])
    lengths = np.concatenate([part.lengths for part in parts])
    return texts, Encoded(vectors, lengths, np.concatenate([part.cut for part in parts]))


def compare(computed: FloatArray, shipped: FloatArray) -> dict[str, float]:
    """What half precision does to the vectors ``(n, dim)`` of the same pictures.

    ``difference`` is the largest of a similarity of two, ``distance`` the largest between a
    picture's two vectors; ``agreement`` the mean share of the nearest that are the same, and
    ``first`` the share of pictures whose nearest other is.
    """
    exact, rounded = computed @ computed.T, shipped @ shipped.T
    difference = float(np.abs(exact - rounded).max())
    for one in (exact, rounded):
        np.fill_diagonal(one, -2)
    count = min(NEAREST, len(exact) - 1)
    near, told = (np.argsort(-one, axis=1, kind="stable")[:, :count] for one in (exact, rounded))
    shared = [len({*a} & {*b}) / count for a, b in zip(near.tolist(), told.tolist(), strict=True)]
    return {
        "difference": difference,
        "distance": float(np.linalg.norm(computed - shipped, axis=1).max()),
        "agreement": float(np.mean(shared)),
        "first": float((near[:, 0] == told[:, 0]).mean()),
    }


def check(gallery: Gallery, entry: SpaceEntry, count: int | None = None) -> dict[str, float]:
    """How far what is there lies from what is computed, of all pictures or ``count`` by chance.

    Raises:
        InputError: what is there is of other drawings or weights.
        StorageError: it is missing or damaged.
    """
    here = shipped_vectors.of_space(entry)
    if not all(digest in here for digest in gallery.digests):
        raise _other("pictures", entry)
    rows = np.sort(np.random.default_rng(SEED).permutation(len(gallery))[:count])
    shipped = np.stack([here[gallery.digests[row]] for row in rows])
    return {"pictures": len(rows)} | compare(encode(gallery, entry, rows), shipped)


def check_captions(gallery: Gallery, entry: SpaceEntry) -> dict[str, float]:
    """The same of the captions, and how far lengths are apart at most.

    Raises:
        InputError: what is there is of other captions or of another model.
        StorageError: it is missing or damaged.
    """
    here = shipped_vectors.of_captions(entry)
    texts, computed = encode_captions(gallery, entry)
    digests = [text_vectors.text_digest(text) for text in texts]
    if {*here} != {*digests} or computed.cut.any():
        raise _other("captions", entry)
    vectors = np.stack([here[digest][0] for digest in digests])
    lengths = np.array([here[digest][1] for digest in digests], np.float32)
    apart = {"length": float(np.abs(lengths - computed.lengths).max())}
    return {"captions": len(texts)} | compare(computed.vectors, vectors) | apart


def _other(what: str, entry: SpaceEntry) -> InputError:
    return InputError(
        f"The vectors of the emoji’s {what} that are there are of another {entry.space.name}.",
        "Drawings, captions, weights and code must be those that they were made from.",
        "Make them anew: python -m core.training.emoji_vectors",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m core.training.emoji_vectors")
    parser.add_argument("--check", action="store_true", help="compare with what is there")
    options = parser.parse_args(arguments)
    try:
        gallery = load_gallery(openmoji.NAME)
        entry = registry.find_space(registry.default_of_pictures(), Modality.IMAGE)
        if options.check:
            told = {"pictures": check(gallery, entry), "captions": check_captions(gallery, entry)}
            print(json.dumps(told, indent=1))
            return 0
        computed = encode(gallery, entry, np.arange(len(gallery)))
        shipped_vectors.write(gallery.digests, computed, entry.image_digest)
        texts, captions = encode_captions(gallery, entry)
        shipped_vectors.write_captions(texts, captions, entry.text_digest)
    except ExplorerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for name in (shipped_vectors.VECTORS, shipped_vectors.CAPTIONS):
        print(f"wrote {shipped_vectors.FOLDER / name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
