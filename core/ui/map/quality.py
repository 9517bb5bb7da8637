"""Map: how far it can be trusted, in figures and in words."""

from __future__ import annotations

import streamlit as st

from core.cache.maps import Made
from core.maps.quality import NEIGHBORS_UP_TO


def show(made: Made) -> None:
    """The figures of the map that is shown."""
    quality, projection = made.stored.quality, made.stored.projection
    if quality is None:
        st.caption("With fewer than three points there is nothing for a map to lose.")
        return
    line = (
        f"Trustworthiness **{quality.trustworthiness:.3f}** · continuity "
        f"**{quality.continuity:.3f}** · k-NN preservation (recall@{quality.k}) "
        f"**{quality.neighbors_kept:.0%}**"
    )
    if projection.explained is not None:
        line += f" · **{float(projection.explained.sum()):.1%}** of the variance explained"
    with st.container(horizontal=True, vertical_alignment="center", key="trust"):
        st.markdown(line, width="content")
        details = st.popover("What the map loses", type="tertiary")
    with details, st.container(horizontal=True, gap="large"):
        st.metric(
            "Trustworthiness",
            f"{quality.trustworthiness:.3f}",
            width="content",
            help="1: all that lie near each other on the map are near in truth; a random map has "
            "about 0.5 (Venna & Kaski 2001).",
        )
        st.metric(
            "Continuity",
            f"{quality.continuity:.3f}",
            width="content",
            help="1: all that are near in truth lie near each other on the map.",
        )
        st.metric(
            f"k-NN preservation (recall@{quality.k})",
            f"{quality.neighbors_kept:.0%}",
            width="content",
            help="The share of each point's true nearest neighbours that are its nearest on "
            "the map too, on average. Colour by “k-NN preservation” to see where.",
        )
        if projection.explained is not None:
            st.metric(
                "Explained variance",
                f"{float(projection.explained.sum()):.1%}",
                width="content",
                help="The share of the vectors' variance along the axes of the map; the rest is "
                "not seen.",
            )
    told = f"By {quality.k} neighbours"
    if quality.anchors is None:
        told += ", of all points."
    else:
        which = "all three" if len(projection) > NEIGHBORS_UP_TO else "trustworthiness, continuity"
        told += (
            f"; {which} at {quality.anchors:,} points sampled at random, among all. Standard "
            f"errors of the first two: {quality.trustworthiness_error:.4f} and "
            f"{quality.continuity_error:.4f}."
        )
    details.caption(told)
