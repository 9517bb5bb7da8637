"""Embeddings services on the network. Their keys come from the environment or from the person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from core.base.errors import InputError, NotReadyError, shorten
from core.base.types import Modality, Space
from core.spaces import settings
from core.spaces.encoders import openai_api
from core.spaces.encoders.openai_api import OpenAIEncoder
from core.spaces.entry import READY, SpaceEntry, SpaceSpec
from core.spaces.settings import Settings
from core.spaces.sources.addable import AddableSource
from core.storage import data_home

NEEDS_KEY = "needs a key"


@dataclass(frozen=True, slots=True)
class Service:
    """A service as a person names it: ``key_variable`` holds its key, where there is one.

    Attributes:
        dimensions: how many numbers it is asked for; 0 for as many as it gives.
        plain_key: whether its key may go to another computer by http.
    """

    url: str
    model: str
    key_variable: str = ""
    dimensions: int = 0
    plain_key: bool = False

    @property
    def settings(self) -> Settings:
        """What of it is not in the other fields of a description."""
        return Settings(dimensions=self.dimensions, plain_key=self.plain_key)


class ServiceSource(AddableSource):
    """Asked for each text, over the API of OpenAI."""

    name = "api"
    is_service = True
    known = (
        SpaceSpec(
            Space(
                "text-embedding-3-small", "OpenAI text-embedding-3-small", 1536, (Modality.TEXT,)
            ),
            "OpenAI's service: the texts are sent to it, and it charges for them.",
            model="text-embedding-3-small",
            url="https://api.openai.com/v1",
            key_variable="OPENAI_API_KEY",
        ),
    )

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Ready where the environment holds its key; else the key can be typed."""
        wanted = settings.read(spec.settings).dimensions
        told = f"api {spec.url} {spec.model} {spec.space.dim}" + (f" {wanted}" if wanted else "")
        digest = data_home.sha256(told.encode())
        if environment_key(spec.url, spec.key_variable):
            return SpaceEntry(spec, self, READY, digest)
        way = f"Set the variable {spec.key_variable}, or type" if spec.key_variable else "Type"
        remedy = f"{way} the key in the app, on the page Sentences."
        return SpaceEntry(spec, self, NEEDS_KEY, digest, remedy=remedy)

    def described(self, spec: SpaceSpec) -> SpaceSpec:
        """The address must be one that can be read."""
        urlsplit(spec.url)
        return replace(
            spec,
            about=f"The model {shorten(spec.model)} of the service at {spec.url}: the texts are "
            "sent to it.",
        )

    def text_encoder(self, entry: SpaceEntry, key: str) -> OpenAIEncoder:
        """The service; asked with ``key``, or the environment's.

        Raises:
            NotReadyError: there is neither.
        """
        spec = entry.spec
        chosen = key or environment_key(spec.url, spec.key_variable)
        if not chosen:
            raise NotReadyError(
                f"{entry.space.title} needs a key.", "", f"Set {spec.key_variable or 'it'}."
            )
        wanted = settings.read(spec.settings)
        return OpenAIEncoder(
            entry.space,
            model=spec.model,
            key=chosen,
            base_url=spec.url,
            dimensions=wanted.dimensions,
            plain_key=wanted.plain_key,
        )

    def probe(self, service: Service, key: str = "") -> SpaceEntry:
        """The space of a service's model; asks it for one vector.

        Args:
            key: used for this alone, else the environment's.

        Raises:
            InputError: the address, model or key cannot be used.
            ServiceError: the service did not answer as it should.
        """
        model, variable = service.model, service.key_variable
        openai_api.check_variable(variable)
        url = str(openai_api.read_address(service.url))
        dim = openai_api.probe(
            model,
            key or environment_key(url, variable),
            url,
            dimensions=service.dimensions,
            plain_key=service.plain_key,
        )
        space = Space(model, model, dim, self.modalities)
        spec = SpaceSpec(
            space,
            model=model,
            url=url,
            key_variable=variable,
            settings=service.settings.as_text(),
        )
        return self.entry(self.described(spec))

    def models(self, service: Service, key: str = "") -> list[str]:
        """The models that a service names, sorted; its own is not looked at.

        Raises:
            InputError: the address or key cannot be used.
            ServiceError: the service did not answer as it should.
        """
        openai_api.check_variable(service.key_variable)
        chosen = key or environment_key(service.url, service.key_variable)
        return openai_api.list_models(service.url, chosen, plain_key=service.plain_key)


def environment_key(url: str, key_variable: str) -> str:
    """The key in the environment; a service by http may do without one."""
    if key := openai_api.read_variable(key_variable):
        return key
    try:
        address = openai_api.read_address(url)
    except InputError:
        return ""
    without = address.plain or address.host in openai_api.LOOPBACK
    return openai_api.NO_KEY if without else ""


SERVICE = ServiceSource()
