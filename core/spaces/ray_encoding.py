"""Encoding texts and pictures on the processors of several machines (``core.base.ray_tasks``).

What comes back is kept by ``vector_store`` as ever, by the digests of the items. So a command that
was ended goes on where it stopped, and nothing is kept twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.ray_tasks import LOCAL, RayTasks, Rows
from core.base.types import Encoded
from core.storage import data_home


@dataclass(frozen=True, slots=True)
class RayEngine:
    """Encodes chunks of texts, or of places of pictures, by Ray's workers.

    Attributes:
        make: ``module:function`` that gives a worker a function of a chunk, which gives
            ``as_rows`` of what is encoded; called with ``arguments``.
        address, workers: as of ``RayTasks``.
    """

    make: str
    arguments: tuple[str, ...] = ()
    address: str = LOCAL
    workers: int = 0

    def __call__(self, chunks: Sequence[Sequence[str]]) -> Iterator[tuple[int, Encoded]]:
        """The number of each chunk and its vectors ``(n, dim)``, as they are finished.

        Raises:
            NotReadyError, InputError: as ``RayTasks.run``.
        """
        home = {"EMBEDDING_EXPLORER_HOME": str(data_home.data_home())}
        tasks = RayTasks(self.make, self.arguments, self.address, self.workers, home)
        for at, rows in tasks.run(chunks, [len(chunk) for chunk in chunks]):
            yield at, _encoded(rows)


def as_rows(found: Encoded) -> Rows:
    """What a worker gives of a chunk: vectors ``(n, dim)``, and what is kept beside them."""
    return {"vector": found.vectors, "length": found.lengths, "cut": found.cut}


def _encoded(rows: Rows) -> Encoded:
    vectors = np.stack([*rows["vector"]]).astype(np.float32)
    return Encoded(vectors, rows["length"], rows["cut"])
