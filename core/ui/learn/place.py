"""Where in the course the learner is: the lesson and the step that the address names.

Nothing but the address knows it, so Back, Forward and links need nothing more.
"""

from __future__ import annotations

import streamlit as st

from core.ui.common.markdown import plain
from core.ui.learn.lesson import Lesson
from core.ui.learn.lessons import LESSONS
from core.ui.session import link_values

LESSON, STEP, PLAN = "lesson", "step", "lessons"
ALL = "all"  # in the place of a step: the whole lesson, to be printed


def course() -> list[str]:
    """The names of the lessons in their order: those that a teacher's link names, or all."""
    asked = _planned()
    return [name for name in LESSONS if name in asked] or list(LESSONS)


def unknown() -> list[str]:
    """What a teacher's link names that is no lesson."""
    return [name for name in _planned() if name not in LESSONS]


def _planned() -> list[str]:
    """All names in a teacher's link."""
    return [name for one in st.query_params.get(PLAN, "").split(",") if (name := one.strip())]


def lesson() -> Lesson | None:
    """The lesson of the address; ``None`` where it names none, or one that is not here."""
    asked = st.query_params.get(LESSON, "")
    if asked and asked not in LESSONS:
        st.warning(f"There is no lesson called “{plain(asked)}”. The lessons are listed below.")
    return LESSONS.get(asked)


def step(of: Lesson) -> int:
    """The step of the address, from 1; the first where it names none of the lesson."""
    asked = st.query_params.get(STEP, "")
    number = int(asked) if asked.isdecimal() and len(asked) < 4 else 1
    number = number if 1 <= number <= len(of.steps) else 1
    st.session_state[STEP] = number  # so that a step of a link that is not here is told
    link_values.expect(STEP, f"This lesson has the steps 1 to {len(of.steps)}.")
    return number


def is_whole() -> bool:
    """Whether the address asks for all steps of its lesson at once."""
    asked = st.query_params.get(STEP) == ALL
    if asked:
        link_values.told_there(STEP)
    return asked


def go(name: str, step: int | str = 1) -> None:
    """Opens a step of a lesson, or ``ALL``, or the list of lessons where ``name`` is "".

    To be used by a button.
    """
    for key, value in ((LESSON, name), (STEP, str(step) if name else "")):
        if value:
            st.query_params[key] = value
        elif key in st.query_params:
            del st.query_params[key]
    st.session_state.pop(STEP, None)
