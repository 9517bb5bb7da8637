"""Images → Review: a gallery put in order, as advice for each picture that can be changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.base import durations
from core.base.errors import counted, shorten
from core.cache import images as images_cache
from core.cache.images import OpenGallery
from core.images import thumbnails
from core.images.perceptual_hash import as_cosine
from core.images.review import NEIGHBORS, default_threshold
from core.images.vectors import EncodedGallery
from core.knn.all_pairs import Neighbors
from core.review import subsets
from core.review.findings import Action, Finding, as_table
from core.review.leaks import MOST_SPLITS
from core.review.outliers import most_typical
from core.review.review import DUPLICATES, LABELS, LEAKS, MARGIN, OUTLIERS, SUBSET, Review
from core.ui.choosers import gallery as gallery_chooser, label_column
from core.ui.choosers.picture_grid import show_grid
from core.ui.common import frame, jobs, page, tables
from core.ui.common.markdown import plain
from core.ui.session import link_values
from core.ui.session.page_state import begin_anew

THRESHOLD, NONE = "review-threshold", "(none)"
EMBEDDING, HASH = "Embedding", "Perceptual hash"
SUBSETS = {"Representative": subsets.REPRESENTATIVE, "Diverse": subsets.DIVERSE}
VIEWS = {
    "Near-duplicates": DUPLICATES,
    "Outliers": OUTLIERS,
    "Labels": LABELS,
    "Leaks": LEAKS,
    "Subset": "subset",
}
PAGE, GROUPS = 24, 12  # on screen: pictures with a box each, groups of them
TYPICAL = 12
_PASSES = 7  # over all pairs: two for groups, one for leaks, ln(100) for a subset
_SPLIT = re.compile(r"(split|set|part|subset|fold)", re.IGNORECASE)


def show(choice: gallery_chooser.Choice, encoded: EncodedGallery) -> None:
    """The whole tool."""
    opened = choice.blended(encoded)
    if len(opened.gallery) < 2:
        st.info("There is one picture. A review compares two or more.")
        return
    near: Neighbors | None = jobs.run_job(
        f"review near {opened.key}",
        f"Comparing the pictures of {opened.gallery.name}",
        lambda progress: images_cache.gallery_near(opened, NEIGHBORS, progress),
        seconds=lambda: durations.of_pairs(*opened.vectors.shape),
        begin="Compare them",
        height=frame.TALL,
    )
    if near is None:
        return
    with frame.settings():
        hashed, threshold = _choose_threshold(opened, near)
        labels, splits = _choose_columns(choice, opened)
        margin = float(
            st.slider(
                "Label margin of at least",
                0.0,
                1.0,
                MARGIN,
                0.05,
                key="review-margin",
                bind="query-params",
                help="Of a likely wrong label: the share of the label that the neighbours say, "
                "less the share of its own.",
            )
        )
        count = int(
            st.number_input(
                "Pictures in the subset", 1, 10_000, SUBSET, key="review-n", bind="query-params"
            )
        )
        way = link_values.one_of(
            st,
            "Subset",
            list(SUBSETS),
            default="Representative",
            key="review-way",
            bind="query-params",
        )
    limits = (threshold, margin, count, SUBSETS[way])
    found: Review | None = jobs.run_job(
        f"review {opened.key} {hashed} {labels} {splits} {limits}",
        f"Reviewing {opened.gallery.name}",
        lambda progress: images_cache.review_of_gallery(
            opened, hashed, labels, splits, limits, near, progress
        ),
        seconds=lambda: _seconds(opened, hashed),
        begin="Review them",
        slot="review",
        height=frame.TALL,
    )
    if found is not None:
        with frame.result():
            _show(opened, found)


def _seconds(opened: OpenGallery, hashed: bool) -> float:
    """About how long a review takes: groups, leaks and a subset compare all with all."""
    pairs = _PASSES * durations.of_pairs(*opened.vectors.shape)
    return pairs + (durations.of_pictures(len(opened.gallery), own=True) if hashed else 0)


def _choose_threshold(opened: OpenGallery, near: Neighbors) -> tuple[bool, float]:
    """Whether hashes tell near-duplicates, and the cosine from which on pictures are some."""
    by = link_values.one_of(
        st,
        "Near-duplicates by",
        [EMBEDDING, HASH],
        default=EMBEDDING,
        key="review-by",
        bind="query-params",
    )
    if by == HASH:
        bits = st.slider(
            "Bits that differ, at most",
            0,
            16,
            4,
            key="review-bits",
            bind="query-params",
            help="Of the 64 of a picture's hash (pHash), which sees shapes in grey.",
        )
        return True, as_cosine(int(bits))
    suggested = default_threshold(near, opened.vectors)
    begin_anew(THRESHOLD, opened.key, suggested)
    threshold = st.slider(
        "Cosine similarity of at least",
        0.30,
        1.00,
        suggested,
        0.01,
        key=THRESHOLD,
        bind="query-params",
        help="Each picture of a group is at least as alike the one that is kept. At first "
        "0.95, or where pictures with a near twin part from those without if that is more.",
    )
    return False, float(threshold)


def _choose_columns(choice: gallery_chooser.Choice, opened: OpenGallery) -> tuple[str, str]:
    """The columns of labels and of splits; "" for none."""
    values = images_cache.gallery_facets(choice.entry, opened.gallery).values
    parts = [name for name, kinds in values.items() if len(kinds) <= MOST_SPLITS]
    split = next((name for name in parts if _SPLIT.fullmatch(name)), NONE)
    kinds = [name for name in values if name != split]
    chosen = []
    for label, columns, first, key, told in (
        ("Labels", kinds, label_column.likely(kinds) if kinds else NONE, "review-label", "shows"),
        ("Split", parts, split, "review-split", "is a part of, such as train and test"),
    ):
        options = [NONE, *columns]
        if st.session_state.get(key, NONE) not in options:
            st.session_state[key] = first
        name = st.selectbox(
            label,
            options,
            index=options.index(first),
            key=key,
            bind="query-params",
            help=f"The column that says what each picture {told}.",
        )
        chosen.append("" if name == NONE else str(name))
    return chosen[0], chosen[1]


def _show(opened: OpenGallery, found: Review) -> None:
    changed = _changed(opened)
    ids = opened.gallery.ids
    table = as_table(ids, found.findings, found.subset, changed)
    counts = Counter(table["action"])
    told = " · ".join(f"**{counts[action]:,}** {action}" for action in Action)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{told} of {counted(len(ids), 'picture')}")
        tables.download_csv(table, file_name="review.csv")
        if changed and st.button(f"Undo {counted(len(changed), 'change')}"):
            changed.clear()
            st.rerun()
    view = link_values.one_of(
        st,
        "Check",
        list(VIEWS),
        default="Near-duplicates",
        key="review-view",
        bind="query-params",
        label_visibility="collapsed",
    )
    check = VIEWS[view]
    if check in found.findings:
        st.caption(_COUNTED[check].format(_count(found, check)))
    if check == DUPLICATES:
        _show_groups(opened, found)
    elif check == "subset":
        st.caption("In the order of their choice: the first ones alone are a smaller subset.")
        show_grid(opened.gallery, found.subset.tolist(), key="review-subset")
    elif check in found.failed:
        page.show_error(found.failed[check])
    elif check not in found.findings:
        st.info(f"Choose a column under “{'Labels' if check == LABELS else 'Split'}” first.")
    else:
        _show_findings(opened, found, check)
    st.caption("Nothing is deleted: the table says of each picture keep, look or drop, and why.")


def _count(found: Review, check: str) -> str:
    told = counted(len(found.findings[check]), "picture")
    return f"{told} in {counted(len(found.groups), 'group')}" if check == DUPLICATES else told


_COUNTED = {
    DUPLICATES: "{}; each is near the medoid of its group, so nothing chains.",
    OUTLIERS: f"{{}} with a mean similarity to their {NEIGHBORS} nearest below Tukey's fence.",
    LABELS: f"{{}} whose {NEIGHBORS} nearest say another label, the clearest first.",
    LEAKS: "{} with a duplicate in a smaller split, the nearest first.",
}
_NOTHING = {
    OUTLIERS: "No picture lies below Tukey's fence.",
    LABELS: "No label is contradicted so clearly. Lower the margin.",
    LEAKS: "No picture has a duplicate in another split.",
}


def _show_findings(opened: OpenGallery, found: Review, check: str) -> None:
    findings = found.findings[check]
    if not findings:
        st.info(_NOTHING[check])
    shown = _paged(findings, f"review-{check}")
    if check == LEAKS:  # beside what it is a duplicate of
        for one in shown:
            with st.container(border=True, key=f"leak-{one.row}"):
                _show_cards(opened, found, [one.row, int(one.other or 0)], f"leak-{one.row}")
                st.caption(plain(one.reason))
    else:
        rows = [one.row for one in shown]
        _show_cards(opened, found, rows, check, [_short(one, check, found) for one in shown])
    if check == OUTLIERS:
        st.markdown("**Typical**, with the most alike others (copies left out)")
        copies = [one.row for one in found.findings[DUPLICATES] if one.other is not None]
        typical = most_typical(found.typical, TYPICAL, copies)
        scores = found.typical[typical].tolist()
        show_grid(opened.gallery, typical.tolist(), scores, key="typical")


def _short(one: Finding, check: str, found: Review) -> str:
    """A finding as it stands below its picture."""
    if check == OUTLIERS:
        return f"**{found.typical[one.row]:.3f}**"
    return f"**{one.score:.2f}** {plain(one.reason.rpartition(' (')[0])}"


def _show_groups(opened: OpenGallery, found: Review) -> None:
    if not found.groups:
        st.info("No two pictures are so near to each other. Lower the threshold.")
    for at, group in _paged(list(enumerate(found.groups, 1)), "review-groups", GROUPS):
        with st.container(border=True, gap="xsmall", key=f"review-group-{at}"):
            st.caption(f"Group {at} · {counted(len(group.rows), 'picture')}")
            rows = group.rows.tolist()
            told = ["medoid", *(f"**{cosine:.3f}**" for cosine in group.similarity[1:].tolist())]
            _show_cards(opened, found, rows[:PAGE], f"group-{at}", told[:PAGE])
            if len(rows) > PAGE:
                st.caption(f"And {len(rows) - PAGE:,} more, which the download has.")


def _paged(items: Sequence[Any], key: str, size: int = PAGE) -> Sequence[Any]:
    """A page of ``items``, which is chosen above them where there are several."""
    pages = -(-len(items) // size)
    if pages < 2:
        return items
    st.session_state[key] = min(st.session_state.get(key, 1), pages)
    number = int(st.pagination(pages, key=key, max_visible_pages=7))
    return items[size * (number - 1) : size * number]


def _show_cards(
    opened: OpenGallery,
    found: Review,
    rows: Sequence[int],
    key: str,
    told: Sequence[str] | None = None,
) -> None:
    """Pictures with what was found of each, and a box for its action."""
    gallery = opened.gallery
    changed = _changed(opened)
    advised = as_table(gallery.ids, found.findings, found.subset)["action"]
    with st.container(key=f"picture-grid-{key}"):
        for at, row in enumerate(rows):
            name = gallery.ids[row] if gallery.captions is None else gallery.captions[row]
            with st.container(key=f"{key}-{row}-card", gap="xxsmall"):
                small = thumbnails.thumbnail(gallery, row)
                if small is None:
                    st.caption("It cannot be opened now.")
                else:
                    st.image(thumbnails.as_address(small), width="stretch", alt=name)
                said = "" if told is None else f"{told[at]} "
                st.caption(f"{said}{plain(shorten(name or gallery.ids[row], 48))}")
                box = f"action {opened.key} {key} {row}"
                st.session_state[box] = str(changed.get(row, advised[row]))
                st.selectbox(
                    f"Action for {gallery.ids[row]}",
                    list(map(str, Action)),
                    key=box,
                    label_visibility="collapsed",
                    on_change=_change,
                    args=(opened, row, box),
                )


def _changed(opened: OpenGallery) -> dict[int, Action]:
    """What a person has decided of these pictures, by row."""
    found: dict[int, Action] = st.session_state.setdefault(f"reviewed {opened.key}", {})
    return found


def _change(opened: OpenGallery, row: int, box: str) -> None:
    _changed(opened)[row] = Action(st.session_state[box])
