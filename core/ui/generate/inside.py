"""Generate: how it works. The noise schedule, and every step with and without guidance."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.cache import generation as generation_cache
from core.charts import generation as generation_charts
from core.generation.request import Generator
from core.generation.trace import CLASSIFIER, WITH, WITHOUT, Trace, small
from core.ui.common import denoising_step, frame, page
from core.ui.generate import known, prompt as prompt_panel
from core.ui.generate.prompt import Settings

SHOWN = 6


def show(generator: Generator, prompt: str, settings: Settings) -> None:
    """The whole tool."""
    with page.errors_shown():
        small(generator)
        if not prompt:
            st.info("Type a prompt above to see its denoising steps.")
            return
        chosen = replace(settings, random=False, count=1)
        request = prompt_panel.requests(generator, prompt, chosen)[0]
        known.warn(st, known.look([request]))
        kinds = (WITH, WITHOUT, CLASSIFIER)
        traces = {kind: generation_cache.trace(request, kind) for kind in kinds}
        with frame.result():
            _show(traces, request.guidance)


def _show(traces: dict[str, Trace], guidance: float) -> None:
    total = len(traces[WITH].steps)
    every = max(1, round(total / SHOWN))
    numbers = sorted({*range(0, total, every), total - 1})
    for kind, trace in traces.items():
        told = f"{kind}, {guidance:g}" if kind != WITHOUT else kind
        st.markdown(f"**{told.capitalize()}**")
        with st.container(horizontal=True, gap="xsmall", key=f"inside-{kind}"):
            for number in numbers:
                foreseen = ("predicted x0", "predicted x0")
                denoising_step.show(trace.steps[number], number + 1, kind, foreseen)
    left, right = st.columns(2)
    with left:
        st.markdown("**The noise schedule**")
        st.plotly_chart(
            generation_charts.schedule(traces[WITH].shares),
            key="schedule",
            alt="The share of noise at each step",
        )
    with right:
        st.markdown("**Similarity of the predicted x0 and the prompt**")
        likeness = {kind: [one.likeness for one in trace.steps] for kind, trace in traces.items()}
        st.plotly_chart(
            generation_charts.likeness(likeness),
            key="likeness",
            alt="Similarity to the prompt at each step for three kinds of guidance",
        )
    with st.expander("As a table"):
        st.dataframe(
            {"step": list(range(1, total + 1)), "noise": traces[WITH].shares, **likeness},
            hide_index=True,
            alt="Noise and similarity at each step",
        )
    st.caption(
        "The same noise denoised three ways: with classifier-free guidance as set (away from the "
        "negative prompt), without guidance (1), and with classifier guidance by our picture "
        "encoder. The first is what “Generate” gives from noise. "
        "Above: x at the step, its latents decoded. Below: the predicted x0, x − s·v, with its "
        "similarity to the prompt."
    )
