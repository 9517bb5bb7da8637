"""Maps of more rows than the memory holds: a sample is projected, the others are placed on its map.

The sample is taken by density (``density_sample``), its map is made as any other, and each other
row lands on it by its nearest there, in this process's children or on Ray's workers. How good that
is, is measured at rows that were not in the sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base import vectors as vec
from core.base.child_worker import ChildError, Worker
from core.base.errors import InputError, counted
from core.base.ray_tasks import RayTasks, Rows
from core.base.types import FloatArray, Metric, Progress, no_progress
from core.maps import density_sample, project, quality, store
from core.maps.density_sample import Drawn
from core.maps.export import AXES
from core.maps.quality import Quality
from core.maps.recipe import Recipe
from core.maps.store import StoredMap
from core.readers import parquet_parts
from core.readers.parquet_parts import Parts, Slice
from core.storage import data_home

if TYPE_CHECKING:
    import pyarrow as pa

FIT, PLACED, OVERVIEW = "fit", "parts", "overview.parquet"
VECTORS = "vectors.npy"
OVERVIEW_ROWS = 1_000_000  # of the file that the app draws
_KEY = b"embedding_explorer.placed"  # of a part: what decided it

Engine = Callable[[Sequence[Slice]], Iterator[tuple[int, FloatArray]]]


@dataclass(frozen=True, slots=True)
class Fit:
    """The map of a sample, in a folder where workers find it.

    Attributes:
        sample: the rows that it is of, and ``judged`` others, drawn uniformly.
        shares: rows that each box of the sample gave.
    """

    folder: Path
    stored: StoredMap
    sample: Drawn
    judged: Drawn
    shares: tuple[int, ...]


def fit(  # noqa: PLR0913, PLR0917
    parts: Parts,
    recipe: Recipe,
    count: int,
    judge: int,
    out: Path,
    progress: Progress = no_progress,
) -> Fit:
    """The map of ``count`` rows of the parts by density, kept in the folder ``out``.

    Args:
        judge: rows beside them at which placing is measured.

    Raises:
        InputError: fewer whole vectors than that are there, or they cannot be projected.
        StorageError: the disk refuses.
        Cancelled: by ``progress``.
    """
    seed = recipe.seed or 0
    drawn = density_sample.draw(parts, density_sample.POOL * count + judge, seed, progress)
    if len(drawn.rows) <= judge + count:
        raise InputError(
            f"{parts.name} has {counted(parts.rows, 'row')}, of which {len(drawn.rows):,} were "
            f"drawn; the sample and the rows that judge it are {count + judge:,}.",
            "A sample is for more rows than can be mapped at once.",
            "Leave --sample out, or take a smaller one.",
        )
    order = np.random.default_rng(seed).permutation(len(drawn.rows))
    judged = drawn.take(np.sort(order[:judge]))
    pool = drawn.take(np.sort(order[judge:]))
    unit = recipe.compared is Metric.COSINE
    chosen, shares = density_sample.by_density(pool, count, seed, unit=unit)
    sample = pool.take(chosen)
    stored = store.load_or_project(sample.vectors, recipe, progress)
    points = data_home.sha256(stored.projection.coordinates.tobytes())
    folder = out / f"{FIT}-{points[:12]}"  # one that is there is the same
    store.save(stored, folder)
    with data_home.writing_file(folder / VECTORS) as path, path.open("wb") as stream:
        np.save(stream, sample.vectors, allow_pickle=False)
    return Fit(folder, stored, sample, judged, tuple(shares.tolist()))


@lru_cache(maxsize=1)
def _opened(folder: str) -> tuple[StoredMap, FloatArray]:
    return store.load(Path(folder)), np.load(Path(folder) / VECTORS, allow_pickle=False)


def place(folder: str, column: str, dim: int, one: Slice) -> FloatArray:
    """Where the rows of a slice land on the map in a folder, ``(count, dims)``; NaN for those
    without a whole vector.
    """
    stored, sample = _opened(folder)
    projection = stored.projection
    found = []
    for batch in parquet_parts.vectors(column, dim, one):
        places = np.full((len(batch), projection.recipe.dims), np.nan, dtype=np.float32)
        whole = vec.finite_rows(batch)
        if whole.any():
            places[whole] = project.place(projection, sample, batch[whole]).coordinates
        found.append(places)
    return np.concatenate(found)


def ray_worker(folder: str, column: str, dim: str) -> Callable[[list[str]], Rows]:
    """What a worker of ``RayTasks`` does: ``place`` of a slice that it is told."""

    def work(told: list[str]) -> Rows:
        [one] = [parquet_parts.read_slice(text) for text in told]
        return {"place": place(folder, column, int(dim), one)}

    return work


def by_ray(made: Fit, parts: Parts, address: str, workers: int) -> Engine:
    """Places slices on Ray's workers, which reach the folder of the fit and the parts."""
    make = f"{ray_worker.__module__}:{ray_worker.__name__}"
    arguments = (str(made.folder.absolute()), parts.column, str(parts.dim))
    tasks = RayTasks(make, arguments, address, workers)

    def run(slices: Sequence[Slice]) -> Iterator[tuple[int, FloatArray]]:
        told = [[one.told()] for one in slices]
        for at, rows in tasks.run(told, [one.count for one in slices]):
            yield at, np.stack([*rows["place"]])

    return run


def by_children(made: Fit, parts: Parts, workers: int) -> Engine:
    """Places slices in child processes of this machine, ``workers`` at once.

    What it gives raises ``InputError`` where a child fails.
    """
    children = Worker(
        "core.maps.large_child", name="placing", instead="take fewer workers", at_once=workers
    )
    options = {"folder": str(made.folder.absolute()), "column": parts.column, "dim": parts.dim}

    def run(slices: Sequence[Slice]) -> Iterator[tuple[int, FloatArray]]:
        running: dict[Future[Any], int] = {}
        waiting = iter(enumerate(slices))
        with ThreadPoolExecutor(workers) as pool:
            try:
                while True:
                    while len(running) < workers and (task := next(waiting, None)):
                        given = options | {"slice": task[1].told()}
                        running[pool.submit(children.ask, given, [], lambda done: None)] = task[0]
                    if not running:
                        return
                    for done in wait(running, return_when=FIRST_COMPLETED).done:
                        yield running.pop(done), done.result()
            except ChildError as error:
                raise InputError(
                    f"Placing failed: {str(error).rstrip('.')}.", "", "See what the parts hold."
                ) from error
            finally:
                for child in list(children.working):
                    child.end()
                children.stop()

    return run


def place_all(
    made: Fit, parts: Parts, engine: Engine, out: Path, progress: Progress = no_progress
) -> tuple[int, int]:
    """Writes each slice with its coordinates as a file below ``out``; rows placed and left out.

    Files that are there and were made by the same map stay: what was stopped goes on.

    Raises:
        InputError: the workers failed.
        StorageError: the disk refuses.
        Cancelled: by ``progress``; what was finished is kept.
    """
    keys = [_key(made, parts, one) for one in parts.slices]
    paths = [out / PLACED / f"part-{at:05}.parquet" for at in range(len(keys))]
    todo = [at for at, path in enumerate(paths) if not _is_made(path, keys[at])]
    done, total = (
        sum(parts.slices[at].count for at in range(len(keys)) if at not in {*todo}),
        parts.rows,
    )
    progress(done, total, "rows placed")
    for number, places in engine([parts.slices[at] for at in todo]) if todo else ():
        at = todo[number]
        _write(paths[at], parquet_parts.others(parts, parts.slices[at]), places, keys[at])
        done += len(places)
        progress(done, total, "rows placed")
    placed = sum(_rows(path) for path in paths)
    return placed, parts.rows - placed


def _key(made: Fit, parts: Parts, one: Slice) -> bytes:
    stamp = parts.stamps[parts.places.index(one.place)]
    told = [made.stored.projection.digest, made.folder.name, one.told(), f"{stamp}"]
    return data_home.digest_bytes(*data_home.as_bytes(told)).encode()


def _is_made(path: Path, key: bytes) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return path.is_file() and (pq.read_schema(path).metadata or {}).get(_KEY) == key
    except (pa.ArrowException, OSError):
        return False


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def _write(path: Path, rest: pa.Table, places: FloatArray, key: bytes) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    landed = np.isfinite(places).all(axis=1)
    columns = {
        name: pa.array(places[landed, at]) for at, name in enumerate(AXES[: places.shape[1]])
    }
    rest = rest.filter(pa.array(landed))
    for name in rest.column_names:
        columns[data_home.distinct_name(name, columns)] = rest.column(name)
    with data_home.writing_file(path) as beside:
        pq.write_table(pa.table(columns).replace_schema_metadata({_KEY: key}), beside)


def overview(out: Path, rows: int) -> tuple[Path, int]:
    """One file of the placed rows for the app, every so many of them where they are too many."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    step = -(-max(rows, 1) // OVERVIEW_ROWS)
    target, at, count = out / OVERVIEW, 0, 0
    paths = sorted((out / PLACED).glob("part-*.parquet"))
    with (
        data_home.writing_file(target) as beside,
        pq.ParquetWriter(beside, pq.read_schema(paths[0]).remove_metadata()) as writer,
    ):
        for path in paths:
            page = pq.read_table(path)
            first = -at % step
            at += page.num_rows
            page = page.take(pa.array(np.arange(first, page.num_rows, step)))
            count += page.num_rows
            writer.write_table(page.replace_schema_metadata(None).cast(writer.schema))
    return target, count


def judge(made: Fit, progress: Progress = no_progress) -> Quality | None:
    """What placing keeps of the neighbourhoods among the judged rows, which were not fitted."""
    if len(made.judged.rows) < quality.LEAST:
        return None
    places = project.place(made.stored.projection, made.sample.vectors, made.judged.vectors)
    return quality.map_quality(
        made.judged.vectors,
        places.coordinates,
        metric=made.stored.projection.recipe.compared,
        progress=progress,
    )
