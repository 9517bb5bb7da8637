"""The repositories and folders with large models that a person added: a JSON file each."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core.base.errors import NOT_AS_WRITTEN, ExplorerError, InputError, NotReadyError, shorten
from core.generation.large import checkpoints, files as large_files, single_file
from core.generation.large.catalog import FOLDER, HUB, find_spec
from core.storage import data_home, hub

PLACE = "generators"  # in the data home


@dataclass(frozen=True, slots=True)
class Added:
    """A model that a person added.

    Attributes:
        name: ``hub:`` with the repository, or ``folder:`` with the path.
        pipeline: class of diffusers, or title of a checkpoint (``checkpoints``); "" where the
            file that describes it is damaged.
        size: bytes of its files.
        weights: bytes of its networks' files among them.
        half: whether those are in half precision.
        path: of the file that describes it.
    """

    name: str
    pipeline: str
    size: int
    weights: int
    half: bool
    path: Path

    @property
    def source(self) -> str:
        """The repository or the folder."""
        return self.name.partition(":")[2]


def list_added() -> list[Added]:
    """What was added, by name."""
    return [_read(path) for path in sorted(_home().glob("[!.]*.json"))]


def add_repository(name: str, *, half: bool) -> str:
    """Lists a repository of the hub, after asking it for its files; its name in the list.

    Raises:
        InputError: no such repository, closed to this person, no model of diffusers, only pickled.
        ServiceError: the hub is out of reach.
    """
    checked = hub.check_name(name)
    if spec := find_spec(checked):
        return spec.name
    pipeline, files = large_files.list_remote(checked, half=half)
    sizes = [file.size for file in files]
    weights = [file.size for file in files if file.path.endswith(".safetensors")]
    return _write(Added(f"{HUB}{checked}", pipeline, sum(sizes), sum(weights), half, Path()))


def add_folder(path: Path, *, half: bool) -> str:
    """Lists a folder or file of this computer; its name in the list.

    Raises:
        InputError: it holds no whole model of diffusers as safetensors, and is no checkpoint that
            is known.
        OutOfMemoryError: a file has no room.
    """
    if checkpoints.is_checkpoint(path):
        network, size = checkpoints.recognize_file(path), path.stat().st_size
        name = f"{FOLDER}{path.resolve()}"
        return _write(Added(name, network.title, size, size, half=False, path=Path()))
    folder = given_folder(path)
    layout = large_files.check_folder(folder, folder.name, half=half)
    weights = sum(file.stat().st_size for file in layout.weights)
    size = sum(file.size for file in layout.files)
    return _write(Added(f"{FOLDER}{folder}", layout.pipeline, size, weights, layout.half, Path()))


def given_folder(path: Path) -> Path:
    """Where a folder lies; of a single file of weights, the folder that it is unpacked into.

    Raises:
        InputError: there is none, or the file cannot be opened.
    """
    folder = path.resolve()
    if folder.is_file():
        return single_file.unpack(folder)
    if not folder.is_dir():
        raise InputError(
            f"“{shorten(str(path))}” is no folder.",
            "The folder that holds model_index.json is needed, or a single .safetensors file.",
            "Check the path.",
        )
    return folder


def remove(name: str) -> None:
    """Takes an added model off the list; its files stay."""
    for one in list_added():
        if one.name == name:
            with data_home.storage_errors("delete", one.path):
                one.path.unlink(missing_ok=True)


def find(name: str) -> Added:
    """An added model; NotReadyError where it is not listed."""
    for one in list_added():
        if one.name == name and one.pipeline:
            return one
    raise NotReadyError(
        f"The model “{shorten(name)}” is not in the list.",
        "Known models and those that were added are there.",
        "Add it in the app, on the page Generate under “Models”.",
    )


def _home() -> Path:
    return data_home.data_home() / PLACE


def _write(one: Added) -> str:
    kept = data_home.safe_name(Path(one.source).name)
    [written] = data_home.as_bytes([one.name])
    path = _home() / f"{kept}-{data_home.sha256(written)[:6]}.json"
    about = {key: value for key, value in asdict(one).items() if key != "path"}
    data_home.write_file(path, json.dumps({"format": 1, **about}, indent=1).encode())
    return one.name


def _read(path: Path) -> Added:
    """What a file describes; of a damaged one the pipeline is empty."""
    try:
        with data_home.storage_errors("read", path):
            found = json.loads(path.read_bytes())
        name = str(found["name"])
        if name.startswith(HUB):
            hub.check_name(name.removeprefix(HUB))
        elif not Path(name.removeprefix(FOLDER)).is_absolute():
            raise ValueError(name)
        sizes = (max(0, int(found["size"])), max(0, int(found["weights"])))
        return Added(name, str(found["pipeline"]), *sizes, bool(found["half"]), path)
    except (ExplorerError, *NOT_AS_WRITTEN):
        return Added(path.stem, "", 0, 0, False, path)
