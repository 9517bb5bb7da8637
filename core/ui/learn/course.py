"""Learn → Lessons: the list of all with what is done, or the step that the address names."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from core.base.errors import shorten
from core.ui.common import frame
from core.ui.common.markdown import plain
from core.ui.help.learn import LESSONS as TITLES
from core.ui.learn import done, place, printed, runner
from core.ui.learn.lessons import LESSONS
from core.ui.session import shelf_cookie

_LIST = "learn-lesson"


def show() -> None:
    """The step of the address, or all lessons where it names none."""
    lesson = place.lesson()
    _show_list(lesson.name if lesson else "")
    if lesson is None:
        _show_all()
    elif place.is_whole():
        printed.show(lesson)
    else:
        runner.show(lesson, place.step(lesson))


def _show_list(current: str) -> None:
    """All lessons in the sidebar, the one of the name ``current`` marked."""
    # The address decides.
    st.session_state[_LIST] = current if current in place.course() else None

    def chosen() -> None:
        place.go(str(st.session_state[_LIST] or ""))

    with frame.settings():
        st.radio(
            "Lessons",
            place.course(),
            index=None,
            format_func=_labelled,
            key=_LIST,
            on_change=chosen,
        )


def _labelled(name: str) -> str:
    at = place.course().index(name) + 1
    lesson = LESSONS[name]
    finished = done.count(lesson) == len(lesson.steps)
    return f"{at}. {plain(lesson.title)}{' ✓' if finished else ''}"


def _show_all() -> None:
    """All lessons with what each teaches, where the address names none."""
    st.markdown(
        "A course on **embeddings**: words, pictures and facts as lists of numbers that can be "
        "compared. Its steps take a minute or two each. You predict, the real model runs on your "
        "own words or pictures, and the page explains what it gave. New to all this? Begin with 1."
    )
    if strangers := place.unknown():
        names = ", ".join(f"“{plain(shorten(name, 40))}”" for name in strangers[:5])
        st.warning(f"The link names what is no lesson: {names}. There are: {', '.join(LESSONS)}.")
    for at, name in enumerate(place.course(), start=1):
        lesson = LESSONS[name]
        steps = done.count(lesson)
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{at}. {plain(lesson.title)}**  \n{TITLES[name].about}", width="stretch")
            st.caption(f"{steps} of {len(lesson.steps)} steps done", width="content")
            st.button(
                "Continue" if steps else "Start",
                key=f"learn-open-{name}",
                icon=":material/play_arrow:",
                on_click=place.go,
                args=(name, done.first_open(lesson)),
                help=f"Opens lesson {at}",
            )
    with st.expander("A link for a class"):
        _show_class_link()
    progress = done.progress()
    if progress.trouble is not None or shelf_cookie.is_off():
        st.caption("What you have done is kept until this page is reloaded.")
    if progress.done:
        st.button("Forget what I have done", type="tertiary", on_click=progress.clear)


def _show_class_link() -> None:
    chosen = st.multiselect(
        "Lessons", list(LESSONS), format_func=lambda name: plain(LESSONS[name].title)
    )
    names = ",".join(name for name in LESSONS if name in chosen)
    page = str(st.context.url or "learn").rstrip("/")
    st.code(f"{page}?{place.PLAN}={names}" if names else page, language=None)
    alone = urlsplit(page).hostname in ("localhost", "127.0.0.1", "::1")
    st.caption(
        "The address of a step also holds the words, texts and pictures that stand in its boxes, "
        "by name: type yours, then copy it. A dropped picture stays in your browser and does not "
        "travel; name an emoji instead."
        + (
            " This address works on this computer alone: for a class, put there the name by which "
            "others reach this server."
            if alone
            else ""
        )
    )
