"""Several sessions at once over all pages: no error, every answer right, no cross-talk.

They speak the browser's protocol without a browser; ``benchmarks/load.py`` does the same with more
of them and for longer, and measures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest
from websockets.exceptions import InvalidStatus

from benchmarks import load_big
from benchmarks.load import Load, over_all_pages
from benchmarks.load_actions import faults
from benchmarks.load_known import Known
from benchmarks.load_session import Session

SESSIONS, ROUNDS = 4, 2  # pages are visited again, where a choice of before may stand
Result = TypeVar("Result")


def at_once(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs ``work`` in a thread of its own: in this one, Playwright's loop may be running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.fixture
def load(server: str, browser_home: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Four sessions' actions, two rounds of all pages each, with the answers that are right."""
    monkeypatch.setenv("EMBEDDING_EXPLORER_HOME", str(browser_home))
    return Load(over_all_pages(Known(), SESSIONS, rounds=ROUNDS, method="PCA"))


@pytest.mark.slow
def test_sessions_at_once_get_their_own_right_answers_on_all_pages(load: Load, server: str) -> None:
    async def person(number: int) -> Session:
        session = await load.enter(server, number)
        for plan in load.plans[number][:ROUNDS]:
            for step in plan:
                await load.act(session, number, step, "all")
        return session

    async def run() -> list[Session]:
        sessions = await asyncio.gather(*(person(number) for number in range(SESSIONS)))
        await asyncio.gather(*(session.close() for session in sessions))
        return sessions

    sessions = at_once(run())
    assert load.wrong == []
    assert len(load.times) >= 15  # kinds of actions on seven pages
    # What is checked is able to fail: one session's page is wrong for another.
    told = faults(sessions[1].answer, load.plans[0][0][1], 0, SESSIONS)
    assert "its shelf is not there" in told
    assert "cross-talk: shows what sessions [1] keep" in told
    assert len(told) == 3


@pytest.mark.slow
def test_others_are_answered_while_one_brings_large_data(
    server: str, browser_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The small form of ``bench load_big``; what it would take for wrong is seen as well."""
    monkeypatch.setenv("EMBEDDING_EXPLORER_HOME", str(browser_home))
    load = load_big.others(Known(), 3)
    to_do = [load_big.waiting(3.0), *load_big.works(tmp_path, 300, 1, 200)]
    to_do.append(load_big.Work("nothing", lambda _: load_big.import_table(_, tmp_path / "no", 1)))
    memory = load_big.Memory(psutil.Process())
    with memory.watched():
        found = at_once(load_big.measure(load, server, memory, to_do, 1.0))
    names = [seen.name for seen in found]
    assert names == [load_big.ALONE, "300 rows", "CSV of 1 MB", "200 pictures", "nothing"]
    [wrong] = load.wrong
    assert wrong.startswith("nothing: ")
    assert load.light[load_big.ALONE]
    assert found[0].server > 0


def test_a_link_decides_also_where_it_names_what_a_box_shows_at_first(server: str) -> None:
    async def run() -> tuple[list[str], list[str]]:
        session = Session(server)
        await session.open("words", {"q": "puppy - dog + cat", "k": "7"})
        await session.go("")
        answer = await session.go("words", {"q": "king - man + woman", "k": "10"})
        linked = answer.table("word")["word"]
        await session.put("q", "tokyo - japan + france")
        await session.go("")
        again = (await session.go("words")).table("word")["word"]
        await session.close()
        return linked, again

    linked, again = at_once(run())
    assert (linked[0], len(linked)) == ("queen", 10)
    assert again[0] == "paris"  # a link that names nothing leaves what was chosen


def test_a_connection_from_another_place_is_refused(server: str) -> None:
    async def connect_from(origin: str) -> list[str]:
        session = Session(server)
        session.origin = origin
        try:
            return (await session.open("words", {"q": "king"})).errors()
        finally:
            await session.close()

    assert at_once(connect_from(server)) == []
    with pytest.raises(InvalidStatus, match="403"):
        at_once(connect_from("http://elsewhere.example"))
