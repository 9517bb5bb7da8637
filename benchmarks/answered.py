"""While long work runs: how soon the server answers others, and how soon Cancel ends the work.

One session begins each work by its link and the click that it asks for. Meanwhile
``/_stcore/health`` is asked over and over; then another session cancels the work on the page
Storage. Ends with status 1 where an answer took over 0.2 s, or the end over 2 s. What the machine
does besides counts as well: the first line is measured while nothing runs.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.common import machine, table
from benchmarks.load import running
from benchmarks.load_session import Session

HEALTH, CANCEL = 0.2, 2.0  # seconds
EVERY = 0.02  # seconds between two questions
MAKE = "Make the map"
WORDS = {"of": "Words", "view": "Projection"}


@dataclass(frozen=True, slots=True)
class Work:
    """What a link begins.

    Attributes:
        job: how the key of its job begins.
        button: the label of the button that begins it.
    """

    name: str
    page: str
    query: Mapping[str, str]
    job: str
    button: str


def works(scale: float) -> list[Work]:
    """All that is measured; ``scale`` multiplies how many points there are."""

    def points(count: int) -> str:
        return str(max(1_000, round(count * scale)))

    def of_map(method: str, count: int, **more: str) -> Work:
        query = {**WORDS, "method": method, "words": points(count), **more}
        return Work(f"{method}, {points(count)} words", "map", query, "map ", MAKE)

    def of_clusters(kind: str, count: int, **more: str) -> Work:
        query = {**WORDS, "method": "PCA", "words": points(count), "clusters": kind, **more}
        query["clusters-flat"] = "false"  # of the vectors: those of the map take no time
        name = f"{kind}, {points(count)} words"
        return Work(name, "map", query, "clusters ", "Look for clusters")

    training = {"do": "Train", "graph": "umls", "kind": "ComplEx"}
    training |= {"train-epochs": "2000", "train-dim": "512"}
    head = {"space": "colour-outline", "head-epochs": "1000", "head-width": "4096"}
    return [
        of_clusters("HDBSCAN", 13_000),
        of_clusters("k-means", 26_000, **{"clusters-k": "100"}),
        of_map("t-SNE", 20_000),
        of_map("UMAP", 30_000, neighbors="100", dims="3"),
        of_map("UMAP (umap-learn)", 30_000),
        Work("PyKEEN, UMLS", "graph", training, "train ", "Train"),
        Work("a head on the emoji", "train", head, "train head ", "Train"),
    ]


class Health:
    """Asks the server over and over from a thread; ``seconds`` are those of its answers."""

    def __init__(self, address: str) -> None:
        self._address = urlsplit(address).netloc
        self._ended = threading.Event()
        self.seconds: list[float] = []

    @contextmanager
    def asked(self) -> Iterator[list[float]]:
        """Asks while the block runs."""
        self._ended.clear()
        self.seconds = []
        thread = threading.Thread(target=self._ask)
        thread.start()
        try:
            yield self.seconds
        finally:
            self._ended.set()
            thread.join()

    def _ask(self) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=120)
        while not self._ended.wait(EVERY):
            begun = time.perf_counter()
            connection.request("GET", "/_stcore/health")
            connection.getresponse().read()
            self.seconds.append(time.perf_counter() - begun)
        connection.close()


def button(session: Session, label: str, key: str = "") -> WidgetState:
    """A click on the button of this label whose key begins so.

    Raises:
        LookupError: there is none.
    """
    for element in session.answer.elements():
        one = element.button
        if element.HasField("button") and one.label == label and key in one.id:
            return WidgetState(id=one.id, trigger_value=True)
    raise LookupError(f"no {label}, but {session.answer.labels()} and {session.answer.texts()}")


async def measure(address: str, work: Work, seconds: float) -> tuple[list[float], float]:
    """Seconds of each answer while a work runs, and from Cancel to its end."""
    own, other = Session(address), Session(address)
    answer = await own.open(work.page, work.query)
    if work.job == "clusters " and MAKE in answer.labels():
        await own.send(button(own, MAKE))
    await other.open("storage")
    click = button(own, work.button)
    with Health(address).asked() as answers:
        run = asyncio.create_task(own.send(click))
        await asyncio.wait([run], timeout=seconds)
        if run.done():
            raise RuntimeError(f"{work.name} was over too soon: {own.answer.texts()}")
        await other.go("storage")
        cancel = button(other, "Cancel", f"-stop-{work.job}")
        begun = time.perf_counter()
        await other.send(cancel)
        await run
        ended = time.perf_counter() - begun
    if not any("ancelled" in text for text in own.answer.texts()):
        raise RuntimeError(f"{work.name} was not cancelled: {own.answer.texts()}")
    await own.close()
    await other.close()
    return answers, ended


async def idle(address: str, seconds: float) -> list[float]:
    """Seconds of each answer while nothing runs, once the words are there."""
    session = Session(address, patience=1_800)
    await session.open("words")
    await session.close()
    with Health(address).asked() as answers:
        await asyncio.sleep(seconds)
    return answers


def main() -> int:
    """Prints the table; 1 where an answer or the end came late."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="of each work before Cancel")
    parser.add_argument("--scale", type=float, default=1.0, help="of the points of each work")
    parser.add_argument("--only", default="", help="work whose name begins so")
    parser.add_argument("--home", type=Path, help="a data home to use (default: a new one)")
    options = parser.parse_args()
    print(machine())
    lines: list[tuple[str, ...]] = [
        ("work", "answers", "median, s", "worst, s", f"over {HEALTH} s", "Cancel, s")
    ]
    good = True

    def add(name: str, answers: list[float], ended: float | None) -> None:
        late = sum(one > HEALTH for one in answers)
        times = (f"{statistics.median(answers):.3f}", f"{max(answers):.3f}")
        told = "" if ended is None else f"{ended:.2f}"
        lines.append((name, str(len(answers)), *times, str(late), told))
        print(lines[-1], file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder) / "home"
        with running(home, Path(folder) / "log") as (address, _):
            add("nothing", asyncio.run(idle(address, options.seconds)), None)
            for work in works(options.scale):
                if work.name.startswith(options.only):
                    answers, ended = asyncio.run(measure(address, work, options.seconds))
                    add(work.name, answers, ended)
                    good &= max(answers) <= HEALTH and ended <= CANCEL
    print(table(lines))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
