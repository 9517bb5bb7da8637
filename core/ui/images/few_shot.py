"""Images → By example: the nearest prototype, from one example of each class or more."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError, InputError, shorten
from core.cache import image_classes as classes_cache
from core.cache.images import OpenGallery
from core.charts import images as images_charts
from core.images import thumbnails
from core.images.few_shot import DRAWS, classify_by_examples
from core.images.vectors import EncodedGallery
from core.ui.choosers import gallery as gallery_chooser, label_column
from core.ui.common import frame, page
from core.ui.common.markdown import plain

SHOWN = 30  # classes whose examples are shown as pictures


def show(choice: gallery_chooser.Choice, encoded: EncodedGallery) -> None:
    """The whole tool."""
    opened = choice.blended(encoded)
    found = label_column.choose_labels(choice.entry, opened.gallery, frame.settings())
    if found is None:
        return
    column, labels = found
    with frame.result():
        with page.errors_shown():
            _show_chosen(opened, labels)
        with page.errors_shown():
            _show_shots(opened, column, len(set(labels)))


def _show_chosen(opened: OpenGallery, labels: list[str]) -> None:
    """One example of each class, which the person can change, and what they lead to."""
    seed = int(
        frame.settings().number_input(
            "Sample",
            0,
            999,
            0,
            key="draw",
            bind="query-params",
            help="Another number samples other examples at random. Change any in the table.",
        )
    )
    drawn = _draw(labels, seed)
    ids = opened.gallery.ids
    left, right = st.columns([2, 3])
    left.markdown("**One example of each class**")
    edited: Any = left.data_editor(
        {"class": list(drawn), "example": [ids[row] for row in drawn.values()]},
        disabled=["class"],
        hide_index=True,
        key=f"examples-{opened.key}-{seed}",
        column_config={"example": st.column_config.TextColumn(help="The id of a picture.")},
        alt="The example of each class, which can be changed",
        height="content" if len(drawn) <= 12 else 460,
    )
    rows = _rows(opened, list(edited["class"]), list(edited["example"]), labels)
    accuracy, given = classify_by_examples(opened.vectors, labels, np.array(rows))
    right.metric("Accuracy on the rest", f"{accuracy:.3f}", border=True, width=220)
    with right, st.container(horizontal=True):
        for name, row in list(zip(drawn, rows, strict=True))[:SHOWN]:
            with st.container(width=110):
                small = thumbnails.thumbnail(opened.gallery, row)
                if small is not None:
                    st.image(thumbnails.as_address(small), width=90, alt=f"Example of {name}")
                st.caption(plain(shorten(name, 20)))
    classes = sorted(set(labels))
    correct = np.array([classes.index(label) for label in labels]) == given
    rest = np.ones(len(labels), dtype=np.bool_)
    rest[rows] = False
    with right:
        _show_classes(np.array(labels), correct, rest, classes)


def _draw(labels: list[str], seed: int) -> dict[str, int]:
    random = np.random.default_rng(seed)
    truth = np.array(labels)
    return {name: int(random.choice(np.flatnonzero(truth == name))) for name in sorted(set(labels))}


def _rows(
    opened: OpenGallery, classes: list[str], examples: list[str], labels: list[str]
) -> list[int]:
    rows = []
    for name, example in zip(classes, examples, strict=True):
        row = opened.names.find(str(example))
        if row is None or labels[row] != name:
            what = "is no picture of this gallery" if row is None else f"is “{labels[row]}”"
            raise InputError(
                f"“{shorten(str(example))}” {what}.",
                f"An example of “{shorten(name)}” is needed.",
                "Give the id of one.",
            )
        rows.append(row)
    return rows


def _show_classes(truth: Any, right: Any, rest: Any, classes: list[str]) -> None:
    of_class = {name: rest & (truth == name) for name in classes}
    tried = {name: mine for name, mine in of_class.items() if mine.any()}
    with st.expander("Each class"):
        label_column.show_shares(
            {name: float(right[mine].mean()) for name, mine in tried.items()},
            {name: int(mine.sum()) for name, mine in tried.items()},
            file_name="few-shot.csv",
        )


def _show_shots(opened: OpenGallery, column: str, classes: int) -> None:
    st.subheader("More examples (shots)", anchor=False)
    try:
        found = classes_cache.few_shots(opened, column)
    except ExplorerError as error:
        page.show_error(error)
        return
    left, right = st.columns([3, 2])
    left.plotly_chart(
        images_charts.accuracy_by_examples(found, 1 / classes),
        key="shots",
        alt="Accuracy against the number of examples of each class",
    )
    right.dataframe(
        {
            "shots": [one.shots for one in found],
            "accuracy": [one.accuracy for one in found],
            "deviation": [one.deviation for one in found],
        },
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%.3f") for name in ("accuracy", "deviation")
        },
        alt="Accuracy by the number of examples of each class",
    )
    st.caption(
        f"Nearest prototype: a class is the mean of its examples, sampled {DRAWS} times at random; "
        "the bars are the standard deviation over the samples. The other pictures go to the "
        "nearest prototype."
    )
