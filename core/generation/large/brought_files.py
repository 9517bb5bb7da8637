"""Files for large models that are named: LoRA, embeddings, autoencoders, a folder for each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.base.errors import InputError, shorten
from core.generation.large.single_file import CONVERTER
from core.storage import data_home

SUFFIX = ".safetensors"
_PICKLED = (".pt", ".bin", ".ckpt", ".pth")


@dataclass(frozen=True, slots=True)
class Folder:
    """Where files of one kind lie, as safetensors.

    Attributes:
        kind: of file, for people.
        place: in the data home.
        without: what else can be done where a file is not there.
    """

    kind: str
    place: str
    without: str

    @property
    def path(self) -> Path:
        """The folder; it need not be there."""
        return data_home.data_home() / self.place

    def names(self) -> list[str]:
        """What can be named."""
        return sorted(path.stem for path in self.path.glob(f"[!.]*{SUFFIX}"))

    def find(self, name: str) -> Path:
        """The file of a name.

        Raises:
            InputError: there is none, or it is pickled.
        """
        known = self.names()
        if name in known:
            return self.path / f"{name}{SUFFIX}"
        here = {path.name for path in self.path.glob("*")}
        if pickled := [ending for ending in _PICKLED if f"{name}{ending}" in here]:
            raise InputError(
                f"The {self.kind} “{shorten(name)}{pickled[0]}” is a pickled file, which can run "
                "any program as it is opened.",
                f"A {SUFFIX} file holds numbers alone; only such are opened here.",
                CONVERTER,
            )
        raise InputError(
            f"There is no {self.kind} “{shorten(name)}” here.",
            f"Known: {shorten(', '.join(known), 300)}." if known else f"“{self.path}” holds none.",
            f"Put its {SUFFIX} file into “{self.path}”, or {self.without}.",
        )
