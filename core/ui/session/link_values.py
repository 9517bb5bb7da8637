"""What a link asks for and a page cannot give: told, in one place for all boxes of all pages.

Streamlit takes a box's own value where the address holds one that the box does not take, and
clears it from the address without a word. Of an empty value it makes “none of them”, also where one
is required: ``one_of`` makes the default of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.base.errors import shorten
from core.generation import generators
from core.heads.settings import LOSSES
from core.ui.common import page as common_page
from core.ui.common.markdown import plain
from core.ui.session import box_labels, old_links

T = TypeVar("T")
_PAGE, _ASKED, _CHANGED = "link-page", "link-asked", "link-changed"
_EXPECTED = "link-expected"
_SHOWN_AS: dict[str, Callable[[Any], str]] = {  # the address holds what the box shows
    "generator": generators.title,
    "head-loss": lambda name: LOSSES.get(name, name),
}
REMEDIES = {
    "space": "Choose another, or add your own.",
    "gallery": "Choose another, or upload it under “Datasets”.",
    "data": "Choose others, or bring them by “Add data”.",
    "graph": "Choose another, or upload yours under “Datasets”.",
    "generator": "Choose another, or get it under “Models”.",
}


@contextmanager
def told(page: str) -> Iterator[None]:
    """Runs a page in it: above the page stands which values of the link were not taken.

    What a tool asks that is not open yet is looked at once it opens. It is told until another value
    is chosen there, or another page is opened.
    """
    place, state = common_page.steady(), st.session_state
    old_links.rename(page)
    if state.get(_PAGE) != page:
        state[_PAGE], state[_ASKED], state[_CHANGED] = page, st.query_params.to_dict(), {}
        state[_EXPECTED] = {}
    else:  # what has a value by now has it from elsewhere
        state[_ASKED] = {name: text for name, text in state[_ASKED].items() if name not in state}
    try:
        with box_labels.noted(wanted=bool(state[_ASKED] or state[_CHANGED])):
            yield
    except OverflowError:
        if not (names := _infinite()):
            raise
        _leave_out(names)
        st.rerun()
    finally:  # a page may end by being run again
        for name in [name for name in state[_ASKED] if name in state]:
            asked = state[_ASKED].pop(name)
            if not _is_taken(name, asked, state[name]):
                state[_CHANGED][name] = (asked, state[name])
        _show(place)


def expect(name: str, expected: str) -> None:
    """Says what a box takes; told, as a sentence, where the link asks for something else."""
    st.session_state.setdefault(_EXPECTED, {})[name] = expected


def asked_by_link(name: str) -> str | None:
    """What the link says of a box that is not on the page yet; ``None`` where it says nothing."""
    return None if name in st.session_state else st.query_params.get(name)


def one_of(place: Any, label: str, options: Sequence[T], *, default: T, key: str, **more: Any) -> T:
    """One of ``options``, chosen from buttons side by side in ``place``.

    It is ``default`` where nobody chose, and where the link or the browser names none of them; of
    the link that is told.
    """
    chosen: T | None = place.segmented_control(
        label, options, default=default, key=key, required=True, **more
    )
    if chosen is not None and chosen in options:
        return chosen
    if key in st.session_state.get(_ASKED, {}):
        _leave_out([key])
        del st.session_state[key]
        st.rerun()  # so that the buttons show it too
    return default


def told_there(name: str) -> None:
    """Leaves it to who calls to say whether the link's value of a box was taken."""
    st.session_state.get(_ASKED, {}).pop(name, None)


def _leave_out(names: Iterable[str]) -> None:
    """Takes out of the address what its boxes cannot take; told once they have a value."""
    context, state = get_script_run_ctx(), st.session_state
    if context is None:
        return
    with context.session_state.query_params() as parameters:
        for name in names:
            parameters.remove_param(name)
            state[_CHANGED][name] = (state[_ASKED].pop(name), None)


def _infinite() -> list[str]:
    """The values of the link at which a box of whole numbers has just failed.

    Streamlit 1.67 makes a whole number of it before it looks at the range.
    """
    context, asked = get_script_run_ctx(), st.session_state[_ASKED]
    if context is None:
        return []
    with context.session_state.query_params() as parameters:
        bound = {name: parameters.get_binding_for_param(name) for name in asked}
    return [
        name
        for name, box in bound.items()
        if box and box.value_type == "double_value" and _is_infinite(asked[name])
    ]


def _is_infinite(asked: str) -> bool:
    try:
        return math.isinf(float(asked))
    except ValueError:
        return False


def _is_taken(name: str, asked: str, value: Any) -> bool:
    """Whether a box has the value that the link asks for; an empty one asks for nothing."""
    if isinstance(value, list):  # several of a kind, of which the link's last one is looked at
        return asked in {"", *map(str, value)}
    if isinstance(value, bool):
        return asked.lower() in {"", str(value).lower()}
    if isinstance(value, int | float):
        try:
            return not asked or float(asked) == value
        except ValueError:
            return False
    return asked in {"", str(value), _shown(name, value)}


def _shown(name: str, value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(_SHOWN_AS[name](value) if name in _SHOWN_AS else value)


def _show(place: Any) -> None:
    state, lines = st.session_state, []
    known: dict[str, str] = state.get(_EXPECTED, {})
    for name, (asked, taken) in state[_CHANGED].items():
        if taken is None and name in state:  # known only once the box stands
            state[_CHANGED][name] = (asked, taken := state[name])
        if taken is not None and state.get(name) == taken:
            where = plain(box_labels.label(name))
            what = f"“{plain(shorten(asked, 40))}”, {_why(taken)}"
            shown = plain(shorten(_shown(name, taken), 60))
            expected = plain(known.get(name) or REMEDIES.get(name, ""))
            lines.append(f"In “{where}” the link asks for {what}: {shown} is taken. {expected}")
    if lines:
        place.warning("  \n".join(line.strip() for line in lines))


def _why(taken: Any) -> str:
    if isinstance(taken, bool):
        return "which is neither True nor False"
    if isinstance(taken, int | float):
        return "which is no number that can be set here"
    return "which is not here"
