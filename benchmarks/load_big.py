"""Large data of one session while others ask light questions: memory, and how long others wait.

One session brings a table of 200,000 rows, a CSV of 300 MB and 100,000 pictures, one after the
other, by the boxes for paths of this computer. The others do the light actions of `load` on the
page Words meanwhile, each answer checked, and before that while nothing else goes on. The memory of
the server and of its children is looked at twice a second. Ends with status 1 where an answer is
wrong or light actions take more than three times as long as with nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.answered import button
from benchmarks.common import machine, table
from benchmarks.load import SLOWER, Load, running
from benchmarks.load_actions import Script
from benchmarks.load_big_files import write_bytes, write_pictures, write_rows
from benchmarks.load_known import Known
from benchmarks.load_session import Session
from benchmarks.load_widgets import written

ALONE = "nothing else"
SHORT = {
    "sessions": 3,
    "rows": 20_000,
    "megabytes": 5,
    "pictures": 1_000,
    "every": 1.0,
    "alone": 8.0,
}
ROUNDS = 5  # of formulas, which are asked again after these
_LOOK = 0.5  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Work:
    """What one session does; ``do`` gives what is wrong, or nothing."""

    name: str
    do: Callable[[Session], Awaitable[str]]


@dataclass(slots=True)
class Seen:
    """What was seen while a work went on: seconds, and the most memory in MiB."""

    name: str
    seconds: float = 0.0
    server: float = 0.0
    children: float = 0.0


def works(folder: Path, rows: int, megabytes: int, pictures: int) -> list[Work]:
    """All that is brought, whose files are written into ``folder``."""
    many, large, archive = folder / "rows.csv", folder / "large.csv", folder / "pictures.zip"
    write_rows(many, rows)
    lines = write_bytes(large, megabytes * 1_000_000)
    write_pictures(archive, pictures)
    return [
        Work(f"{rows:,} rows", lambda session: import_table(session, many, rows)),
        Work(f"CSV of {megabytes:,} MB", lambda session: import_table(session, large, lines)),
        Work(f"{pictures:,} pictures", lambda session: link_pictures(session, archive, pictures)),
    ]


async def import_table(session: Session, path: Path, rows: int) -> str:
    """Imports a table by its path on the page Sentences, and opens it."""
    await session.go("sentences", {"do": "Datasets"})
    await session.put("texts-path", str(path))
    answer = await session.press("texts-open-dataset")
    return _missing(f"is ready: {rows:,} row", answer.texts() + answer.errors())


async def link_pictures(session: Session, path: Path, count: int) -> str:
    """Links an archive of pictures by its path on the page Images, and searches it by file."""
    answer = await session.go("images", {"see": "Datasets"})
    [box] = [
        one.text_input
        for one in answer.elements()
        if one.HasField("text_input") and one.text_input.label.startswith("Or a folder")
    ]
    answer = await session.send(written(box, str(path)), button(session, "Add folder or file"))
    return _missing(f"{count:,} picture", answer.texts() + answer.errors())


def _missing(wanted: str, told: Sequence[str]) -> str:
    return "" if any(wanted in text for text in told) else f"no “{wanted}” in {list(told)}"


class Memory:
    """The most memory that a server and its children took since ``begin``."""

    def __init__(self, server: psutil.Process) -> None:
        self._server = server
        self._seen = Seen("")
        self._ended = threading.Event()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Looks at it while the block runs."""
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def begin(self, name: str) -> Seen:
        """What is seen from now on."""
        self._seen = Seen(name)
        return self._seen

    def _look(self) -> None:
        while not self._ended.wait(_LOOK):
            seen = self._seen
            with suppress(psutil.Error):  # a child has ended
                own = self._server.memory_full_info().uss / 2**20
                seen.server = max(seen.server, own)
                used = [_used(one) for one in self._server.children(recursive=True)]
                seen.children = max(seen.children, sum(used))


def _used(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().uss) / 2**20
    except psutil.Error:
        return 0.0


def others(known: Known, sessions: int) -> Load:
    """The sessions, each with formulas of its own on the page Words."""
    scripts = [Script(known, number, []) for number in range(sessions)]
    return Load([[list(script.words()) for _ in range(ROUNDS)] for script in scripts])


async def ask_until(
    load: Load, session: Session, number: int, every: float, phase: str, ended: asyncio.Event
) -> None:
    """Light actions of one of the others, one every so many seconds, until the work has ended."""
    steps = [step for plan in load.plans[number] for step in plan]
    due = time.monotonic() + every * number / len(load.plans)  # they do not click in step
    at = 0
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), max(0.001, due - time.monotonic()))
            return
        await load.act(session, number, steps[at % len(steps)], phase)
        at, due = at + 1, max(due + every, time.monotonic())


async def measure(
    load: Load, address: str, memory: Memory, to_do: Sequence[Work], every: float
) -> list[Seen]:
    """What was seen of each work, which the first session does while the others ask."""
    own = Session(address, patience=1_200)
    await own.open()
    asked = {number: await load.enter(address, number) for number in range(1, len(load.plans))}
    found = []
    for work in to_do:
        seen = memory.begin(work.name)
        ended = asyncio.Event()
        asking = [
            asyncio.create_task(ask_until(load, session, number, every, work.name, ended))
            for number, session in asked.items()
        ]
        begun = time.perf_counter()
        try:
            wrong = await work.do(own)
        except (LookupError, TimeoutError) as error:
            wrong = repr(error)
        seen.seconds = time.perf_counter() - begun
        ended.set()
        await asyncio.gather(*asking)
        load.wrong += [f"{work.name}: {wrong}"] if wrong else []
        found.append(seen)
        print(seen, file=sys.stderr, flush=True)
    await asyncio.gather(own.close(), *(session.close() for session in asked.values()))
    return found


def report(load: Load, found: Sequence[Seen]) -> bool:
    """Prints what was measured; whether all checks hold."""
    rows: list[tuple[str, ...]] = [
        ("while", "s", "server, MiB", "children, MiB", "others' median, s", "worst, s", "times")
    ]
    alone = statistics.median(load.light[ALONE])
    good = not load.wrong
    for seen in found:
        times = load.light[seen.name]
        most = (f"{seen.seconds:.1f}", f"{seen.server:,.0f}", f"{seen.children:,.0f}")
        if times:
            middle = statistics.median(times)
            good &= middle <= SLOWER * alone
            rows.append((seen.name, *most, f"{middle:.3f}", f"{max(times):.3f}", str(len(times))))
        else:
            rows.append((seen.name, *most, "", "", "0"))
    print(table(rows))
    print(f"\n{len(load.wrong)} wrong answers or errors")
    print(*load.wrong[:20], sep="\n", file=sys.stderr)
    return good


def waiting(seconds: float) -> Work:
    """Nothing, for so long."""

    async def wait(_: Session) -> str:
        await asyncio.sleep(seconds)
        return ""

    return Work(ALONE, wait)


def main() -> int:
    """Prints the table; 1 where a check failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--every", type=float, default=5, help="seconds between two light actions")
    parser.add_argument("--alone", type=float, default=40, help="seconds with nothing else")
    parser.add_argument("--short", action="store_true", help=f"{SHORT}")
    parser.add_argument("--home", type=Path, help="a data home to use (default: a new one)")
    options = parser.parse_args()
    if options.short:
        vars(options).update(SHORT)
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        home, log = options.home or Path(folder) / "home", Path(folder) / "log"
        os.environ["EMBEDDING_EXPLORER_HOME"] = str(home)
        load = others(Known(), options.sessions)
        to_do = works(Path(folder), options.rows, options.megabytes, options.pictures)
        with running(home, log) as (address, server):
            memory = Memory(server)
            with memory.watched():
                found = asyncio.run(
                    measure(load, address, memory, [waiting(options.alone), *to_do], options.every)
                )
        good = report(load, found)
        told = log.read_text(encoding="utf-8", errors="replace")
        if "Traceback" in told:
            print(told[-5_000:], file=sys.stderr)
    return 0 if good and "Traceback" not in told else 1


if __name__ == "__main__":
    sys.exit(main())
