"""Models and datasets from a Hugging Face hub, and what of them is on this computer."""

from __future__ import annotations

import glob
import json
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from math import inf
from pathlib import Path

from core.base.errors import InputError, shorten
from core.base.memory import format_bytes
from core.base.types import Progress, no_progress
from core.storage import data_home
from core.storage.downloads import RemoteFile
from core.storage.hub_client import COMMIT, Hub, connect, endpoint, folder_of, models_home

__all__ = [
    "check_name",
    "dataset_files",
    "download_chosen",
    "download_dataset_file",
    "download_model",
    "download_named",
    "download_tables",
    "find_snapshot",
    "models_home",
]

SMALL = (".json", ".txt", ".model")
TABLES = (".parquet", ".csv", ".tsv", ".jsonl", ".json", ".txt", ".xlsx")
CONVERTED = "refs/convert/parquet"  # where the hub keeps its own Parquet copy of a dataset
WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
_PICKLED = (".bin", ".pt", ".pth", ".pkl", ".ckpt", ".h5")
_NAME = re.compile(r"(?!.*(--|\.\.|\.git$))(?!.{97})(\w([\w.-]*\w)?/)?\w([\w.-]*\w)?", re.ASCII)
_PAGE = re.compile(r"(https?://)?(www\.)?(huggingface\.co|hf\.co)/", re.IGNORECASE)
_MODULE = re.compile(r"(\w+_)?\d+_\w+")  # sentence-transformers' folders: 1_Pooling, query_0_Dense
_NO_DATA = re.compile(
    r"(.*/)?(\..*|((readme|licen[cs]e|requirements)([-_.].*)?|notice|changelog|citation|config"
    r"|package(-lock)?|croissant|state|dataset_dict|dataset_infos?)\.(txt|json))",
    re.IGNORECASE,
)


def check_name(name: str) -> str:
    """``org/name`` or ``name`` as it is, or taken from the address of its page, else InputError."""
    text = name.strip()
    page = re.match(f"{re.escape(endpoint())}/", text) or _PAGE.match(text)
    if page:
        path = re.sub(r"(/(tree|blob|resolve)/.*)?/?([?#].*)?$", "", text[page.end() :])
        text = path.removeprefix("datasets/").removeprefix("models/")
    if not _NAME.fullmatch(text):
        raise InputError(
            f"“{shorten(name)}” cannot be a name on a hub.",
            "A name is “organisation/name” of letters, digits, “-”, “_” and “.”.",
            "Copy it from the top of its page, such as sentence-transformers/all-MiniLM-L6-v2.",
        )
    return text


# Models


def find_snapshot(
    name: str, *, needed: Sequence[str] = (), whole: Callable[[Path], bool] | None = None
) -> Path | None:
    """The folder of a whole model on this computer that has the files ``needed``; asks no hub.

    Looks at our own downloads, whose folders get their name once all in them is checked, then at
    the person's Hugging Face cache: a folder there needs a configuration and all its weights.
    ``whole`` says of models of another layout what makes a folder whole, wherever it is.
    """
    from huggingface_hub import constants

    for home in (models_home(), Path(constants.HF_HUB_CACHE)):
        folder = folder_of(home, "model", check_name(name))
        try:
            commit = (folder / "refs" / "main").read_text().strip()
        except (OSError, ValueError):
            continue
        found = folder / "snapshots" / commit
        if not COMMIT.fullmatch(commit) or not found.is_dir():
            continue
        if whole is not None:
            complete = whole(found)
        else:
            complete = home == models_home() or _is_whole(name, found)
        if complete and all((found / path).is_file() for path in needed):
            return found
    return None


def list_cached() -> dict[str, Path]:
    """The whole models on this computer by name, with their folders: our own downloads and what
    lies in the person's Hugging Face cache; asks no hub."""
    from huggingface_hub import constants

    names: set[str] = set()
    for home in (models_home(), Path(constants.HF_HUB_CACHE)):
        with suppress(OSError):
            folders = [path.name for path in home.glob("models--*")]
            names.update("/".join(folder.split("--")[1:]) for folder in folders)
    found: dict[str, Path] = {}
    for name in sorted(names):
        with suppress(InputError):
            if (folder := find_snapshot(name)) is not None:
                found[name] = folder
    return found


def _is_whole(name: str, folder: Path) -> bool:
    files = (path for path in folder.rglob("*") if path.is_file())  # a link without its file is not
    try:
        chosen = _choose(name, [RemoteFile(f.relative_to(folder).as_posix(), 0) for f in files])
        shards = [
            (folder / file.path).with_name(shard)
            for file in chosen
            if file.path.endswith(INDEX)
            for shard in json.loads((folder / file.path).read_bytes())["weight_map"].values()
        ]
    except (InputError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
    configured = any(file.path in {"config.json", "modules.json"} for file in chosen)
    return configured and all(shard.is_file() for shard in shards)


def _choose(name: str, files: Iterable[RemoteFile]) -> list[RemoteFile]:
    """What a model needs of its files: no code, no pickles, its weights in one form."""
    folders: dict[str, dict[str, RemoteFile]] = {}
    pickled = False
    for file in files:
        folder, _, leaf = file.path.rpartition("/")
        if not folder or _MODULE.fullmatch(folder.partition("/")[0]):
            folders.setdefault(folder, {})[leaf] = file
            pickled |= leaf.endswith(_PICKLED)
    chosen: list[RemoteFile] = []
    weights, lacking = 0, False
    for leaves in folders.values():
        found = [WHOLE] if WHOLE in leaves else []
        if not found and INDEX in leaves:
            found = [INDEX, *(n for n in leaves if re.fullmatch(r"model-.+\.safetensors", n))]
        lacking |= not found and any(re.match(r"pytorch_model.*\.bin", leaf) for leaf in leaves)
        small = [n for n in leaves if n.endswith(SMALL) and not n.endswith(".index.json")]
        chosen += [leaves[leaf] for leaf in small + found]
        weights += len(found)
    if lacking or not weights:
        only = "only as pickled files, which are never opened" if pickled else f"not as {WHOLE}"
        raise InputError(
            f"The weights of {name} are there {only}.",
            f"A model needs its weights as {WHOLE}, whole or in parts.",
            "Choose another model; most have such a file.",
        )
    return sorted(chosen, key=lambda file: (file.size, file.path))  # what is wrong shows early


def download_model(name: str, progress: Progress = no_progress) -> Path:
    """The folder of a model, downloaded: configuration, tokenizer and safetensors weights.

    Raises:
        InputError: no such model, closed to this person, or without safetensors weights.
        ServiceError: the hub is out of reach, or sent what is damaged.
        StorageError: it cannot be written.
        NotReadyError: another process is downloading it.
        Cancelled: by ``progress``. After this, too, the next call goes on from what is there.
    """
    return download_chosen(name, lambda _, files: _choose(name, files), progress)


def download_named(name: str, path: str, progress: Progress = no_progress) -> Path:
    """One file of a model, downloaded; its folder.

    Raises:
        InputError: the model has no such file; else as ``download_model``.
    """

    def choose(_: Hub, files: Sequence[RemoteFile]) -> list[RemoteFile]:
        found = [file for file in files if file.path == path]
        if not found:
            raise InputError(
                f"The model {shorten(name)} has no file {path}.",
                "That file holds its weights.",
                "Choose another model, or give its weights as a file.",
            )
        return found

    return download_chosen(name, choose, progress)


def download_chosen(
    name: str, choose: Callable[[Hub, Sequence[RemoteFile]], list[RemoteFile]], progress: Progress
) -> Path:
    """The files of a model that ``choose`` takes of all, its folder; errors as above."""
    with connect("model", check_name(name)) as hub:
        commit, files = hub.files()
        files = choose(hub, files)
        folder = hub.folder / "snapshots" / commit
        with hub.alone():
            if not folder.is_dir():
                part = folder.with_name(f"{commit}{data_home.PARTIAL}")
                hub.fetch(files, part, progress)
                with data_home.storage_errors("write", folder):
                    part.rename(folder)
                for old in folder.parent.glob(f"*{data_home.PARTIAL}"):  # of an earlier commit
                    shutil.rmtree(old, ignore_errors=True)
            data_home.write_file(hub.folder / "refs" / "main", commit.encode())
    return folder


# Datasets


def dataset_files(name: str, *, timeout: float = 10) -> list[RemoteFile]:
    """The tables of a dataset, or of the hub's Parquet copy of it; InputError if there are none."""
    with connect("dataset", check_name(name), timeout) as hub:
        return _tables(hub)[1]


def _tables(hub: Hub) -> tuple[str, list[RemoteFile]]:
    commit, files = hub.files()
    tables = [file for file in files if _is_table(file.path)]
    try:
        if not tables:
            commit, files = hub.files(CONVERTED)
            tables = [file for file in files if _is_table(file.path)]
    except InputError:
        pass  # no such copy
    if not tables:
        raise InputError(
            f"The dataset {hub.name} has no table that can be read.",
            f"It needs a file that ends in {', '.join(TABLES)}.",
            "Choose another dataset.",
        )
    return commit, tables


def _is_table(path: str) -> bool:
    return path.lower().endswith(TABLES) and not _NO_DATA.fullmatch(path)


def download_dataset_file(
    name: str, path: str, progress: Progress = no_progress, *, limit: float = inf
) -> Path:
    """A file that ``dataset_files`` names, downloaded; more than ``limit`` bytes: InputError."""
    return download_tables(name, glob.escape(path), progress, limit=limit)[0]


def download_tables(
    name: str, pattern: str, progress: Progress = no_progress, *, limit: float = inf
) -> list[Path]:
    """Files of ``dataset_files`` whose paths match, in order.

    Raises:
        InputError: no path matches, or a file is too large; else as ``download_model``.
    """
    with connect("dataset", check_name(name)) as hub:
        commit, files = _tables(hub)
        files = sorted((f for f in files if fnmatchcase(f.path, pattern)), key=lambda f: f.path)
        if not files:
            raise InputError(
                f"The dataset {hub.name} has no table “{shorten(pattern)}”.",
                "The file must be one of those listed.",
                "List its files again; it may have changed.",
            )
        for file in files:  # no more than the stated size is ever taken from the hub
            if file.size > limit:
                raise InputError(
                    f"“{shorten(file.path)}” of {hub.name} has {format_bytes(file.size)}.",
                    f"A table of at most {format_bytes(limit)} can be imported.",
                    "Choose a smaller file.",
                )
        folder = hub.folder / "snapshots" / commit
        with hub.alone():
            hub.fetch(files, folder, progress)
        return [folder / file.path for file in files]
