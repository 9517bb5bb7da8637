"""What a callback writes into a box stays, though a request was on its way that did not know it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from core.ui.session import page_state

    page_state.settle("box")
    st.text_input("Box", key="box")
    st.button("Write", on_click=page_state.write, args=("box", "written"))


def test_an_old_value_that_comes_right_after_is_not_taken() -> None:
    page = AppTest.from_function(script).run()
    page.text_input[0].set_value("before").run()
    page.button[0].click().run()
    assert page.text_input[0].value == "written"
    page.text_input[0].set_value("before").run()  # what a browser sent before it had heard
    assert page.text_input[0].value == "written"


def test_what_a_person_types_is_taken_at_once_and_the_old_value_later() -> None:
    page = AppTest.from_function(script).run()
    page.button[0].click().run()
    page.text_input[0].set_value("typed").run()
    assert page.text_input[0].value == "typed"
    page.button[0].click().run()
    written = page.session_state["page-written"]
    before, value, since = written["box"]
    written["box"] = (before, value, since - 10)
    page.text_input[0].set_value("typed").run()  # ten seconds later
    assert page.text_input[0].value == "typed"
    assert "box" not in page.session_state["page-written"]
