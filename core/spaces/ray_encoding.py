"""Encoding texts on the processors of several machines, by Ray Data.

Each worker opens the model once and is given chunk after chunk; what comes back is kept by
``vector_store`` as ever, by the digests of the texts. So a worker that ends costs its chunk's time
alone, a command that was ended goes on where it stopped, and no text is kept twice.

Ray (Apache-2.0) is installed by who wants it. On other machines of a cluster the app has to be
installed, in the same version.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from core.base.errors import InputError, NotReadyError
from core.base.paths import ROOT
from core.base.types import Encoded, TextEncoder
from core.storage import data_home

INSTALL = 'pip install "ray[data]==2.60.0"'
LOCAL = ""  # no address: Ray runs on this machine, until the command ends


@dataclass(frozen=True, slots=True)
class RayEngine:
    """Encodes chunks of texts by Ray's workers.

    Attributes:
        make: ``module:function`` that gives a worker its encoder, called with ``arguments``.
        address: of a running cluster, ``auto`` for the one this machine is part of.
        workers: how many, each with a processor; 0: one for each processor of the cluster.
    """

    make: str
    arguments: tuple[str, ...] = ()
    address: str = LOCAL
    workers: int = 0

    def __call__(self, chunks: Sequence[Sequence[str]]) -> Iterator[tuple[int, Encoded]]:
        """The number of each chunk and its vectors ``(n, dim)``, as they are finished.

        Raises:
            NotReadyError: Ray is not installed.
            InputError: there is no cluster at the address, or the workers failed.
        """
        if find_spec("ray") is None:
            raise NotReadyError("Ray is not installed.", "It is optional.", INSTALL)
        import ray
        from ray.exceptions import RayError

        self._connect()
        try:
            yield from self._encoded(chunks)
        except RayError as error:
            raise InputError(
                f"Ray's workers failed: {' '.join(str(error).split())[-300:]}",
                "Each has the app in this version, and the model.",
                "See their log; what was finished is kept.",
            ) from error
        finally:
            ray.shutdown()

    def _connect(self) -> None:
        import ray

        variables = {
            "PYTHONPATH": str(ROOT),
            "EMBEDDING_EXPLORER_HOME": str(data_home.data_home()),
            "OMP_NUM_THREADS": "1",
        }
        options: dict[str, Any] = {"include_dashboard": False} if not self.address else {}
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # each step is no news
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        try:
            ray.init(
                address=self.address or "local",
                runtime_env={"env_vars": variables},
                log_to_driver=False,
                logging_level=logging.ERROR,
                **options,
            )
        except ConnectionError as error:
            raise InputError(
                f"There is no Ray cluster at “{self.address}”.",
                "“auto” is the one that this machine is part of, else HOST:PORT.",
                "Start one with: ray start --head",
            ) from error

    def _encoded(self, chunks: Sequence[Sequence[str]]) -> Iterator[tuple[int, Encoded]]:
        import ray

        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.max_errored_blocks = 0
        workers = self.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        rows = [{"chunk": at, "texts": list(chunk)} for at, chunk in enumerate(chunks)]
        encoded = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
            _Worker,
            fn_constructor_args=(self.make, self.arguments),
            batch_size=1,
            num_cpus=1,
            compute=ray.data.ActorPoolStrategy(size=min(workers, len(rows))),
        )
        pieces: dict[int, list[dict[str, Any]]] = {}
        for block in encoded.iter_batches(batch_size=None):
            for at in np.unique(block["chunk"]).tolist():
                mine = block["chunk"] == at
                pieces.setdefault(at, []).append({name: block[name][mine] for name in block})
                if sum(len(piece["row"]) for piece in pieces[at]) == len(chunks[at]):
                    yield at, _whole(pieces.pop(at))


def _whole(pieces: Sequence[dict[str, Any]]) -> Encoded:
    """A chunk from the pieces that it came in, in its own order."""
    columns = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    order = np.argsort(columns["row"])
    vectors = np.stack([*columns["vector"]]).astype(np.float32)
    return Encoded(vectors[order], columns["length"][order], columns["cut"][order])


class _Worker:
    """One of Ray's: opens its encoder once, and is given a chunk at a time."""

    def __init__(self, make: str, arguments: Sequence[str]) -> None:
        module, _, function = make.partition(":")
        self.encoder: TextEncoder = getattr(importlib.import_module(module), function)(*arguments)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        texts = [str(text) for text in batch["texts"][0]]
        found = self.encoder.encode_texts(texts)
        return {
            "chunk": np.full(len(texts), batch["chunk"][0]),
            "row": np.arange(len(texts)),
            "vector": found.vectors,
            "length": found.lengths,
            "cut": found.cut,
        }
