"""The server that ``show`` starts ends with the program that started it, however that ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from core.storage.data_home import HOME_VARIABLE
from tests.conftest import ROOT

PROGRAM = """
import time
from embedding_explorer import view
print(view._host(), flush=True)
time.sleep(600)
"""


def _answers(host: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{host}/_stcore/health", timeout=5):
        return True
    return False


@pytest.mark.slow
def test_the_server_ends_with_a_program_that_is_killed(own_home: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, HOME_VARIABLE: str(own_home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    host = program.stdout.readline().strip()
    assert _answers(host)
    program.kill()
    program.wait()
    for _ in range(600):
        if not _answers(host):
            break
        time.sleep(0.1)
    assert not _answers(host)
