"""What a callback writes into a box stays, though a request was on its way that did not know it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from core.ui.session.page_state import HEARD


def script() -> None:
    import streamlit as st

    from core.ui.session import page_state

    def write() -> None:
        st.session_state["writes"] = st.session_state.get("writes", 0) + 1
        page_state.write("box", f"written {st.session_state['writes']}")

    page_state.settle("box")
    st.text_input("Box", key="box")
    st.button("Write", on_click=write)


def run(page: AppTest, value: str, heard: int, *, click: bool = False) -> str:
    """What stands in the box after a browser that has heard of so many writes sends ``value``."""
    page.number_input(key=f"{HEARD}box").set_value(heard)
    page.text_input[0].set_value(value)
    (page.button[0].click() if click else page).run()
    return page.text_input[0].value


def test_what_a_browser_sent_before_it_had_heard_is_not_taken() -> None:
    page = AppTest.from_function(script).run()
    assert run(page, "before", 0) == "before"
    assert run(page, "before", 0, click=True) == "written 1"
    assert run(page, "before", 0) == "written 1"
    assert run(page, "before", 0, click=True) == "written 2"
    assert run(page, "before", 0) == "written 2"
    assert run(page, "written 1", 1) == "written 2"


def test_what_a_person_chooses_is_taken_at_once_though_it_was_there_before() -> None:
    page = AppTest.from_function(script).run()
    assert run(page, "before", 0) == "before"
    assert run(page, "before", 0, click=True) == "written 1"
    assert page.number_input(key=f"{HEARD}box").value == 1
    assert run(page, "before", 1) == "before"
    assert run(page, "before", 1) == "before"
    assert run(page, "before", 1, click=True) == "written 2"
    assert run(page, "typed", 1) == "typed"  # which nothing but a person has written
    assert run(page, "typed", 2) == "typed"
