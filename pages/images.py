"""Images: search a gallery by words and pictures, zero-shot, by example, a report, own pictures."""

import streamlit as st

from core import widgets
from core.panels import (
    images_data,
    images_encoders,
    images_examples,
    images_index,
    images_key_points,
    images_open,
    images_report,
    images_search,
    images_zero_shot,
)
from core.types import Modality

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

with st.expander("How this works, and when it misleads"):
    st.markdown(
        "A **picture encoder** gives every picture a vector in the space of MiniLM, where words "
        "and sentences have theirs; near vectors mean like things, whether words or pictures. So "
        "one search takes words, pictures, and sums of both.\n\n"
        "- Ours is small and was trained by this project on emoji, clothes and photos of some 110 "
        "kinds of things. It is **no CLIP**: of what it has not seen, it guesses by colour and "
        "outline. Its model card has figures.\n"
        "- Captions count half in a search where there are any, and can hide that a picture was "
        "not understood: move “Captions count” to 0 to see what the pictures alone say.\n"
        "- *not*, counting and places (*left of*) are hardly in these vectors.\n"
        "- OpenMoji was trained on, so finding it says little; photos of yours say more.\n"
        "- “More” and “Less” move the question (Rocchio 1971): + 0.75 × the mean of the one, "
        "− 0.15 × the mean of the other.\n\n"
        "Read more: Radford et al. 2021, *Learning transferable visual models from natural "
        "language supervision* (CLIP); Snell et al. 2017, *Prototypical networks for few-shot "
        "learning*; Manning et al. 2008, *Introduction to information retrieval*, chapter 9."
    )
