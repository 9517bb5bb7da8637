"""Features of an image classifier: any layer of any model that timm can build.

timm has ResNet, EfficientNet, MobileNetV2 and some thousand others; ShuffleNetV2 is torchvision's.
Weights are a file of this computer: safetensors, or tensors that ``torch.load(weights_only=True)``
reads. What a layer gives is averaged over the picture and scaled to length 1.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError, shorten
from core.base.types import FloatArray, Space
from core.readers.pictures import in_batches, to_rgb
from core.spaces.encoders.timm_import import timm
from core.spaces.encoders.weights import read_weights

if TYPE_CHECKING:
    import torch
    from PIL import Image

PENULTIMATE = "penultimate"
BATCH = 32
SHUFFLE = "shufflenet_v2_x1_0"
SUGGESTED = ("resnet18", "efficientnet_b0", "mobilenetv2_100", SHUFFLE)
IMAGENET, HALF, LITE = "imagenet", "half", "lite"
MEANS = {
    IMAGENET: ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    HALF: ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),  # pixels from -1 to 1, as TensorFlow's models
    LITE: ((127 / 255,) * 3, (128 / 255,) * 3),  # (x - 127) / 128, as EfficientNet-lite
}
_USUAL_SIZE = 224
_FAULTS = (RuntimeError, ValueError, KeyError, TypeError, AttributeError, OSError)


@dataclass(frozen=True, slots=True)
class CnnRecipe:
    """How a network is built and what is read.

    Attributes:
        architecture: timm's name of the model, or torchvision's of ShuffleNetV2.
        layer: ``PENULTIMATE``, or the name of a module.
        mean: which of ``MEANS`` the weights were trained with.
        padding: ``same`` for weights that come from TensorFlow.
        size: side of the pictures the network takes; 0 for its own.
    """

    architecture: str
    layer: str = PENULTIMATE
    mean: str = IMAGENET
    padding: str = ""
    size: int = 0


class CnnEncoder:
    """Pictures to unit vectors of a network's layer.

    Args:
        space: the space of the vectors.
        recipe: the network and its layer.
        weights: the file with its weights.
    """

    chunk = 128

    def __init__(self, space: Space, recipe: CnnRecipe, weights: Path) -> None:
        self.space, self.recipe, self.weights = space, recipe, weights
        self._lock = threading.Lock()  # a hook's result is kept on the network while it runs

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        """Unit vectors ``(n, dim)`` of pictures of any size and mode.

        Raises:
            InputError: the network cannot be built or does not take the weights.
        """
        import torch

        rows: list[FloatArray] = []
        for part in in_batches(pictures, lambda one: self.transform(to_rgb(one)), BATCH):
            pixels = torch.stack(part)
            # Channels last: the order that processors convolve fastest in.
            pixels = pixels.contiguous(memory_format=torch.channels_last)
            with self._lock, torch.inference_mode():
                rows.append(self._network(pixels).numpy())
        if not rows:
            return np.empty((0, self.space.dim), dtype=np.float32)
        return vec.normalize(np.concatenate(rows))

    @cached_property
    def transform(self) -> Any:
        """What the network takes of a picture."""
        return transform_of(self.recipe)

    @cached_property
    def _network(self) -> Any:
        return _LayerReader(build(self.recipe, self.weights), self.recipe)

    def measure(self) -> int:
        """Numbers in a vector; runs the network once, which shows that it can be used."""
        import torch

        size = picture_size(self.recipe)
        pixels = torch.zeros(1, 3, size, size)
        with self._lock, torch.inference_mode():
            return int(self._network(pixels).shape[1])


def transform_of(recipe: CnnRecipe) -> Any:
    """timm's own transform for evaluation: scaled, cut to the middle square, normalised."""
    create_transform = timm().data.transforms_factory.create_transform
    mean, deviation = MEANS[recipe.mean]
    size = picture_size(recipe)
    return create_transform((3, size, size), is_training=False, mean=mean, std=deviation)


class _LayerReader:
    """Calls a network and gives what one layer made of it, averaged over the picture."""

    def __init__(self, model: Any, recipe: CnnRecipe) -> None:
        self.model, self.recipe = model, recipe
        self.seen: torch.Tensor | None = None
        if recipe.layer != PENULTIMATE:
            modules = dict(model.named_modules())
            if not recipe.layer or recipe.layer not in modules:
                known = ", ".join(layers(model)[:40])
                raise InputError(
                    f"{shorten(recipe.architecture)} has no layer “{shorten(recipe.layer)}”.",
                    f"It has: {PENULTIMATE}, {known}.",
                    "Name one of these.",
                )
            modules[recipe.layer].register_forward_hook(self._keep)

    def _keep(self, module: Any, given: Any, made: Any) -> None:
        del module, given
        self.seen = made

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        """``(n, dim)`` of pixels ``(n, 3, s, s)``."""
        import torch

        made = self.model(pixels)
        found = made if self.recipe.layer == PENULTIMATE else self.seen
        if not isinstance(found, torch.Tensor) or found.ndim not in (2, 3, 4):
            raise InputError(
                f"The layer {shorten(self.recipe.layer)} gives no features.",
                "A layer that gives one tensor is needed.",
                "Choose another layer.",
            )
        if found.ndim == 4:
            return found.mean((2, 3)).float()
        return (found.mean(1) if found.ndim == 3 else found).float()


def build(recipe: CnnRecipe, weights: Path) -> Any:
    """The network without its classifier, with its weights, ready to evaluate.

    Raises:
        InputError: there is no such network, or the weights are not its own.
    """
    state = read_weights(weights)
    head = "fc" if recipe.architecture == SHUFFLE else ""
    try:
        model, head = _create(recipe, state, head)
        missing, unknown = model.load_state_dict(state, strict=False)
    except _FAULTS as error:
        raise _unfit(recipe, weights, str(error)) from error
    missing = [name for name in missing if not name.startswith(f"{head}.")]
    unknown = [name for name in unknown if not name.startswith(f"{head}.")]
    if missing or unknown:
        first = next(iter([*missing, *unknown]))
        raise _unfit(recipe, weights, f"{len(missing) + len(unknown)} tensors differ, as {first}")
    import torch

    return model.eval().to(memory_format=torch.channels_last)


def _create(recipe: CnnRecipe, state: dict[str, Any], head: str) -> tuple[Any, str]:
    """The network whose classifier is passed over, and the classifier's name."""
    from torch import nn

    if recipe.architecture == SHUFFLE:
        import torchvision

        model: Any = torchvision.models.get_model(SHUFFLE, weights=None)
        model.fc = nn.Identity()
        return model, head
    if not timm().is_model(recipe.architecture):
        raise ValueError("timm knows no such architecture")
    options: dict[str, Any] = {"pad_type": recipe.padding} if recipe.padding else {}
    size = picture_size(recipe)
    if _is_fixed(recipe.architecture) and size != _own_size(recipe.architecture):
        options["img_size"] = size
    try:
        model = timm().create_model(recipe.architecture, pretrained=False, num_classes=0, **options)
    except TypeError as error:
        if not options:
            raise
        what = "padding to choose" if recipe.padding else "pictures of another size"
        raise ValueError(f"it has no {what}, leave that as it is") from error
    _fit_positions(model, state)
    classifier = model.default_cfg["classifier"]
    name = classifier if isinstance(classifier, str) else classifier[0]
    for key in [key for key in state if key.startswith(f"{name}.")]:
        del state[key]
    return model, str(name)


def picture_size(recipe: CnnRecipe) -> int:
    """The side in pixels of the pictures that a network takes: the wished, else its own where it
    takes no other, else 224."""
    if recipe.size:
        return recipe.size
    return _own_size(recipe.architecture) if _is_fixed(recipe.architecture) else _USUAL_SIZE


def _configuration(architecture: str) -> Any:
    known = architecture != SHUFFLE and timm().is_model(architecture)
    return timm().models.get_pretrained_cfg(architecture) if known else None


def _is_fixed(architecture: str) -> bool:
    """Whether a network takes pictures of one size alone, as vision transformers do."""
    found = _configuration(architecture)
    return bool(found is not None and found.fixed_input_size)


def _own_size(architecture: str) -> int:
    found = _configuration(architecture)
    return _USUAL_SIZE if found is None else int(found.input_size[-1])


def _fit_positions(model: Any, state: dict[str, Any]) -> None:
    """Position embeddings for another size of picture, as timm itself resamples them."""
    given, own = state.get("pos_embed"), getattr(model, "pos_embed", None)
    grid = getattr(getattr(model, "patch_embed", None), "grid_size", None)
    if given is None or own is None or grid is None or given.shape == own.shape:
        return
    if given.ndim == 3 and own.ndim == 3 and given.shape[2] == own.shape[2]:
        prefix = 0 if getattr(model, "no_embed_class", False) else model.num_prefix_tokens
        state["pos_embed"] = timm().layers.pos_embed.resample_abs_pos_embed(
            given, new_size=list(grid), num_prefix_tokens=prefix
        )


def layers(model: Any) -> list[str]:
    """Names of the modules that may be read, in their order; not the smallest parts."""
    return [name for name, module in model.named_modules() if name and any(module.children())]


def _unfit(recipe: CnnRecipe, weights: Path, reason: str) -> InputError:
    return InputError(
        f"{shorten(weights.name)} cannot be used as {shorten(recipe.architecture)}: "
        f"{shorten(' '.join(reason.split()), 160)}.",
        "Weights of exactly this architecture are needed.",
        "Check the name; for weights from TensorFlow choose the padding “same”.",
    )
