"""Tensors of a file of weights, by the names that the network itself has for them.

What training programs put around a network's names is taken off: the dictionary of a checkpoint
(``state_dict``, ``model``), and the prefixes of DataParallel (``module.``), ``torch.compile``
(``_orig_mod.``) and Lightning (``model.``, ``net.``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.base.errors import InputError, shorten
from core.readers import file_kinds
from core.readers.archives import PackedError, Zip

_WRAPPERS = ("state_dict", "model", "model_state_dict", "model_state", "net", "state_dict_ema")
_PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.", "backbone.", "clip_model.")
_SHARE = 0.9  # of the tensors that have a prefix, which is then one of the whole network
_FAULTS = (RuntimeError, ValueError, KeyError, TypeError, AttributeError, OSError)


def read_weights(path: Path) -> dict[str, Any]:
    """The tensors of a file, as floats; no pickled code is run.

    Raises:
        InputError: it cannot be read so.
    """
    return read_tensors(path)[0]


def read_tensors(path: Path) -> tuple[dict[str, Any], bool]:
    """The same, and whether something was taken off: else the file is as a network saves it.

    Raises:
        InputError: it cannot be read so.
    """
    import torch

    found = _load(path)
    wrapped = False
    for _ in _WRAPPERS:
        inner = next((found[key] for key in _WRAPPERS if isinstance(found.get(key), dict)), None)
        if inner is None:
            break
        found, wrapped = inner, True
    if not found or not all(isinstance(value, torch.Tensor) for value in found.values()):
        raise InputError(
            f"{shorten(path.name)} holds no tensors by name.",
            "A state_dict is needed.",
            "Save the model's state_dict as safetensors.",
        )
    named = {str(name): tensor for name, tensor in found.items()}
    plain = strip_prefixes(named)
    tensors = {
        name: tensor.float() if tensor.is_floating_point() else tensor
        for name, tensor in plain.items()
    }
    return tensors, wrapped or plain.keys() != named.keys()


def is_plain(path: Path) -> bool:
    """Whether a file is, by the names in its head, as a network itself saves it."""
    from safetensors import SafetensorError, safe_open

    if path.suffix != ".safetensors":
        return False
    try:
        with safe_open(path, "pt") as file:
            names = dict.fromkeys(file.keys())
    except (OSError, SafetensorError):
        return True  # opening it will say what is wrong
    return strip_prefixes(names).keys() == names.keys()


def strip_prefixes(state: dict[str, Any]) -> dict[str, Any]:
    """Tensors without the prefixes that nearly all of them have; the rest is another's."""
    while True:
        for prefix in _PREFIXES:
            inside = [name for name in state if name.startswith(prefix)]
            if state and len(inside) >= _SHARE * len(state):
                state = {name.removeprefix(prefix): state[name] for name in inside}
                break
        else:
            return state


def _load(path: Path) -> dict[str, Any]:
    from pickle import UnpicklingError  # the error alone: what torch.load raises for code

    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if _is_program(path):
        raise InputError(
            f"{shorten(path.name)} is a TorchScript archive, which holds a program beside its "
            "weights.",
            "Programs in files are never run: tensors alone are read.",
            "Take the same weights as safetensors (OpenAI's CLIP: the model clip-openai), or save "
            "its state_dict.",
        )
    try:
        if path.suffix == ".safetensors":
            found: Any = load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError, UnpicklingError, *_FAULTS) as error:
        # What torch says of a file that is none of its own is advice about its pickles.
        no_tensors = isinstance(error, UnpicklingError)
        told = "it holds more or other than tensors" if no_tensors else shorten(str(error), 80)
        if path.suffix == ".safetensors":
            told = shorten(file_kinds.reason_of_weights(path, error), 100)
        raise InputError(
            f"{shorten(path.name)} could not be read: {told}.",
            "A file of tensors is needed: safetensors, or what torch.load reads with "
            "weights_only=True.",
            "Save the weights as safetensors.",
        ) from error
    return found if isinstance(found, dict) else {}


def _is_program(path: Path) -> bool:
    """Whether a file is a ZIP as ``torch.jit.save`` writes it, with code in it."""
    try:
        with Zip(path) as archive:
            names = [member.filename for member in archive.members]
    except (OSError, PackedError):
        return False
    return any("/code/" in name or name.endswith("/constants.pkl") for name in names)
