"""Images → Key points: what two pictures share, place by place, without a network."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.base.errors import ExplorerError
from core.cache import keypoints as keypoints_cache
from core.cache.images import OpenGallery
from core.cache.keypoints import Source
from core.charts.keypoints import DRAWN, Shown, matched_pictures
from core.images.keypoint_matching import (
    LEAST,
    RATIO,
    TOLERANCE,
    Matches,
    Matrix,
    follow,
    turn_and_scale,
)
from core.images.keypoints import SIDE, Detector
from core.images.vectors import EncodedGallery
from core.readers.pictures import open_picture
from core.storage import data_home
from core.ui.choosers import gallery as gallery_chooser
from core.ui.common import frame, page, tables
from core.ui.images import rerank
from core.ui.session import link_values, own_pictures, page_state

A, B = "a", "b"
DEFAULT = "1F3F0"  # a castle has many corners
EXAMPLES = (
    ("A castle, turned and shrunk", "[1F3F0]", ""),
    ("A house, and one with a garden", "[1F3E0]", "[1F3E1]"),
    ("Two cats", "[1F63A]", "[1F638]"),
    ("Two castles", "[1F3F0]", "[1F3EF]"),
)


def show(choice: gallery_chooser.Choice, encoded: EncodedGallery) -> None:
    """The whole tool."""
    opened = choice.blended(encoded)
    names = opened.names
    first = DEFAULT if names.find(DEFAULT) is not None else names.names[0]
    page_state.settle(A)
    page_state.settle(B)
    with st.container(key="query", gap="xsmall"):
        left, right = st.columns(2)
        named_a = left.text_input(
            "Picture A",
            key=A,
            bind="query-params",
            placeholder=f"A: [{first}], or a picture dropped below",
            label_visibility="collapsed",
        )
        named_b = right.text_input(
            "Picture B",
            key=B,
            bind="query-params",
            placeholder="B: empty is A itself, turned and shrunk",
            label_visibility="collapsed",
        )
        _show_examples(opened)
    with frame.settings():
        detector = _choose_detector()
        ratio = _choose_ratio()
        turn = None if named_b.strip() else _choose_turn()
    try:
        name = _plain(named_a) or first
        source = _source(name, opened)
        a = keypoints_cache.shown_picture(source, detector)
        b, transform = _second(source, _plain(named_b), turn, opened, detector)
        found = keypoints_cache.matches(a.points, b.points, ratio)
    except ExplorerError as error:
        page.show_error(error)
        own_pictures.show_inputs({"As A": A, "As B": B})
        return
    with frame.result():
        _show_matches(a, b, found, transform)
    _show_figures(a, b, found, transform)
    own_pictures.show_inputs({"As A": A, "As B": B})
    rerank.show(choice, opened, name, rerank.Asked(source, detector, ratio))
    _explain()


def _plain(named: str) -> str:
    return named.strip().removeprefix("[").removesuffix("]")


def _show_examples(opened: OpenGallery) -> None:
    def use(one: str, other: str) -> None:
        page_state.write(A, one)
        page_state.write(B, other)

    here = [
        example
        for example in EXAMPLES
        if all(opened.names.find(_plain(name)) is not None for name in example[1:] if name)
    ]
    if not here:
        return
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", key="query-chips"
    ):
        for label, one, other in here:
            st.button(
                label,
                key=f"example-{label}",
                type="tertiary",
                on_click=use,
                args=(one, other),
            )


def _choose_detector() -> Detector:
    chosen = link_values.one_of(
        st,
        "Detector",
        [one.value for one in Detector],
        default=Detector.SIFT.value,
        key="detector",
        bind="query-params",
        help="SIFT finds blobs and describes the gradients around them (slow, steady); ORB finds "
        "corners and describes them by 256 comparisons of brightness (fast).",
    )
    return Detector(str(chosen))


def _choose_ratio() -> float:
    share = st.slider(
        "Ratio",
        0.5,
        1.0,
        RATIO,
        0.05,
        key="ratio",
        bind="query-params",
        help="A match is kept where its distance is below this share of the distance to the second "
        "nearest point (Lowe's ratio). Lower: fewer, surer ones. At 1 all are kept that are each "
        "other's nearest.",
    )
    return float(share)


def _choose_turn() -> tuple[float, float]:
    degrees = st.slider(
        "B is turned by, degrees", -180, 180, 30, 5, key="turn", bind="query-params"
    )
    scale = st.slider("and has the size", 0.25, 1.0, 0.5, 0.05, key="shrink", bind="query-params")
    return float(degrees), float(scale)


def _source(name: str, opened: OpenGallery) -> Source:
    data = own_pictures.find(name)
    if data is not None:
        return Source(data_home.sha256(data), lambda: open_picture(data, name))
    row = opened.names.find(name)
    if row is None:
        raise own_pictures.missing(name, opened.names.names[0])
    return keypoints_cache.gallery_source(opened.gallery, row)


def _second(
    source: Source,
    name: str,
    turn: tuple[float, float] | None,
    opened: OpenGallery,
    detector: Detector,
) -> tuple[Shown, Matrix | None]:
    """Picture B, and how it came from A where that is known."""
    if turn is not None:
        return keypoints_cache.turned_picture(source, detector, *turn)
    return keypoints_cache.shown_picture(_source(name, opened), detector), None


def _show_figures(a: Shown, b: Shown, found: Matches, transform: Matrix | None) -> None:
    with st.container(horizontal=True):
        for label, value, told in (
            ("Keypoints in A", len(a.points), None),
            ("Keypoints in B", len(b.points), None),
            ("Matches", len(found), None),
            ("Inliers", found.score, "Matches that one transform explains together (RANSAC)"),
        ):
            st.metric(label, f"{value:,}", border=True, width=144, help=told)
        if transform is not None and len(found):
            right = follow(a.points, b.points, found, transform)
            st.metric(
                "Correct",
                f"{right.mean():.0%}",
                border=True,
                width=144,
                help=f"Matches within {TOLERANCE:g} pixels of where the turn put the point.",
            )
            if found.score:
                share = right[found.agree].mean()
                st.metric("Correct inliers", f"{share:.0%}", border=True, width=160)
    for name, shown in (("A", a), ("B", b)):
        if not len(shown.points):
            st.info(
                f"No keypoints were found in {name}: flat and small pictures have none. ORB needs "
                "40 pixels at least, since it looks at 20 on every side of a point."
            )


def _show_matches(a: Shown, b: Shown, found: Matches, transform: Matrix | None) -> None:
    st.plotly_chart(
        matched_pictures(a, b, found),
        key="matched",
        alt=f"Pictures A and B with lines between {len(found)} matching points, of which "
        f"{found.score} are inliers",
    )
    drawn = f" Of each kind the {DRAWN} nearest are drawn." if len(found) > DRAWN else ""
    if found.transform is None:
        said = f"No transform explains {LEAST} matches or more, so there are no inliers."
    else:
        said = f"Inliers are the matches that {_told(found.transform)}."
    st.caption(f"{said} A line that ends far from its neighbours' ends is likely a mistake.{drawn}")
    columns = _columns(a, b, found, transform)
    with st.expander("As a table"):
        st.dataframe(columns, hide_index=True, alt="Matches, the nearest first")
        tables.download_csv(columns, file_name="keypoints.csv")


def _told(transform: Matrix) -> str:
    """The transform in words: by how much it turns and scales."""
    degrees, scale = turn_and_scale(transform)
    turned = f"turned by {round(degrees)}°" if round(degrees) else "not turned"
    return f"one transform explains: {turned}, size × {scale:.2f}"


def _columns(a: Shown, b: Shown, found: Matches, transform: Matrix | None) -> dict[str, list[Any]]:
    one = a.points.positions[found.pairs[:, 0]].round(1)
    other = b.points.positions[found.pairs[:, 1]].round(1)
    columns: dict[str, list[Any]] = {
        "x in A": one[:, 1].tolist(),
        "y in A": one[:, 0].tolist(),
        "x in B": other[:, 1].tolist(),
        "y in B": other[:, 0].tolist(),
        "distance": found.distances.tolist(),
        "inlier": found.agree.tolist(),
    }
    if transform is not None:
        columns["correct"] = follow(a.points, b.points, found, transform).tolist()
    return columns


def _explain() -> None:
    with st.expander("About keypoints, and caveats"):
        st.markdown(
            "A **keypoint** is a place that looks like no other around it: a corner, a spot. It "
            "is described by what lies around it, in a way that does not change when the picture "
            "is turned, scaled, or made brighter. Points of two pictures match where each is the "
            "other's nearest, and clearly nearer than the second. Matches are **inliers** where "
            f"one transform (turn, scale, shear, shift) explains them together; {LEAST} at least, "
            "since three always do.\n\n"
            "- They find **the same thing** again, not the same kind of thing: two castles drawn "
            "by different hands share nothing here, and a class is never recognised.\n"
            "- Drawings with flat colours have few points; outlines and round shapes even fewer.\n"
            "- What repeats (windows, petals) matches in the wrong place; the ratio drops much of "
            "it, together with right matches.\n"
            "- Parts that many pictures share, such as the same round face, match well in "
            "pictures that mean different things. A mirrored picture matches hardly at all.\n"
            f"- Pictures are scaled to {SIDE} pixels first. More points are not more certainty: "
            "compare the inliers.\n\n"
            "References: Lowe 2004, *Distinctive image features from scale-invariant keypoints*; "
            "Rublee et al. 2011, *ORB: an efficient alternative to SIFT or SURF*; Fischler & "
            "Bolles 1981, *Random sample consensus*. Computed by scikit-image."
        )
