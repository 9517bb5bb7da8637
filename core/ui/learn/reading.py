"""Reading list: the papers and pages behind the lessons, lesson by lesson."""

from __future__ import annotations

import streamlit as st

from core.ui.common import frame
from core.ui.common.markdown import plain
from core.ui.learn.lessons import LESSONS
from core.ui.learn.runner import WIDTH


def show() -> None:
    """All titles with their addresses."""
    with frame.result(), st.container(width=WIDTH):
        for at, lesson in enumerate(LESSONS.values(), start=1):
            listed = "\n".join(f"- [{plain(title)}]({address})" for title, address in lesson.more)
            st.markdown(f"##### {at}. {plain(lesson.title)}\n\n{listed}")
