"""Train: from a gallery with a catalogue to what a painting of one's own is, step by step.

Each step is done by the tool that it leads to, with the choices made here; what is done already is
found out from what is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.base.errors import ExplorerError, counted, listed
from core.heads import store
from core.heads.labels import Labels
from core.heads.metric_effect import COLUMNS as BY_CLICKS
from core.images import shipped_vectors
from core.images.gallery import Gallery
from core.spaces import text_vectors
from core.spaces.entry import SpaceEntry
from core.spaces.own_vectors import OwnSource
from core.spaces.sources.head import HeadFile
from core.ui.common import frame, page
from core.ui.common.markdown import plain
from core.ui.common.page_icons import ICONS
from core.ui.train import data
from core.ui.train.data import Chosen

CHARACTERISTICS = re.compile("style|school|period|timeframe|movement|century", re.IGNORECASE)
ARTIST = re.compile("author|artist|painter|creator|photographer", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """A page with its boxes set."""

    page: str
    label: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One of the steps.

    Attributes:
        done: ``None`` where nothing is kept of it.
        told: what is there, or what is missing.
        links: where it is done.
        button: the same on this page: a label, and what it sets.
    """

    title: str
    done: bool | None
    told: str
    links: Sequence[Link] = ()
    button: tuple[str, Callable[[], None]] | None = None


def show() -> None:
    """The whole tool."""
    chosen = data.choose()
    if chosen is None:
        return
    labels = data.choose_labels(chosen, CHARACTERISTICS)
    groups = data.choose_groups(chosen, ARTIST)
    try:
        missing = _missing(chosen)
        heads = _heads(chosen, labels)
    except ExplorerError as error:
        page.show_error(error)
        return
    head = heads[0] if heads else None
    steps = [
        _data_step(chosen, labels, groups),
        _features_step(chosen, missing),
        _head_step(chosen, labels, groups, head),
        _map_step(chosen, head),
        _drop_step(chosen, labels, head),
    ]
    with frame.result():
        following = next((at for at, one in enumerate(steps) if not one.done), len(steps))
        for at, step in enumerate(steps):
            _show_step(at + 1, step, following=at == following)


def _show_step(number: int, step: Step, *, following: bool) -> None:
    icon = ":material/check_circle:" if step.done else ":material/radio_button_unchecked:"
    with st.container(border=True, gap="xsmall", key=f"painting-step-{number}"):
        state = ": done" if step.done else ": next" if following else ""
        st.markdown(f"{icon} **{number}. {step.title}**{state}")
        st.markdown(step.told)
        with st.container(horizontal=True):
            if step.button is not None:
                label, work = step.button
                st.button(
                    label,
                    icon=ICONS["train"],
                    type="primary" if following else "secondary",
                    on_click=work,
                )
            for link in step.links:
                st.page_link(
                    f"pages/{link.page}.py",
                    label=link.label,
                    icon=ICONS[link.page],
                    query_params=link.parameters,
                )


def _missing(chosen: Chosen) -> int:
    """How many of the items have no vector yet."""
    base, items = chosen.base, chosen.data
    if isinstance(base.source, OwnSource) or not base.ready:
        return len(items)
    if isinstance(items, Gallery):
        return shipped_vectors.count_missing(items.digests, base)
    return text_vectors.count_missing(items.texts, base.text_folder)


def _heads(chosen: Chosen, labels: Sequence[Labels]) -> list[tuple[SpaceEntry, HeadFile]]:
    """The heads on the base that know one of the characteristics, newest first."""
    columns = {one.column for one in labels} - {*BY_CLICKS}
    heads = store.heads_on(chosen.base, chosen.data.name)
    return [one for one in heads if columns & {*one[1].columns}]


def _data_step(chosen: Chosen, labels: Sequence[Labels], groups: Labels | None) -> Step:
    pictures = chosen.gallery is not None
    kind = "picture" if pictures else "text"
    told = f"{plain(chosen.data.name)}: {counted(len(chosen.data), kind)}"
    if labels:  # others than of paintings go the same way
        told += f" with {plain(listed([one.column for one in labels]))}"
        told += f", by {counted(len(groups.classes), 'artist')}. " if groups is not None else ". "
    else:
        told += ", of which nothing says the style, school or period. "
    told += (
        "The Web Gallery of Art’s pictures are fetched one by one under *Datasets*, which says "
        "so where its site cannot be reached; pictures and a catalogue of your own are uploaded "
        "there too. With the catalogue’s rows alone, import them as texts and choose *Texts*."
        if pictures
        else "The rows of a catalogue are imported as texts under *Datasets*. They tell what is "
        "written of a painting, not what it looks like."
    )
    links = (
        [Link("images", "Get pictures with a catalogue", {"see": "Datasets"})] if pictures else []
    )
    links.append(Link("sentences", "Import a catalogue’s rows", {"do": "Datasets"}))
    known = data.matching([one.column for one in labels], CHARACTERISTICS)
    return Step("Paintings with a catalogue", bool(known), told, links)


def _features_step(chosen: Chosen, missing: int) -> Step:
    title = plain(chosen.base.space.title)
    count = len(chosen.data)
    told = (
        f"All {count:,} have their vectors of {title}."
        if not missing
        else f"{count - missing:,} of {count:,} have their vectors of {title}; the others are "
        "encoded once, and kept. A model that sees how a picture is made, such as *style*, suits "
        "styles better than one that knows subjects."
    )
    name, known = _known(chosen)
    return Step("Features", not missing, told, [Link(name, "Encode them", known)])


def _head_step(
    chosen: Chosen,
    labels: Sequence[Labels],
    groups: Labels | None,
    head: tuple[SpaceEntry, HeadFile] | None,
) -> Step:
    apart = (
        f"No value of {plain(groups.column)} is on both sides of the split, so that the figures "
        "are of artists that it has not seen."
        if groups is not None
        else "Choose under *What is held out* the column of the artist: else a head may be praised "
        "for knowing the artist."
    )
    told = f"{apart} "
    if head is not None:
        told += f"Kept as **{plain(head[1].name)}**, P@10 before and after: {_figures(head[1])}."

    def work() -> None:
        st.session_state["do"] = "Head"

    button = ("Train the head" if head is None else "Train another", work) if labels else None
    return Step("A head on its characteristics", head is not None, told, (), button)


def _figures(head: HeadFile) -> str:
    figures = head.about.get("figures", {})
    before, after = figures.get("before", {}), figures.get("after", {})
    return "; ".join(
        f"{plain(column)} {before[column]['precision_at_10']:.3f} → "
        f"{after[column]['precision_at_10']:.3f}"
        for column in head.columns
        if column in before and column in after
    )


def _map_step(chosen: Chosen, head: tuple[SpaceEntry, HeadFile] | None) -> Step:
    told = "The same items in the base and in the head’s space, side by side."
    if head is None:
        return Step("The map before and after", None, f"{told} Once there is a head.")
    _, known = _known(chosen)
    of = "Texts" if chosen.gallery is None else "Pictures"
    view = {"of": of, "view": "Compare projections", "method": "PCA"}
    parameters = known | view | {"b-space": head[0].space.name}
    return Step("The map before and after", None, told, [Link("map", "Compare both", parameters)])


def _drop_step(
    chosen: Chosen, labels: Sequence[Labels], head: tuple[SpaceEntry, HeadFile] | None
) -> Step:
    columns = plain(listed([one.column for one in labels])) or "what it is"
    if chosen.gallery is None:
        title = "Your painting, described"
        told = f"Describe it in words: the rows nearest to it in the new space tell {columns}."
        label, wanted = "Describe a painting", {"do": "Semantic search"}
    else:
        title = "Your painting"
        told = (
            f"Drop it: its neighbours in the new space tell {columns} and its likely author, "
            "each with how certain that is."
        )
        label, wanted = "Drop a painting", {"see": "Identify"}
    if head is None:
        return Step(title, None, f"{told} Once there is a head.")
    name, known = _known(chosen)
    parameters = known | wanted | {"space": head[0].space.name}
    return Step(title, None, told, [Link(name, label, parameters)])


def _known(chosen: Chosen) -> tuple[str, dict[str, str]]:
    """The page of these data, and what says which they are and the base."""
    space = {"space": chosen.base.space.name}
    if chosen.gallery is None:
        return "sentences", {"data": chosen.data.name} | space
    return "images", {"gallery": chosen.data.name} | space
