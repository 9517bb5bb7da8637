"""What the child processes of ``core.maps.large`` run: placing one slice after another."""

from __future__ import annotations

from typing import Any

from core.base import child_worker
from core.base.child_worker import Array, Report, Work


def prepare() -> Work:
    """Places the rows of ``slice`` on the map in ``folder``, with one thread of its own."""
    from threadpoolctl import threadpool_limits

    from core.maps import large
    from core.readers import parquet_parts

    threadpool_limits(1)  # there is a child for each processor

    def work(options: dict[str, Any], arrays: list[Array], report: Report) -> Array:
        one = parquet_parts.read_slice(options["slice"])
        return large.place(options["folder"], options["column"], int(options["dim"]), one)

    return work


if __name__ == "__main__":
    child_worker.serve(prepare)
