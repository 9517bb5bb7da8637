"""A child process of a test's own: the app's may still work for a page of another test."""

from __future__ import annotations

from types import ModuleType

import pytest

from core.base.child_worker import Worker


def own_worker(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> Worker:
    """What ``module.worker`` is until the test ends: another one of its kind, without work."""
    shared = module.worker
    worker = Worker(shared._module, name=shared._name, instead=shared._instead)
    monkeypatch.setattr(module, "worker", worker)
    return worker
