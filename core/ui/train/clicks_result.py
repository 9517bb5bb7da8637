"""Train: what marks change, in figures, and the space that is kept of it."""

from __future__ import annotations

import streamlit as st

from core.base.errors import ExplorerError
from core.heads import store
from core.heads.metric_effect import Effect, head_file
from core.heads.store import Origin
from core.ui.common import page
from core.ui.common.markdown import plain
from core.ui.train import head_result
from core.ui.train.clicks_items import Marking
from core.ui.train.data import Chosen

_KEPT, _ERROR = "clicks-kept", "clicks-error"


def show(chosen: Chosen, marking: Marking, effect: Effect, name: str) -> None:
    """Figures before and after; a button that keeps the space, and where it goes on."""
    if not len(effect.pairs):
        st.info(
            "Mark pairs as alike (+) or not alike (−): the space is adapted at once, and its "
            "neighbours stand beside those of before."
        )
        return
    _show_figures(effect)
    for note in effect.notes:
        st.caption(plain(note))
    st.button(
        "Keep as an embedding model",
        icon=":material/save:",
        type="primary",
        on_click=_keep,  # before the run, which looks the spaces up once
        args=(chosen, marking, effect, name),
    )
    if (error := st.session_state.pop(_ERROR, None)) is not None:
        page.show_error(error)
    of, space = st.session_state.get(_KEPT, ("", ""))
    if of == marking.of.path.name:
        st.success(f"Kept as the embedding model **{plain(space)}**.")
        head_result.show_links(chosen, space)


def _keep(chosen: Chosen, marking: Marking, effect: Effect, name: str) -> None:
    origin = Origin(chosen.base, chosen.modality, chosen.data.name)
    try:
        entry = store.keep(head_file(effect, store.free_name(name), origin))
    except ExplorerError as error:
        st.session_state[_ERROR] = error
    else:
        st.session_state[_KEPT] = (marking.of.path.name, entry.space.name)


def _show_figures(effect: Effect) -> None:
    alike = int(effect.pairs.alike.sum())
    with st.container(horizontal=True):
        st.metric("Alike", f"{alike:,}", border=True)
        st.metric("Not alike", f"{len(effect.pairs) - alike:,}", border=True)
        if len(effect.told):
            after, before = int(effect.told.sum()), int(effect.told_before.sum())
            st.metric(
                "Held-out marks right",
                f"{after} of {len(effect.told)}",
                f"{after - before:+d} than before",
                delta_color="off" if after == before else "normal",
                border=True,
            )
        for one in effect.precisions:
            st.metric(
                f"P@10 by {plain(one.column)}",
                f"{one.after:.3f}",
                f"{one.after - one.before:+.3f}",
                delta_color="off" if abs(one.after - one.before) < 0.0005 else "normal",
                border=True,
            )
    if len(effect.told):
        st.caption(
            "Each mark is told by a metric that did not see it (of more than 20 a fifth at a "
            "time): as many pairs as are marked alike are called so, the nearest ones, after as "
            "before. "
            + (
                f"P@10 is of {effect.precisions[0].items:,} items that no mark has."
                if effect.precisions
                else ""
            )
        )
