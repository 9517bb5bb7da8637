"""Where ``encode`` has its work done: in this process, or by Ray's workers."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from core.base.errors import InputError, shorten
from core.base.ray_tasks import LOCAL, Rows
from core.base.types import Modality
from core.cli.texts import find_space
from core.images import vectors as gallery_vectors
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.encoders.head import HeadImageEncoder, HeadTextEncoder
from core.spaces.entry import SpaceEntry
from core.spaces.ray_encoding import RayEngine, as_rows

HERE, RAY = "here", "ray"
Work = Callable[[list[str]], Rows]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The engine, and what Ray is told."""
    parser.add_argument(
        "--engine",
        choices=[HERE, RAY],
        default=HERE,
        help="where the work is done: in this process, or by Ray on the processors of this machine "
        "or a cluster (default: here)",
    )
    parser.add_argument(
        "--address",
        dest="cluster",
        metavar="ADDRESS",
        help="of a running Ray cluster: auto, or HOST:PORT",
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="Ray's workers (default: one a processor)"
    )


def require(options: argparse.Namespace) -> None:
    """Checks that the options of ``add_arguments`` go together.

    Raises:
        InputError: they do not.
    """
    given = {"--address": options.cluster, "--workers": options.workers}
    for option, value in given.items():
        if options.engine == HERE and value is not None:
            raise InputError(f"{option} was given.", "It is Ray's.", f"Add --engine {RAY}.")
    if options.workers is not None and options.workers < 1:
        raise InputError(f"--workers is {options.workers}.", "At least one.", "Change it.")


def of_texts(options: argparse.Namespace) -> RayEngine | None:
    """What encodes texts, if not this process."""
    name = DEFAULT_SPACE if options.space is None else options.space
    if options.engine == HERE:
        return None
    return _engine(options, text_worker, (name, find_space(name).text_folder.name))


def of_pictures(options: argparse.Namespace, entry: SpaceEntry) -> RayEngine | None:
    """What encodes pictures in a space, if not this process."""
    if options.engine == HERE:
        return None
    return _engine(options, picture_worker, (entry.space.name, entry.image_folder.name))


def not_by(options: argparse.Namespace) -> InputError:
    """That the engine is for other sources."""
    return InputError(
        f"“{shorten(options.source)}” holds neither texts nor pictures.",
        f"--engine {options.engine} encodes the texts of a table, or pictures.",
        "Leave it out.",
    )


def _engine(
    options: argparse.Namespace, make: Callable[..., Work], arguments: Sequence[str]
) -> RayEngine:
    path = f"{make.__module__}:{make.__name__}"
    return RayEngine(path, tuple(arguments), options.cluster or LOCAL, options.workers or 0)


def text_worker(name: str, folder: str) -> Work:
    """What encodes texts in another process, where the vectors lie in a folder called so.

    Raises:
        InputError: the space is another one there than where the command runs.
    """
    entry = find_space(name)
    _require_same(name, entry.text_folder.name, folder)
    encoder = entry.text_encoder()
    own = encoder.base if isinstance(encoder, HeadTextEncoder) else encoder
    return lambda texts: as_rows(own.encode_texts(texts))


def picture_worker(name: str, folder: str) -> Work:
    """The same of pictures, by ``told_places``.

    Raises:
        InputError: as ``text_worker``.
    """
    entry = registry.find_space(name, Modality.IMAGE)
    _require_same(name, entry.image_folder.name, folder)
    encoder = entry.image_encoder()
    own = encoder.base if isinstance(encoder, HeadImageEncoder) else encoder
    return lambda told: as_rows(gallery_vectors.encode_told(told, own))


def _require_same(name: str, here: str, there: str) -> None:
    import torch

    torch.set_num_threads(1)
    if here != there:
        raise InputError(
            f"The model {shorten(name)} of this worker is another one.",
            "All have the same model in the same version.",
            "Install the same version of the app and the model there.",
        )
