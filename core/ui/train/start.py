"""Train: what both tools share around a training, and the boxes for its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from core.base.errors import Cancelled
from core.cache import jobs as jobs_cache
from core.ui.common import jobs


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a session notes what a tool trains: the tool's ``name`` is in all its keys."""

    name: str

    @property
    def asked(self) -> str:
        """Under it stands the key of the training that was asked for."""
        return f"{self.name}-asked"

    @property
    def started(self) -> str:
        """Under it stands the key of the one that has begun."""
        return f"{self.name}-started"

    @property
    def made(self) -> str:
        """Under it stands what came of the last."""
        return f"{self.name}-made"

    @property
    def told(self) -> str:
        """The tool's own name for ``jobs.tell``."""
        return f"{self.name}-told"

    def goes_on(self, key: str) -> bool:
        """Whether the training ``key`` was asked for; shows the button that asks where not."""
        place = st.empty()  # emptied, so that a second click hits none of the training's buttons
        if st.session_state.get(self.asked) == key:
            return True
        place.button(
            "Train",
            icon=":material/play_arrow:",
            type="primary",
            on_click=self._begin,
            args=(key,),
        )
        jobs.show_told(self.told)
        return False

    def _begin(self, key: str) -> None:
        jobs_cache.jobs().forget(key)
        st.session_state[self.asked] = key
        for name in (self.started, self.made):
            st.session_state.pop(name, None)
        jobs.tell(self.told, None)

    def start(self, key: str, ended: str) -> None:
        """Notes that it has begun; tells ``ended`` where another session took what came of it."""
        if st.session_state.get(self.started) == key and jobs_cache.jobs().get(key) is None:
            self.end(ended)  # it would begin once more
        st.session_state[self.started] = key

    def how_it_ended(self, key: str) -> Literal["cancelled", "failed"] | None:
        """How a training without a result ended, ``None`` while it goes on.

        A cancelled one is forgotten; one that failed, as was shown, is no longer asked for.
        """
        job = jobs_cache.jobs().get(key)
        if job is None or job.running:
            return None
        if isinstance(job.future.exception(), Cancelled):
            jobs_cache.jobs().forget(key)
            return "cancelled"
        self.leave()
        return "failed"

    def leave(self) -> None:
        """No training is asked for any more."""
        del st.session_state[self.asked]

    def end(self, told: str | None) -> None:
        """The same, and the page runs anew; ``told`` stands below its button then."""
        self.leave()
        jobs.tell(self.told, told)
        st.rerun()


@dataclass(frozen=True, slots=True)
class Numbers:
    """Boxes for the numbers of settings, each of which begins with its value in ``start``.

    Attributes:
        slot: whose name is before that of each field in its key.
        options: of all the boxes.
    """

    slot: Slot
    start: Any
    help: Mapping[str, str]
    options: Mapping[str, Any]

    def box(self, field: str, label: str, low: float, high: float, step: float) -> Any:
        """The number of a field, whole where its first value is."""
        given = getattr(self.start, field)
        kind = type(given)
        return st.number_input(
            label,
            kind(low),
            kind(high),
            given,
            step=kind(step),
            key=f"{self.slot.name}-{field}",
            help=self.help[field],
            format=None if kind is int else "%.4g",
            **self.options,
        )
