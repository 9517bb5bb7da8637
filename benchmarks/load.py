"""Many sessions at once over all pages, each with questions of its own, through real connections.

First one session alone, then all of them, do light actions: a value in a box, a link to another
page. Every answer is compared with what ``core`` gives for that session's question, and must show
what this session keeps on its shelf and nothing that another keeps. Then work that is queued is
asked for by all at the same moment. Ends with status 1 where a check fails.

Started by ``chrt -r 5 python -m benchmarks.load`` it goes before other processes of the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks import load_jobs
from benchmarks.common import APP, machine, start_server, table
from benchmarks.load_actions import Script, Step, faults, marker
from benchmarks.load_known import Known
from benchmarks.load_session import Session
from benchmarks.words_page import wait_until_up

GROWTH, SLOWER = 1.10, 3.0  # what memory and the median of light reruns may come to
PAUSE = 0.5  # seconds between the actions of the session that is alone
SHORT = {"sessions": 5, "minutes": 1.5, "every": 5.0}


@contextmanager
def running(home: Path, log: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The app's server with a data home; its address and process."""
    with log.open("wb") as told:
        server, address = start_server(APP, told, home)
        try:
            wait_until_up(address)
            yield address, psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait(120)  # its jobs have half a minute to stop


def over_all_pages(
    known: Known, count: int, rounds: int, *, method: str = "UMAP"
) -> list[list[list[Step]]]:
    """Each session's rounds over all pages; the first has one more, which is done alone."""
    seeds = known.fill_history()
    scripts = [Script(known, number, seeds, method=method) for number in range(count)]
    return [
        [list(script.round()) for _ in range(rounds if number else rounds + 1)]
        for number, script in enumerate(scripts)
    ]


class Load:
    """One run: its sessions, the times of their actions, and what was wrong."""

    def __init__(self, plans: Sequence[list[list[Step]]]) -> None:
        self.plans = plans  # of each session, round by round
        self.times: dict[str, dict[str, list[float]]] = {}
        self.light: dict[str, list[float]] = defaultdict(list)
        self.memory: list[tuple[str, float]] = []
        self.wrong: list[str] = []
        self.late = 0.0

    async def enter(self, address: str, number: int) -> Session:
        """A new session that has put its mark on the shelf."""
        session = Session(address)
        await session.open("words", {"q": f"king + {marker(number)}"})
        answer = await session.press("keep")
        self.wrong += [f"session {number}, entering: {error}" for error in answer.errors()]
        await session.go("")  # where nothing is bound to the address: links lead on from here
        return session

    async def act(self, session: Session, number: int, step: Step, phase: str) -> None:
        """One action; its time counts in ``phase``, its faults in any."""
        try:
            answer = await step.do(session)
        except (LookupError, TimeoutError) as error:
            told = "; ".join(session.answer.errors())
            self.wrong.append(f"session {number}, {step.name}: {error!r} {told}")
            return
        found = faults(answer, step, number, len(self.plans))
        self.wrong += [f"session {number}, {step.name}: {fault}" for fault in found]
        self.times.setdefault(step.name, {}).setdefault(phase, []).append(answer.seconds)
        if step.light:
            self.light[phase].append(answer.seconds)

    async def alone(self, session: Session) -> None:
        """The first session's actions, twice; what is done first is not counted."""
        for at, phase in enumerate(("first", "alone")):
            for step in self.plans[0][at]:
                await self.act(session, 0, step, phase)
                await asyncio.sleep(PAUSE)

    async def paced(self, session: Session, number: int, every: float, end: float) -> None:
        """Actions of one session, one every so many seconds, until ``end``."""
        steps = [step for plan in self.plans[number][1:] for step in plan]
        due = time.monotonic() + every * number / len(self.plans)  # they do not click in step
        at = 0
        while due < end:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.late = max(self.late, time.monotonic() - due)
            await self.act(session, number, steps[at % len(steps)], "all")
            at, due = at + 1, max(due + every, time.monotonic())

    def measure(self, server: psutil.Process, when: str) -> float:
        """The server's own memory in MiB (unique set size), noted."""
        used = float(server.memory_full_info().uss) / 2**20
        self.memory.append((when, used))
        print(f"{when}: {used:,.0f} MiB, {len(self.wrong)} wrong", file=sys.stderr, flush=True)
        return used


async def light_actions(
    load: Load, address: str, server: psutil.Process, minutes: float, every: float
) -> tuple[float, float]:
    """One session, then all; the server's memory after warming up and at the end."""
    count = len(load.plans)
    sessions = [await load.enter(address, 0)]
    await load.alone(sessions[0])
    load.measure(server, "one session")
    sessions += [await load.enter(address, number) for number in range(1, count)]
    for number in range(1, count):
        for step in load.plans[number][0]:
            await load.act(sessions[number], number, step, "warm-up")
    before = load.measure(server, f"{count} sessions, warm")
    end = time.monotonic() + 60 * minutes
    going = asyncio.gather(*(load.paced(s, n, every, end) for n, s in enumerate(sessions)))
    while not going.done():
        await asyncio.wait([going], timeout=60)
        load.measure(server, f"after {minutes - (end - time.monotonic()) / 60:.1f} minutes")
    await going
    after = load.measure(server, "at the end")
    await asyncio.gather(*(session.close() for session in sessions))
    return before, after


async def queued(known: Known, address: str, sessions: int) -> tuple[list[tuple[str, ...]], int]:
    """Rows of the table of queued work, and how many answers were wrong."""
    rows: list[tuple[str, ...]] = [("asked at once", "first, s", "median, s", "last, s", "wrong")]
    failed = 0
    for name, asks in (
        (
            f"{load_jobs.FILES} files of {load_jobs.TEXTS} texts encoded",
            load_jobs.encode(known, sessions),
        ),
        (f"maps of {load_jobs.POINTS} words and more", load_jobs.make_maps(sessions)),
        (f"pictures of {load_jobs.STEPS} steps", load_jobs.draw_pictures(known, sessions)),
    ):
        taken, wrong = await load_jobs.ask_at_once(address, asks)
        ends = (min(taken), statistics.median(taken), max(taken))
        rows.append((name, *(f"{one:.1f}" for one in ends), str(len(wrong))))
        failed += len(wrong)
        print(*wrong[:10], sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return rows, failed


def report(load: Load, before: float, after: float, log: str) -> bool:
    """Prints what was measured; whether all checks hold."""
    rows: list[tuple[str, ...]] = [("action", "alone, s", "all, s", "worst, s", "times")]
    for name, times in sorted(load.times.items()):
        alone, every = times.get("alone", []), times.get("all", [])
        if alone and every:
            medians = (statistics.median(alone), statistics.median(every), max(every))
            rows.append((name, *(f"{one:.3f}" for one in medians), str(len(every))))
    print(table(rows), "\n")
    print(table([("memory of the server", "MiB"), *((w, f"{u:,.0f}") for w, u in load.memory)]))
    print(f"\nAn action began at most {load.late:.2f} s late.")
    one, all_of_them = (statistics.median(load.light[phase]) for phase in ("alone", "all"))
    checks = [
        (f"{len(load.wrong)} wrong answers or errors", not load.wrong),
        ("no exception in the server's log", "Traceback" not in log),
        (f"memory grew to {after / before:.3f} times", after <= GROWTH * before),
        (
            f"light actions took {all_of_them / one:.2f} times as long: {all_of_them:.3f} s "
            f"instead of {one:.3f} s",
            all_of_them <= SLOWER * one,
        ),
    ]
    print()
    print(
        table([("check", "holds"), *((told, "yes" if holds else "NO") for told, holds in checks)])
    )
    print(*load.wrong[:20], sep="\n", file=sys.stderr)
    return all(holds for _, holds in checks)


def main() -> int:
    """Prints the tables; 1 where a check failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--every", type=float, default=10, help="seconds between two actions")
    parser.add_argument("--short", action="store_true", help=f"{SHORT}")
    parser.add_argument(
        "--home",
        type=Path,
        help="a data home to use (default: a new one, where no queued work is done already)",
    )
    options = parser.parse_args()
    if options.short:
        vars(options).update(SHORT)
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder) / "home"
        os.environ["EMBEDDING_EXPLORER_HOME"] = str(home)
        known, log = Known(), Path(folder) / "log"
        load = Load(over_all_pages(known, options.sessions, rounds=5))
        with running(home, log) as (address, server):
            before, after = asyncio.run(
                light_actions(load, address, server, options.minutes, options.every)
            )
            good = report(load, before, after, log.read_text(encoding="utf-8", errors="replace"))
            rows, failed = asyncio.run(queued(known, address, options.sessions))
            print("\n" + table(rows))
            told = log.read_text(encoding="utf-8", errors="replace")
            if "Traceback" in told:
                print(told[-5_000:], file=sys.stderr)
    return 0 if good and not failed and "Traceback" not in told else 1


if __name__ == "__main__":
    sys.exit(main())
