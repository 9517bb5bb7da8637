"""Images: search a gallery, zero-shot, by example, a report, a review, own pictures."""

import streamlit as st

from core.ui.choosers import gallery as gallery_chooser
from core.ui.common import frame, page
from core.ui.help import explain
from core.ui.images import (
    aspects,
    encoders,
    few_shot,
    identify,
    index,
    keypoints,
    own_pictures,
    report,
    review,
    search,
    zero_shot,
)
from core.ui.session.tool_line import choose_tool

TOOLS = {
    "Search": search,
    "Identify": identify,
    "Subject, style, colour": aspects,
    "Zero-shot classification": zero_shot,
    "Few-shot": few_shot,
    "Evaluation": report,
    "Review": review,
    "Keypoint matching": keypoints,
    "Index": index,
}
BOXES = {  # where a saved vector or a picture is named, which tells the model at first
    "Identify": identify.PICTURE,
    "Subject, style, colour": aspects.PICTURE,
    "Zero-shot classification": zero_shot.PICTURE,
}
OWN, ENCODERS = "Datasets", "Encoders"  # these work without any vectors

page.under_app()
tool = choose_tool([*TOOLS, OWN, ENCODERS], page="images")
if chosen := st.session_state.pop(own_pictures.CHOSEN, None):
    st.session_state["gallery"] = chosen
settings = frame.settings()
gallery = gallery_chooser.choose_gallery(settings)
box = BOXES.get(tool, search.FIND)
asked = str(st.session_state.get(box) or st.query_params.get(box, ""))
space = gallery_chooser.choose_model(settings, asked, own=gallery if tool in TOOLS else None)
language = gallery_chooser.choose_language(gallery, settings)
if tool == OWN:
    with frame.result():
        own_pictures.show()
elif tool == ENCODERS:
    with frame.result():
        encoders.show(gallery)
else:
    space = gallery_chooser.choose_vectors(space, gallery, language, settings)
    encoded = gallery_chooser.open_encoded(space, gallery, language, told=False)
    if encoded is not None:
        TOOLS[tool].show(gallery_chooser.Choice(space, gallery, language), encoded)
        gallery_chooser.tell_opened(space, gallery, language, encoded)

explain.show("images", str(tool))
