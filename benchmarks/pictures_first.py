"""The first search among the emoji with an empty data folder, by the command, in new processes.

By the default model with the emoji's vectors that come with the app, by the same without those of
captions, and without any, so that it encodes 1,914 pictures and captions, and by ``minilm``, which
encodes the pictures by our own encoder.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time

from benchmarks.common import ROOT, machine, table
from core.spaces.catalog import DEFAULT_PICTURES

ASKED = ["images", "--text", "a red apple", "-k", "3"]
IMPORT = "from core.images import shipped_vectors as here; "
CAPTIONS_LEFT_OUT = f"{IMPORT}here.of_captions = lambda entry: {{}}; "
LEFT_OUT = f"{CAPTIONS_LEFT_OUT}here.of_space = lambda entry: {{}}; "
RUN = "from core.cli.main import main; raise SystemExit(main({}))"


def first_search(code: str) -> tuple[float, float]:
    """Seconds on the clock and of processors that a new process takes, starting included."""
    with tempfile.TemporaryDirectory() as home:
        began, before = time.perf_counter(), os.times()
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "EMBEDDING_EXPLORER_HOME": home},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        after = os.times()
    computed = sum(after[2:4]) - sum(before[2:4])  # of children that have ended
    return time.perf_counter() - began, computed


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    run = RUN.format(ASKED)
    ways = {
        f"{DEFAULT_PICTURES}, its vectors come along": run,
        f"{DEFAULT_PICTURES}, captions encoded": CAPTIONS_LEFT_OUT + run,
        f"{DEFAULT_PICTURES}, all encoded": LEFT_OUT + run,
        "minilm, pictures encoded": RUN.format([*ASKED, "--space", "minilm"]),
    }
    taken = {
        name: [first_search(code) for _ in range(options.rounds)] for name, code in ways.items()
    }
    rows = [("first search", "seconds", "of processors")]
    rows += [
        (name, *(f"{min(one[at] for one in each):.1f}" for at in (0, 1)))
        for name, each in taken.items()
    ]
    print(machine())
    print(table(rows))


if __name__ == "__main__":
    main()
