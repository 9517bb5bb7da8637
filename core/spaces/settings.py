"""How a person wants a model used: what is put before texts, how many numbers are kept."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

from core.base.errors import InputError, shorten

_MAX_PROMPT = 2_000  # characters


@dataclass(frozen=True, slots=True)
class Settings:
    """Wishes for a model; what is empty is left as the model has it.

    Attributes:
        dimensions: the first so many numbers of a vector are kept (Matryoshka representations,
            Kusupati et al. 2022); 0 for all.
        query: what is put before a query; ``None`` for what the model's files say.
        text: the same for a text that is searched.
        plain_key: whether a service's key may go to another computer by http, where others on the
            network can read it.
    """

    dimensions: int = 0
    query: str | None = None
    text: str | None = None
    plain_key: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.dimensions <= 1_000_000:
            raise InputError(
                f"{self.dimensions} numbers cannot be kept.",
                "One or more, or 0 for all.",
                "Change the dimensions.",
            )
        for prompt in (self.query, self.text):
            if prompt is not None and len(prompt) > _MAX_PROMPT:
                raise InputError(
                    f"“{shorten(prompt, 40)}” has {len(prompt):,} characters.",
                    f"A prompt has at most {_MAX_PROMPT:,}.",
                    "Shorten it.",
                )

    def as_text(self) -> str:
        """JSON of what is not as the model has it; ``""`` for nothing."""
        standard = asdict(NONE)
        changed = {name: value for name, value in asdict(self).items() if value != standard[name]}
        return json.dumps(changed, sort_keys=True) if changed else ""


NONE = Settings()


def read(text: str) -> Settings:
    """The settings that ``as_text`` wrote.

    Raises:
        ValueError, TypeError: it wrote no such thing.
    """
    given = json.loads(text) if text else {}
    known = {field.name for field in fields(Settings)}
    if not isinstance(given, dict) or not given.keys() <= known:
        raise ValueError(text)
    for name, kind in (("dimensions", int), ("query", str), ("text", str), ("plain_key", bool)):
        if name in given and type(given[name]) is not kind:
            raise TypeError(name)
    return Settings(**given)
