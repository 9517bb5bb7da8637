"""Every reader on files changed by chance, in a child with limits: what crashes, hangs, loses rows.

    python3 run.py bench fuzz                               10,000 changed files for each reader
    python3 run.py bench fuzz --count 300 --reader table    a few, for the readers of tables

Each file is one of some small ones made here, with changes drawn by the seed, its reader and its
number, so that one that failed is made again by these. The readers run in one process and not in
children of their own: what ends them ends that, is counted, and the next file is read by a fresh
one. `memory` is what came to the limit that a child of the app has as well; `python` a
refusal in Python's own words. Exit status 1 where a file crashed, hung, was refused so, or lost
rows without a word.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import random
import resource
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from benchmarks.common import ROOT, machine, table
from benchmarks.fuzz_mutations import mutate
from benchmarks.fuzz_readers import READERS, files, read
from core.base.errors import ExplorerError
from core.base.reasons import quotes_python
from core.readers import isolated
from core.readers.isolated import NO_MEMORY

CHILD = "benchmarks.fuzz"
OUTCOMES = ("read", "refused", "memory", "loss", "python", "hang", "crash")
FAILURES = ("loss", "python", "hang", "crash")
MEMORY = 1_500_000_000  # bytes beyond what the readers' libraries take
SECONDS = 10  # of computing, for a file of some kilobytes
SILENCE = 120.0  # seconds, where nothing is computed either


@dataclass(slots=True)
class Result:
    """What came of the files of one reader.

    Attributes:
        counts: files by what came of them.
        failures: the number of each that failed, how, and the last words.
        seconds: that all took.
    """

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str, str]] = field(default_factory=list)
    seconds: float = 0.0


def case(reader: str, seed: int, number: int) -> bytes:
    """The changed file of this number."""
    draw = random.Random(f"{reader} {seed} {number}")
    return mutate(files(reader), draw)


def fuzz(readers: Sequence[str], count: int, seed: int) -> dict[str, Result]:
    """What came of ``count`` files for each reader."""
    results = {reader: Result() for reader in readers}
    left = [(reader, 0) for reader in readers]
    while left:
        started = time.monotonic()
        for outcome, detail in _child(left, count, seed):
            reader, number = left[0]
            result = results[reader]
            result.counts[outcome] += 1
            if outcome in FAILURES:
                result.failures.append((number, outcome, detail))
            result.seconds += time.monotonic() - started
            started = time.monotonic()
            left[0] = (reader, number + 1)
            if number + 1 == count:
                left.pop(0)
    return results


def _child(left: Sequence[tuple[str, int]], count: int, seed: int) -> Iterator[tuple[str, str]]:
    """What comes of one file after the other, until all are read or the process has ended."""
    with subprocess.Popen(
        [sys.executable, "-m", CHILD, "--child", json.dumps([list(left), count, seed])],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        lines: queue.Queue[str] = queue.Queue()
        words: deque[str] = deque(maxlen=200)
        threads = [
            threading.Thread(target=_pass, args=(stream, take), daemon=True)
            for stream, take in ((process.stdout, lines.put), (process.stderr, words.append))
        ]
        for thread in threads:
            thread.start()
        while True:
            try:
                line = lines.get(timeout=SILENCE)
            except queue.Empty:
                process.kill()
                yield "hang", "nothing was computed"
                return
            if line == "end\n":
                return
            if line:
                outcome, _, words_said = line.strip().partition("\t")
                yield outcome, words_said
                continue
            status = process.wait()
            threads[1].join(5)
            last = next((word.strip() for word in reversed(words) if word.strip()), "")
            if status == isolated.OUT_OF_TIME:
                yield "hang", f"more than {SECONDS} s"
            elif status == isolated.KILLED or any(sign in "".join(words) for sign in NO_MEMORY):
                yield "memory", last
            else:
                yield "crash", last or f"status {status}"
            return


def _pass(stream: IO[str], take: Callable[[str], None]) -> None:
    """Hands on the lines of a stream, and "" at its end."""
    for line in stream:
        take(line)
    take("")


def work(left: Sequence[tuple[str, int]], count: int, seed: int) -> None:
    """Reads the files and says on a line what came of each; meant for a process of its own."""
    isolated.inside = True  # which would start a process for many of them
    warnings.simplefilter("ignore")
    for reader, _ in left:  # loads the libraries, before what they take is limited
        with contextlib.suppress(ExplorerError):
            read(reader, files(reader)[0])
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    allowed = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for reader, first in left:
        for number in range(first, count):
            data = case(reader, seed, number)
            spent = int(time.process_time()) + SECONDS + 1
            resource.setrlimit(resource.RLIMIT_CPU, (spent, resource.RLIM_INFINITY))
            try:
                outcome = "loss" if read(reader, data) else "read"
            except ExplorerError as error:
                outcome = f"python\t{error}" if quotes_python(str(error)) else "refused"
            except MemoryError:
                outcome = "memory"
            os.write(1, f"{outcome}\n".encode())
    os.write(1, b"end\n")


def show(results: dict[str, Result]) -> str:
    """A table of what came."""
    rows: list[tuple[str, ...]] = [("reader", *OUTCOMES, "ms each")]
    for reader, result in results.items():
        total = sum(result.counts.values())
        each = f"{1000 * result.seconds / total:.1f}" if total else ""
        rows.append((reader, *(f"{result.counts[one]:,}" for one in OUTCOMES), each))
    sums = Counter[str]()
    for result in results.values():
        sums.update(result.counts)
    rows.append(("all", *(f"{sums[one]:,}" for one in OUTCOMES), ""))
    return table(rows)


def main() -> int:
    """Reads the arguments, reads the files, and tells what came."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=10_000, help="files for each reader")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reader", default="", help="only readers whose names begin so")
    parser.add_argument("--keep", metavar="FOLDER", help="write the files that failed here")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        left, count, seed = json.loads(options.child)
        work(left, count, seed)
        return 0
    readers = [reader for reader in READERS if reader.startswith(options.reader)]
    print(f"{options.count:,} files each, seed {options.seed}; {machine()}\n", flush=True)
    results: dict[str, Result] = {}
    for reader in readers:
        results |= fuzz([reader], options.count, options.seed)
        counts = results[reader].counts
        print(f"{reader}: {', '.join(f'{counts[one]:,} {one}' for one in OUTCOMES)}", flush=True)
        for number, outcome, detail in results[reader].failures:
            print(f"{reader} {number}: {outcome} {detail}", flush=True)
            if options.keep:
                folder = Path(options.keep)
                folder.mkdir(parents=True, exist_ok=True)
                data = case(reader, options.seed, number)
                (folder / f"{reader.replace(' ', '-')}-{number}").write_bytes(data)
    print("\n" + show(results))
    return int(any(result.failures for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
