"""What the benchmarks share: timing in turn, and naming the machine."""

from __future__ import annotations

import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "app.py"
Rows = list[tuple[str, ...]]  # of a table, the first one its head


def start_server(
    script: Path, out: IO[bytes] | int, home: Path | None = None
) -> tuple[subprocess.Popen[bytes], str]:
    """A Streamlit server on a free port, with nothing waited for, and its address.

    Args:
        script: ours is served as run.py serves it, others by Streamlit alone.
        out: where its messages go.
        home: its data home; ours by default.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        *(["serve.py"] if script == APP else ["-m", "streamlit", "run", script.name]),
        f"--server.port={port}",
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
    ]
    environment = dict(os.environ)
    if home is not None:
        environment["EMBEDDING_EXPLORER_HOME"] = str(home)
    process = subprocess.Popen(command, cwd=script.parent, env=environment, stdout=out, stderr=out)
    return process, f"http://localhost:{port}"


BLOCK = 10


def median_in_turn(work: Mapping[str, Callable[[], object]], blocks: int) -> dict[str, float]:
    """Median seconds of each function, warm, all in one run.

    The functions take turns in blocks of calls, so that all see the same machine; the first two
    calls of a block are not counted, since they pay for what the one before left in the caches.
    """
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(blocks):
        for name, call in work.items():
            for number in range(BLOCK + 2):
                start = time.perf_counter()
                call()
                if number >= 2:
                    times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


def machine() -> str:
    """The machine in a line."""
    import psutil

    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a Markdown table, the first one its head."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines)
