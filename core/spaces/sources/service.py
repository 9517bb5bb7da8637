"""Embeddings services on the network. Their keys come from the environment or from the person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from core.base.errors import NotReadyError, shorten
from core.base.types import Modality, Space
from core.spaces.encoders import openai_api
from core.spaces.encoders.openai_api import OpenAIEncoder
from core.spaces.entry import READY, SpaceEntry, SpaceSpec
from core.spaces.sources.addable import AddableSource
from core.storage import data_home

NEEDS_KEY = "needs a key"


@dataclass(frozen=True, slots=True)
class Service:
    """A service as a person names it: ``key_variable`` holds its key, where there is one."""

    url: str
    model: str
    key_variable: str = ""


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
        digest = data_home.sha256(f"api {spec.url} {spec.model} {spec.space.dim}".encode())
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
        return OpenAIEncoder(entry.space, model=spec.model, key=chosen, base_url=spec.url)

    def probe(self, service: Service, key: str = "") -> SpaceEntry:
        """The space of a service's model; asks it for one vector.

        Args:
            key: used for this alone, else the environment's.

        Raises:
            InputError: the address, model or key cannot be used.
            ServiceError: the service did not answer as it should.
        """
        url, model, variable = service.url, service.model, service.key_variable
        openai_api.check_variable(variable)
        dim = openai_api.probe(model, key or environment_key(url, variable), url)
        space = Space(model, model, dim, self.modalities)
        spec = SpaceSpec(space, model=model, url=url, key_variable=variable)
        return self.entry(self.described(spec))


def environment_key(url: str, key_variable: str) -> str:
    """The key in the environment; a service on this computer may do without one."""
    key = openai_api.read_variable(key_variable)
    return key or ("none" if _host(url) in openai_api.LOOPBACK else "")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


SERVICE = ServiceSource()
