"""A page of the app as AppTest runs it."""

from __future__ import annotations

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

APP = str(Path(__file__).parents[2] / "app.py")


def open_page(page_name: str, **parameters: str) -> AppTest:
    """The page of this name with these query parameters, as a link opens it, without a fault."""
    page = AppTest.from_file(APP, default_timeout=300)
    page.switch_page(f"pages/{page_name}.py")
    for name, value in parameters.items():
        page.query_params[name] = value
    return checked(page)


def checked(page: AppTest) -> AppTest:
    """The page run, without a fault."""
    page.run()
    assert not page.exception, page.exception
    return page


def link_warnings(page: AppTest) -> list[str]:
    """What the page says of values that its link asks for in vain, a line each."""
    said = [re.sub(r"\\(.)", r"\1", str(one.value)) for one in page.warning]
    lines = [line for one in said for line in one.split("  \n")]
    return [line for line in lines if "the link asks for" in line]
