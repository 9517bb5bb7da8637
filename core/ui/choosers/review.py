"""Review, on any page: advice for each item that can be changed, and one table of all of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.base import durations
from core.base.errors import counted, shorten
from core.review import subsets
from core.review.findings import Action, Finding, as_table
from core.review.leaks import MOST_SPLITS
from core.review.nearest import NEIGHBORS
from core.review.outliers import most_typical
from core.review.review import DUPLICATES, LABELS, LEAKS, MARGIN, OUTLIERS, SUBSET, Review
from core.ui.choosers import label_column
from core.ui.common import page, tables
from core.ui.common.markdown import plain
from core.ui.session import link_values
from core.ui.session.page_state import begin_anew

THRESHOLD, NONE = "review-threshold", "(none)"
SUBSETS = {"Representative": subsets.REPRESENTATIVE, "Diverse": subsets.DIVERSE}
VIEWS = {
    "Near-duplicates": DUPLICATES,
    "Outliers": OUTLIERS,
    "Labels": LABELS,
    "Leaks": LEAKS,
    "Subset": "subset",
}
PAGE, GROUPS = 24, 12  # on screen: items with a box each, groups of them
TYPICAL = 12
_PASSES = 7  # over all pairs: two for groups, one for leaks, ln(100) for a subset
_SPLIT = re.compile(r"(split|set|part|subset|fold)", re.IGNORECASE)
Limits = tuple[float, float, int, str]  # as of core.review.review.Limits


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What is reviewed, and how a page shows it.

    Attributes:
        key: stands for the items.
        title: what an item is called where it is shown, by its row.
        noun: what one is called, such as "picture".
        draw: shows an item, with what is said of it, as Markdown.
        draw_all: shows some without boxes, with the score of each where there is one; the text is
            the page's own name for them.
        grid: cards stand side by side; else one below the other, with the box beside.
    """

    key: str
    ids: Sequence[str]
    title: Callable[[int], str]
    noun: str
    draw: Callable[[int, str], None]
    draw_all: Callable[[Sequence[int], Sequence[float] | None, str], None]
    grid: bool


def seconds(rows: int, dim: int) -> float:
    """About how long a review takes: groups, leaks and a subset compare all with all."""
    return _PASSES * durations.of_pairs(rows, dim)


def choose_cosine(of: str, suggested: float, help_text: str, key: str = THRESHOLD) -> float:
    """The cosine from which on items are near-duplicates; ``of`` stands for the items."""
    begin_anew(key, of, suggested)
    threshold = st.slider(
        "Cosine similarity of at least",
        0.30,
        1.00,
        suggested,
        0.01,
        key=key,
        bind="query-params",
        help=help_text,
    )
    return float(threshold)


def choose_limits(threshold: float, noun: str) -> Limits:
    """The other limits of a review beside the cosine of near-duplicates."""
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
            f"{noun.capitalize()}s in the subset",
            1,
            10_000,
            SUBSET,
            key="review-n",
            bind="query-params",
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
    return threshold, margin, count, SUBSETS[way]


def choose_columns(values: Mapping[str, Sequence[str]], noun: str) -> tuple[str, str]:
    """The columns of labels and of splits; "" for none.

    Args:
        values: of each column that tells kinds apart.
    """
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
            help=f"The column that says what each {noun} {told}.",
        )
        chosen.append("" if name == NONE else str(name))
    return chosen[0], chosen[1]


def show(of: Reviewed, found: Review) -> None:
    """Each check with its items and a box for the action of each, and the table of all."""
    changed = _decided(of.key)
    ids = of.ids
    table = as_table(ids, found.findings, found.subset, changed)
    counts = Counter(table["action"])
    told = " · ".join(f"**{counts[action]:,}** {action}" for action in Action)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{told} of {counted(len(ids), of.noun)}")
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
        st.caption(_COUNTED[check].format(_count(of, found, check)))
    if check == DUPLICATES:
        _show_groups(of, found, table["action"])
    elif check == "subset":
        st.caption("In the order of their choice: the first ones alone are a smaller subset.")
        of.draw_all(found.subset.tolist(), None, "review-subset")
    elif check in found.failed:
        page.show_error(found.failed[check])
    elif check not in found.findings:
        st.info(f"Choose a column under “{'Labels' if check == LABELS else 'Split'}” first.")
    else:
        _show_findings(of, found, check, table["action"])
    st.caption(f"Nothing is deleted: the table says of each {of.noun} keep, look or drop, and why.")


def _count(of: Reviewed, found: Review, check: str) -> str:
    told = counted(len(found.findings[check]), of.noun)
    return f"{told} in {counted(len(found.groups), 'group')}" if check == DUPLICATES else told


_COUNTED = {
    DUPLICATES: "{}; each is near the medoid of its group, so nothing chains.",
    OUTLIERS: f"{{}} with a mean similarity to their {NEIGHBORS} nearest below Tukey's fence.",
    LABELS: f"{{}} whose {NEIGHBORS} nearest say another label, the clearest first.",
    LEAKS: "{} with a duplicate in a smaller split, the nearest first.",
}
_NOTHING = {
    OUTLIERS: "No {} lies below Tukey's fence.",
    LABELS: "No label is contradicted so clearly. Lower the margin.",
    LEAKS: "No {} has a duplicate in another split.",
}


def _show_findings(of: Reviewed, found: Review, check: str, actions: Sequence[str]) -> None:
    findings = found.findings[check]
    if not findings:
        st.info(_NOTHING[check].format(of.noun))
    shown = _paged(findings, f"review-{check}")
    if check == LEAKS:  # beside what it is a duplicate of
        for one in shown:
            with st.container(border=True, key=f"leak-{one.row}"):
                _show_cards(of, actions, [one.row, int(one.other or 0)], f"leak-{one.row}")
                st.caption(plain(one.reason))
    else:
        rows = [one.row for one in shown]
        _show_cards(of, actions, rows, check, [_short(one, check, found) for one in shown])
    if check == OUTLIERS:
        st.markdown("**Typical**, with the most alike others (copies left out)")
        copies = [one.row for one in found.findings[DUPLICATES] if one.other is not None]
        typical = most_typical(found.typical, TYPICAL, copies)
        scores = found.typical[typical].tolist()
        of.draw_all(typical.tolist(), scores, "typical")


def _short(one: Finding, check: str, found: Review) -> str:
    """A finding as it stands below its item."""
    if check == OUTLIERS:
        return f"**{found.typical[one.row]:.3f}**"
    return f"**{one.score:.2f}** {plain(one.reason.rpartition(' (')[0])}"


def _show_groups(of: Reviewed, found: Review, actions: Sequence[str]) -> None:
    if not found.groups:
        st.info(f"No two {of.noun}s are so near to each other. Lower the threshold.")
    for at, group in _paged(list(enumerate(found.groups, 1)), "review-groups", GROUPS):
        with st.container(border=True, gap="xsmall", key=f"review-group-{at}"):
            st.caption(f"Group {at} · {counted(len(group.rows), of.noun)}")
            rows = group.rows.tolist()
            told = ["medoid", *(f"**{cosine:.3f}**" for cosine in group.similarity[1:].tolist())]
            _show_cards(of, actions, rows[:PAGE], f"group-{at}", told[:PAGE])
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
    of: Reviewed,
    actions: Sequence[str],
    rows: Sequence[int],
    key: str,
    told: Sequence[str] | None = None,
) -> None:
    """Items with what was found of each, and a box for its action; ``actions`` are of all items."""
    with st.container(key=f"picture-grid-{key}" if of.grid else f"rows-{key}"):
        for at, row in enumerate(rows):
            said = "" if told is None else told[at]
            with st.container(key=f"{key}-{row}-card", gap="xxsmall", horizontal=not of.grid):
                with st.container(gap="xxsmall") if not of.grid else nullcontext():
                    of.draw(row, said)
                box = f"action {of.key} {key} {row}"
                st.session_state[box] = actions[row]
                st.selectbox(
                    f"Action for {plain(shorten(of.title(row)))}",
                    list(map(str, Action)),
                    key=box,
                    label_visibility="collapsed",
                    on_change=_change,
                    args=(of.key, row, box),
                    width="stretch" if of.grid else 110,
                )


def _decided(key: str) -> dict[int, Action]:
    """What a person has decided of the items that ``key`` stands for, by row."""
    found: dict[int, Action] = st.session_state.setdefault(f"reviewed {key}", {})
    return found


def _change(key: str, row: int, box: str) -> None:
    _decided(key)[row] = Action(st.session_state[box])
