"""Generate: text to picture. What comes out is a vector again."""

import streamlit as st

from core.base.errors import ExplorerError
from core.cache import generation as generation_cache
from core.ui.common import frame, next_steps, page
from core.ui.generate import (
    grid,
    history,
    init_image,
    inside,
    known,
    models,
    png_settings,
    prompt as prompt_panel,
    result,
    run,
)
from core.ui.help import explain
from core.ui.session.tool_line import choose_tool

IMAGE, GRID, STEPS, HISTORY, MODELS = "Image", "Grid", "Denoising steps", "History", "Models"
NAME = "picture"

page.under_app()
tool = choose_tool([IMAGE, GRID, STEPS, HISTORY, MODELS], page="generate")
with frame.settings():
    generator = prompt_panel.choose_generator()
if tool == HISTORY:
    history.show()
elif tool == MODELS:
    with frame.result():
        models.show()
elif generator is not None:
    init_image.forget()
    prompt, clicked = prompt_panel.ask(generator)
    settings = prompt_panel.choose_settings(generator)
    place, below = st.container(), st.container()
    with place:
        if tool == GRID:
            grid.show(generator, prompt, settings, clicked=clicked)
        elif tool == STEPS:
            inside.show(generator, prompt, settings)
        else:
            init_image.choose(generator, below)
            again = st.session_state.pop("draw-now", None)
            if clicked or again or st.session_state.pop(next_steps.AT_ONCE, False):
                try:
                    requests = prompt_panel.requests(generator, prompt, settings, again)
                    run.start(NAME, "Generating", requests)
                except ExplorerError as error:
                    page.show_error(error)
            above, asked = st.container(), run.requests(NAME)
            found = known.look(asked, known.SOON)
            known.warn(above, found)
            drawing = run.watch(NAME)
            if drawing is not None:
                with frame.result():
                    result.show(drawing, prompt)
                if found is None:
                    found = known.look(asked)
                    known.warn(above, found)
                known.tell(found)
            elif not prompt:
                st.info("Type a prompt, or click an example, then “Generate”.")
    png_settings.offer_dropped()
    if tool == IMAGE:
        history.show_strip()
    with st.container(horizontal=True):
        prompt_panel.tell(generator, prompt)

if generator is not None:
    generation_cache.warm(generator)  # while a person types
explain.show("generate", str(tool))
