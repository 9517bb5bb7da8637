"""A page of the app as AppTest runs it."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

APP = str(Path(__file__).parents[2] / "app.py")


def open_page(page_name: str, **parameters: str) -> AppTest:
    """The page of this name with these query parameters, run without a fault."""
    page = AppTest.from_file(APP, default_timeout=300)
    page.run()
    page.switch_page(f"pages/{page_name}.py")
    for name, value in parameters.items():
        page.query_params[name] = value
    return checked(page)


def checked(page: AppTest) -> AppTest:
    """The page run once more, without a fault."""
    page.run()
    assert not page.exception, page.exception
    return page
