"""How a large model is held in the memory that there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.base.errors import InputError, OutOfMemoryError, shorten
from core.base.memory import available_bytes, format_bytes
from core.generation.device import Machine
from core.generation.large.files import Layout
from core.generation.large.spec import BYTES

_WORKING = 1_500_000_000  # bytes beside the weights, at most; small models need less


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model is held: numbers' type, and what saves memory at the cost of time.

    ``offload`` is ``""``, ``part`` (one network on the GPU at a time) or ``layer``.
    """

    device: str
    dtype: str
    offload: str = ""
    sliced: bool = False
    notes: tuple[str, ...] = ()


def count_numbers(layout: Layout, name: str) -> dict[str, int]:
    """How many numbers the weights of each part hold; reads the files' heads only.

    Raises:
        InputError: a file is damaged.
    """
    from safetensors import SafetensorError, safe_open

    counts: dict[str, int] = {}
    for path in layout.weights:
        try:
            with safe_open(path, "numpy") as file:
                for key in file.keys():  # noqa: SIM118  # it is no dict
                    numbers = 1
                    for side in file.get_slice(key).get_shape():
                        numbers *= side
                    counts[path.parent.name] = counts.get(path.parent.name, 0) + numbers
        except (SafetensorError, OSError) as error:
            raise InputError(
                f"The weights of the part “{path.parent.name}” of {shorten(name)} are damaged "
                f"({shorten(str(error))}).",
                f"{path.name} must be a whole safetensors file.",
                "Fetch it again.",
            ) from error
    return counts


def plan(
    counts: dict[str, int], here: Machine, title: str, *, flows: bool, precision: str = ""
) -> Plan:
    """How to hold a model of so many numbers on this machine.

    ``flows`` is true for transformers, which bear bfloat16 but not float16. A ``precision`` that is
    named is taken, whatever suits.

    Raises:
        OutOfMemoryError: in no way.
    """
    numbers = sum(counts.values())
    if here.device == "cuda":
        return _plan_cuda(counts, here, title, flows=flows, precision=precision)
    half = "float16" if here.device == "mps" and not flows else "bfloat16"
    suiting = ("float32", half) if here.device == "cpu" else (half,)
    for dtype in (precision,) if precision else suiting:
        needed = _needed(numbers, dtype)
        if needed <= here.free:
            notes: tuple[str, ...] = ()
            if here.device == "cpu" and dtype == half and not precision:
                wanted = format_bytes(_needed(numbers, "float32"))
                notes = (f"In {half}, since float32 would take {wanted} of memory.",)
            tight = needed > here.free / 2 or here.device == "mps"
            return Plan(here.device, dtype, sliced=tight, notes=notes)
    raise _too_large(title, _needed(numbers, precision or half), here.free)


def _plan_cuda(
    counts: dict[str, int], here: Machine, title: str, *, flows: bool, precision: str
) -> Plan:
    numbers, largest = sum(counts.values()), max(counts.values(), default=0)
    dtype = precision or ("bfloat16" if flows and here.bfloat16 else "float16")
    if _needed(numbers, dtype) <= here.free:
        return Plan("cuda", dtype)
    if numbers * BYTES[dtype] > available_bytes():
        raise _too_large(title, _needed(numbers, dtype), max(here.free, available_bytes()))
    if _needed(largest, dtype) <= here.free:
        note = "Parts wait in RAM, since the GPU's memory does not hold all of them."
        return Plan("cuda", dtype, "part", sliced=True, notes=(note,))
    note = "Layers wait in RAM, since the GPU's memory does not hold the largest part: slow."
    return Plan("cuda", dtype, "layer", sliced=True, notes=(note,))


def _needed(numbers: int, dtype: str) -> int:
    weights = numbers * BYTES[dtype]
    return weights + min(_WORKING, weights)


def _too_large(title: str, needed: int, free: int) -> OutOfMemoryError:
    return OutOfMemoryError(
        f"{title} needs {format_bytes(needed)} of memory.",
        f"{format_bytes(free)} can be used here now.",
        "Choose a smaller model, such as SD-Turbo, or end other programs.",
    )


def place(pipe: Any, chosen: Plan) -> None:
    """Puts a pipeline where the plan says; again for each that shares its networks."""
    vae: Any = getattr(pipe, "vae", None) or getattr(pipe, "vqvae", None)
    if chosen.offload == "part":
        pipe.enable_model_cpu_offload()
    elif chosen.offload == "layer":
        pipe.enable_sequential_cpu_offload()
    else:
        pipe.to(chosen.device)
    if chosen.sliced:
        pipe.enable_attention_slicing()
        if hasattr(vae, "enable_slicing"):
            vae.enable_slicing()


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error says that memory did not suffice, of the CPU or of a GPU."""
    text = str(error).lower()
    told = ("out of memory", "not enough memory", "can't allocate memory", "alloc_cpu")
    return isinstance(error, MemoryError) or any(part in text for part in told)
