"""Graph: the settings of a training, in boxes that begin with the best for the graph and model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from core.base.errors import ExplorerError
from core.graphs.entity_texts import entity_texts
from core.graphs.scoring import Model
from core.graphs.settings import HELP, LOSSES, MAX_SEED, OPTIMIZERS, Settings, defaults
from core.ui.common import frame, page
from core.ui.graph import texts
from core.ui.graph.boxes import Boxes
from core.ui.session import link_values
from core.ui.session.page_state import begin_anew, put as put_into_box


def put(settings: Settings) -> None:
    """Has the boxes show these settings; to be called before ``choose``."""
    for name, value in (settings.as_dict() | {"start_from": bool(settings.start_from)}).items():
        put_into_box("kind" if name == "model" else f"train-{name}", value)


def choose(boxes: Boxes, name: str) -> Settings | None:
    """The settings; ``None`` where the page says why there are none yet."""
    triples = len(boxes.graph.train)
    best = defaults(name, triples=triples)
    with frame.settings():
        model = Model(
            str(
                link_values.one_of(
                    st,
                    "Model",
                    [model.value for model in Model],
                    default=best.model.value,
                    key="kind",
                    bind="query-params",
                    wrap=True,
                    help=HELP["model"],
                )
            )
        )
        start = defaults(name, model, triples)
        of = f"{name} {model.value}"  # each has its own best settings

        def number(field: str, label: str, low: float, high: float, step: float) -> Any:
            given = getattr(start, field)
            kind, key = type(given), f"train-{field}"
            begin_anew(key, of, given)
            return boxes.number(
                label,
                key,
                (kind(low), kind(high)),
                given,
                step=kind(step),
                help=HELP[field],
                format=None if kind is int else "%.4g",
            )

        def one_of(field: str, label: str, options: Sequence[str]) -> str:
            given, key = getattr(start, field), f"train-{field}"
            begin_anew(key, of, given)
            at = options.index(given)
            return str(
                st.selectbox(label, options, at, key=key, bind="query-params", help=HELP[field])
            )

        def toggle(field: str, label: str) -> bool:
            given, key = getattr(start, field), f"train-{field}"
            begin_anew(key, of, given)
            return bool(st.toggle(label, given, key=key, bind="query-params", help=HELP[field]))

        values = {
            "dim": number("dim", "Dimension", 2, 512, 8),
            "epochs": number("epochs", "Epochs", 1, 2_000, 10),
            "seed": number("seed", "Seed", 0, MAX_SEED, 1),
        }
        with st.popover("More", icon=":material/tune:"):
            values["loss"] = one_of("loss", "Loss", list(LOSSES))
            values["negatives"] = number("negatives", "Negatives", 0, 200, 1)
            values["optimizer"] = one_of("optimizer", "Optimizer", OPTIMIZERS)
            values["learning_rate"] = number("learning_rate", "Learning rate", 1e-5, 10, 0.005)
            values["batch"] = number("batch", "Batch", 8, 8_192, 32)
            values["smoothing"] = number("smoothing", "Label smoothing", 0, 0.9, 0.05)
            values["regularization"] = number("regularization", "Regularization", 0, 10, 0.01)
            values["relation_weight"] = number(
                "relation_weight", "Weight of relation prediction", 0, 10, 0.05
            )
            values["by_triple"] = toggle("by_triple", "Each triple counts alike")
            values["inverse"] = toggle("inverse", "Inverse relations")
            named = st.toggle(
                "Start from the entities' names",
                key="train-start_from",
                bind="query-params",
                help=HELP["start_from"],
            )
    if named:
        entry = texts.choose()
        names = [text for text in entity_texts(boxes.graph).texts if text]
        if not texts.usable(entry, boxes.graph, names):
            return None
        values["start_from"] = entry.space.name
    try:
        return replace(start, **values)
    except ExplorerError as error:
        page.show_error(error)
        return None
