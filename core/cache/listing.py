"""What is listed once in a run of the script, however many panels of a page ask for it."""

from __future__ import annotations

from contextlib import AbstractContextManager

from core.spaces import registry


def once_a_run() -> AbstractContextManager[None]:
    """A run goes in it: the spaces are looked up once. Whoever changes them runs the page again."""
    return registry.listed_once()
