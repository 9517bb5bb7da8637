"""The files of a diffusers model: which of a repository or folder belong to it, and nothing else.

A model is a folder with ``model_index.json``, which names the pipeline's class and, for each part
(U-Net, text encoder, tokenizer ...), a library and a class; each part is a folder. Taken are its
configuration and its weights as safetensors, never pickled files nor code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import InputError, StorageError, shorten
from core.base.types import Progress, no_progress
from core.generation.large.model_index import INDEX, Part, foreign, no_index, read_index
from core.storage import hub
from core.storage.data_home import storage_errors
from core.storage.downloads import RemoteFile
from core.storage.hub_client import Hub, connect

_SMALL = (".json", ".txt", ".model", ".jinja")  # the last, how a tokenizer words a chat
_PICKLED = (".bin", ".pt", ".pth", ".pkl", ".ckpt", ".h5", ".msgpack")
_LARGEST_INDEX = 1_000_000  # bytes; real ones have some hundred
_STEMS = ("diffusion_pytorch_model", "model")


@dataclass(frozen=True, slots=True)
class Layout:
    """A model's folder that was checked: its pipeline's class, parts, and the files of all.

    ``half`` tells the parts whose weights are there in half precision only or by choice (the
    variant ``fp16``).
    """

    folder: Path
    pipeline: str
    parts: tuple[Part, ...]
    files: tuple[RemoteFile, ...]

    @property
    def half(self) -> bool:
        """Whether weights of the variant ``fp16`` are to be opened."""
        return any(".fp16" in file.path for file in self.files)

    @property
    def weights(self) -> list[Path]:
        """The files that hold the networks' numbers."""
        return [self.folder / f.path for f in self.files if f.path.endswith(".safetensors")]


def choose(
    parts: Sequence[Part], files: Iterable[RemoteFile], name: str, *, half: bool
) -> list[RemoteFile]:
    """What the parts need of a model's files: no code, no pickles, weights in one form.

    Weights in half precision (the variant ``fp16``) are preferred with ``half``, else the plain
    ones; a part that has only the other form takes that.

    Raises:
        InputError: a part is missing, or not there as safetensors.
    """
    folders: dict[str, dict[str, RemoteFile]] = {}
    chosen = []
    for file in files:
        folder, _, leaf = file.path.rpartition("/")
        folders.setdefault(folder, {})[leaf] = file
    if INDEX in folders.get("", {}):
        chosen.append(folders[""][INDEX])
    for part in parts:
        leaves = folders.get(part.name, {})
        _require(part, leaves, name)
        chosen += [
            file
            for leaf, file in leaves.items()
            if leaf.endswith(_SMALL) and ".safetensors.index." not in leaf and ".bin." not in leaf
        ]
        if part.has_weights:
            chosen += _choose_weights(part, leaves, name, half=half)
    return sorted(chosen, key=lambda file: (file.size, file.path))  # what is wrong shows early


def _require(part: Part, leaves: dict[str, RemoteFile], name: str) -> None:
    """InputError where a part's folder or configuration is missing."""
    needed = ""
    if part.kind.endswith("Scheduler"):
        needed = "scheduler_config.json"
    elif part.has_weights:
        needed = "config.json"
    if not leaves or (needed and needed not in leaves):
        lacks = f"the file {part.name}/{needed}" if leaves else f"the folder “{part.name}”"
        raise InputError(
            f"The part “{part.name}” of {shorten(name)} is missing: {lacks} is not there.",
            f"Its {INDEX} names it ({part.kind}).",
            "Fetch the missing files, or choose another model.",
        )


def _choose_weights(
    part: Part, leaves: dict[str, RemoteFile], name: str, *, half: bool
) -> list[RemoteFile]:
    for variant in (".fp16", "") if half else ("", ".fp16"):
        for stem in _STEMS:
            whole = f"{stem}{variant}.safetensors"
            if whole in leaves:
                return [leaves[whole]]
            index = f"{stem}.safetensors.index{variant}.json"
            if index not in leaves:
                continue
            shards = [n for n in leaves if _shard(n, stem, variant)]
            counts = {int(n.rsplit("-of-", 1)[1].split(".")[0]) for n in shards}
            if len(counts) == 1 and counts == {len(shards)}:
                return [leaves[leaf] for leaf in (index, *sorted(shards))]
    pickled = any(leaf.endswith(_PICKLED) for leaf in leaves)
    why = "only as pickled files, which are never opened" if pickled else "not whole as safetensors"
    raise InputError(
        f"The weights of the part “{part.name}” of {shorten(name)} are there {why}.",
        f"They are needed as {_STEMS[0]}.safetensors or {_STEMS[1]}.safetensors, "
        "whole or with all shards.",
        "Choose another model, or save this one anew where you trust it, by diffusers' "
        "save_pretrained, and add that folder.",
    )


def _shard(leaf: str, stem: str, variant: str) -> bool:
    form = rf"{re.escape(stem + variant)}-\d{{5}}-of-\d{{5}}\.safetensors"
    return re.fullmatch(form, leaf) is not None


def check_folder(folder: Path, name: str, *, half: bool = False) -> Layout:
    """The model in a folder of this computer.

    Raises:
        InputError: it is none, a part is missing or only pickled, or it holds code in the place
            of a part.
        StorageError: it cannot be read.
    """
    path = folder / INDEX
    if not path.is_file():
        raise no_index(name, "is not there")
    with storage_errors("read", folder):
        if path.stat().st_size > _LARGEST_INDEX:
            raise no_index(name, "is too large to be one")
        pipeline, parts = read_index(path.read_bytes(), name)
        found = [*folder.glob("*"), *(file for p in parts for file in (folder / p.name).glob("*"))]
        files = [
            RemoteFile(file.relative_to(folder).as_posix(), file.stat().st_size)
            for file in found
            if file.is_file()
        ]
    # diffusers would run such files in the place of a part.
    code = {"None.py", f"{pipeline}.py", *(f"{p.name}/{p.library}.py" for p in parts)}
    if odd := [file.path for file in files if file.path in code]:
        raise foreign(name, odd[0])
    chosen = choose(parts, files, name, half=half)
    for file in chosen:
        _check_shards(folder / file.path, name)
    for part in parts:
        _check_class(folder / part.name, part, name)
    return Layout(folder, pipeline, parts, tuple(chosen))


def _check_shards(path: Path, name: str) -> None:
    """InputError where an index of shards names files that are not beside it."""
    if ".safetensors.index." not in path.name:
        return
    try:
        shards = set(json.loads(path.read_bytes())["weight_map"].values())
        missing = [s for s in shards if Path(s).name != s or not path.with_name(s).is_file()]
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise InputError(
            f"“{path.parent.name}/{path.name}” of {shorten(name)} cannot be read.",
            "It lists the files of a part's weights.",
            "Fetch it again.",
        ) from error
    if missing:
        raise InputError(
            f"The weights of the part “{path.parent.name}” of {shorten(name)} are not whole.",
            f"“{shorten(missing[0])}” should lie beside {path.name}.",
            "Fetch the missing files.",
        )


def _check_class(folder: Path, part: Part, name: str) -> None:
    """InputError where a class that is looked up in a configuration is a model's own."""
    if part.kind.startswith("Auto"):
        for path in folder.glob("*config.json"):
            with storage_errors("read", path):
                if b'"auto_map"' in path.read_bytes():
                    raise foreign(name, f"auto_map in {part.name}/{path.name}")


def find(repository: str) -> Path | None:
    """The folder of a whole model of a hub on this computer: our own, or the person's cache."""

    def whole(folder: Path) -> bool:
        try:
            check_folder(folder, repository)
        except (InputError, StorageError):
            return False
        return True

    return hub.find_snapshot(repository, whole=whole)


def list_remote(
    repository: str, *, half: bool, timeout: float = 10
) -> tuple[str, list[RemoteFile]]:
    """Class and files that would be downloaded of a repository; errors as of ``download``."""
    with connect("model", hub.check_name(repository), timeout) as opened:
        return _choose_remote(opened, opened.files()[1], half=half)


def download(repository: str, progress: Progress = no_progress, *, half: bool) -> Path:
    """The folder of a model, downloaded, in one form of weights.

    Raises:
        InputError: no such model, closed to this person, no diffusers model, or pickled only.
        ServiceError: the hub is out of reach, or sent what is damaged.
        StorageError: it cannot be written.
        NotReadyError: another process is downloading it.
        Cancelled: by ``progress``. After this, too, the next call goes on from what is there.
    """
    folder = hub.download_chosen(
        repository, lambda opened, files: _choose_remote(opened, files, half=half)[1], progress
    )
    return check_folder(folder, repository, half=half).folder


def _choose_remote(
    opened: Hub, files: Sequence[RemoteFile], *, half: bool
) -> tuple[str, list[RemoteFile]]:
    index = next((file for file in files if file.path == INDEX), None)
    if index is None:
        raise no_index(opened.name, "is not there")
    data, _ = opened.read(index.url, _LARGEST_INDEX)
    pipeline, parts = read_index(data, opened.name)
    return pipeline, choose(parts, files, opened.name, half=half)
