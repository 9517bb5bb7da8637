"""Why a result, on any page: words as bars, and what other models say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from core.attribution.agreement import Agreement
from core.base.errors import ExplorerError
from core.base.types import Modality
from core.charts import attribution as charts
from core.spaces import registry
from core.spaces.entry import SpaceEntry
from core.ui.common import frame
from core.ui.common.markdown import plain

WHY, MODELS = "why", "why-models"  # in the address
WIDE = 280  # pixels of one of the pieces that stand side by side
Part = tuple[str, float]  # a word or a term, and what is lost without it


def named() -> str:
    """The result that the address names; "" for none."""
    return st.query_params.get(WHY, "")


def ask(name: str) -> None:
    """Has the page explain a result; "" for none. To be used by a button."""
    if name:
        st.query_params[WHY] = name
    else:
        st.query_params.pop(WHY, None)


def show_words(title: str, parts: Sequence[Part], key: str) -> None:
    """What is lost without each part, as bars."""
    with st.container(width=WIDE + 80, gap="xsmall"):
        st.caption(plain(title))
        st.plotly_chart(
            charts.drop_bars([text for text, _ in parts], [drop for _, drop in parts]),
            key=key,
            alt=f"{title}: " + ", ".join(f"{text} {drop:+.3f}" for text, drop in parts),
        )


def ask_models(
    own: str,
    said: Agreement,
    modality: Modality,
    is_kept: Callable[[SpaceEntry], bool],
    ask_model: Callable[[SpaceEntry], Agreement | str | None],
) -> None:
    """Asks other models for the rank of a result, and shows it beside what ``own`` has ``said``.

    Args:
        modality: what the models have to take.
        is_kept: whether a model takes such queries and has the vectors of all items.
        ask_model: gives what a model says; why it cannot; ``None`` while its vectors are waited
            for.

    Services are not asked: every item would be sent.
    """
    others = [
        entry
        for entry in registry.list_spaces()
        if entry.ready
        and modality in entry.space.modalities
        and not entry.source.is_service
        and entry.space.name != own
    ]
    answers = {entry.space.name: ask_model(entry) for entry in _choose(others, is_kept)}
    told = {name: answer for name, answer in answers.items() if answer is not None}
    _show_models(own, said, told)


def _choose(
    others: Sequence[SpaceEntry], is_kept: Callable[[SpaceEntry], bool]
) -> list[SpaceEntry]:
    """Which other models are asked, kept in the address; at first those that can be at once."""
    entries = {entry.space.name: entry for entry in others}
    kept = [name for name, entry in entries.items() if is_kept(entry)]
    with frame.settings():
        chosen = st.multiselect(
            "Models that are asked too",
            list(entries),
            kept,
            key=MODELS,
            bind="query-params",
            help="“Why this result?” tells how each ranks it. At first those whose vectors are "
            "here; others encode everything first.",
        )
    return [entries[name] for name in chosen]


def remembered(key: str, ask_model: Callable[[], Agreement]) -> Agreement | str:
    """What a model says, asked once in a session for a ``key``; why it cannot, as text."""
    answers: dict[str, Agreement | str] = st.session_state.setdefault("why-answers", {})
    if key not in answers:
        try:
            answers[key] = ask_model()
        except ExplorerError as error:
            answers[key] = error.given
    return answers[key]


def _show_models(name: str, own: Agreement, answers: Mapping[str, Agreement | str]) -> None:
    """The rank of a result in the model that is searched with, ``name``, and in others."""
    if not answers:
        st.caption("No other model is asked. Choose some in the sidebar.")
        return
    columns: dict[str, list[Any]] = {
        "model": [name],
        "rank": [own.rank],
        "of": [own.of],
        "cosine": [own.similarity],
        f"of the {own.top} best the same": [own.top],
        "note": ["the model that is searched with"],
    }
    for other, said in answers.items():
        cells: tuple[Any, ...] = (other, None, None, None, None, said)
        if isinstance(said, Agreement):
            cells = (other, said.rank, said.of, said.similarity, said.overlap, "")
        for column, cell in zip(columns.values(), cells, strict=True):
            column.append(cell)
    st.dataframe(
        columns,
        hide_index=True,
        column_config={"cosine": st.column_config.NumberColumn(format="%.3f")},
        alt="The rank of this result for the same query in each model",
    )
    st.caption("Cosines of two models do not compare; ranks and the best in common do.")
