"""Home: six finished results, one of each page; a click opens exactly that one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.base.paths import ASSETS
from core.ui.common import next_steps
from core.ui.common.markdown import plain
from core.ui.common.page_icons import ICONS
from core.ui.session import own_pictures

CARD = 352  # pixels: three beside each other on a wide screen
PICTURES = ASSETS / "home"  # made by `python -m benchmarks.home_pictures`
PICTURE = PICTURES / "horse.jpg"


@dataclass(frozen=True, slots=True)
class Card:
    """A result that a click opens.

    Attributes:
        title: what is found.
        alt: what its picture shows.
        params: what the page is asked.
        picture: the name in ``params`` under which a picture of ours is asked with.
        draws: whether the page has to draw at once.
    """

    page: str
    title: str
    alt: str
    params: Mapping[str, str]
    picture: str = ""
    draws: bool = False


CARDS = (
    Card(
        "words",
        "king − man + woman = queen",
        "The words of the formula as a parallelogram",
        {"q": "king - man + woman"},
    ),
    Card(
        "images",
        "A silhouette finds its emoji",
        "Emoji nearest to a silhouette of a horse, the horse first",
        {},
        picture="find",
    ),
    Card(
        "map",
        "All emoji as a map",
        "A map of 1,914 emoji: those of one kind lie together",
        {"of": "Pictures"},
    ),
    Card(
        "generate",
        "A blue cat, drawn from words",
        "A small picture of a blue cat",
        {"prompt": "a blue cat", "random": "false", "seed": "0"},
        draws=True,
    ),
    Card(
        "sentences",
        "The same in other words",
        "Pairs of sentences that say the same, with what differs marked",
        {"do": "Near-duplicates"},
    ),
    Card(
        "graph",
        "Fourteen nations and their ties",
        "A knowledge graph around the United States",
        {"graph": "nations", "entity-pictures": "openmoji"},
    ),
)


def show() -> None:
    """The cards, three in a row on a wide screen."""
    with st.container(horizontal=True, gap="small", key="result"):
        for card in CARDS:
            with st.container(border=True, width=CARD, gap="xsmall", key=f"card-{card.page}"):
                st.image(_picture(card), width="stretch", alt=card.alt)
                label = f"**{plain(card.title)}**"
                if card.picture or card.draws:
                    if st.button(
                        label, key=f"open-{card.page}", icon=ICONS[card.page], type="tertiary"
                    ):
                        _open(card)
                else:
                    st.page_link(
                        f"pages/{card.page}.py",
                        label=label,
                        icon=ICONS[card.page],
                        query_params=dict(card.params),
                    )


def _picture(card: Card) -> str:
    ground = "dark" if st.context.theme.type == "dark" else "light"
    return str(PICTURES / f"{card.page}-{ground}.webp")


def _open(card: Card) -> None:
    params = dict(card.params)
    if card.picture:
        params[card.picture] = f"[{own_pictures.add(PICTURE.name, PICTURE.read_bytes())}]"
    if card.draws:
        st.session_state[next_steps.AT_ONCE] = True
    st.switch_page(f"pages/{card.page}.py", query_params=params)
