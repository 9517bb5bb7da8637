"""Generators, drawing with them, and what was seen inside."""

from __future__ import annotations

import io
import secrets
from collections.abc import Sequence

import streamlit as st

from core.base.jobs import Job
from core.base.queue import Queue
from core.base.types import FloatArray
from core.cache import images as images_cache, jobs as jobs_cache, spaces as spaces_cache
from core.cache.digests import DIGESTS
from core.generation import generators, known, trace as generation_trace
from core.generation.known import Captions
from core.generation.request import Generator, Request
from core.generation.runs import Drawing
from core.generation.small.generator import SmallGenerator
from core.generation.trace import Trace
from core.images import openmoji
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE


@st.cache_resource
def queue() -> Queue:
    """Who draws and who waits: one picture at a time on this computer's device."""
    return Queue()


def _close(generator: Generator) -> None:
    generator.close()


@st.cache_resource(max_entries=1, hash_funcs=DIGESTS, show_spinner=False, on_release=_close)
def _generator(name: str, digest: str) -> Generator:
    return generators.open_generator(name)


def generator(name: str) -> Generator:
    """A generator, opened once; the one before is let go, since two may not fit in memory."""
    return _generator(name, generators.digest(name))


def warm(generator: Generator) -> None:
    """Begins to open ours in the background, so that a first picture does not wait for it."""
    if isinstance(generator, SmallGenerator) and not generator.opened:
        key = f"warm generator {generator.name}"
        jobs_cache.jobs().start(key, "Opening the generator", lambda _: generator.warm())


def draw(title: str, requests: Sequence[Request]) -> tuple[Drawing, Job]:
    """Starts drawing, once its turn has come."""
    drawing = Drawing(requests, queue())
    name = requests[0].generator
    job = jobs_cache.jobs().start(
        f"draw {secrets.token_hex(8)}",
        title,
        lambda progress: drawing.run(lambda: generator(name), progress),
    )
    return drawing, job


@st.cache_resource(
    max_entries=4, hash_funcs=DIGESTS, show_spinner="Generating with and without guidance …"
)
def _trace(request: Request, steer: str, digest: str) -> Trace:
    small = generation_trace.small(generator(request.generator))
    return generation_trace.trace(small, request, steer)


def trace(request: Request, steer: str) -> Trace:
    """Every step of a picture, drawn once for looking inside."""
    return _trace(request, steer, generators.digest(request.generator))


@st.cache_resource(show_spinner=False)  # a job asks for it, whose thread has no page
def known_captions(name: str) -> Captions:
    """What a generator of ours was trained on; the vectors are on disk by digest.

    Raises:
        NotReadyError: the captions' package or the encoder are not installed.
        StorageError: they cannot be kept.
    """
    return known.encode_captions(
        name, spaces_cache.text_encoder(registry.find_space(DEFAULT_SPACE))
    )


def emoji_vector(name: str) -> FloatArray | None:
    """The vector ``(dim,)`` of an emoji's picture by its id, as it stands in brackets.

    Raises:
        NotReadyError: the emoji or the encoder are not installed.
    """
    numbers = {item.id: number for number, item in enumerate(openmoji.list_emoji())}
    if name not in numbers:
        return None
    stream = io.BytesIO()
    openmoji.draw(name, 128).save(stream, "PNG")
    entry = registry.find_space(DEFAULT_SPACE)
    return images_cache.picture_vector(entry, stream.getvalue())
