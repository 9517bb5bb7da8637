"""What a generated PNG carries: everything that made it, so that it can be made again.

One text chunk of JSON. What is read back may come from anybody: it is limited in size, each value
is checked for its kind and range, and nothing in it names a file.
"""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import PngImagePlugin

from core.base.errors import NOT_AS_WRITTEN, InputError, PictureError, shorten
from core.base.reasons import reason_of
from core.base.types import FloatArray
from core.generation.request import Generated, Request, tell_steps
from core.generation.request_checks import check_vector
from core.readers.pictures import open_picture

CHUNK = "embedding-explorer"
FORMAT = 1
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Characters; the longest that a checked request takes are about 215,000, as JSON in ASCII.
MAX_CHUNK = 250_000
_TEXTS = ("generator", "prompt", "negative", "scheduler")
_WHOLE = ("steps", "seed", "width", "height")


@dataclass(frozen=True, slots=True)
class Record:
    """What a PNG tells.

    Attributes:
        request: what was asked; a picture it began from is not in it.
        done: steps that were really done.
        seconds: that it took.
        began_from: how far a picture it began from was changed, 0 where there was none.
        stopped: whether somebody stopped it before its last step.
        control: the ControlNet that steered it by the edges of a picture, "" where none did.
    """

    request: Request
    done: int
    seconds: float
    began_from: float
    stopped: bool = False
    control: str = ""

    @property
    def lost(self) -> str:
        """Which picture took part that is not in the PNG; "" where none did."""
        if self.control:
            return f"an image whose edges steered it (ControlNet {self.control})"
        return "an initial image" if self.began_from else ""

    @property
    def steps_told(self) -> str:
        """How many steps were done, for people."""
        steps = self.request.steps
        return tell_steps(steps, self.done, self.began_from, stopped=self.stopped)


def to_png(generated: Generated) -> bytes:
    """A picture as PNG with its record."""
    request = generated.request
    record: dict[str, Any] = {name: getattr(request, name) for name in _TEXTS}
    record |= {name: int(getattr(request, name)) for name in _WHOLE}
    record |= {
        "precision": request.precision,
        "vae": request.vae,
        "format": FORMAT,
        "guidance": float(request.guidance),
        "vector": _pack(request.vector),
        "negative_vector": _pack(request.negative_vector),
        "done": generated.steps,
        "stopped": generated.stopped,
        "seconds": round(generated.seconds, 3),
        "strength": 0.0 if request.source is None else request.source.strength,
        "control": "" if request.control is None else request.control.network,
    }
    told = PngImagePlugin.PngInfo()
    told.add_itxt(CHUNK, json.dumps(record), zip=True)
    stream = io.BytesIO()
    generated.image.save(stream, "PNG", pnginfo=told)
    return stream.getvalue()


def read_record(data: bytes, name: str) -> Record | None:
    """The record of a PNG; None where it is a picture without one of ours.

    Raises:
        PictureError: it is no PNG, damaged, or larger than ``core.readers.pictures.MAX_PIXELS``.
        InputError: it has a record of ours that cannot be used.
    """
    text = read_texts(data, name).get(CHUNK)
    if text is None:
        return None
    try:
        return _from_json(text)
    except NOT_AS_WRITTEN as error:
        raise InputError(
            f"The settings in {name} cannot be read ({reason_of(error)}).",
            "They are those that this app writes into its pictures.",
            "Use the picture itself, or type the settings.",
        ) from error


def may_have_record(data: bytes) -> bool:
    """Whether a file can be a PNG with a record of ours, without opening it."""
    return may_have(data, CHUNK)


def may_have(data: bytes, *keys: str) -> bool:
    """Whether a file can be a PNG with a text under one of these keys, without opening it."""
    return data.startswith(_SIGNATURE) and any(key.encode() + b"\0" in data for key in keys)


def read_texts(data: bytes, name: str) -> dict[str, str]:
    """The texts of a PNG by their keys.

    Raises:
        PictureError: it is no PNG, damaged, or larger than ``core.readers.pictures.MAX_PIXELS``.
    """
    if not data.startswith(_SIGNATURE):  # whatever its name says
        raise PictureError(
            f"“{shorten(name)}” is no PNG.",
            "The settings of a picture are in the PNG as its program wrote it.",
            "Choose that file, as it was downloaded.",
        )
    # Loaded, since text may stand after the pixels; as a PNG only, whatever else Pillow could open.
    found = open_picture(data, name, ("PNG",)).info
    return {str(key): str(text) for key, text in found.items() if isinstance(text, str)}


def _from_json(text: str) -> Record:
    if len(text) > MAX_CHUNK:
        raise ValueError("too long")
    found = json.loads(text)
    if found["format"] != FORMAT:
        raise ValueError("another format")
    texts = {name: _checked(found[name], str) for name in _TEXTS}
    whole = {name: _checked(found[name], int) for name in _WHOLE}
    request = Request(
        **texts,
        **whole,
        guidance=float(_checked(found["guidance"], int, float)),
        precision=_checked(found.get("precision", ""), str),
        vae=_checked(found.get("vae", ""), str),
        vector=_unpack(found["vector"]),
        negative_vector=_unpack(found["negative_vector"]),
    ).checked()
    strength = float(_checked(found["strength"], int, float))
    seconds = float(_checked(found["seconds"], int, float))
    done = _checked(found["done"], int)
    # Pictures of before said it by their steps alone.
    stopped = found.get("stopped", done < int(request.steps * (strength or 1))) is True
    control = _checked(found.get("control", ""), str)
    return Record(request, done, seconds, strength, stopped, control)


def _checked(value: Any, *kinds: type) -> Any:
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise TypeError(f"{type(value).__name__} for {kinds[0].__name__}")
    return value


def _pack(vector: FloatArray | None) -> str:
    if vector is None:
        return ""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


def _unpack(text: Any) -> FloatArray | None:
    if not _checked(text, str):
        return None
    vector = np.frombuffer(base64.b64decode(text, validate=True), dtype="<f4").astype(np.float32)
    check_vector(vector)
    return vector
