"""Generate: many pictures that differ in one or two things. Guidance and steps, seeds, a walk."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from core.base.errors import InputError, shorten
from core.generation.prompts import MAX_WALK, walk
from core.generation.request import Generated, Generator, Request
from core.generation.runs import Drawing
from core.storage import data_home
from core.ui.common import frame, page
from core.ui.common.markdown import plain
from core.ui.generate import known, prompt as prompt_panel, run
from core.ui.generate.prompt import Settings
from core.ui.session import link_values, own_pictures, page_state

GUIDANCE_STEPS, SEEDS, WALK = "Guidance × steps", "Seeds", "Prompt interpolation"
NAME, LAST, CELLS = "grid", "last", "grid-cells"
MOST = 64
CELL = 128


def show(generator: Generator, prompt: str, settings: Settings, *, clicked: bool) -> None:
    """Asks what to vary, generates where that was ``clicked``, and lays the pictures out."""
    with frame.settings():
        kind = link_values.one_of(
            st,
            "Vary",
            [GUIDANCE_STEPS, SEEDS, WALK],
            default=GUIDANCE_STEPS,
            key="vary",
            bind="query-params",
            wrap=True,
        )
    with page.errors_shown():
        if kind == GUIDANCE_STEPS:
            rows = _numbers("Guidance", "1, 2, 3, 5", "grid-guidance")
            columns = _numbers("Steps", "2, 5, 10, 20", "grid-steps", whole=True)
            labels = [f"guidance {g:g}, {int(s)} steps" for g in rows for s in columns]
        elif kind == SEEDS:
            count = int(frame.settings().number_input("Seeds", 2, MOST, 12, key="grid-seeds"))
            rows, columns = [0.0], [float(at) for at in range(count)]
            labels = []
            if generator.takes_vectors:
                frame.settings().caption(
                    "A dropped picture's name in brackets as the prompt gives variations of it."
                )
        else:
            _ask_walk(generator)
            rows, columns, labels = [0.0], [0.0] * int(st.session_state["walk-count"]), []
        if clicked:
            requests = _requests(str(kind), generator, prompt, settings, rows, columns)
            st.session_state[CELLS] = (len(columns), labels, kind)
            run.start(NAME, "Generating a grid", requests)
        above, asked = st.container(), run.requests(NAME)
        ends = _ends(asked)
        found = [known.look([one], known.SOON) for one in ends]
        known.warn_of_any(above, found)
        drawing = run.watch(NAME)
        if drawing is not None:
            with frame.result():
                _lay_out(drawing)
            if None in found:
                known.warn_of_any(above, [known.look([one]) for one in ends])


def _ends(asked: Sequence[Request]) -> list[Request]:
    """The requests whose prompts differ from what lies between: one, or both ends of a walk."""
    if asked and st.session_state[CELLS][2] == WALK:
        return [asked[0], asked[-1]]
    return list(asked[:1])


def _ask_walk(generator: Generator) -> None:
    if not generator.takes_vectors:
        raise InputError(
            f"{generator.title} takes prompts as text, not as vectors.",
            "Prompt interpolation needs vectors.",
            "Choose the small generator.",
        )
    page_state.settle(LAST)
    frame.settings().text_input(
        "To",
        key=LAST,
        bind="query-params",
        placeholder="a green pear",
        help="Spherical interpolation (slerp) between the vectors of the prompt above and of this "
        "one, with one seed. A picture's name in brackets, such as [photo.jpg], stands for its "
        "vector, here and above.",
    )
    with frame.settings().container(horizontal=True, gap="xsmall"):
        for name in own_pictures.dropped():
            st.button(
                f"To {plain(shorten(name, 24))}",
                key=f"walk-to-{name}",
                type="tertiary",
                help="Interpolates to this picture of yours.",
                on_click=page_state.write,
                args=(LAST, f"[{name}]"),
            )
    frame.settings().number_input("Number of images", 2, MAX_WALK, 8, key="walk-count")


def _numbers(label: str, default: str, key: str, *, whole: bool = False) -> list[float]:
    text = frame.settings().text_input(
        label, default, key=key, bind="query-params", help="Separated by commas."
    )
    try:
        return [float(int(part) if whole else float(part)) for part in text.split(",")]
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{label}: “{shorten(text, 80)}” is no list of {'whole ' * whole}numbers.",
            "Such as 1, 3, 5.",
            "Change it.",
        ) from error


def _requests(  # noqa: PLR0913, PLR0917
    kind: str,
    generator: Generator,
    prompt: str,
    settings: Settings,
    rows: Sequence[float],
    columns: Sequence[float],
) -> list[Request]:
    if len(rows) * len(columns) > MOST:
        raise InputError(
            f"{len(rows) * len(columns)} pictures were asked for.",
            f"A grid has at most {MOST}.",
            "Take fewer values.",
        )
    first = prompt_panel.requests(generator, prompt, replace(settings, count=1))[0]
    if kind == GUIDANCE_STEPS:
        return [replace(first, guidance=g, steps=int(s)).checked() for g in rows for s in columns]
    if kind == SEEDS:
        return [replace(first, seed=first.seed + int(at)).checked() for at in columns]
    if first.vector is None:
        raise InputError("This generator takes no vectors.", "", "Choose the small generator.")
    last = prompt_panel.resolve(str(st.session_state.get(LAST, "")))
    path = walk(first.vector, last, len(columns))
    return [replace(first, vector=vector) for vector in path]


def _lay_out(drawing: Drawing) -> None:
    width, labels, kind = st.session_state[CELLS]
    made = [one for one, _ in drawing.done]
    for start in range(0, len(made), width):
        with st.container(horizontal=True, gap="xsmall", key=f"grid-row-{start}"):
            for at, one in enumerate(made[start : start + width], start):
                told = labels[at] if labels else f"seed {one.request.seed}"
                if kind == WALK:
                    told = f"{at + 1} of {len(made)}"
                alt = f"Generated: {shorten(one.request.prompt, 80)}, {told}"
                st.image(one.image, width=CELL, caption=told, alt=alt)
    if kind == WALK and len(made) > 1:
        _offer_walk(made)
    st.caption("Each picture is in the history with all its settings.")


def _offer_walk(made: Sequence[Generated]) -> None:
    with st.container(horizontal=True):
        for label, data, ending in (
            ("Strip (PNG)", as_strip(made), "png"),
            ("Animation (GIF)", as_gif(made), "gif"),
        ):
            st.download_button(
                label,
                data,
                file_name=f"{data_home.safe_name(f'walk-{made[0].request.prompt}')}.{ending}",
                mime=f"image/{ending}",
                on_click="ignore",
                icon=":material/download:",
            )


def as_strip(made: Sequence[Generated]) -> bytes:
    """Pictures beside each other as PNG."""
    from PIL import Image

    pixels = np.concatenate([np.asarray(one.image.convert("RGB")) for one in made], axis=1)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def as_gif(made: Sequence[Generated]) -> bytes:
    """Pictures there and back as an animation."""
    frames = [one.image.convert("RGB") for one in made]
    stream = io.BytesIO()
    frames[0].save(
        stream,
        "GIF",
        save_all=True,
        append_images=[*frames[1:], *frames[-2:0:-1]],
        duration=200,
        loop=0,
    )
    return stream.getvalue()
