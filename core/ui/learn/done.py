"""Which steps this browser has done; found again by its cookie, which is asked for by the first."""

from __future__ import annotations

import streamlit as st

from core.lessons.progress import Progress
from core.ui.learn.lesson import Lesson
from core.ui.session import shelf_cookie

_KEY = "learn-done"


def progress() -> Progress:
    """The steps this session's browser has done, with those of its other tabs."""
    held = st.session_state.get(_KEY)
    if not isinstance(held, Progress):
        held = st.session_state[_KEY] = Progress()
    browser = shelf_cookie.known_browser()
    if held.path is None and browser is not None:
        held.attach(browser)
    held.refresh()
    return held


def add(lesson: Lesson, number: int) -> None:
    """Notes a step, from 1, as done."""
    shelf_cookie.keep_more()
    progress().add(lesson.name, number)


def count(lesson: Lesson) -> int:
    """How many of a lesson's steps are done."""
    return len(progress().done.get(lesson.name, set()) & {*range(1, len(lesson.steps) + 1)})


def is_done(lesson: Lesson, number: int) -> bool:
    """Whether a step, from 1, is done."""
    return number in progress().done.get(lesson.name, set())


def first_open(lesson: Lesson) -> int:
    """The first step, from 1, that is not done; the first where all are."""
    steps = range(1, len(lesson.steps) + 1)
    return next((at for at in steps if not is_done(lesson, at)), 1)
