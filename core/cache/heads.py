"""Trainings of heads, which all sessions watch, and what came of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core.base.errors import Cancelled, NotReadyError
from core.base.types import FloatArray, Progress
from core.cache import images as images_cache, spaces as spaces_cache
from core.cache.digests import DIGESTS
from core.heads import checkpoints, export, label_texts, store, training
from core.heads.data import Data
from core.heads.labels import Labels, usable_columns
from core.heads.marks import Pairs
from core.heads.measures import Compared, compare, verdict
from core.heads.metric_effect import Effect, measure
from core.heads.settings import Settings
from core.heads.store import Origin
from core.heads.watch import Trained, Watch
from core.images import views
from core.images.gallery import Gallery
from core.spaces.encoders import head as head_encoder
from core.storage import data_home


@dataclass(frozen=True, slots=True)
class Task:
    """What is trained on what, and what the head will be called.

    Attributes:
        with_texts: whether a head for texts is trained along, where the base takes them.
        captions: ``(m, d)`` of all items, those too that are not in ``data``; zero for none.
        gallery: the pictures of all items, where views of them are trained on.
    """

    data: Data
    settings: Settings
    origin: Origin
    name: str
    with_texts: bool = False
    captions: FloatArray | None = None
    gallery: Gallery | None = None


@dataclass(frozen=True, slots=True)
class Learnt:
    """A training that has ended: its head is kept as the space ``space``.

    Attributes:
        matrix: ``(b, b)`` similarities of some held-out items, sorted by class.
        notes: how it ended, and where the head does not help.
    """

    space: str
    data: Data
    trained: Trained
    compared: tuple[Compared, ...]
    matrix: FloatArray
    notes: tuple[str, ...]


@st.cache_resource(max_entries=16, hash_funcs=DIGESTS, show_spinner=False)
def watch(key: str) -> Watch:
    """What is seen of a training."""
    return Watch()


def train(key: str, task: Task, progress: Progress) -> Learnt:
    """Trains, measures and keeps a head; meant to be called in a job.

    Raises:
        InputError: as ``training.train``.
        StorageError: the head cannot be kept.
        Cancelled: by ``progress``; the same training goes on from its checkpoint.
    """
    seen, settings = watch(key), task.settings
    if settings.label_free:
        data = _with_views(task, progress)
    else:
        data = _with_texts(task, progress) if task.with_texts else task.data
    begun = data_home.sha256(f"{data.digest} {settings}".encode())
    try:
        trained = training.train(data, settings, progress, seen, checkpoints.path_of(begun))
    finally:
        watch.clear(key)
    tell = _telling(progress)
    compared = compare(data, trained.parts, trained.head, trained.text_head, tell)
    tell(0, 0, "keeping the head")
    made = store.head_file(trained, compared, store.free_name(task.name), task.origin)
    entry = store.keep(made)
    rows = trained.head.apply(data.vectors[seen.matrix_rows])
    notes = (*trained.notes, *verdict(compared, trained.own_view))
    shown = replace(data, views=None, texts=None)  # which are large, and shown nowhere
    return Learnt(entry.space.name, shown, trained, compared, rows @ rows.T, notes)


def _telling(progress: Progress) -> Progress:
    """Only tells: what was trained is not lost to who cancels while it is measured."""

    def tell(done: int, total: int, note: str = "") -> None:
        with suppress(Cancelled):
            progress(done, total, note)

    return tell


def _with_texts(task: Task, progress: Progress) -> Data:
    """The data with the texts that are trained along, encoded where they have not been."""
    base, data = task.origin.base, task.data
    encode = label_texts.encode_in(base, spaces_cache.text_encoder(base), progress)
    captions = None if task.captions is None else task.captions[data.rows]
    return replace(data, texts=label_texts.label_texts(data.labels, encode, captions))


def _with_views(task: Task, progress: Progress) -> Data:
    """The data with augmented views of its pictures, encoded where they have not been."""
    if task.gallery is None:
        raise AssertionError  # the loss is not offered for texts
    base, encoder = task.origin.base, images_cache.picture_encoder(task.origin.base)
    pictures = task.gallery.take(task.data.rows)
    made = views.encode_views(pictures, base, encoder, task.settings.views, progress)
    return replace(task.data, views=made)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def labels(key: str, _frame: Any) -> tuple[Labels, ...]:
    """The columns of a table (pandas) of which something can be learnt; ``key`` stands for it."""
    return tuple(usable_columns(_frame).values())


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner="Adapting the space …")
def adapted(
    key: str, strength: float, _vectors: FloatArray, _pairs: Pairs, _labels: tuple[Labels, ...]
) -> Effect:
    """The metric of marked pairs of vectors ``(n, d)``; ``key`` stands for all but the strength.

    Raises:
        InputError: as ``metric_effect.measure``.
    """
    return measure(_vectors, _pairs, _labels, strength)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def exported(data: bytes) -> tuple[bytes, bytes | NotReadyError]:
    """The head of a file, for PyTorch and as ONNX, or why there is none: onnx is not installed.

    Raises:
        DamagedError: the bytes are no head.
    """
    head = head_encoder.from_bytes(data)
    try:
        return export.state_dict(head), export.onnx(head)
    except NotReadyError as error:
        return export.state_dict(head), error
