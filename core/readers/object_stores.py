"""Object stores, ``s3://bucket/folder`` and ``gs://bucket/folder``, read by Arrow's own clients.

Keys are those of the environment, as the stores' own tools take them; none stands in an address.
``?endpoint_override=http://HOST:PORT`` leads to a store that speaks S3 elsewhere, such as MinIO.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from core.base.errors import InputError, PictureError, ServiceError, shorten
from core.base.memory import format_bytes
from core.readers import picture_folders
from core.readers.picture_folders import PackedFile, PictureFiles

if TYPE_CHECKING:
    from pyarrow import NativeFile
    from pyarrow.fs import FileSystem

SCHEMES = ("s3", "gs")
ANONYMOUS = "anonymous"  # in the place of a user: of what everybody may read
PATIENCE = 20  # seconds for which Google's client tries again
_REFUSED = ("ACCESS_DENIED", "HTTP status 403", "HTTP status 404", "NO_SUCH_KEY")


@dataclass(frozen=True, slots=True)
class Stored:
    """An object: its path below the address, its bytes, and the address of its own."""

    name: str
    size: int
    address: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies at an address.

    Attributes:
        single: whether the address is an object's own, which is then the only one.
    """

    name: str
    objects: tuple[Stored, ...]
    single: bool

    @property
    def holds_pictures(self) -> bool:
        """Whether it is a folder with a picture, by the names."""
        names = (one.name for one in self.objects)
        return not self.single and any(not picture_folders.reason_by_name(name) for name in names)


def is_address(text: str) -> bool:
    """Whether a text names a place in an object store."""
    return text.partition("://")[0].lower() in SCHEMES and "://" in text


def listing(address: str) -> Listing:
    """The object at an address, or all below it but hidden ones, in the order of their names.

    Raises:
        InputError: the address is none, or nothing lies there.
        ServiceError: the store does not answer, or refuses.
    """
    from pyarrow import fs

    root = _path(address)
    with _told(address):
        store = _opened(_server(address))
        [here] = store.get_file_info([root])
        if here.type == fs.FileType.File:
            name = PurePosixPath(root).name
            return Listing(name, (Stored(name, here.size, address),), single=True)
        found = store.get_file_info(fs.FileSelector(root, allow_not_found=True, recursive=True))
    objects = []
    for one in sorted(found, key=lambda one: one.path):
        name = one.path.removeprefix(f"{root}/")
        if one.type == fs.FileType.File and not any(p[:1] == "." for p in name.split("/")):
            objects.append(Stored(name, one.size, _address_of(address, one.path)))
    if not objects:
        raise InputError(
            f"Nothing lies at “{shorten(address)}”.",
            "The address of an object, or of a folder of objects, is needed.",
            "Check the address.",
        )
    return Listing(PurePosixPath(root).name, tuple(objects), single=False)


def read(place: str, limit: int) -> bytes:
    """The bytes at an address, or in the file of a path; workers of other machines call this.

    Raises:
        PictureError: there is none, it may not be read, or it has more than ``limit`` bytes.
        ServiceError: the store does not answer.
    """
    if not is_address(place):
        return picture_folders.read_file(Path(place), Path(place).name)
    name = PurePosixPath(_path(place)).name
    try:
        with (
            _told(place, one=True),
            _opened(_server(place)).open_input_file(_path(place)) as stream,
        ):
            if (size := stream.size()) > limit:
                raise PictureError(
                    f"“{shorten(name)}” has {format_bytes(size)}.",
                    f"At most {format_bytes(limit)} are read.",
                    "Leave it out.",
                )
            data: bytes = stream.read()
            return data
    except _GoneError as error:
        raise PictureError(
            f"“{shorten(name)}” could not be read: {error}.",
            "An object that your key may read is needed.",
            "Check it.",
        ) from error


def open_file(address: str) -> NativeFile:
    """The object at an address, to be read at any place of it.

    Raises:
        ServiceError: it cannot be opened.
    """
    with _told(address):
        return _opened(_server(address)).open_input_file(_path(address))


def picture_files(found: Listing) -> PictureFiles:
    """The pictures of a listing; tables and vectors beside them are read when they are needed.

    Raises:
        PictureError: there is no picture.
    """
    reasons = {one.name: picture_folders.reason_by_name(one.name) for one in found.objects}
    pictures = [one for one in found.objects if not reasons[one.name]]
    others = [one for one in found.objects if reasons[one.name]]
    ids = picture_folders.checked(found.name, [one.name for one in pictures], most=None)
    tables: list[tuple[str, Callable[[], bytes]]] = [
        (one.name, partial(read, one.address, picture_folders.MAX_TABLE))
        for one in others
        if picture_folders.may_name(one.name) and one.size <= picture_folders.MAX_TABLE
    ]
    arrays = tuple(
        PackedFile(one.name, partial(_into, one))
        for one in others
        if picture_folders.is_array(one.name) and one.size <= picture_folders.MAX_ARRAY
    )
    return PictureFiles(
        ids,
        lambda number: read(pictures[number].address, picture_folders.MAX_BYTES),
        tuple((one.name, reasons[one.name]) for one in others),
        picture_folders.of_all(tables),
        arrays,
        tuple(one.address for one in pictures),
    )


def fetch(found: Listing, folder: Path, limit: int) -> Path:
    """What a listing names, copied into a folder: the file, or the folder of several.

    Raises:
        InputError: it has more than ``limit`` bytes.
        ServiceError: the store does not answer.
    """
    if (size := sum(one.size for one in found.objects)) > limit:
        raise InputError(
            f"“{shorten(found.name)}” has {format_bytes(size)}.",
            f"At most {format_bytes(limit)} are fetched.",
            "Encode it in parts, a command for each file.",
        )
    if found.single:
        return _into(found.objects[0], folder)
    for at, one in enumerate(found.objects):  # files of two folders may be called alike
        _into(one, folder / PurePosixPath(found.name).name, f"{at:05}-")
    return folder / PurePosixPath(found.name).name


def _into(one: Stored, folder: Path, before: str = "") -> Path:
    target = folder / f"{before}{PurePosixPath(one.name).name}"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(read(one.address, max(one.size, 1)))
    return target


class _GoneError(Exception):
    """An object is not there, or may not be read."""


@contextmanager
def _told(address: str, *, one: bool = False) -> Iterator[None]:
    """Errors of Arrow's clients; ``_GoneError`` for one object that alone cannot be read."""
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException) as error:
        words = " ".join(str(error).split())
        if one and (isinstance(error, FileNotFoundError) or any(s in words for s in _REFUSED)):
            raise _GoneError(shorten(words, 120).rstrip(".")) from error
        server = urlsplit(address)
        raise ServiceError(
            f"The object store {server.scheme}://{server.netloc} cannot be used: "
            f"{shorten(words, 200).rstrip('.')}.",
            "Keys are taken from the environment, such as AWS_ACCESS_KEY_ID and "
            "GOOGLE_APPLICATION_CREDENTIALS.",
            "Check the address, the key, and that the store is reached from here.",
        ) from error


def _path(address: str) -> str:
    """Bucket and key of an address.

    Raises:
        InputError: it names no bucket, or a key stands in it.
    """
    parts = urlsplit(address)
    user, _, bucket = parts.netloc.rpartition("@")
    if user not in ("", ANONYMOUS):
        raise InputError(
            "A key stands in the address of an object store.",
            "It is taken from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.",
            f"Take it out; {ANONYMOUS}@ is for what everybody may read.",
        )
    if not bucket:
        raise InputError(
            f"“{shorten(address)}” names no bucket.",
            "s3://BUCKET/FOLDER or gs://BUCKET/FOLDER is needed.",
            "Check the address.",
        )
    return f"{bucket}{unquote(parts.path)}".rstrip("/")


def _server(address: str) -> str:
    """The address without what lies in the bucket: all objects of it share a client."""
    parts = urlsplit(address)
    return parts._replace(path="").geturl()


def _address_of(address: str, path: str) -> str:
    key = path.partition("/")[2]
    return urlsplit(address)._replace(path=f"/{quote(key)}").geturl()


@lru_cache(maxsize=8)
def _opened(server: str) -> FileSystem:
    from pyarrow import fs

    parts = urlsplit(server)
    options = dict(parse_qsl(parts.query))
    if parts.scheme == "gs":
        options.setdefault("retry_limit_seconds", str(PATIENCE))
    elif parts.netloc.startswith(f"{ANONYMOUS}@"):
        return fs.S3FileSystem(anonymous=True, **options)
    return fs.FileSystem.from_uri(parts._replace(query=urlencode(options)).geturl())[0]
