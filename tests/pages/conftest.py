"""Fixtures of the page tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from core.images.vectors import EncodedGallery
from core.spaces.vocabulary_files import Loaded


@pytest.fixture(autouse=True)
def server_that_has_run_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest makes every run the first of a fresh server, where ``page.under_app`` starts
    over and a click is lost. Here, as on a server that has run app.py, it does not; the fresh
    server is tested in the browser."""
    original = PagesManager.__init__

    def init(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", init)


@pytest.fixture(scope="session", autouse=True)
def default_vectors(minilm: Loaded, emoji: EncodedGallery) -> None:
    """Words and emoji of the default space are there: no page has to build them first."""


@pytest.fixture
def own_home(own_home: Path) -> Iterator[Path]:
    """An empty data home, with nothing of another one left in the server's caches."""
    st.cache_resource.clear()
    yield own_home
    st.cache_resource.clear()
