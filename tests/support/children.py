"""Child processes as tests look at them."""

from __future__ import annotations

import time

import psutil


def gone(process: int) -> bool:
    """Whether a process has ended; waits for that for a while."""
    for _ in range(200):
        if not psutil.pid_exists(process):
            return True
        try:
            if psutil.Process(process).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.1)
    return False
