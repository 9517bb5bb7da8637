"""What boxes keep from page to page, and from one thing to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.ui.common import spaces

SHARED = ("space", "data", "gallery", "graph")  # means the same on every page that has it
# Boxes of several pages that have nothing but their name in common.
EACH_PAGES_OWN = ("do", "dims", "tool")
_WANTED = "page-wanted"  # what a button asks of the page that it leads to
_LEFT = "page-left"  # the address's query that each page had last
_WRITTEN = "page-written"  # by callbacks, for each box
HEARD = "heard-"  # before a box's key: of which write into it the browser has heard


def follow(page: str) -> None:
    """Has a link to another page decide what it names; app.py calls it before a page runs.

    What is each page's own is found again there.

    Streamlit does not read a value from the address that is a box's own first one, since it never
    writes such values there. What was chosen before in the box of that name would stay then: a
    link to "king - man + woman" would show another formula.
    """
    before, st.session_state["page-before"] = st.session_state.get("page-before", page), page
    left: dict[str, str] = st.session_state.setdefault(_LEFT, {})
    wanted: dict[str, str] | None = st.session_state.pop(_WANTED, None)
    if wanted is not None:
        _put_into_address(wanted)
        _let_go({*EACH_PAGES_OWN, *wanted})
    elif before == page:
        context = get_script_run_ctx()
        left[page] = "" if context is None else context.query_string.lstrip("?")
    else:
        _take_all_of_link()
        if not {*st.query_params} - {*SHARED}:  # nothing but the page was asked for
            _put_into_address(dict(parse_qsl(left.get(page, ""))))
        own = {*EACH_PAGES_OWN, *st.query_params}
        if st.session_state.get("space") == st.session_state.get(f"space{spaces.FIRST}"):
            own.add("space")  # nobody chose it: each page begins with the model that suits it
        _let_go(own)


def current() -> str:
    """The page that runs, as ``follow`` was told it; "" where it was not."""
    return str(st.session_state.get("page-before", ""))


def go(page: str, parameters: Mapping[str, str]) -> None:
    """Goes to a page as a link with ``parameters`` does; ends the run.

    Streamlit itself refuses parameters to which a box of the page that is left is bound.
    """
    st.session_state[_WANTED] = dict(parameters)
    st.switch_page(f"pages/{page}.py", query_params={})


def _let_go(names: Iterable[str]) -> None:
    for name in names:
        if name in st.session_state:
            del st.session_state[name]


def _take_all_of_link() -> None:
    """Takes from the link also what Streamlit leaves out of it at a change of pages.

    It leaves out values of names that a box of the page before had. Of those that mean the same on
    every page the link decides; others may be left over from the page before.
    """
    context = get_script_run_ctx()
    if context is None:
        return
    asked = dict(parse_qsl(context.query_string.lstrip("?")))
    _put_into_address(
        {name: asked[name] for name in SHARED if name in asked and name not in st.query_params}
    )


def _put_into_address(values: Mapping[str, str]) -> None:
    """Has boxes read ``values``: `st.query_params` writes nothing that a box is bound to."""
    context = get_script_run_ctx()
    if context is None or not values:
        return
    with context.session_state.query_params() as parameters:
        for name, value in values.items():
            parameters.set_corrected_value(name, value, "string_value")
        parameters.set_initial_query_params_from_current()


@dataclass(slots=True)
class _Writes:
    """What callbacks wrote into a box of which the browser may not have heard yet.

    Attributes:
        count: of all writes so far, which is the number of the last one.
        pending: by the number of a write: what stood in the box before, and what was written.
    """

    count: int = 0
    pending: dict[int, tuple[Any, Any]] = field(default_factory=dict)


def write(key: str, value: Any) -> None:
    """Writes into a box from a callback, for ``settle`` to see that it stays there."""
    writes = st.session_state.setdefault(_WRITTEN, {}).setdefault(key, _Writes())
    writes.count += 1
    writes.pending[writes.count] = (st.session_state.get(key), value)
    st.session_state[key] = value


def settle(key: str) -> None:
    """Writes once more what a browser has overwritten that did not know of it; before the box.

    Each request of a browser brings what stands in all boxes. One that was on its way when a
    callback wrote into a box would put the old value back, and a click or a dropped picture would
    do nothing. What the browser knows is told by a number beside the box, which nobody sees: it
    gets that of the last write along with the box, and each request brings it back. Who knows of
    the write and says otherwise is a person, whose choice stays.
    """
    writes: _Writes = st.session_state.setdefault(_WRITTEN, {}).setdefault(key, _Writes())
    heard = f"{HEARD}{key}"
    knows: int | None = st.session_state.get(heard)  # of none where the box is new to the browser
    if knows is None:
        writes.pending.clear()
    else:
        writes.pending = {at: pair for at, pair in writes.pending.items() if at >= knows}
    unheard = [pair for at, pair in writes.pending.items() if knows is not None and at > knows]
    if unheard:
        *earlier, (_, value) = writes.pending.values()
        old = [before for before, _ in unheard] + [one for _, one in earlier]
        if st.session_state.get(key) in old:
            st.session_state[key] = value
    st.session_state[heard] = writes.count
    st.number_input(heard, min_value=0, step=1, key=heard, label_visibility="collapsed")


def begin_anew(key: str, of: str, first: Any) -> None:
    """Sets a box to ``first`` where its value was chosen for something else than ``of``.

    A value that has changed together with it came from the address, as by Back, and stays.
    """
    mark, last = f"{key}-of", f"{key}-last"
    value = st.session_state.get(key)
    before, st.session_state[last] = st.session_state.get(last), value
    if key in st.session_state and st.session_state.get(mark, of) != of and before in (None, value):
        st.session_state[key] = st.session_state[last] = first
    st.session_state[mark] = of


def put(key: str, value: Any) -> None:
    """Writes into a box that this run has not drawn yet, whatever its value was chosen for."""
    st.session_state.pop(f"{key}-of", None)
    st.session_state[key] = value
