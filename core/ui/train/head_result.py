"""Train: what came of a head: figures, its map by epoch, what moved, and where to use it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError, NotReadyError, shorten
from core.base.types import IntArray
from core.cache import heads as heads_cache
from core.cache.heads import Learnt
from core.charts import heads as head_charts
from core.images.gallery import Gallery
from core.spaces.encoders import head as head_encoder
from core.storage import data_home
from core.ui.choosers import picture_grid
from core.ui.common import page
from core.ui.common.markdown import plain
from core.ui.common.page_icons import ICONS
from core.ui.train.data import Chosen, Opened


def show(chosen: Chosen, opened: Opened, made: Learnt) -> None:
    """The whole result."""
    trained = made.trained
    st.success(
        f"Epoch {trained.best} of {len(trained.losses)} was the best, after "
        f"{trained.seconds:,.1f} s; kept as the embedding model **{plain(made.space)}**."
    )
    for note in made.notes:
        st.warning(plain(note))
    show_links(chosen, made.space)
    _show_columns(made)
    _show_map(made)
    _show_moved(opened, made)
    _show_classes(made)
    _show_export(made)


def show_links(chosen: Chosen, space: str) -> None:
    """The pages where the new space goes on."""
    if chosen.gallery is None:
        known = {"data": chosen.data.name, "space": space}
        links = {
            "sentences": ("Search in the new space", known | {"do": "Semantic search"}),
            "map": ("See it as a map", known | {"of": "Texts"}),
        }
    else:
        known = {"gallery": chosen.data.name, "space": space}
        links = {
            "images": ("Search in the new space", known),
            "map": ("See it as a map", known | {"of": "Pictures"}),
        }
    with st.container(horizontal=True):
        for name, (label, parameters) in links.items():
            st.page_link(f"pages/{name}.py", label=label, icon=ICONS[name], query_params=parameters)


def _show_columns(made: Learnt) -> None:
    rows: list[tuple[str, str, float, float]] = []
    if made.trained.own_view is not None:
        before, after = made.trained.own_view
        names = ("own view in 10", "own view nearest")
        rows += [("views", name, before[at], after[at]) for at, name in enumerate(names)]
    rows += [
        (one.column, name, before, after)
        for one in made.compared
        for name, before, after in (
            ("P@10", one.before.mean, one.after.mean),
            ("nearest is alike", one.before.nearest, one.after.nearest),
            ("vote of ten is right", one.before.vote, one.after.vote),
            *([] if one.zero_shot is None else [("zero-shot accuracy", *one.zero_shot)]),
        )
    ]
    st.dataframe(
        {
            "characteristic": [row[0] for row in rows],
            "of held-out items": [row[1] for row in rows],
            "before": [row[2] for row in rows],
            "after": [row[3] for row in rows],
            "change": [row[3] - row[2] for row in rows],
        },
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format=form)
            for name, form in (("before", "%.3f"), ("after", "%.3f"), ("change", "%+.3f"))
        },
        alt="Figures before and after by characteristic",
    )
    parts = made.trained.parts
    st.caption(
        f"{len(parts.held_out):,} held-out items ask for the nearest of the other "
        f"{len(parts.train) + len(parts.choosing):,}, of which {len(parts.choosing):,} chose the "
        "epoch. Held-out items decided nothing."
        + (
            " A view asks for the other view of its picture among those of all held-out items."
            if made.trained.own_view is not None
            else ""
        )
        + (
            " Zero-shot accuracy is the share whose class’s name is the nearest of all names."
            if any(one.zero_shot is not None for one in made.compared)
            else ""
        )
    )


def _show_map(made: Learnt) -> None:
    trained = made.trained
    left, right = st.columns([3, 2])
    first = made.data.first
    epochs = [one.epoch for one in trained.points]
    if st.session_state.get("head-epoch") not in epochs:  # of another training
        st.session_state.pop("head-epoch", None)
    with left:
        at = st.select_slider(
            "Epoch",
            epochs,
            epochs[-1],
            key="head-epoch",
            help="Held-out items by PCA; 0 is the base.",
        )
        point = trained.points[epochs.index(at)] if at in epochs else trained.points[-1]
        st.plotly_chart(
            head_charts.places(point, first.classes, first.numbers[trained.shown]),
            key="head-map",
            alt=f"Held-out items after epoch {point.epoch}, by PCA",
        )
    with right:
        st.plotly_chart(
            head_charts.curve(
                trained.losses,
                trained.points,
                trained.best,
                of_views=trained.settings.label_free,
            ),
            key="head-curve",
            alt="Loss and figures of held-out items by epoch",
        )
        st.plotly_chart(
            head_charts.matrix(made.matrix),
            key="head-matrix",
            alt="Similarities of held-out items, sorted by class",
        )


def _show_moved(opened: Opened, made: Learnt) -> None:
    """The held-out items whose neighbours became more alike, and less."""
    for one in made.compared:
        risen, fallen = (made.data.rows[rows] for rows in one.moved())
        for title, rows in (("rose", risen), ("fell", fallen)):
            if len(rows):
                st.markdown(f"**{plain(one.column)}**: P@10 {title} most")
                _show_items(opened, rows, key=f"{one.column}-{title}")


def _show_items(opened: Opened, rows: IntArray, *, key: str) -> None:
    items = opened.items
    if isinstance(items, Gallery):
        picture_grid.show_grid(items, [int(row) for row in rows], key=f"moved-{key}")
        return
    for row in rows:
        st.markdown(f"- {plain(shorten(items.texts[int(row)], 160))}")


def _show_classes(made: Learnt) -> None:
    with st.expander("By class, and what is taken for what"):
        for one in made.compared:
            kinds = sorted(one.per_class(), key=lambda kind: kind[3] - kind[2])
            st.dataframe(
                {
                    plain(one.column): [kind[0] for kind in kinds],
                    "held out": [kind[1] for kind in kinds],
                    "P@10 before": np.round([kind[2] for kind in kinds], 3),
                    "P@10 after": np.round([kind[3] for kind in kinds], 3),
                },
                hide_index=True,
                alt=f"P@10 before and after by class of {one.column}",
            )
            confused = one.confused()
            if confused:
                st.dataframe(
                    {
                        "class": [pair[0] for pair in confused],
                        "taken for": [pair[1] for pair in confused],
                        "after": [pair[2] for pair in confused],
                        "before": [pair[3] for pair in confused],
                    },
                    hide_index=True,
                    alt=f"Classes of {one.column} that are confused",
                )


def _show_export(made: Learnt) -> None:
    trained = made.trained
    heads = [("", trained.head)]
    if trained.text_head is not None:
        heads.append(("text-", trained.text_head))
    with st.expander("Download"):
        for kind, head in heads:
            if kind:
                st.caption("The head for texts:")
            with st.container(horizontal=True):
                _offer(head_encoder.to_bytes(head), f"{kind}{made.space}", f"download-{kind}head")


def _offer(data: bytes, name: str, key: str) -> None:
    """A head as the files that other programs take."""
    name = data_home.safe_name(name)
    st.download_button("safetensors", data, f"{name}.safetensors", key=f"{key}-safetensors")
    try:
        state, onnx = heads_cache.exported(data)
    except ExplorerError as error:
        page.show_error(error)
        return
    st.download_button("PyTorch state_dict", state, f"{name}.pt", key=f"{key}-pt")
    if isinstance(onnx, NotReadyError):
        page.show_error(onnx)
    else:
        st.download_button("ONNX", onnx, f"{name}.onnx", key=f"{key}-onnx")
