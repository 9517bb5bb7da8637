"""Which pictures ``python -m core images`` is asked about, and fetching a public set first."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.base.errors import InputError, NotReadyError, counted, listed, shorten
from core.base.types import Modality
from core.cli import streams
from core.cli.progress import StderrProgress
from core.images import addresses, galleries, openmoji, own_vectors
from core.images.addresses import AddressList
from core.images.galleries import GalleryEntry
from core.images.gallery import Gallery
from core.images.public import sets
from core.images.public.catalog import PUBLIC_SETS, WEB_GALLERY, PublicSet, Way, find_set
from core.images.public.wga_catalogue import MAX_BYTES, Wanted
from core.images.sources import LISTS, MAX_LIST, Choice, load_gallery
from core.spaces import registry
from core.spaces.entry import SpaceEntry
from core.storage import data_home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The gallery, and what is fetched of a public set that is not here."""
    names = ", ".join(known.name for known in PUBLIC_SETS)
    parser.add_argument(
        "--gallery",
        default=openmoji.NAME,
        help="openmoji, a folder of pictures, a ZIP archive, a Parquet file with pictures (or a "
        "folder of such), tar archives of WebDataset, a table with their paths, annotations of "
        "COCO, the name of a gallery uploaded in the app, or a public dataset: "
        f"{names} (default: %(default)s)",
    )
    parser.add_argument(
        "--vectors",
        metavar="FILE",
        help="vectors that the pictures have already: .npy, .npz or safetensors, by row or by "
        "name, or the column of their table (default: those that lie beside them); none: encode",
    )
    add_boxes(parser)
    parser.add_argument(
        "--download",
        action="store_true",
        help="fetch the public set first, if it is not here; or the pictures whose addresses a "
        "table holds",
    )
    parser.add_argument(
        "--pictures",
        type=int,
        metavar="N",
        help=f"with --download of {WEB_GALLERY} or of a table of addresses: how many pictures "
        f"(default: {Wanted().count})",
    )
    parser.add_argument(
        "--catalogue",
        metavar="FILE",
        help=f"with --download of {WEB_GALLERY}: an own table of authors, titles and addresses",
    )


def add_boxes(parser: argparse.ArgumentParser) -> None:
    """Whether boxes of a gallery's pictures are its pictures."""
    parser.add_argument(
        "--boxes",
        action="store_true",
        help="of pictures with annotations of COCO: each box is a picture, its class the label",
    )


def require_no_boxes(source: str, *, boxes: bool) -> None:
    """Refuses ``--boxes`` of what has no pictures.

    Raises:
        InputError: it was given.
    """
    if boxes:
        raise InputError(
            f"--boxes was given, and “{shorten(source)}” has no pictures.",
            "It is for pictures with annotations of COCO.",
            "Leave it out.",
        )


def open_gallery(options: argparse.Namespace) -> Gallery:
    """The gallery that was named: a file or folder if there is one, else one of that name.

    Raises:
        InputError: there is none.
        NotReadyError: it is a public set that must be downloaded first.
    """
    name = options.gallery
    choice = Choice(options.caption_column, options.vectors or "", boxes=options.boxes)
    path = data_home.given_path(name)
    if options.download and path.is_file():
        return galleries.load(_fetched(path, options), options.language, choice)
    known = None if name == openmoji.NAME or data_home.given_path(name).exists() else find_set(name)
    wanted = _wanted(options, known)
    if name != openmoji.NAME and not data_home.given_path(name).exists():
        entry = _entry(name, known, wanted, download=options.download)
        if entry is not None:
            return galleries.load(entry, options.language, choice)
    try:
        return load_gallery(name, options.language, choice)
    except InputError as error:
        _require_no_addresses(path, error)
        raise


def _require_no_addresses(path: Path, error: InputError) -> None:
    """Where a table names no picture that is here, looks whether it names some on the net.

    Raises:
        NotReadyError: it does; they are fetched only where that is asked for.
    """
    if not path.is_file() or path.suffix.lower() not in (*LISTS, ".parquet"):
        return
    try:
        found = _addresses(path)
    except InputError:
        return  # what was wrong before is told
    raise NotReadyError(
        f"“{shorten(path.name)}” names pictures by addresses.",
        _told(found),
        "Add --download to fetch them, and --pictures for how many.",
    ) from error


def _addresses(path: Path) -> AddressList:
    data = data_home.read_given(path, MAX_LIST)
    return addresses.find_addresses(path.name, data, StderrProgress())


def _told(found: AddressList) -> str:
    return (
        f"{counted(len(found.addresses), 'URL')} in “{shorten(found.column)}”, of "
        f"{counted(len(found.hosts), 'host')}: {listed(found.hosts)}."
    )


def _fetched(path: Path, options: argparse.Namespace) -> GalleryEntry:
    """The pictures whose addresses a table holds, fetched."""
    found = _addresses(path)
    streams.tell(_told(found))
    count = addresses.COUNT if options.pictures is None else options.pictures
    brought = addresses.fetch(found, count, progress=StderrProgress())
    for one in brought.skipped:
        streams.tell(f"left out: {shorten(one.id, 200)}: {one.reason}")
    return brought.entry


def open_space(gallery: Gallery, vectors: str | None, space: str | None) -> SpaceEntry:
    """The vectors that a gallery came with as a space, or the one that encodes its pictures.

    A space that is named with the vectors is the model that made them; one that is named alone
    encodes the pictures.

    Raises:
        InputError: there is none of this name that takes pictures.
    """
    if gallery.own is not None and (space is None or vectors is not None):
        return own_vectors.open_own(gallery, space or "")
    return registry.find_space(space or registry.default_of_pictures(), Modality.IMAGE)


def _wanted(options: argparse.Namespace, known: PublicSet | None) -> Wanted | None:
    """What of a set that comes picture by picture is fetched."""
    if options.download and known is None:
        raise InputError(
            f"--download is given, and “{shorten(options.gallery)}” is no public set.",
            f"It goes with {', '.join(known.name for known in PUBLIC_SETS)}.",
            "Leave it out.",
        )
    asked = options.pictures is not None or options.catalogue is not None
    if known is None or known.way is not Way.PICTURES or not options.download:
        if asked:
            raise InputError(
                "--pictures and --catalogue say what is downloaded.",
                f"They go with --gallery {WEB_GALLERY} --download.",
                "Leave them out.",
            )
        return None
    count = Wanted().count if options.pictures is None else options.pictures
    if options.catalogue is None:
        return Wanted(count)
    path = data_home.given_path(options.catalogue)
    return Wanted(count, (), data_home.read_given(path, MAX_BYTES), path.name)


def _entry(
    name: str, known: PublicSet | None, wanted: Wanted | None, *, download: bool
) -> GalleryEntry | None:
    """The gallery brought under this name, or the public set, fetched where that is asked for."""
    here = [one for one in galleries.list_galleries() if one.name == name]
    if known is None:
        return here[0] if here else None
    of_set = sets.galleries_of(known)
    if wanted is None and (of_set or here):
        return (of_set or here)[0]
    told = (
        f"{known.title}: {known.pictures:,} pictures, to download: {sets.size(known)}. "
        f"Licence: {known.licence} {known.page}"
    )
    if not download:
        raise NotReadyError(
            f"The public set {name} is not here.",
            told,
            "Add --download, or fetch it in the app, on the page Images under “Your pictures”.",
        )
    streams.tell(told)
    brought = sets.download(known, StderrProgress(), wanted)
    for one in brought.skipped:
        streams.tell(f"left out: {shorten(one.id, 200)}: {one.reason}")
    return brought.entry
