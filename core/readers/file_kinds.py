"""What a file is by its first bytes, for telling who gave it where another kind is needed.

A name says little: a download may be a web page of an error, and a repository that was fetched
without Git LFS has pointers in place of its files.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TypeVar

from core.base.errors import ExplorerError, shorten
from core.base.memory import format_bytes
from core.base.reasons import reason_of

START = 4_096  # bytes that are looked at
PARQUET = b"PAR1", b"PARE"  # its first and last bytes; the latter where its end is encrypted
NUMPY = b"\x93NUMPY"  # how one array in .npy begins
_LFS = re.compile(rb"version https://git-lfs\.github\.com/spec/.*?^size (\d{1,15})$", re.S | re.M)
# A comment may come first; a line of word vectors may begin with the word “<html>”.
_HTML = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|(html|head)\b[^>]*>\s*<)", re.S | re.I)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_AGAIN = "Download or export it again."
_PICTURE = (
    "Ask with a picture by “images --query”; a folder or ZIP archive of pictures is added as a "
    "gallery. The app takes single ones too, under Images."
)
_SOUND = "No model here hears: give its transcript as text, or vectors made by another program."
_VIDEO = "Save frames of it as pictures, in a folder or ZIP archive."
_DOCUMENT = "Save its text as TXT, a passage a line, or its tables as CSV."
_PDF = f"{_DOCUMENT} In a folder of pictures its first page is one of them."
_UNPACK = "Unpack it, and give what is in it, or pack that as ZIP."
_PICKLED = (
    "Pickles can run code when opened, so none is ever read. Export what it holds as safetensors "
    "or .npy."
)
_PROGRAM = "Export what it holds as CSV or Parquet."
_HDF5 = "If it is of AnnData, name it .h5ad; else export what it holds as .npy or CSV."
_WEIGHTS = "Give the vectors that the model made, such as an array in .npy."

Error = TypeVar("Error", bound=ExplorerError)


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file is.

    Attributes:
        told: as it follows “it is”.
        remedy: what to do with one, wherever it was given, a sentence or two.
        endings: what such files are called, where the app reads them under these names.
        text: whether its lines can be taken for texts.
    """

    told: str
    remedy: str = ""
    endings: tuple[str, ...] = ()
    text: bool = False


_EMPTY = FileKind("empty (0 bytes)", _AGAIN)
_ZEROS = FileKind("nothing but zeros, as where a download was broken off", _AGAIN)
_PAGE = FileKind(
    "a web page (HTML), as a server sends it for an error or a login",
    "Download the file itself; of a page that is wanted, save the text as TXT.",
)
_TEXT = FileKind("text", "If it has a text or a row a line, name it .txt or .csv.", text=True)
_JSON = FileKind("JSON", "If it has rows, name it .json or .jsonl.", ("json", "jsonl"), text=True)
_MAGIC: tuple[tuple[bytes, FileKind], ...] = (
    (b"\x89PNG\r\n", FileKind("a picture (PNG)", _PICTURE)),
    (b"\xff\xd8\xff", FileKind("a picture (JPEG)", _PICTURE)),
    (b"GIF8", FileKind("a picture (GIF)", _PICTURE)),
    (b"II*\0", FileKind("a picture (TIFF)", _PICTURE)),
    (b"MM\0*", FileKind("a picture (TIFF)", _PICTURE)),
    (b"\xff\x0a", FileKind("a picture (JPEG XL)", _PICTURE)),
    (b"\0\0\0\x0cJXL ", FileKind("a picture (JPEG XL)", _PICTURE)),
    (b"\0\0\0\x0cjP  ", FileKind("a picture (JPEG 2000)", _PICTURE)),
    (b"fLaC", FileKind("a sound (FLAC)", _SOUND)),
    (b"OggS", FileKind("a sound (Ogg)", _SOUND)),
    (b"ID3", FileKind("a sound (MP3)", _SOUND)),
    (b"\x1aE\xdf\xa3", FileKind("a video (Matroska or WebM)", _VIDEO)),
    (NUMPY, FileKind("an array of NumPy", endings=("npy", "npz"))),
    (PARQUET[0], FileKind("a Parquet file", endings=("parquet",))),
    (
        PARQUET[1],
        FileKind("an encrypted Parquet file", "Save it without encryption.", ("parquet",)),
    ),
    (b"ARROW1", FileKind("an Arrow file", endings=("arrow", "feather"))),
    (b"FEA1", FileKind("a Feather file", endings=("feather", "arrow"))),
    (b"\x89HDF\r\n", FileKind("an HDF5 file", _HDF5)),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind("an old or a locked Office file", _DOCUMENT)),
    (b"GGUF", FileKind("a model's weights (GGUF)", _WEIGHTS)),
    (b"SQLite format 3\0", FileKind("a database of SQLite", _PROGRAM)),
    (b"7z\xbc\xaf\x27\x1c", FileKind("a 7-Zip archive", _UNPACK)),
    (b"Rar!\x1a\x07", FileKind("a RAR archive", _UNPACK)),
    (b"\x28\xb5\x2f\xfd", FileKind("packed by Zstandard", _UNPACK)),
    (b"\x1f\x8b", FileKind("packed by gzip", _UNPACK, ("gz",))),
    (b"BZh", FileKind("packed by bzip2", _UNPACK)),
    (b"\xfd7zXZ\0", FileKind("packed by xz", _UNPACK)),
    (b"\x7fELF", FileKind("a program")),
    (b"MZ", FileKind("a program")),
)
# What the first files of a ZIP archive are called, where they tell what it is.
_IN_ZIP: tuple[tuple[bytes, FileKind], ...] = (
    (b"word/", FileKind("a document of Word (DOCX)", _DOCUMENT)),
    (b"ppt/", FileKind("slides of PowerPoint (PPTX)", _DOCUMENT)),
    (b"xl/", FileKind("an Excel workbook", endings=("xlsx",))),
    (b"mimetypeapplication/epub", FileKind("a book (EPUB)", _DOCUMENT)),
    (b"mimetypeapplication/vnd.oasis", FileKind("a document of OpenDocument", _DOCUMENT)),
    (b"/data.pkl", FileKind("a checkpoint of PyTorch, which is pickled", _PICKLED)),
    (b".npy", FileKind("arrays of NumPy (.npz)", endings=("npz", "npy"))),
)
_ZIP = FileKind("a ZIP archive", _UNPACK, ("zip",))


def kind_of(start: bytes) -> FileKind | None:
    """What a file is that begins with ``start``, of up to ``START`` bytes; ``None`` if unknown."""
    start = start[:START]
    if not start:
        return _EMPTY
    if (pointer := _LFS.match(start)) is not None:
        size = format_bytes(int(pointer[1]))
        return FileKind(
            f"a Git LFS pointer to a file of {size}, and not that file",
            "Fetch the file by “git lfs pull” in its repository, or download it from there.",
        )
    if start.startswith(b"%PDF-"):
        return FileKind("a PDF document", _PDF)
    if _HTML.match(start.removeprefix(b"\xef\xbb\xbf")):
        return _PAGE
    return _text_of(start) or _binary_of(start)


def _text_of(start: bytes) -> FileKind | None:
    if _NO_TEXT.search(start):
        return None
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(start) < START or error.start < START - 3:  # its last sign may go on
            return None
    return _JSON if start.lstrip()[:1] in (b"{", b"[") else _TEXT


def _binary_of(start: bytes) -> FileKind | None:
    if start.startswith((b"PK\3\4", b"PK\5\6")):
        return next((kind for name, kind in _IN_ZIP if name in start), _ZIP)
    if (found := next((kind for holds, kind in _BY_FORM if holds(start)), None)) is not None:
        return found
    found = next((kind for magic, kind in _MAGIC if start.startswith(magic)), None)
    # Text of other encodings than UTF-8 may begin with such bytes, and has no zeros.
    return found if b"\0" in start else None


def start_of(source: Path | bytes) -> bytes:
    """The first ``START`` bytes of a file, or of its bytes."""
    if isinstance(source, bytes):
        return source[:START]
    with source.open("rb") as stream:
        return stream.read(START)


def is_safetensors(start: bytes) -> bool:
    """Whether a file begins as safetensors does: a header length and a JSON object."""
    if len(start) < 10:
        return False
    (length,) = struct.unpack("<Q", start[:8])
    return 2 <= length < 100_000_000 and start[8:9] == b"{"


def is_pickle(start: bytes) -> bool:
    """Whether a file begins as a pickle of Python does."""
    return len(start) > 1 and start[0] == 0x80 and 2 <= start[1] <= 5


def _is_riff(start: bytes, kind: bytes) -> bool:
    return start.startswith(b"RIFF") and start[8:12] == kind


def _is_mpeg(start: bytes, *brands: bytes) -> bool:
    return start[4:8] == b"ftyp" and (not brands or start[8:12] in brands)


# What is told by more than how it begins, which comes before that.
_BY_FORM: tuple[tuple[Callable[[bytes], bool], FileKind], ...] = (
    (lambda start: not start.strip(b"\0"), _ZEROS),
    (lambda start: _is_riff(start, b"WAVE"), FileKind("a sound (WAV)", _SOUND)),
    (lambda start: _is_riff(start, b"AVI "), FileKind("a video (AVI)", _VIDEO)),
    (lambda start: _is_riff(start, b"WEBP"), FileKind("a picture (WebP)", _PICTURE)),
    (lambda start: _is_mpeg(start, b"avif", b"avis"), FileKind("a picture (AVIF)", _PICTURE)),
    (
        lambda start: _is_mpeg(start, b"heic", b"heix", b"mif1"),
        FileKind("a picture (HEIC)", _PICTURE),
    ),
    (lambda start: _is_mpeg(start, b"M4A "), FileKind("a sound (M4A)", _SOUND)),
    (_is_mpeg, FileKind("a video (MP4)", _VIDEO)),
    (lambda start: start[257:262] == b"ustar", FileKind("a tar archive", _UNPACK, ("tar",))),
    (is_safetensors, FileKind("a file of safetensors", endings=("safetensors",))),
    (is_pickle, FileKind("a Python pickle", _PICKLED)),
    (
        lambda start: start.startswith(b"BM") and start[6:10] == b"\0\0\0\0",
        FileKind("a picture (BMP)", _PICTURE),
    ),
)


def refusal(
    error: type[Error], name: str, start: bytes, expected: str, otherwise: tuple[str, str]
) -> Error:
    """What a person is told of a file called ``name`` that is of another kind than is read.

    Args:
        error: the class of what is returned.
        start: its first bytes.
        expected: which kinds are read, a sentence.
        otherwise: where its bytes do not tell what it is: what is said of it, and what to do.
    """
    kind = kind_of(start)
    if kind is None:
        return error(f"“{shorten(name)}” {otherwise[0]}.", expected, otherwise[1])
    remedy = kind.remedy
    if kind.endings and PurePath(name).suffix.lower().lstrip(".") not in kind.endings:
        renamed = f"Name it .{kind.endings[0]}."
        remedy = remedy if kind.text else f"{renamed} {remedy}".strip()
    return error(f"“{shorten(name)}” is {kind.told}.", expected, remedy or otherwise[1])


def reason_of_weights(path: Path, error: BaseException) -> str:
    """As ``reason_of``; of a safetensors file, or a folder of them, that has something else."""
    files = sorted(path.rglob("*.safetensors")) if path.is_dir() else [path]
    for file in files:
        with suppress(OSError):
            kind = kind_of(start_of(file))
            if kind is not None and "safetensors" not in kind.endings:
                return f"{'it' if file == path else f'its {file.name}'} is {kind.told}"
    return reason_of(error)
