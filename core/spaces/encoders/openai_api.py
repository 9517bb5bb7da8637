"""Texts to vectors by an embeddings service that speaks the API of OpenAI.

https://platform.openai.com/docs/api-reference/embeddings. What the service answers is checked
before it is believed. The key is in no message, ``repr`` or log, and goes to the named host only.
"""

from __future__ import annotations

import json
import os
import re
import weakref
from base64 import b64decode
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.base import vectors as vec
from core.base.errors import ExplorerError, InputError, ServiceError, shorten
from core.base.types import Encoded, FloatArray, Modality, Space
from core.spaces.encoders.openai_tokens import cut_text

if TYPE_CHECKING:
    import openai

OPENAI = "https://api.openai.com/v1"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MAX_REQUEST_BYTES = 300_000  # OpenAI takes as many tokens a request; none is less than a byte
GO_ON = "Finished batches are kept: wait a little, then start again to go on."
NO_KEY = "none"  # what is sent where a service needs no key
_VERSION = re.compile(r"[\w.-]{1,40}")
_HOST = re.compile(r"[\w.:-]+")
_ENDPOINT = re.compile(r"/+(embeddings|models)?/*$")
_MAX_MODELS = 1_000
KEY_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*_(API_KEY|TOKEN)")  # of a variable that may be sent
CHECK = f"Check the address, which often ends in /v1, and the model. {GO_ON}"


def check_variable(name: str) -> None:
    """Passes the name of a variable that can hold a key, and none.

    Raises:
        InputError: it is named like something else, which is nobody's to send to a service.
    """
    if name and not KEY_NAME.fullmatch(name):
        given = f"“{shorten(name)}” is not named like the key of a service."
        raise InputError(given, "Expected a name like TOY_API_KEY or TOY_TOKEN.", "Name that one.")


def read_variable(name: str) -> str:
    """The key in a variable of the environment; empty where it has another kind of name."""
    return os.environ.get(name, "") if KEY_NAME.fullmatch(name) else ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service is asked.

    Attributes:
        base: the address up to, not with, ``/embeddings``.
        version: Azure's ``api-version``, or ``""``.
        plain: whether it is another computer's by http, where others can read what is sent.
    """

    base: str
    host: str
    version: str = ""
    plain: bool = False

    def __str__(self) -> str:
        return f"{self.base}?api-version={self.version}" if self.version else self.base


def read_address(text: str) -> Address:
    """The address of a service, read by the library that will send the request there.

    What stands behind its base, as in ``…/v1/embeddings``, may be pasted along.

    Raises:
        InputError: it is none, or holds a password or more of a query than ``api-version``.
    """
    import httpx2

    try:
        url = httpx2.URL(text.strip())
        query = dict(url.params)
    except (httpx2.InvalidURL, ValueError):
        url, query = httpx2.URL(""), {}
    version = query.pop("api-version", "")
    wrong = query or (version and not _VERSION.fullmatch(version)) or url.userinfo
    if url.scheme not in {"http", "https"} or not _HOST.fullmatch(url.host) or wrong:
        given = "The address of the service cannot be used."  # perhaps a key in the wrong box
        raise InputError(given, f"Expected one like {OPENAI}.", "Copy it from its documentation.")
    path = _ENDPOINT.sub("", url.path)
    base = str(url.copy_with(query=None, fragment=None, path=path or "/")).rstrip("/")
    plain = url.scheme == "http" and url.host not in LOOPBACK
    return Address(base, url.host, version, plain)


def check_plain(address: Address, key: str) -> None:
    """Passes where a key may go to an address without that being confirmed.

    Raises:
        InputError: it is another computer's by http, and there is a key.
    """
    if address.plain and key not in {"", NO_KEY}:
        given = f"The address of {address.host} begins with http, which shows the key to others."
        raise InputError(
            given,
            "Expected https, this computer (localhost), or no key.",
            "Write https, leave the key out, or confirm that others may see it.",
        )


def list_models(base_url: str, key: str, *, plain_key: bool = False) -> list[str]:
    """The models that a service says it has, by its ``/models``, sorted.

    Raises:
        InputError, ServiceError: as ``OpenAIEncoder.encode_texts``; it tells none.
    """
    space = Space("models", "Models", 1, (Modality.TEXT,))
    encoder = OpenAIEncoder(
        space, model="models", key=key, base_url=base_url, max_retries=0, plain_key=plain_key
    )
    return encoder.list_models()


def _read_numbers(value: object) -> FloatArray | None:
    """One vector of an answer as float64; some services give base64 though asked for numbers."""
    with suppress(ValueError):  # ragged, or not base64
        row = np.frombuffer(b64decode(value), "<f4") if isinstance(value, str) else np.array(value)
        if row.ndim == 1 and row.size and row.dtype.kind in "fiu":
            return row.astype(np.float64)
    return None


class OpenAIEncoder:
    """Texts to unit vectors by the service at ``base_url``; ``space.dim`` is what ``probe`` found.

    The client tries again after a 429, a 5xx or a time-out, ``max_retries`` times at most, and
    waits as long as ``Retry-After`` says. Where that is over 120 seconds, it gives up at once.
    """

    chunk = 128

    def __init__(  # noqa: PLR0913  # the connection is named, never in order
        self,
        space: Space,
        *,
        model: str,
        key: str,
        base_url: str = OPENAI,
        timeout: float = 60.0,
        max_retries: int = 4,
        dimensions: int = 0,
        plain_key: bool = False,
    ) -> None:
        if space.dim < 1 or not model.strip():
            given = f"The model is “{model}” and its vectors have {space.dim} numbers."
            raise InputError(given, "Expected a name and one or more.", "Ask the service first.")
        self.space, self.model, self.timeout, self.tries = space, model, timeout, max_retries + 1
        if not key.strip():
            remedy = "Set the variable OPENAI_API_KEY, or type the key where the app asks for it."
            raise InputError("No key for the service is given.", "", remedy)
        if not all("!" <= letter <= "~" for letter in key):
            given = "The key holds a space, a line break or a letter outside ASCII."
            raise InputError(given, "Expected printable ASCII.", "Copy the key alone once more.")
        self._key, self._address, self._dimensions = key, read_address(base_url), dimensions
        self.host = self._address.host
        if not plain_key:
            check_plain(self._address, key)

    def __repr__(self) -> str:
        return f"<OpenAIEncoder {self._quote(self.model)} at {self.host}>"

    def _quote(self, foreign: str) -> str:
        return shorten(foreign.replace(self._key, "…"), 200)

    @cached_property
    def _client(self) -> openai.OpenAI:
        import openai

        # No redirects: texts go to the named host only. No proxy for http: it would read the key.
        https = self._address.base.startswith("https:")
        http = openai.DefaultHttpxClient(follow_redirects=False, trust_env=https)
        weakref.finalize(self, http.close)
        # Else OPENAI_CUSTOM_HEADERS could bring another key.
        headers = {"Authorization": f"Bearer {self._key}"}
        query = {}
        if self._address.version:  # Azure, which takes the key in a header of its own
            query, headers["api-key"] = {"api-version": self._address.version}, self._key
        client = openai.OpenAI(
            api_key=self._key,
            base_url=self._address.base,
            http_client=http,
            default_headers=headers,
            default_query=query,
        )
        client.timeout, client.max_retries = self.timeout, self.tries - 1
        if self.host != "api.openai.com":  # the person's account there concerns no one else
            client.organization = client.project = None
        return client

    def _ask(self, texts: Sequence[str]) -> list[FloatArray]:
        """One request: the vector of each text as it came, in the order of ``texts``."""

        from openai import omit

        def embed() -> bytes:
            answer = self._client.embeddings.with_raw_response.create(
                model=self.model,
                input=list(texts),
                encoding_format="float",
                dimensions=self._dimensions or omit,
            )
            return bytes(answer.http_response.content)

        return self._read(self._request(embed), len(texts))

    def list_models(self) -> list[str]:
        """What the service's ``/models`` names, sorted.

        Raises:
            ServiceError: it names none.
        """
        body = self._request(
            lambda: bytes(self._client.models.with_raw_response.list().http_response.content)
        )
        try:
            names = {str(one["id"]) for one in json.loads(body)["data"]}
        except (ValueError, TypeError, KeyError, RecursionError):
            names = set()
        if not names:
            raise ServiceError(
                f"{self.host} names no models: {self._quote(body.decode(errors='replace'))}.",
                "A list of models was expected.",
                "Type the model's name as the service's documentation has it.",
            )
        return sorted(names)[:_MAX_MODELS]

    def _request(self, ask: Callable[[], bytes]) -> bytes:
        """The body of an answer."""
        import httpx2
        import openai

        try:
            return ask()
        except openai.APIError as error:
            fault = self._fault(error)
        except (ImportError, ValueError, httpx2.InvalidURL):  # unquoted: it can hold a password
            remedy = "Correct HTTPS_PROXY and ALL_PROXY; socks needs the package socksio."
            fault = InputError("The proxy or the model has a name that cannot be used.", "", remedy)
        raise fault  # out here: in the handler it would carry the request, and so the key, along

    def _fault(self, error: openai.APIError) -> ExplorerError:
        said, name = self._quote(str(error)), type(error).__name__
        status = getattr(error, "status_code", 0)
        if status in {401, 403}:  # not quoted: the service's message names part of the key
            said, remedy = f"does not accept the key ({status})", "Type the key again."
        elif status == 404:
            said, remedy = f"has no model “{self._quote(self.model)}” (404)", CHECK
        elif status in {400, 413, 422}:
            said, remedy = f"refuses the request: {said}", "Change the model or text it names."
        elif error.code == "insufficient_quota":
            said, remedy = "says that the account has no credit left", f"Add credit. {GO_ON}"
        elif status == 429:
            said, remedy = f"still limits the rate (429, tries: {self.tries})", GO_ON
        elif name == "APITimeoutError":
            said, remedy = f"did not answer in {self.timeout:g} s (tries: {self.tries})", GO_ON
        elif name == "APIConnectionError":
            said, remedy = f"is out of reach: {self._quote(str(error.__cause__))}", CHECK
        else:
            said, remedy = f"failed: {said}", GO_ON
        kind = InputError if status in {400, 401, 403, 404, 413, 422} else ServiceError
        return kind(f"{self.host} {said}.", "", remedy)

    def _read(self, body: bytes, count: int) -> list[FloatArray]:
        """The vectors of an answer, or a ServiceError that says what came."""
        try:
            data = json.loads(body)["data"]
            rows = {row["index"]: _read_numbers(row["embedding"]) for row in data}
            found = [row for at in range(count) if (row := rows.get(at)) is not None]
            if len(data) == len(found) == count:
                return found
            came = f"{len(data)} vectors, {len(found)} of them readable and of a text of ours"
        except (ValueError, TypeError, KeyError, RecursionError):
            came = f"no vectors: {self._quote(body.decode(errors='replace'))}"
        raise ServiceError(f"{self.host} gave {came}.", f"Expected {count} vectors.", CHECK)

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        """Vectors ``(len(texts), dim)``; no text may be blank; up to ``chunk`` go in one request.

        Raises InputError where the service refuses what the person gave, else ServiceError.
        """
        for at, text in enumerate(texts, 1):
            if not text.strip():
                raise InputError(f"Text {at} of {len(texts)} is empty.", "", "Leave it out.")
        parts = [cut_text(text, self.model) for text in texts]
        found: list[FloatArray] = []
        while len(found) < len(parts):
            batch = [part for part, _ in parts[len(found) : len(found) + self.chunk]]
            fits = np.cumsum([len(part.encode()) for part in batch]) <= MAX_REQUEST_BYTES
            found += self._ask(batch[: max(1, int(fits.sum()))])
            if wrong := {len(row) for row in found} - {self.space.dim}:
                given = f"{self._quote(self.model)} at {self.host} gave vectors of "
                given += f"{wrong.pop()} numbers, {self.space.dim} were expected: another model?"
                raise ServiceError(given, "", "Name the model it was added with, or add it anew.")
        rows = np.array(found).reshape(-1, self.space.dim)
        with np.errstate(over="ignore"):
            lengths = np.linalg.norm(rows, axis=1).astype(np.float32)
        if not np.all(good := np.isfinite(lengths) & (lengths > 0)):
            given = f"{self.host} gave only zeros, or numbers that are not finite, for text "
            given += f"{np.argmin(good) + 1} of {len(texts)}."
            raise ServiceError(given, "Expected a direction.", f"Try another model. {GO_ON}")
        cut = np.array([was_cut for _, was_cut in parts], dtype=np.bool_)
        return Encoded(vec.normalize(rows.astype(np.float32)), vec.told_lengths(lengths), cut)

    def encode_query(self, text: str) -> Encoded:
        """The vector ``(1, dim)`` of a question, encoded as a text is."""
        return self.encode_texts([text])

    def encode(self, inputs: Sequence[str]) -> FloatArray:
        """The vectors alone, ``(len(inputs), space.dim)``."""
        return self.encode_texts(inputs).vectors


def probe(  # noqa: PLR0913  # the last three are named
    model: str,
    key: str,
    base_url: str = OPENAI,
    timeout: float = 60.0,
    *,
    dimensions: int = 0,
    plain_key: bool = False,
) -> int:
    """How many numbers the vectors of ``model`` have, by one short request."""
    space = Space("probe", "Probe", 1, (Modality.TEXT,))
    encoder = OpenAIEncoder(
        space,
        model=model,
        key=key,
        base_url=base_url,
        timeout=timeout,
        dimensions=dimensions,
        plain_key=plain_key,
    )
    return len(encoder._ask(["dimension"])[0])
