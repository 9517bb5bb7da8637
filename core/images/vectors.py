"""The vectors of a gallery in a space: of its pictures, of its captions, and blends of the two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError, PictureError, shorten
from core.base.types import (
    Encoded,
    FloatArray,
    IntArray,
    Neighbor,
    Progress,
    TextEncoder,
    no_progress,
)
from core.images import shipped_vectors
from core.images.gallery import Gallery
from core.images.own_vectors import lacking
from core.images.sources import open_place
from core.knn.exact import ExactIndex
from core.readers.pictures import ImageEncoder
from core.spaces import text_vectors, vector_store
from core.spaces.encoders.head import HeadImageEncoder, HeadTextEncoder
from core.spaces.entry import SpaceEntry
from core.spaces.own_vectors import OwnSource, whole_rows
from core.spaces.sources.head import HeadSource
from core.spaces.vector_store import Items, Work

if TYPE_CHECKING:
    from PIL import Image

DEFAULT_BLEND = 0.5
LARGE = 128  # pictures in a chunk for an engine, to each of which some work is added


@dataclass(frozen=True, slots=True)
class EncodedGallery:
    """Pictures that could be opened, with their vectors.

    Attributes:
        pictures: ``(n, dim)`` unit vectors of the pictures.
        captions: the same of their captions, zero for a picture that has none; ``None`` where no
            picture has one.
        damaged: ids of the pictures that could not be opened, which are left out.
    """

    gallery: Gallery
    pictures: FloatArray
    captions: FloatArray | None
    damaged: tuple[str, ...] = ()

    def blend(self, share: float) -> FloatArray:
        """Unit vectors ``(n, dim)``: ``(1 - share) * picture + share * caption``.

        Raises:
            InputError: as ``check_blend``, or the captions were not encoded.
        """
        check_blend(self.gallery, share)
        if share == 0:
            return self.pictures
        if self.captions is None:
            raise InputError(
                f"The captions of {self.gallery.name} are not encoded by this embedding model.",
                "Only models that take texts can blend them in.",
                "Use the caption weight 0, or another model.",
            )
        return _mix(self.pictures, self.captions, share)

    def blend_other(self, row: int, pictures: FloatArray, share: float) -> FloatArray:
        """Unit vectors ``(m, dim)`` of ``pictures`` ``(m, dim)`` with the caption of a row."""
        if share == 0 or self.captions is None:
            return pictures
        return _mix(pictures, np.repeat(self.captions[row : row + 1], len(pictures), axis=0), share)


def _mix(pictures: FloatArray, captions: FloatArray, share: float) -> FloatArray:
    # Where one of the two is missing, or the share is 1, what is there counts alone.
    mixed = ((1 - share) * pictures + share * captions).astype(np.float32)
    lost = vec.lengths(mixed) < vec.MIN_LENGTH
    mixed[lost] = pictures[lost]
    return vec.normalize(mixed)


def choose_blend(gallery: Gallery, share: float | None) -> float:
    """The blend that is asked for; without one half and half where there are captions."""
    if share is None:
        return DEFAULT_BLEND if gallery.texts else 0.0
    check_blend(gallery, share)
    return share


def check_blend(gallery: Gallery, share: float) -> None:
    """Raises ``InputError`` for a blend outside 0 to 1, or of captions that are not there."""
    if not 0 <= share <= 1:
        raise InputError(
            f"The caption weight is {share:g}.",
            "It is a number from 0, the picture, to 1, the caption.",
            "Change it.",
        )
    if share and not gallery.texts:
        raise InputError(
            f"{gallery.name} has no captions to blend in.",
            "Without captions only the blend 0 is there.",
            "Leave the blend out, or name the column with the captions.",
        )


def encode_gallery(  # noqa: PLR0913, PLR0917
    gallery: Gallery,
    entry: SpaceEntry,
    encoder: ImageEncoder,
    texts: TextEncoder | None,
    progress: Progress = no_progress,
    engine: vector_store.NamedEngine | None = None,
) -> EncodedGallery:
    """A gallery's vectors; each picture and each caption is encoded once in a space and kept.

    Args:
        texts: encodes the captions; ``None`` leaves them out.
        engine: encodes pictures by ``told_places``, where that is not done here.

    Raises:
        PictureError: no picture could be opened.
        Cancelled: by ``progress``; a later call goes on where this one stopped.
    """
    if isinstance(entry.source, OwnSource):
        return _in_own(gallery, entry, texts, progress)
    if isinstance(entry.source, HeadSource) and isinstance(encoder, HeadImageEncoder):
        return _by_head(gallery, entry.source, encoder, texts, progress, engine)
    shipped = shipped_vectors.of_space(entry)

    def here(numbers: Sequence[int]) -> Encoded:
        digests = [gallery.digests[number] for number in numbers]
        ready = {row: shipped[one] for row, one in enumerate(digests) if one in shipped}
        return encode_opened(gallery.open, numbers, encoder, ready)

    found = vector_store.load_or_encode(
        Items(gallery.digests, [0] * len(gallery), "pictures"),
        Work(
            here,
            entry.space.dim,
            encoder.chunk if engine is None else LARGE,
            None if engine is None else vector_store.by_number(told_places(gallery), engine),
        ),
        entry.image_folder,
        progress,
    )
    whole = np.flatnonzero(found.lengths > 0)
    if not len(whole):
        raise PictureError(
            f"None of the {len(gallery):,} pictures of {gallery.name} could be opened.",
            "Pictures such as JPEG and PNG are needed.",
            "Check the files.",
        )
    damaged = tuple(gallery.ids[row] for row in np.flatnonzero(found.lengths == 0))
    kept = gallery.take(whole) if damaged else gallery
    captions = None
    if texts is not None and kept.texts:
        captions = _encode_captions(kept, texts, entry, progress)
    return EncodedGallery(kept, found.vectors[whole], captions, damaged)


def _by_head(  # noqa: PLR0913, PLR0917
    gallery: Gallery,
    source: HeadSource,
    encoder: HeadImageEncoder,
    texts: TextEncoder | None,
    progress: Progress,
    engine: vector_store.NamedEngine | None,
) -> EncodedGallery:
    """A gallery in the space of a head: the base's vectors are those that are kept."""
    if source.base is None:
        raise AssertionError  # such a head has no encoder
    of_texts = texts.base if isinstance(texts, HeadTextEncoder) else None
    base = encode_gallery(gallery, source.base, encoder.base, of_texts, progress, engine)
    captions = None
    if isinstance(texts, HeadTextEncoder) and base.captions is not None:
        captions = texts.head.apply(base.captions)  # which may be another than that of pictures
        captions[~base.captions.any(axis=1)] = 0  # no caption
    return EncodedGallery(base.gallery, encoder.head.apply(base.pictures), captions, base.damaged)


def _in_own(
    gallery: Gallery, entry: SpaceEntry, texts: TextEncoder | None, progress: Progress
) -> EncodedGallery:
    """A gallery in the vectors that it came with; its pictures are not opened."""
    own = gallery.own
    whole = [] if own is None else whole_rows(own.vectors).tolist()
    if own is None or not whole:
        raise PictureError(
            f"None of the {len(gallery):,} pictures of {gallery.name} has a whole vector.",
            "Vectors of finite numbers, not all zero, are needed.",
            "Check the file of vectors, or have the pictures encoded in a space.",
        )
    kept = gallery
    if len(whole) < len(gallery):
        kept = gallery.take(whole)
        kept = replace(kept, skipped=(*kept.skipped, *lacking(gallery, whole)))
        own = kept.own or own
    captions = None
    if texts is not None and kept.texts:
        captions = _encode_captions(kept, texts, entry, progress)
    return EncodedGallery(kept, vec.normalize(own.vectors), captions)


def told_places(gallery: Gallery) -> list[str]:
    """What an engine is told of each picture: its digest and where it lies.

    Raises:
        InputError: as ``require_places``.
    """
    pairs = zip(gallery.digests, require_places(gallery), strict=True)
    return [f"{digest.hex()} {place}" for digest, place in pairs]


def require_places(gallery: Gallery) -> tuple[str, ...]:
    """The path or address of each picture.

    Raises:
        InputError: the pictures are no files or objects of their own.
    """
    if not gallery.places:
        raise InputError(
            f"The pictures of {shorten(gallery.name)} are no files of their own.",
            "Pictures are read where they lie: in a folder, which all workers reach, or in an "
            "object store.",
            "Unpack them into a folder.",
        )
    return gallery.places


def encode_told(told: Sequence[str], encoder: ImageEncoder) -> Encoded:
    """Vectors ``(n, dim)`` of pictures by ``told_places``, as a worker elsewhere encodes them.

    Raises:
        StorageError: a picture is not what it was when it was listed.
        ServiceError: the object store does not answer.
    """

    def opened(number: int) -> Image.Image:
        digest, _, place = told[number].partition(" ")
        return open_place(place, bytes.fromhex(digest))

    return encode_opened(opened, range(len(told)), encoder)


def encode_opened(
    open_picture: Callable[[int], Image.Image],
    numbers: Sequence[int],
    encoder: ImageEncoder,
    ready: Mapping[int, FloatArray] = MappingProxyType({}),
) -> Encoded:
    """Vectors ``(n, dim)`` of some pictures; zero, with length zero, for those that cannot be
    opened: ``open_picture`` raises ``PictureError``.

    Args:
        ready: vectors ``(dim,)`` that are there already, by their place among ``numbers``.
    """
    at: list[int] = []

    def opened() -> Iterator[Image.Image]:
        for row, number in enumerate(numbers):
            if row in ready:
                continue
            try:
                picture = open_picture(number)
            except PictureError:
                continue
            at.append(row)
            yield picture

    found = encoder.encode_pictures(opened())
    vectors = np.zeros((len(numbers), encoder.space.dim), dtype=np.float32)
    lengths = np.zeros(len(numbers), dtype=np.float32)
    vectors[at] = found
    for row, vector in ready.items():
        vectors[row] = vector
    lengths[[*at, *ready]] = 1
    return Encoded(vectors, lengths, np.zeros(len(numbers), dtype=np.bool_))


def _encode_captions(
    gallery: Gallery, texts: TextEncoder, entry: SpaceEntry, progress: Progress
) -> FloatArray:
    every = [text for column in gallery.texts for text in column]
    ready = shipped_vectors.of_captions(entry)
    found = text_vectors.load_or_encode(every, texts, entry.text_folder, progress, ready=ready)
    columns = found.vectors.reshape(len(gallery.texts), len(gallery), -1)
    mean = vec.normalize(columns.mean(axis=0))
    rows = zip(*gallery.texts, strict=True)
    said = np.array([any(text.strip() for text in texts) for texts in rows], dtype=np.bool_)
    # Without a caption there is nothing to blend in: the blend is then the picture alone.
    mean[~said] = 0
    return mean


def rank_pictures(
    vectors: FloatArray,
    ids: Sequence[str],
    query: FloatArray,
    k: int,
    rows: IntArray | None = None,
) -> list[Neighbor]:
    """The ``k`` nearest of ``vectors`` ``(n, dim)`` to a unit vector ``(dim,)``, best first.

    Args:
        rows: where only some may be found, these; ranks then count them alone.
    """
    among = vectors if rows is None else vectors[rows]
    scores, found = ExactIndex(among).search(query[None, :], min(k, len(among)))
    return as_neighbors(ids, scores[0], found[0] if rows is None else rows[found[0]])


def as_neighbors(ids: Sequence[str], scores: FloatArray, rows: IntArray) -> list[Neighbor]:
    """Rows ``(m,)`` that were found with their ``scores`` ``(m,)``, best first."""
    return [
        Neighbor(ids[row], float(np.clip(score, -1, 1)), rank, int(row))
        for rank, (score, row) in enumerate(zip(scores, rows, strict=True), 1)
    ]
