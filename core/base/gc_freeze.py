"""Spares Python's collector what stays for good, and others what it costs.

Streamlit would collect all garbage after each run of a page, before it says that the run has ended.
With PyTorch and the like in the process that took 0.4 s each time, for a million objects that never
become garbage. Set aside (``gc.freeze``) they cost nothing.

While a session's work makes a million objects more, as the reading of 100,000 pictures does, each
collection takes up to a second in which nobody else is answered, and every run of anybody made one.
So garbage is collected after runs (``runner.postScriptGC`` is off) for a share of the time at most.
"""

from __future__ import annotations

import atexit
import gc
import sys
import threading
import time

MANY = 50  # modules: as many new ones are a library, with its objects
SHARE = 0.02  # of the time, that collecting may take
_lock = threading.Lock()
_due = [0.0]  # when garbage may be collected again, by the monotonic clock
_counted = [0]  # modules that were there when objects were last set aside
# At the end all is to go, or libraries that count what is left of theirs report leaks.
atexit.register(gc.unfreeze)


def set_aside() -> None:
    """Sets all aside that is no garbage now. Reference counts still free what is let go later."""
    with _lock:
        _counted[0] = len(sys.modules)
        gc.collect()
        gc.freeze()


def set_libraries_aside() -> bool:
    """The same where libraries were imported since; cheap, so pages call it in each run."""
    if len(sys.modules) < _counted[0] + MANY:
        return False
    set_aside()
    return True


def collect_when_due() -> bool:
    """Collects garbage, unless that would take more than ``SHARE`` of the time; called after runs.

    What others collect meanwhile is enough: nobody waits for it.
    """
    if time.monotonic() < _due[0] or not _lock.acquire(blocking=False):
        return False
    try:
        began = time.monotonic()
        gc.collect()
        ended = time.monotonic()
        _due[0] = ended + (ended - began) / SHARE
    finally:
        _lock.release()
    return True
