"""Generate: a picture to begin from, how far it is changed, and where."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError, shorten
from core.charts import generation as generation_charts
from core.generation import history
from core.generation.request import Generator, Source
from core.readers.pictures import open_picture, to_square
from core.ui.common import frame, page
from core.ui.session import own_pictures

if TYPE_CHECKING:
    from PIL import Image

NONE, CHOSEN = "None", "generate-source"
SHOWN = 256  # side of the picture a mask is drawn on


def forget() -> None:
    """Nothing is chosen until ``choose`` is called in this run."""
    st.session_state[CHOSEN] = None


def chosen() -> Source | None:
    """What was chosen in this run of the page."""
    found: Source | None = st.session_state.get(CHOSEN)
    return found


def choose(generator: Generator, place: Any) -> None:
    """Asks in the settings what to begin from, and notes it for ``chosen``.

    A mask is drawn in ``place``, where there is room for the picture.
    """
    if not generator.takes_picture:
        return
    names = [NONE, *own_pictures.dropped(), *(item.id for item in history.list_items()[:12])]
    begun = st.session_state.get("from", NONE) != NONE
    with frame.group("Image-to-image", expanded=begun):
        if st.session_state.get("from") not in names:
            st.session_state["from"] = NONE
        name = st.selectbox(
            "Initial image",
            names,
            key="from",
            format_func=_label,
            help="A picture that you drop on the prompt, or one of the history.",
        )
        if name == NONE:
            st.caption(
                "Text-to-image: generation starts from noise. To change a picture of yours, drop "
                "it on the prompt or on the page Images, and choose it here."
            )
            return
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
            picture = open_picture(own_pictures.find(str(name)) or b"", str(name))
            mask = _choose_mask(picture, place) if generator.takes_mask else None
            st.session_state[CHOSEN] = Source(picture, strength, mask)
        except ExplorerError as error:
            page.show_error(error)


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


def _choose_mask(picture: Image.Image, place: Any) -> Image.Image | None:
    """White where the picture may change: drawn with box or lasso, or uploaded."""
    from PIL import Image

    if not st.toggle("Inpainting", key="masked"):
        return None
    square = to_square(picture, SHOWN)
    file = st.file_uploader(
        "Mask (white is repainted), or draw one on the page",
        type=["png", "jpg", "webp"],
        key="mask",
        max_upload_size=20,
    )
    if file is not None:
        return open_picture(file.getvalue(), file.name).convert("L")
    state = place.plotly_chart(
        generation_charts.picture_to_select(square),
        key="mask-chart",
        on_select="rerun",
        selection_mode=("box", "lasso"),
        width=SHOWN + 60,
        config={"displayModeBar": True, "modeBarButtonsToAdd": ["select2d", "lasso2d"]},
        alt="The initial image, to select a part of with the mouse; a mask does the same",
    )
    points = np.array([[p["x"], p["y"]] for p in state["selection"]["points"]])
    if not len(points):
        place.caption("Draw a box or a lasso on the image: only what is inside is repainted.")
        return None
    return Image.fromarray(generation_charts.mask_of(points, SHOWN), "L")


def as_bytes(image: Image.Image) -> bytes:
    """A picture as PNG, for what takes files."""
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
