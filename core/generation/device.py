"""What this computer can do: where networks run, how much memory there is, how fast it is.

torch is imported only where there may be a GPU, so that a list of models is there at once.
"""

from __future__ import annotations

import platform
import shutil
import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.base.memory import RESERVE, available_bytes, total_bytes

_TRIAL = 1_024  # rows and columns of the matrices that are multiplied to measure speed
_REACHED = 0.5  # part of that speed which a whole network comes to, about
_GPU_SPEED = 2e13  # multiplications a second in half precision; a guess, a middling card


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a network would run.

    Attributes:
        device: ``cpu``, ``cuda`` or ``mps``, as torch calls it.
        total: bytes of the device's memory that can ever be had.
        free: bytes of it that can be had now.
        bfloat16: whether it computes in bfloat16.
    """

    device: str
    total: int
    free: int
    bfloat16: bool = True


def machine() -> Machine:
    """This computer as it is now."""
    total = int(total_bytes() * (1 - RESERVE))
    free = min(total, available_bytes())  # on an idle computer more is free than may be taken
    if not may_have_gpu():
        return Machine("cpu", total, free)
    import torch

    if torch.cuda.is_available():
        left, whole = torch.cuda.mem_get_info()
        return Machine("cuda", int(whole), int(left), torch.cuda.is_bf16_supported())
    if torch.backends.mps.is_available():  # memory is shared with the rest
        return Machine("mps", total, free, bfloat16=False)
    return Machine("cpu", total, free)


def most_memory() -> int:
    """Bytes of RAM, or of the GPU's memory where that is more: what a model may ever take."""
    return max(machine().total, int(total_bytes() * (1 - RESERVE)))


@lru_cache(maxsize=1)
def may_have_gpu() -> bool:
    """Whether it is worth importing torch to look for a GPU."""
    apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    return apple or shutil.which("nvidia-smi") is not None


def speed() -> float:
    """Multiplications a second that a network comes to here, about."""
    return _GPU_SPEED if machine().device != "cpu" else _cpu_speed()


@lru_cache(maxsize=1)
def _cpu_speed() -> float:
    values = np.ones((_TRIAL, _TRIAL), np.float32)
    values @ values  # threads start
    best = float("inf")  # the others waited for another process
    for _ in range(5):
        began = time.perf_counter()
        values @ values
        best = min(best, time.perf_counter() - began)
    return _REACHED * _TRIAL**3 / max(1e-6, best)
