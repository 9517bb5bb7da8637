"""Long imports: watched while they go on, left where that is wanted, and their errors told."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from core.base.errors import Cancelled
from core.base.imports import import_watched

GATE = threading.Event()  # what the module of the test waits for
SLOW = f"""
from {__name__} import GATE

assert GATE.wait(60)
VALUE = 7
"""


def test_an_import_can_be_left_goes_on_and_is_there_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow_to_import.py").write_text(SLOW)
    monkeypatch.syspath_prepend(str(tmp_path))

    def leave() -> None:
        if "slow_to_import" in sys.modules:  # it is on its way
            raise Cancelled("training")

    with pytest.raises(Cancelled):
        import_watched("slow_to_import", leave)
    GATE.set()
    assert import_watched("slow_to_import", lambda: None).VALUE == 7


def test_what_cannot_be_imported_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        import_watched("no_such_module", lambda: None)
