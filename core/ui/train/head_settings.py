"""Train: how a head is trained, chosen in the sidebar."""

from __future__ import annotations

import streamlit as st

from core.base.errors import ExplorerError
from core.base.types import Modality
from core.heads.label_texts import takes_texts
from core.heads.settings import (
    EQUATIONS,
    HELP,
    LOSSES,
    MAX_SEED,
    SIMCLR,
    WITH_TEMPERATURE,
    Settings,
)
from core.ui.common import frame, page
from core.ui.train.data import Chosen
from core.ui.train.start import Numbers, Slot


def choose_texts(chosen: Chosen) -> bool:
    """Whether a head for texts is trained along: of pictures, where the base takes texts."""
    if chosen.modality is not Modality.IMAGE or not takes_texts(chosen.base):
        return False
    with frame.settings():
        return st.toggle(
            "Text head",
            True,
            key="head-texts",
            bind="query-params",
            help="Trains a head for texts along, by the names of the classes and by captions, so "
            "that questions in words, zero-shot classification and formulas work in the new space.",
        )


def choose(slot: Slot, chosen: Chosen) -> Settings | None:
    """The settings; ``None`` after an error was shown."""
    start = Settings()
    # Views are of pictures.
    losses = [name for name in LOSSES if name != SIMCLR or chosen.modality is Modality.IMAGE]

    number = Numbers(slot, start, HELP, {"bind": "query-params"}).box

    equations = [f"{LOSSES[name]}: ${EQUATIONS[name]}$" for name in losses]
    with frame.settings():
        loss = st.selectbox(
            "Loss",
            losses,
            format_func=lambda name: LOSSES.get(name, name),
            key="head-loss",
            bind="query-params",
            help="\n\n".join([HELP["loss"], *equations]),
        )
        values = {"loss": loss, "epochs": number("epochs", "Epochs", 1, 1_000, 5)}
        if loss == SIMCLR:
            values["views"] = number("views", "Views", 2, 32, 1)
    with frame.group("More of the training"):
        sharp = "temperature" if loss in WITH_TEMPERATURE else "margin"
        values |= {
            sharp: number(sharp, sharp.capitalize(), 0.01, 2, 0.05),
            "layers": number("layers", "Hidden layers", 0, 4, 1),
            "width": number("width", "Width", 4, 4_096, 64),
            "dim": number("dim", "Dimensions", 2, 2_048, 16),
            "dropout": number("dropout", "Dropout", 0, 0.9, 0.05),
            "batch": number("batch", "Batch", 4, 2_048, 32),
            "balance": number("balance", "Balance of classes", 0, 1, 0.1),
            "learning_rate": number("learning_rate", "Learning rate", 1e-6, 1e6, 0.001),
            "held_out": number("held_out", "Held out", 0.05, 0.9, 0.05),
            "seed": number("seed", "Seed", 0, MAX_SEED, 1),
        }
    try:
        return Settings(**values)
    except ExplorerError as error:
        page.show_error(error)
        return None
