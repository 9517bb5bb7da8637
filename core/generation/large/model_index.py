"""What ``model_index.json`` of a diffusers model says: the pipeline's class and its parts.

For each part (U-Net, text encoder, tokenizer ...) it names a library and a class. It comes from a
stranger, so only classes of diffusers and transformers themselves are taken.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.base.errors import InputError, shorten

INDEX = "model_index.json"
_WITHOUT_WEIGHTS = re.compile(r"\w+(Scheduler|Tokenizer|TokenizerFast|Processor|FeatureExtractor)")
_LIBRARIES = {"diffusers", "transformers"}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a pipeline: the name of its folder, and the class that opens it."""

    name: str
    library: str
    kind: str

    @property
    def has_weights(self) -> bool:
        """Whether it is a network."""
        return not _WITHOUT_WEIGHTS.fullmatch(self.kind)


def read_index(data: bytes, name: str) -> tuple[str, tuple[Part, ...]]:
    """The pipeline's class and the parts that a ``model_index.json`` names.

    Raises:
        InputError: it is none, or names code that is neither diffusers' nor transformers' own.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise no_index(name, "cannot be read") from error
    pipeline = found.get("_class_name") if isinstance(found, dict) else None
    if isinstance(pipeline, list):
        raise foreign(name, str(pipeline[:1]))
    if not isinstance(pipeline, str) or not re.fullmatch(r"[A-Za-z0-9]+Pipeline", pipeline):
        raise no_index(name, "names no pipeline")
    parts = []
    for part, value in found.items():
        if part.startswith("_") or not _is_pair(value) or value == [None, None]:
            continue
        library, kind = value
        if not re.fullmatch(r"[a-z][a-z0-9_]*", part):
            raise foreign(name, part)
        if not isinstance(library, str) or not _is_known(library):
            raise foreign(name, f"{library}.{kind}")
        if not isinstance(kind, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", kind):
            raise foreign(name, f"{library}.{kind}")
        if kind.endswith("Pipeline"):
            raise foreign(name, f"{kind} within {pipeline}")
        parts.append(Part(part, library, kind))
    if not parts:
        raise no_index(name, "names no parts")
    return pipeline, tuple(parts)


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(one is None or isinstance(one, str) for one in value)
    )


@lru_cache(maxsize=1)
def _pipeline_modules() -> frozenset[str]:
    """Modules of diffusers' pipelines, some of which define networks; without importing it."""
    spec = find_spec("diffusers")
    places = spec.submodule_search_locations if spec else None
    return frozenset(
        folder.name for place in places or () for folder in Path(place, "pipelines").glob("[a-z]*")
    )


def _is_known(library: str) -> bool:
    return library in _LIBRARIES or library in _pipeline_modules()


def no_index(name: str, why: str) -> InputError:
    """The error of what is no model of diffusers."""
    return InputError(
        f"{shorten(name)} is no model of diffusers: its {INDEX} {why}.",
        f"A folder with {INDEX} and a folder for each part is needed; or a single "
        ".safetensors file of weights by its own path.",
        "Choose another model, such as stabilityai/sd-turbo.",
    )


def foreign(name: str, what: str) -> InputError:
    """The error of a model that would have to run code of its own."""
    return InputError(
        f"{shorten(name)} asks for code that is not diffusers' or transformers' own: "
        f"“{shorten(what)}”.",
        "A model's own code is never run.",
        "Choose another model.",
    )
