"""Fixtures of the page tests."""

import functools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager

from core.images.vectors import EncodedGallery
from core.spaces.vocabulary_files import Loaded
from tests.conftest import HOME


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
def packages_looked_through_once() -> Iterator[None]:
    """A server looks once for components among the installed packages, AppTest for each page
    anew: four fifths of its time."""
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(scope="session", autouse=True)
def default_vectors(minilm: Loaded, emoji: EncodedGallery) -> None:
    """Words and emoji of the default space are there: no page has to build them first."""


@pytest.fixture
def emoji_at_home(own_home: Path, emoji: EncodedGallery) -> None:
    """A data home of its own in which the emoji are encoded already."""
    shutil.copytree(HOME / "pictures", own_home / "pictures", ignore=shutil.ignore_patterns(".*"))


@pytest.fixture
def own_home(own_home: Path) -> Iterator[Path]:
    """An empty data home, with nothing of another one left in the server's caches."""
    st.cache_resource.clear()
    yield own_home
    st.cache_resource.clear()
