"""Generate: a picture to begin from, how far it is changed, and where."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.base import demo
from core.base.errors import ExplorerError, shorten
from core.charts import generation as generation_charts
from core.generation import history, masks, outpainting, placement
from core.generation.edges import BLUR, MOST_BLUR, edges
from core.generation.large import controlnets
from core.generation.masks import Mask
from core.generation.request import MAX_SCALE, Control, Generator, Source
from core.readers.pictures import open_picture
from core.ui.common import frame, page
from core.ui.session import link_values, own_pictures

if TYPE_CHECKING:
    from PIL import Image

NONE, CHOSEN = "None", "generate-source"
BEGUN = "generate-begun"  # the name of what is begun from
WHOLE, PART, LARGER = "Whole", "Inpainting", "Outpainting"
EDGED, STEERS = "ControlNet", "generate-control"
EDGES = ("Left", "Top", "Right", "Bottom")
SHOWN = 384  # longer side of the picture a mask is drawn on, on the page
PERCENT = 25


def forget() -> None:
    """Nothing is chosen until ``choose`` is called in this run."""
    st.session_state[CHOSEN] = st.session_state[STEERS] = None


def chosen_control() -> Control | None:
    """The picture whose edges steer, as chosen in this run of the page."""
    found: Control | None = st.session_state.get(STEERS)
    return found


def chosen() -> Source | None:
    """What was chosen in this run of the page."""
    found: Source | None = st.session_state.get(CHOSEN)
    return found


def choose(generator: Generator, place: Any) -> None:
    """Asks in the settings what to begin from, and notes it for ``chosen``.

    A mask is drawn and shown in ``place``, where there is room for the picture.
    """
    if not generator.takes_picture:
        return
    names = [NONE, *own_pictures.dropped(), *(item.id for item in history.list_items()[:12])]
    # A box's own value is lost where a run is cut short, as by the first drop of a new browser.
    if st.session_state.get(BEGUN) not in names:
        st.session_state[BEGUN] = NONE
    begun = st.session_state[BEGUN] != NONE
    # Where the prompt takes no pictures, this is the one place to drop one.
    with frame.group("Image-to-image", expanded=begun or not generator.takes_vectors):
        own_pictures.show_place(BEGUN, "Drop a photo to change")
        st.session_state["from"] = st.session_state[BEGUN]
        name = st.selectbox(
            "Initial image",
            names,
            key="from",
            format_func=_label,
            on_change=_take_choice,
            help="A picture that you dropped here or on the prompt, or one of the history.",
        )
        if name == NONE:
            st.caption("Text-to-image: generation starts from noise.")
            return
        change = WHOLE
        ways = [WHOLE, *[PART, LARGER] * generator.takes_mask, *[EDGED] * generator.takes_control]
        if len(ways) > 1:
            change = link_values.one_of(st, "Change", ways, default=WHOLE, key="change", wrap=True)
        strength = 1.0  # there is nothing yet at new edges
        if change not in {LARGER, EDGED}:
            strength = st.slider(
                "Strength",
                0.05,
                1.0,
                0.6,
                0.05,
                key="strength",
                bind="query-params",
                help="Denoising strength: how far it is changed. 1 leaves nothing of it.",
            )
        try:
            photo = open_picture(own_pictures.find(str(name)) or b"", str(name))
            if change == EDGED:
                st.session_state[STEERS] = _control(placement.plain(photo), place)
            else:
                st.session_state[CHOSEN] = _source(placement.plain(photo), strength, change, place)
        except ExplorerError as error:
            with place:
                page.show_error(error)


def _take_choice() -> None:
    st.session_state[BEGUN] = st.session_state["from"]


def _source(photo: Image.Image, strength: float, change: str, place: Any) -> Source:
    """The plain photo with what of it may change.

    Raises:
        ExplorerError: the mask, or the size of the new canvas, cannot be used.
    """
    if change == PART:
        return Source(photo, strength, _choose_mask(photo, place))
    if change == LARGER:
        with st.container(horizontal=True, gap="xsmall"):
            left, top, right, bottom = (
                float(
                    st.number_input(
                        f"{edge}, %",
                        0,
                        outpainting.MOST,
                        PERCENT,
                        5,
                        key=f"extend-{edge.lower()}",
                        width=105,
                    )
                )
                for edge in EDGES
            )
        photo, mask = outpainting.extended(photo, (left, top, right, bottom))
        _show_mask(Mask(mask, "Outpainting: the new edges are drawn."), photo, place)
        return Source(photo, strength, mask)
    return Source(photo, strength)


def _control(photo: Image.Image, place: Any) -> Control | None:
    """The plain photo as one whose edges steer; ``None`` where there is no ControlNet here."""
    names = controlnets.FOLDER.names()
    if not names:
        st.info(
            "A ControlNet draws what you ask for along the edges of the picture. Put one that was "
            "trained on edges (Canny) for this model, a safetensors file or a folder of "
            f"diffusers, into `{controlnets.FOLDER.path}`."
        )
        return None
    name = str(st.selectbox("ControlNet", names, key="controlnet", bind="query-params"))
    scale = st.slider(
        "ControlNet strength",
        0.0,
        MAX_SCALE,
        1.0,
        0.05,
        key="control-scale",
        bind="query-params",
        help="How strongly the edges steer; 0 is not at all.",
    )
    blur = st.slider(
        "Blur before edges",
        0.0,
        MOST_BLUR,
        BLUR,
        0.5,
        key="control-blur",
        bind="query-params",
        help="In pixels: more leaves only the main edges.",
    )
    shown = photo.copy()
    shown.thumbnail((SHOWN, SHOWN), reducing_gap=3.0)
    place.image(
        edges(shown, blur),
        caption="The edges that steer, looked for anew at the size that is drawn (Canny).",
        alt="The edges of the picture, white on black",
    )
    return Control(photo, name, scale, blur)


def _label(name: str) -> str:
    """A picture of the history by what it shows."""
    item = history.find(name)
    if item is None:
        return name
    try:
        record = history.record(item)
    except ExplorerError:
        return name
    prompt = "" if record is None else shorten(record.request.prompt, 40)
    return f"{prompt or name}, generated {item.made}"


def _choose_mask(photo: Image.Image, place: Any) -> Image.Image:
    """White where the plain photo may change: drawn with box or lasso, or uploaded.

    Raises:
        ExplorerError: the mask is no picture, or of another form than the photo.
    """
    file = st.file_uploader(
        "Mask, or draw a box or a lasso on the page",
        type=["png", "jpg", "webp"],
        key="mask",
        max_upload_size=demo.megabytes(20),
        help="White is repainted, black stays. Also paint on a transparent ground, a hole in the "
        "picture, or labels of a segmentation: how it was read stands below the picture.",
    )
    invert = st.toggle(
        "Invert mask", key="mask-invert", help="Repaints all but what is marked, in place of it."
    )
    if file is not None:
        mask = masks.read_mask(open_picture(file.getvalue(), file.name))
    else:
        mask = Mask(_draw_mask(photo, place), "What you marked may change.")
        if mask.share == 0:
            place.caption("Draw a box or a lasso on the image: only what is inside is repainted.")
            return mask.image  # the generator says that nothing is marked
    if invert:
        mask = mask.inverted()
    _show_mask(mask, photo, place)
    return mask.image


def _show_mask(mask: Mask, photo: Image.Image, place: Any) -> None:
    """The photo with what may change tinted, and how the mask was read."""
    place.image(
        masks.over_picture(mask.image, photo, SHOWN),
        caption=f"{mask.reading} Tinted: {mask.share:.0%} of the picture.",
        alt="The initial image with the part that may change tinted orange",
    )


def _draw_mask(photo: Image.Image, place: Any) -> Image.Image:
    """What was drawn on the photo, in its own pixels; black where nothing was."""
    shown = photo.copy()
    shown.thumbnail((SHOWN, SHOWN), reducing_gap=3.0)
    state = place.plotly_chart(
        generation_charts.picture_to_select(shown, photo.size),
        key="mask-chart",
        on_select="rerun",
        selection_mode=("box", "lasso"),
        width=shown.width,
        config={"displayModeBar": True, "modeBarButtonsToAdd": ["select2d", "lasso2d"]},
        alt="The initial image, to select a part of with the mouse; a mask does the same",
    )
    selection = state["selection"]
    return masks.drawn_mask(photo.size, _outlines(selection["box"]), _outlines(selection["lasso"]))


def _outlines(drawn: Sequence[Any]) -> list[masks.Outline]:
    return [(one["x"], one["y"]) for one in drawn]


def as_bytes(image: Image.Image) -> bytes:
    """A picture as PNG, for what takes files."""
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
