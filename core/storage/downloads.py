"""Files from a host on the network: downloads that go on where they stopped, are checked, and end
when they are cancelled."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from core.base import demo
from core.base.errors import NotReadyError, ServiceError, StorageError, shorten
from core.base.memory import format_bytes
from core.base.reasons import reason_of
from core.base.types import Progress
from core.storage import data_home

if TYPE_CHECKING:
    import httpx2

TRIES = 3  # in a row that bring less than ENOUGH bytes
ENOUGH = 1_000_000
PAUSE = 0.5  # seconds before the second try, doubled for each after it
HOPS = 3  # redirections that are followed for a small file
# Not compressed, so that a resumed file goes on at the right byte.
HEADERS = {"User-Agent": "embedding-explorer", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file elsewhere: its path here, its size in bytes, its SHA-256 where one is stated."""

    path: str
    size: int
    sha256: str = ""
    url: str = ""


class Host:
    """Where something called ``name`` is fetched from, by the ``client`` that ``opened`` makes."""

    client: httpx2.Client

    def __init__(self, name: str, host: str) -> None:
        self.name, self.host = name, host

    def failed(self, what: str, remedy: str = "") -> ServiceError:
        """The host or the way to it is at fault."""
        return ServiceError(
            f"{self.host} {what}.",
            "Downloading needs it; all that is on this computer works without it.",
            remedy or "Try again: it goes on where it stopped.",
        )

    def check(self, response: httpx2.Response) -> None:
        """Raises what a status other than success means."""
        import httpx2

        status = response.status_code
        if status in {408, 429} or status >= 500:  # worth another try, as a cut connection is
            raise httpx2.RemoteProtocolError(f"it answers with HTTP status {status}")
        if status >= 400:
            raise self.failed(f"refuses with HTTP status {status}")

    def fetch(self, files: Sequence[RemoteFile], folder: Path, progress: Progress) -> None:
        """``files`` into ``folder``; those that are there, whole or in part, are gone on from.

        Raises:
            InputError: this is a demo.
            ServiceError: a file that came is not the one that was stated; it is deleted.
            StorageError: the disk has no room for them, or cannot be written.
            Cancelled: by ``progress``.
        """
        demo.require_off("Downloading")
        total = sum(file.size for file in files)
        held = {
            file.path: _size(folder / file.path) or _size(_part(folder / file.path))
            for file in files
        }
        most = 0

        def report(path: str, size: int) -> None:
            nonlocal most  # a file that the host sends from its start again does not count back
            held[path] = size
            most = max(most, min(total, sum(held.values())))
            progress(most, total, "bytes downloaded")

        require_room(folder, total - sum(held.values()), self.name)
        for file in files:
            report(file.path, held[file.path])
            target = folder / file.path
            if not target.is_file():
                self._fetch_file(file, target, partial(report, file.path))
        progress(total, total, "bytes downloaded")

    def _fetch_file(self, file: RemoteFile, target: Path, report: Callable[[int], None]) -> None:
        import httpx2

        part, tries = _part(target), 0
        with data_home.storage_errors("write", target):
            target.parent.mkdir(parents=True, exist_ok=True)
            part.touch()
            while (have := _size(part)) < file.size:
                try:
                    self._stream(file.url, part, file.size, report)
                except httpx2.TransportError:
                    tries = 1 if _size(part) - have >= ENOUGH else tries + 1
                    if tries >= TRIES:
                        raise
                    time.sleep(PAUSE * 2 ** (tries - 1))
            right = _size(part) == file.size
            if not right or (file.sha256 and data_home.digest_file(part) != file.sha256.lower()):
                part.unlink()
                raise self.failed(
                    f"sent a damaged “{shorten(file.path)}”, which is deleted", "Download it again."
                )
            with part.open("rb") as whole:
                os.fsync(whole.fileno())
            part.replace(target)

    def _stream(self, url: str, part: Path, size: int, report: Callable[[int], None]) -> None:
        """Adds to ``part`` what the host sends of the rest of a file."""
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

    def read(self, url: str, limit: int) -> tuple[bytes, str]:
        """A small file of which nothing is stated: its bytes, and the type it is said to be of.

        Redirections are followed on the same host only.

        Raises:
            ServiceError: the host refuses this file, sends more than ``limit`` bytes, or sends
                those who ask for it elsewhere.
            httpx2.TransportError: it could not be had in ``TRIES`` tries.
        """
        import httpx2

        for tries in range(1, TRIES + 1):
            try:
                return self._read(url, limit)
            except httpx2.TransportError:
                if tries == TRIES:
                    raise
                time.sleep(PAUSE * 2 ** (tries - 1))
        raise AssertionError  # the loop returns or raises

    def _read(self, url: str, limit: int) -> tuple[bytes, str]:
        request = self.client.build_request("GET", url)
        for _ in range(HOPS + 1):
            response = self.client.send(request, stream=True, follow_redirects=False)
            try:
                if response.next_request is None:
                    self.check(response)
                    return self._take(response, limit), response.headers.get("Content-Type", "")
                request = response.next_request
                if request.url.host != response.request.url.host:
                    raise self.failed(f"sends those who ask elsewhere, to {request.url.host}")
            finally:
                response.close()
        raise self.failed(f"redirects more than {HOPS} times")

    def _take(self, response: httpx2.Response, limit: int) -> bytes:
        taken = bytearray()
        for chunk in response.iter_bytes():
            taken += chunk
            if len(taken) > limit:
                raise self.failed(f"sends more than the {limit:,} bytes that are taken")
        return bytes(taken)


AnyHost = TypeVar("AnyHost", bound=Host)


@contextmanager
def opened(
    host: AnyHost, headers: Mapping[str, str] | None = None, timeout: float = 10
) -> Iterator[AnyHost]:
    """A host with a client for as long as the block; ``timeout`` is seconds without a byte."""
    import httpx2

    try:
        with httpx2.Client(
            headers={**HEADERS, **(headers or {})}, timeout=timeout, follow_redirects=True
        ) as host.client:
            yield host
    except (httpx2.RequestError, httpx2.InvalidURL) as error:
        reason = shorten(reason_of(error))
        raise host.failed(f"is out of reach ({reason})") from error


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Keeps other processes from downloading the same; the system frees it after a kill.

    Raises:
        NotReadyError: another process is downloading it.
    """
    from filelock import FileLock, Timeout

    with data_home.storage_errors("write", folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise NotReadyError(
                f"{name} is being downloaded already.", "", "Wait until that has ended."
            ) from error
    try:
        yield
    finally:
        lock.release()


def require_room(folder: Path, missing: int, name: str) -> None:
    """Raises ``StorageError`` where the disk of ``folder`` has not ``missing`` bytes left."""
    with data_home.storage_errors("write", folder):
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    if missing > free:
        raise StorageError(
            f"The disk of “{folder}” has {format_bytes(free)} left.",
            f"The download of {name} needs {format_bytes(missing)} more.",
            f"Free some space, or point {data_home.HOME_VARIABLE} to another folder.",
        )


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.incomplete")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
