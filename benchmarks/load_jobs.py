"""Queued work: many sessions ask for it at the same moment, and each waits for its own answer."""

from __future__ import annotations

import asyncio
import io
import random
import time
from collections.abc import Awaitable, Callable

import numpy as np

from benchmarks.load_known import Known
from benchmarks.load_session import Session
from core.sentences import datasets

TEXTS, FILES = 300, 3  # of a file that is encoded; as many files, so that some share one
POINTS = 500  # of the smallest map
STEPS = 8  # of a picture
Ask = Callable[[Session], Awaitable[str]]


async def ask_at_once(address: str, asks: list[Ask]) -> tuple[list[float], list[str]]:
    """Seconds to each answer, and what was wrong."""
    sessions = [Session(address, patience=900) for _ in asks]
    await asyncio.gather(*(session.open() for session in sessions))
    wrong: list[str] = []

    async def one(session: Session, ask: Ask) -> float:
        begun = time.perf_counter()
        try:
            told = await ask(session)
        except (LookupError, TimeoutError) as error:
            told = f"no answer: {error!r}"
        taken = time.perf_counter() - begun
        wrong.extend([*session.answer.errors(), *([told] if told else [])])
        return taken

    taken = await asyncio.gather(*(one(s, a) for s, a in zip(sessions, asks, strict=True)))
    await asyncio.gather(*(session.close() for session in sessions))
    return list(taken), wrong


def encode(known: Known, sessions: int) -> list[Ask]:
    """Files of texts that nobody encoded before; each session asks for the neighbours of a text."""
    draw = random.Random(0)
    words = known.loaded[0].words[:8_000]
    files = [[" ".join(draw.sample(words, 12)) for _ in range(TEXTS)] for _ in range(FILES)]
    entries = [
        datasets.import_table(f"load-{at}.txt", "\n".join(lines).encode())
        for at, lines in enumerate(files)
    ]
    vectors = [known.encoder.encode_texts(lines).vectors for lines in files]

    def ask(at: int) -> Ask:
        entry, own = entries[at % FILES], vectors[at % FILES]
        scores = own @ own[at]
        scores[at] = -2

        async def asked(session: Session) -> str:
            query = {
                "do": "Nearest neighbours",
                "data": entry.name,
                "row": str(at + 1),
                "near": "1",
            }
            answer = await session.go("sentences", query)
            told = answer.text_with(f"**{at + 1} → ")
            nearest = int(told.strip("*").split(" → ")[1]) - 1
            return "" if np.isclose(scores[nearest], scores.max(), atol=1e-4) else "wrong neighbour"

        return asked

    return [ask(at) for at in range(sessions)]


def make_maps(sessions: int) -> list[Ask]:
    """Maps of words by UMAP, each of another number of words."""

    def ask(at: int) -> Ask:
        async def asked(session: Session) -> str:
            count = POINTS + at
            query = {"of": "Words", "view": "Projection", "method": "UMAP", "words": str(count)}
            answer = await session.go("map", query)
            right = any(text.startswith(f"{count:,} points by UMAP") for text in answer.texts())
            return "" if right and answer.maps() else "not the map that was asked for"

        return asked

    return [ask(at) for at in range(sessions)]


def draw_pictures(known: Known, sessions: int) -> list[Ask]:
    """Pictures of the small generator, each with its own prompt and seed."""
    from PIL import Image

    subjects = ("apple", "cat", "car", "tree")
    prompts = [f"a {subjects[at % 4]}, number {at}" for at in range(sessions)]
    wanted = [known.draw(prompt, at, STEPS).image for at, prompt in enumerate(prompts)]

    def ask(at: int) -> Ask:
        async def asked(session: Session) -> str:
            query = {"tool": "Image", "prompt": prompts[at], "steps": str(STEPS)}
            query |= {"random": "false", "seed": str(at)}
            await session.go("generate", query)
            answer = await session.press("query-go")
            if not any(text.startswith(f"Seed {at} ·") for text in answer.texts()):
                return "no picture of its seed"
            data = await session.fetch(answer.download("PNG"))
            shown = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.int16)
            apart = np.abs(shown - np.asarray(wanted[at].convert("RGB"), dtype=np.int16)).max()
            return "" if apart <= 2 else f"another picture: pixels differ by {apart}"

        return asked

    return [ask(at) for at in range(sessions)]
