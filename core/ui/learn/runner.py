"""A step on the screen: explained, asked, predicted, checked, and the way on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from core.base.errors import ExplorerError
from core.lessons.predictions import Answer, Choice, Number, Prediction, judge
from core.ui.common import frame, page
from core.ui.common.markdown import plain
from core.ui.common.page_icons import ICONS
from core.ui.help.learn import LESSONS as TITLES
from core.ui.learn import boxes, done, place
from core.ui.learn.lesson import Lesson, Reveal, Step
from core.ui.session import page_state

WIDTH = 900  # pixels: a line that can be read
_MEMORY = "learn-memory"
_STEPS = "learn-steps"


@dataclass
class Memory:
    """What a session holds of a step.

    Attributes:
        given: the input that the guess is about.
        turn: goes up with each new input, so that the box for the guess is empty again.
        guess: what was predicted, once it was checked.
        found: what the model gave for the input, so that it runs once.
        asked: whether a check without a guess was tried.
    """

    given: Any = None
    turn: int = 0
    guess: Answer | None = None
    found: Reveal | None = None
    asked: bool = False


def show(lesson: Lesson, number: int) -> None:
    """The step ``number`` of a lesson, from 1."""
    step = lesson.steps[number - 1]
    with st.container(width=WIDTH, key="lesson"):
        _show_head(lesson, number)
        st.subheader(f"{number}. {step.title}", anchor=False)
        st.markdown(step.text)
        memory = memory_of(lesson, number)
        given = step.ask()
        if given is not None:
            if memory.given != given:
                memory.given, memory.turn = given, memory.turn + 1
                memory.guess, memory.found, memory.asked = None, None, False
            _predict(lesson, number, step.predict(given), memory)
            if memory.guess is not None:
                _reveal(step, given, memory.guess, memory)
        _show_end(lesson, number, checked=memory.guess is not None)


def memory_of(lesson: Lesson, number: int) -> Memory:
    """What this session holds of a step, from 1."""
    held: dict[tuple[str, int], Memory] = st.session_state.setdefault(_MEMORY, {})
    return held.setdefault((lesson.name, number), Memory())


def _show_head(lesson: Lesson, number: int) -> None:
    order = place.course()
    known = lesson.name in order  # a link may name a lesson that its plan lacks
    told = f"Lesson {order.index(lesson.name) + 1} of {len(order)} · " if known else ""
    st.caption(f"{told}{plain(lesson.title)}")
    st.session_state[_STEPS] = number  # the address decides

    def chosen() -> None:
        place.go(lesson.name, int(st.session_state[_STEPS] or number))

    st.segmented_control(
        "Steps",
        range(1, len(lesson.steps) + 1),
        format_func=lambda at: f"{at} ✓" if done.is_done(lesson, at) else str(at),
        key=_STEPS,
        on_change=chosen,
        required=True,
        label_visibility="collapsed",
    )


def _predict(lesson: Lesson, number: int, prediction: Prediction, memory: Memory) -> None:
    name = f"{lesson.name}-{number}-{memory.turn}"
    key = f"learn-guess-{name}"

    def check() -> None:
        guess = _read(prediction, st.session_state[key])
        if guess is not None:
            memory.guess, memory.asked = guess, False
            done.add(lesson, number)
        else:
            memory.asked = True

    with st.form(f"learn-form-{name}"):
        st.markdown("**Your prediction**")
        _ask(prediction, key)
        kind: Literal["primary", "secondary"] = "primary" if memory.guess is None else "secondary"
        st.form_submit_button("Check", icon=":material/check:", type=kind, on_click=check)
        if memory.asked:
            st.info("Predict first: then the model runs, and you see whether it agrees.")


def _ask(prediction: Prediction, key: str) -> None:
    question = plain(prediction.question)
    if isinstance(prediction, Choice):
        st.radio(question, prediction.options, index=None, key=key, format_func=plain)
    elif isinstance(prediction, Number):
        whole = prediction.digits == 0
        st.number_input(
            f"{question} ({prediction.told(prediction.low)} to {prediction.told(prediction.high)})",
            min_value=int(prediction.low) if whole else float(prediction.low),
            max_value=int(prediction.high) if whole else float(prediction.high),
            value=None,
            step=1 if whole else 10.0**-prediction.digits,
            key=key,
        )
    else:
        st.text_input(
            question,
            key=key,
            placeholder=f"up to {prediction.count}, separated by commas",
            max_chars=200,
        )


def _read(prediction: Prediction, value: Any) -> Answer | None:
    """What stands in the box for a guess; ``None`` where nothing does."""
    if isinstance(prediction, Number):
        return None if value is None else float(value)
    if isinstance(prediction, Choice):
        return None if value is None else str(value)
    return boxes.names(str(value or ""), prediction.count) or None


def _reveal(step: Step[Any], given: Any, guess: Answer, memory: Memory) -> None:
    with frame.result():
        try:
            if memory.found is None:
                with st.spinner("The model runs …"):
                    memory.found = step.reveal(given)
        except ExplorerError as error:
            page.show_error(error)
            return
        tell(step, given, guess, memory.found)


def tell(step: Step[Any], given: Any, guess: Answer, found: Reveal) -> None:
    """A prediction beside what the model gave, and the evidence."""
    verdict = judge(step.predict(given), guess, found.truth)
    box = st.success if verdict.right else st.warning
    box(
        f"**{plain(verdict.told)}**\n\n{found.because}",
        icon=":material/check_circle:" if verdict.right else ":material/lightbulb:",
    )
    found.show()


def _show_end(lesson: Lesson, number: int, *, checked: bool) -> None:
    last = number == len(lesson.steps)
    if last and checked:
        _show_links(lesson)
    order = place.course()
    at = order.index(lesson.name) + 1 if lesson.name in order else len(order)
    following = order[at] if at < len(order) else ""
    ways: list[tuple[str, str, int, str]] = []
    if number > 1:
        ways.append(("Back", lesson.name, number - 1, ":material/arrow_back:"))
    if not last:
        ways.append(("Next", lesson.name, number + 1, ":material/arrow_forward:"))
    elif following:
        label = f"Next lesson: {TITLES[following].title}"
        ways.append((label, following, 1, ":material/arrow_forward:"))
    else:
        ways.append(("All lessons", "", 1, ":material/list:"))
    with st.container(horizontal=True, key="lesson-ways"):
        for label, name, step, icon in ways:
            onward = checked and label != "Back"
            st.button(
                label,
                key=f"learn-{label}",
                icon=icon,
                type="primary" if onward else "secondary",
                on_click=place.go,
                args=(name, step),
            )
        st.button(
            "Whole lesson, to print",
            key="learn-whole",
            icon=":material/print:",
            type="tertiary",
            on_click=place.go,
            args=(lesson.name, place.ALL),
        )


def _show_links(lesson: Lesson) -> None:
    st.markdown("##### Go on in the tools")
    for link in lesson.tools():
        if link.page == "learn":  # a link to the page that is open would not change the address
            icon = ICONS[link.page]
            if st.button(link.label, key=f"learn-to-{link.label}", icon=icon, type="tertiary"):
                page_state.go(link.page, link.params)
            continue
        st.page_link(
            f"pages/{link.page}.py",
            label=link.label,
            icon=ICONS[link.page],
            query_params=dict(link.params),
        )
    if lesson.more:
        listed = "\n".join(f"- [{title}]({address})" for title, address in lesson.more)
        st.markdown(f"##### Read more\n\n{listed}")
