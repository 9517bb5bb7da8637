"""Generate: text to picture. What comes out is a vector again."""

import streamlit as st

from core.base.errors import ExplorerError
from core.ui.common import widgets
from core.ui.generate import (
    grid as generate_grid,
    history as generate_history,
    init_image as generate_source,
    inside as generate_inside,
    models as generate_models,
    prompt as generate_prompt,
    result as generate_result,
    run as generate_draw,
)
from core.ui.help import explain

PICTURE, GRID, INSIDE, HISTORY, MODELS = "Picture", "Grid", "Inside", "History", "Models"
NAME = "picture"

widgets.under_app()
st.title("Generate", anchor=False)
st.caption("Words, a formula or a picture become a new picture, step by step out of noise.")
with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
    tool = st.segmented_control(
        "Tool",
        [PICTURE, GRID, INSIDE, HISTORY, MODELS],
        default=PICTURE,
        key="tool",
        bind="query-params",
        required=True,
    )
    generator = generate_prompt.choose_generator()
if tool == HISTORY:
    generate_history.show()
elif tool == MODELS:
    generate_models.show()
elif generator is not None:
    generate_source.forget()
    prompt = generate_prompt.ask(generator)
    settings = generate_prompt.choose_settings(generator)
    if tool == GRID:
        generate_grid.show(generator, prompt, settings)
    elif tool == INSIDE:
        generate_inside.show(generator, prompt, settings)
    else:
        generate_source.choose(generator)
        again = st.session_state.pop("draw-now", None)
        with st.container(horizontal=True):
            clicked = st.button("Draw", icon=":material/brush:", key="draw")
            generate_prompt.link(generator, prompt)
        if clicked or again:
            try:
                requests = generate_prompt.requests(generator, prompt, settings, again)
                generate_draw.start(NAME, "Drawing", requests)
            except ExplorerError as error:
                widgets.show_error(error)
        drawing = generate_draw.watch(NAME)
        if drawing is not None:
            generate_result.show(drawing)
        elif not prompt:
            st.info("Type what to draw, or click an example, then “Draw”.")

explain.show("generate", str(tool))
