"""A whole lesson on one page, to be printed: what was found in this window, and what is ahead.

No model runs for it: a step that was not done stands with its text, and with its question where it
was opened.
"""

from __future__ import annotations

import streamlit as st

from core.lessons.predictions import Choice, Number, Prediction
from core.ui.common import frame
from core.ui.common.markdown import plain
from core.ui.learn import done, place
from core.ui.learn.lesson import Lesson
from core.ui.learn.runner import WIDTH, memory_of, tell


def show(lesson: Lesson) -> None:
    """All steps of a lesson."""
    with st.container(width=WIDTH, key="lesson"):
        with st.container(horizontal=True, vertical_alignment="center", key="lesson-ways"):
            st.button(
                "Back to the steps",
                key="learn-steps-again",
                icon=":material/arrow_back:",
                on_click=place.go,
                args=(lesson.name, done.first_open(lesson)),
            )
            st.caption(
                "Print it with Ctrl + P (⌘ + P). It holds the results of the steps that you did "
                "in this window, and the texts of the others."
            )
        with frame.result():
            st.header(plain(lesson.title), anchor=False)
            for number in range(1, len(lesson.steps) + 1):
                _show_step(lesson, number)
            listed = "\n".join(f"- {plain(title)}: {address}" for title, address in lesson.more)
            st.markdown(f"##### Read more\n\n{listed}")


def _show_step(lesson: Lesson, number: int) -> None:
    step, memory = lesson.steps[number - 1], memory_of(lesson, number)
    st.subheader(f"{number}. {step.title}", anchor=False)
    st.markdown(step.text)
    if memory.given is None:
        return
    prediction = step.predict(memory.given)
    st.markdown(f"**{plain(prediction.question)}**")
    if memory.guess is not None and memory.found is not None:
        tell(step, memory.given, memory.guess, memory.found)
    else:
        st.markdown(_to_fill_in(prediction))


def _to_fill_in(prediction: Prediction) -> str:
    """Where a prediction is written by hand."""
    if isinstance(prediction, Choice):
        return "\n".join(f"- ☐ {plain(option)}" for option in prediction.options)
    bounds = ""
    if isinstance(prediction, Number):
        low, high = prediction.told(prediction.low), prediction.told(prediction.high)
        bounds = f" ({low} to {high})"
    return f"Your prediction{bounds}: " + "\\_" * 20
