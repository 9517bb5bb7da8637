"""Images → Report: precision at k of each class, confusion, the worst pictures, similarities."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.base import durations
from core.base.errors import counted
from core.cache import images as images_cache
from core.cache.images import OpenGallery
from core.charts import images as images_charts
from core.images.report import GalleryReport, SimilarityHistogram
from core.images.vectors import EncodedGallery
from core.ui.choosers import gallery as gallery_chooser, label_column
from core.ui.choosers.picture_grid import show_grid
from core.ui.common import frame, jobs, tables
from core.ui.common.markdown import plain
from core.ui.images import second_encoder

MAX_SHOWN = 40  # classes in the picture of the confusion
WORST = 12


def show(choice: gallery_chooser.Choice, encoded: EncodedGallery) -> None:
    """The whole tool."""
    opened = choice.blended(encoded)
    labelled = label_column.choose_labels(choice.entry, opened.gallery, frame.settings())
    with frame.settings():
        k = int(st.number_input("Neighbours", 1, 100, 10, key="at", bind="query-params"))
    if labelled is None:
        return
    column, labels = labelled
    figures = _figures(opened, column, k)
    if figures is None:
        return
    found, histogram = figures
    other = second_encoder.choose(choice)
    second = None
    if other is not None and (beside := second_encoder.open_gallery(choice, other)) is not None:
        figures = _figures(beside, column, k)
        second = None if figures is None else figures[0]
    with frame.result():
        left, right = st.columns(2)
        with left:
            _show_totals(found)
            _show_classes(found)
        with right:
            _show_confusion(found)
        _explain(found, len(labels))
        _show_worst(found, opened)
    if other is not None and second is not None:
        second_encoder.show(opened, (choice.space, found), (other, second))
    _show_similarities(histogram)


def _figures(
    opened: OpenGallery, column: str, k: int
) -> tuple[GalleryReport, SimilarityHistogram] | None:
    figures: tuple[GalleryReport, SimilarityHistogram] | None = jobs.run_job(
        f"report {opened.key} {column} {k}",
        f"Comparing the pictures of {opened.gallery.name}",
        lambda progress: images_cache.gallery_figures(opened, column, k, progress),
        seconds=lambda: durations.of_pairs(*opened.vectors.shape),
        begin="Compare them",
    )
    return figures


def _show_totals(found: GalleryReport) -> None:
    with st.container(horizontal=True):
        st.metric(f"Precision at {found.k}", f"{found.mean_precision:.3f}", border=True, width=200)
        st.metric("k-NN accuracy", f"{found.accuracy:.3f}", border=True, width=200)


def _explain(found: GalleryReport, count: int) -> None:
    st.caption(
        f"Each of {count:,} pictures asks for its {found.k} nearest others, by the picture alone. "
        "Precision is the share of these that are of its own class; k-NN gives it the class "
        "most of them are of, in a tie the one that has the nearest. Pictures that an "
        "encoder was trained on flatter it: ours on OpenMoji and on most of the sets in its model "
        "card."
    )


def _show_classes(found: GalleryReport) -> None:
    shares = found.per_class()
    order = np.argsort(shares, kind="stable")
    pairs = found.confused()
    first = {one: f"{other} ({count})" for one, other, count in reversed(pairs)}
    columns: dict[str, list[Any]] = {
        "class": [found.classes[at] for at in order],
        f"precision at {found.k}": [float(shares[at]) for at in order],
        "pictures": [int(found.counts[at]) for at in order],
        "most often predicted as": [first.get(found.classes[at], "") for at in order],
    }
    st.markdown("**Each class, the worst first**")
    st.dataframe(
        columns,
        hide_index=True,
        column_config={
            f"precision at {found.k}": st.column_config.ProgressColumn(
                format="%.3f", min_value=0, max_value=1
            )
        },
        alt="Precision of each class, the lowest first",
    )
    tables.download_csv(columns, file_name="report.csv")


def _show_confusion(found: GalleryReport) -> None:
    st.markdown("**Confusion matrix**")
    missed = found.counts - np.diag(found.confusion)
    shown = np.sort(np.argsort(-missed, kind="stable")[:MAX_SHOWN])
    st.plotly_chart(
        images_charts.confusion(found, shown),
        key="confusion",
        alt="Confusion matrix: classes by what they are predicted as",
    )
    if len(found.classes) > MAX_SHOWN:
        st.caption(
            f"The {MAX_SHOWN} of {len(found.classes)} classes that are confused most often; the "
            "table has all pairs."
        )
    pairs = found.confused()
    with st.expander(f"As a table: {counted(len(pairs), 'pair')}"):
        st.dataframe(
            {
                "class": [one for one, _, _ in pairs],
                "predicted": [other for _, other, _ in pairs],
                "pictures": [count for _, _, count in pairs],
            },
            hide_index=True,
            alt="Pairs of classes by how often the first is predicted as the second",
        )


def _show_worst(found: GalleryReport, opened: OpenGallery) -> None:
    st.subheader("Misclassified pictures", anchor=False)
    order = np.argsort(found.per_class(), kind="stable")
    names = [found.classes[at] for at in order]
    chosen = st.selectbox("Class", names, key=f"worst-{found.k}-{opened.key}", width=300)
    at = found.classes.index(str(chosen))
    rows = np.flatnonzero(found.labels == at)
    wrong = rows[found.voted[rows] != at]
    if not len(wrong):
        st.success("None of this class is misclassified.")
        return
    worst = wrong[np.argsort(found.precision[wrong], kind="stable")][:WORST]
    taken = ", ".join(
        f"{plain(found.classes[name])} ({count})"
        for name, count in zip(*np.unique(found.voted[wrong], return_counts=True), strict=True)
    )
    st.caption(f"{len(wrong):,} of {len(rows):,} are predicted as another class: {taken}.")
    show_grid(opened.gallery, worst.tolist(), found.precision[worst].tolist(), key="worst")
    st.caption(f"Below each: its precision at {found.k}. “Open” shows it in full.")


def _show_similarities(histogram: SimilarityHistogram) -> None:
    st.subheader("Similarities within classes and between them", anchor=False)
    st.plotly_chart(
        images_charts.similarities(histogram),
        key="similarities",
        alt="Densities of similarities within classes and between classes",
    )
    st.caption(
        f"Of {histogram.pairs_within:,} pairs within a class and {histogram.pairs_between:,} "
        "between two, sampled at random: each pair of a kind is equally likely, and may come more "
        "than once. What patterns do you notice? Where the two overlap, similarity alone cannot "
        "tell the classes apart."
    )
    middles = (histogram.edges[1:] + histogram.edges[:-1]) / 2
    with st.expander("As a table"):
        st.dataframe(
            {
                "similarity": middles.tolist(),
                "within a class": histogram.within.tolist(),
                "between classes": histogram.between.tolist(),
            },
            hide_index=True,
            alt="The two densities",
        )
