"""Talks to a Hugging Face hub: which files a repository has, and where each is.

``huggingface_hub`` 2.4 says where its cache and the token are; files are streamed by
``core.storage.downloads``. Its own downloads
start anew after a cancel or a kill, report every 10 MB, retry a silent hub for minutes,
and hand files to hf_xet, which a progress report cannot stop (the addresses used here serve those
files too). To build its headers it asks the hub for a list of coding agents; ours ask nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.base.errors import InputError, shorten
from core.storage import data_home
from core.storage.downloads import Host, RemoteFile, alone, opened

if TYPE_CHECKING:
    import httpx2

COMMIT = re.compile(r"[0-9a-f]{7,64}")


def models_home() -> Path:
    """The folder of all downloads, laid out like the cache of ``huggingface_hub``."""
    return data_home.data_home() / "hub"


def endpoint() -> str:
    """Address of the hub; ``HF_ENDPOINT`` names another."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def folder_of(home: Path, kind: str, name: str) -> Path:
    """Where the cache at ``home`` keeps a model or dataset."""
    return home / f"{kind}s--{name.replace('/', '--')}"


class Hub(Host):
    """One model or dataset on the hub."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(name, endpoint().split("://")[-1].split("/")[0])
        self.kind = kind
        self.folder = folder_of(models_home(), kind, name)

    def check(self, response: httpx2.Response) -> None:
        """Raises what a status other than success means.

        Raises:
            InputError: the hub does not have it, or not for this person.
            ServiceError: the hub cannot answer now.
        """
        status, code = response.status_code, response.headers.get("X-Error-Code", "")
        if status == 404 or code == "RepoNotFound":
            raise InputError(
                f"There is no {self.kind} {self.name} on {self.host} that you may read.",
                f"The name must be that of a {self.kind} there.",
                "Check the spelling; for a private one set HF_TOKEN to your token.",
            )
        if status in {401, 403}:
            raise InputError(
                f"{self.name} is gated or private on {self.host}, or does not exist.",
                "It needs an account that has accepted its terms.",
                "Check the spelling; accept the terms on its page and set HF_TOKEN to your token.",
            )
        super().check(response)

    def files(self, revision: str = "main") -> tuple[str, list[RemoteFile]]:
        """The commit of ``revision`` and its files."""
        repository = f"{endpoint()}/api/{self.kind}s/{self.name}"
        place = f"{endpoint()}/{'datasets/' if self.kind == 'dataset' else ''}{self.name}"
        response = self.client.get(
            f"{repository}/revision/{quote(revision, safe='')}", params={"blobs": "true"}
        )
        self.check(response)
        try:
            answer = response.json()
            commit = str(answer["sha"])
            files = [
                RemoteFile(
                    f["rfilename"],
                    int(f["size"]),
                    (f.get("lfs") or {}).get("sha256", ""),
                    f"{place}/resolve/{commit}/{quote(f['rfilename'])}",
                )
                for f in answer["siblings"]
            ]
            outside = [file.path for file in files if not _stays_inside(file.path)]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise self.failed("answers with what is no list of files") from error
        if outside or not COMMIT.fullmatch(commit):
            odd = shorten(outside[0] if outside else commit)
            raise self.failed(f"names “{odd}”, which is not a name to write to", "Use another one.")
        return commit, files

    def alone(self) -> AbstractContextManager[None]:
        """Keeps other processes from downloading the same."""
        return alone(self.folder, self.name)


def _stays_inside(path: str) -> bool:
    parts = PureWindowsPath(path)  # which sees “\” and “C:” too
    return bool(parts.name) and not parts.anchor and ".." not in parts.parts and "\0" not in path


@contextmanager
def connect(kind: str, name: str, timeout: float = 10) -> Iterator[Hub]:
    """A model or dataset, for as long as the block; ``timeout`` is seconds without a byte."""
    from huggingface_hub import constants, get_token

    hub = Hub(kind, name)
    switches = {os.environ.get(v, "").upper() for v in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")}
    if constants.HF_HUB_OFFLINE or switches & constants.ENV_VARS_TRUE_VALUES:
        raise hub.failed("is not asked, since HF_HUB_OFFLINE is set", "Unset it and start again.")
    headers = {}
    if not constants.HF_HUB_DISABLE_IMPLICIT_TOKEN and (token := get_token()):
        headers["Authorization"] = f"Bearer {token}"  # httpx2 leaves it out for other hosts
    with opened(hub, headers, timeout):
        yield hub
