"""timm is imported by one thread at a time."""

from __future__ import annotations

import ast
import importlib
import threading
import time
from pathlib import Path

import pytest

from core.spaces.encoders import timm_import

ROOT = Path(__file__).resolve().parents[3]
LEFT_ALONE = "training"  # commands of one thread


def test_threads_that_need_timm_at_once_import_it_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inside, most = [], []

    def slow(name: str) -> str:
        inside.append(name)
        most.append(len(inside))
        time.sleep(0.02)
        inside.pop()
        return name

    monkeypatch.setattr(importlib, "import_module", slow)
    threads = [threading.Thread(target=timm_import.timm) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1]


def test_nothing_else_imports_timm() -> None:
    for path in (ROOT / "core").rglob("*.py"):
        if LEFT_ALONE in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "timm"], path
