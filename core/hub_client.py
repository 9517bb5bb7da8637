"""Talks to a Hugging Face hub: lists of files, and downloads that go on where they stopped.

``huggingface_hub`` 2.4 says where its cache and the token are; files are streamed here. Its own
downloads start anew after a cancel or a kill, report every 10 MB, retry a silent hub for minutes,
and hand files to hf_xet, which a progress report cannot stop (the addresses used here serve those
files too). To build its headers it asks the hub for a list of coding agents; ours ask nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from core import store
from core.errors import InputError, NotReadyError, ServiceError, StorageError, shorten
from core.types import Progress

if TYPE_CHECKING:
    import httpx2

TRIES = 3  # in a row that bring less than ENOUGH bytes
ENOUGH = 1_000_000
PAUSE = 0.5  # seconds before the second try, doubled for each after it
COMMIT = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file on the hub: its path, its size in bytes, its SHA-256 where the hub states it."""

    path: str
    size: int
    sha256: str = ""


def models_home() -> Path:
    """The folder of all downloads, laid out like the cache of ``huggingface_hub``."""
    return store.data_home() / "hub"


def endpoint() -> str:
    """Address of the hub; ``HF_ENDPOINT`` names another."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def folder_of(home: Path, kind: str, name: str) -> Path:
    """Where the cache at ``home`` keeps a model or dataset."""
    return home / f"{kind}s--{name.replace('/', '--')}"


class Hub:
    """One model or dataset on the hub."""

    client: httpx2.Client

    def __init__(self, kind: str, name: str) -> None:
        self.kind, self.name = kind, name
        self.host = endpoint().split("://")[-1].split("/")[0]
        self.folder = folder_of(models_home(), kind, name)

    def failed(self, what: str, remedy: str = "") -> ServiceError:
        """The hub or the way to it is at fault."""
        return ServiceError(
            f"{self.host} {what}.",
            "Downloading needs the hub; all that is on this computer works without it.",
            remedy or "Try again: it goes on where it stopped.",
        )

    def check(self, response: httpx2.Response) -> None:
        """Raises what a status other than success means."""
        import httpx2

        status, code = response.status_code, response.headers.get("X-Error-Code", "")
        if status in {408, 429} or status >= 500:  # worth another try, as a cut connection is
            raise httpx2.RemoteProtocolError(f"it answers with HTTP status {status}")
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
        if status >= 400:
            raise self.failed(f"refuses with HTTP status {status}")

    def files(self, revision: str = "main") -> tuple[str, list[HubFile]]:
        """The commit of ``revision`` and its files."""
        repository = f"{endpoint()}/api/{self.kind}s/{self.name}"
        response = self.client.get(
            f"{repository}/revision/{quote(revision, safe='')}", params={"blobs": "true"}
        )
        self.check(response)
        try:
            answer = response.json()
            commit = str(answer["sha"])
            files = [
                HubFile(f["rfilename"], int(f["size"]), (f.get("lfs") or {}).get("sha256", ""))
                for f in answer["siblings"]
            ]
            outside = [file.path for file in files if not _stays_inside(file.path)]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self.failed("answers with what is no list of files") from error
        if outside or not COMMIT.fullmatch(commit):
            odd = shorten(outside[0] if outside else commit)
            raise self.failed(f"names “{odd}”, which is not a name to write to", "Use another one.")
        return commit, files

    def fetch(
        self, commit: str, files: Sequence[HubFile], folder: Path, progress: Progress
    ) -> None:
        """``files`` into ``folder``; those that are there, whole or in part, are gone on from."""
        total = sum(file.size for file in files)
        held = {
            file.path: _size(folder / file.path) or _size(_part(folder / file.path))
            for file in files
        }
        most = 0

        def report(path: str, size: int) -> None:
            nonlocal most  # a file that the hub sends from its start again does not count back
            held[path] = size
            most = max(most, min(total, sum(held.values())))
            progress(most, total, "bytes downloaded")

        with store.storage_errors("write", folder):
            folder.mkdir(parents=True, exist_ok=True)
            free, missing = shutil.disk_usage(folder).free, total - sum(held.values())
        if missing > free:
            raise StorageError(
                f"The disk of “{folder}” has {free / 1e6:,.0f} MB left.",
                f"The download of {self.name} needs {missing / 1e6:,.0f} MB more.",
                f"Free some space, or point {store.HOME_VARIABLE} to another folder.",
            )
        for file in files:
            report(file.path, held[file.path])
            target = folder / file.path
            if not target.is_file():
                self._fetch_file(commit, file, target, partial(report, file.path))
        progress(total, total, "bytes downloaded")

    def _fetch_file(
        self, commit: str, file: HubFile, target: Path, report: Callable[[int], None]
    ) -> None:
        import httpx2

        prefix = "datasets/" if self.kind == "dataset" else ""
        url = f"{endpoint()}/{prefix}{self.name}/resolve/{commit}/{quote(file.path)}"
        part, tries = _part(target), 0
        with store.storage_errors("write", target):
            target.parent.mkdir(parents=True, exist_ok=True)
            part.touch()
            while (have := _size(part)) < file.size:
                try:
                    self._stream(url, part, file.size, report)
                except httpx2.TransportError:
                    tries = 1 if _size(part) - have >= ENOUGH else tries + 1
                    if tries >= TRIES:
                        raise
                    time.sleep(PAUSE * 2 ** (tries - 1))
            right = _size(part) == file.size
            if not right or (file.sha256 and store.digest_file(part) != file.sha256.lower()):
                part.unlink()
                raise self.failed(
                    f"sent a damaged “{shorten(file.path)}”, which is deleted", "Download it again."
                )
            with part.open("rb") as whole:
                os.fsync(whole.fileno())
            part.replace(target)

    def _stream(self, url: str, part: Path, size: int, report: Callable[[int], None]) -> None:
        """Adds to ``part`` what the hub sends of the rest of a file."""
        import httpx2

        have = _size(part)
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self.client.stream("GET", url, headers=headers) as response:
            if response.status_code == 416:
                part.write_bytes(b"")
                raise httpx2.RemoteProtocolError("it does not have the rest of a file")
            self.check(response)
            if not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                have = 0  # it sends all of it
            with part.open("ab" if have else "wb") as out:
                for chunk in response.iter_bytes():
                    out.write(chunk)
                    out.flush()  # what is reported is there also after a kill
                    have += len(chunk)
                    report(have)
                    if have > size:
                        return
        if have < size:
            raise httpx2.RemoteProtocolError("the connection was cut")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps other processes from downloading the same; the system frees it after a kill."""
        from filelock import FileLock, Timeout

        with store.storage_errors("write", self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / ".lock")
            try:
                lock.acquire(timeout=0)
            except Timeout as error:
                raise NotReadyError(
                    f"{self.name} is being downloaded already.", "", "Wait until that has ended."
                ) from error
        try:
            yield
        finally:
            lock.release()


def _stays_inside(path: str) -> bool:
    parts = PureWindowsPath(path)  # which sees “\” and “C:” too
    return bool(parts.name) and not parts.anchor and ".." not in parts.parts and "\0" not in path


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.incomplete")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


@contextmanager
def connect(kind: str, name: str, timeout: float = 10) -> Iterator[Hub]:
    """A model or dataset, for as long as the block; ``timeout`` is seconds without a byte."""
    import httpx2
    from huggingface_hub import constants, get_token

    hub = Hub(kind, name)
    switches = {os.environ.get(v, "").upper() for v in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")}
    if constants.HF_HUB_OFFLINE or switches & constants.ENV_VARS_TRUE_VALUES:
        raise hub.failed("is not asked, since HF_HUB_OFFLINE is set", "Unset it and start again.")
    # Not compressed, so that a resumed file goes on at the right byte.
    headers = {"User-Agent": "embedding-explorer", "Accept-Encoding": "identity"}
    if not constants.HF_HUB_DISABLE_IMPLICIT_TOKEN and (token := get_token()):
        headers["Authorization"] = f"Bearer {token}"  # httpx2 leaves it out for other hosts
    try:
        with httpx2.Client(headers=headers, timeout=timeout, follow_redirects=True) as hub.client:
            yield hub
    except (httpx2.RequestError, httpx2.InvalidURL) as error:
        reason = shorten(str(error) or type(error).__name__)
        raise hub.failed(f"is out of reach ({reason})") from error
