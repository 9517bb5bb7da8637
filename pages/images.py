"""Images: search a gallery by words and pictures, zero-shot, by example, a report, own pictures."""

import streamlit as st

from core.base.types import Modality
from core.ui.choosers import gallery as images_open
from core.ui.common import widgets
from core.ui.help import explain
from core.ui.images import (
    encoders as images_encoders,
    few_shot as images_examples,
    index as images_index,
    keypoints as images_key_points,
    own_pictures as images_data,
    report as images_report,
    search as images_search,
    zero_shot as images_zero_shot,
)

TOOLS = {
    "Search": images_search,
    "Which is it?": images_zero_shot,
    "By example": images_examples,
    "Report": images_report,
    "Key points": images_key_points,
    "Index": images_index,
}
OWN, ENCODERS = "Your pictures", "Encoders"  # these work without any vectors

widgets.under_app()
st.title("Images", anchor=False)
st.caption("Search pictures with words, with a picture of yours, and with both at once.")
tool = st.segmented_control(
    "Tool",
    [*TOOLS, OWN, ENCODERS],
    default="Search",
    key="see",
    bind="query-params",
    required=True,
    wrap=True,
)
places = st.columns(3, vertical_alignment="bottom")
if chosen := st.session_state.pop(images_data.CHOSEN, None):
    st.session_state["gallery"] = chosen
gallery = images_open.choose_gallery(places[0])
space = widgets.choose_space(places[1], Modality.IMAGE)
language = images_open.choose_language(gallery, places[2])
if tool == OWN:
    images_data.show()
elif tool == ENCODERS:
    images_encoders.show(gallery)
else:
    encoded = images_open.open_encoded(space, gallery, language)
    if encoded is not None:
        TOOLS[tool].show(images_open.Choice(space, gallery, language), encoded)

explain.show("images", str(tool))
