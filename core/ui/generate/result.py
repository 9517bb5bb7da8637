"""Generate: what came out. The pictures, their steps, their neighbours, what to do with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.base.errors import ExplorerError, StorageError, shorten
from core.base.types import FloatArray
from core.cache import images as images_cache, spaces as spaces_cache
from core.cache.images import OpenGallery
from core.generation import generators, history, png_metadata
from core.generation.history import Item
from core.generation.request import Generated, Step, tell_steps
from core.generation.runs import Drawing
from core.generation.small.models import OWN
from core.images import galleries as gallery_list, vectors as gallery_vectors
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.ui.choosers import gallery as gallery_chooser
from core.ui.choosers.picture_grid import show_grid
from core.ui.common import keep
from core.ui.common.markdown import plain
from core.ui.generate import grid, prompt as prompt_panel, run
from core.ui.generate.init_image import as_bytes
from core.ui.session import link_values, page_state

if TYPE_CHECKING:
    from PIL import Image

NEIGHBORS = 12
_CHOSEN = "shown-image"


def show(drawing: Drawing, prompt: str) -> None:
    """A picture of a drawing at length, and all of them small; ``prompt`` is what is asked now."""
    numbers = [str(at) for at in range(1, len(drawing.done) + 1)]
    at = 0
    with st.container(key="generated"):
        left, right = st.columns(2)
    with right:
        if len(numbers) > 1:
            page_state.begin_anew(_CHOSEN, f"{id(drawing)}", numbers[0])
            chosen = link_values.one_of(st, "Image", numbers, default=numbers[0], key=_CHOSEN)
            at = numbers.index(str(chosen))
        made, item = drawing.done[at]
        _tell(made, item, prompt)
        if drawing.alike:
            st.caption(
                "These pictures are almost the same: the generator has learnt few drawings for "
                "this prompt, so the seed hardly matters."
            )
    with left, st.container(key="drawn"):
        st.image(made.image, width=run.WIDTH, alt=f"Generated: {made.request.prompt}")
        run.show_strip(drawing, "drawn")
        _show_steps(drawing.past[at])
    with right:
        show_neighbors(made.image, made.request.vector, made.request.prompt)


def _tell(made: Generated, item: Item, prompt: str) -> None:
    request = made.request
    if request.prompt != prompt:
        st.badge("Of an earlier prompt", icon=":material/history:", color="orange")
    told = shorten(request.prompt, 80)
    st.markdown(f"**{plain(told)}**" if told else "*without words*")
    st.caption(
        f"Seed {request.seed} · {steps_told(made)} · guidance {request.guidance:g} · "
        f"{made.seconds:.1f} s"
    )
    for note in made.notes:
        st.caption(plain(note))
    try:
        data = history.read(item)
    except StorageError:  # deleted meanwhile, or it could not be kept
        data = png_metadata.to_png(made)
    actions(item, data, request.prompt)


def steps_told(made: Generated) -> str:
    """How many steps were done, for people."""
    source = made.request.source
    strength = 0.0 if source is None else source.strength
    return tell_steps(made.request.steps, made.steps, strength, stopped=made.stopped)


def actions(item: Item, data: bytes, prompt: str) -> None:
    """Download, keep, again, and where else the picture can go."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.download_button(
            "PNG",
            data,
            file_name=f"{item.id}.png",
            mime="image/png",
            on_click="ignore",
            key=f"png-{item.id}",
            type="tertiary",
            icon=":material/download:",
        )
        st.button(
            "Save",
            key=f"keep-{item.id}",
            type="tertiary",
            icon=":material/bookmark_add:",
            on_click=_keep,
            args=(data, prompt),
        )
        st.button(
            "New seed",
            key=f"new-{item.id}",
            type="tertiary",
            icon=":material/casino:",
            on_click=_again,
            args=(item,),
        )
        st.button(
            "Variations",
            key=f"vary-{item.id}",
            type="tertiary",
            icon=":material/grid_view:",
            help="Takes this picture's vector as the prompt of a grid of seeds, by our generator.",
            on_click=_vary,
            args=(item,),
        )
        for label, page, box in (("To Images", "images", "find"), ("To Map", "map", "drop")):
            parameters = {box: f"[{item.id}]"} | ({"of": "Pictures"} if box == "drop" else {})
            st.page_link(f"pages/{page}.py", label=label, query_params=parameters)


def _keep(data: bytes, prompt: str) -> None:
    entry = registry.find_space(DEFAULT_SPACE)
    vector = images_cache.picture_vector(entry, data)
    keep.keep(DEFAULT_SPACE, vector, f"picture of {shorten(prompt, 40)}", lambda: data)


def _again(item: Item) -> None:
    try:
        record = history.record(item)
    except ExplorerError as error:
        st.toast(plain(str(error)))
        return
    if record is not None:
        prompt_panel.restore(record.request)
        st.session_state["draw-now"] = "new seed"


def _vary(item: Item) -> None:
    page_state.write(prompt_panel.PROMPT, f"[{item.id}]")
    st.session_state.update(tool="Grid", vary=grid.SEEDS)
    if st.session_state.get("generator", generators.DEFAULT) not in OWN:
        own = generators.defaults(generators.DEFAULT)
        st.session_state.update(generator=generators.DEFAULT, **own)


def _show_steps(steps: Sequence[Step]) -> None:
    """A picture out of the noise, a step at a time."""
    if len(steps) < 2:
        return
    with st.expander("Step by step"):
        at = st.slider("Step", 1, len(steps), len(steps), key=f"step-of-{id(steps)}")
        st.image(
            steps[at - 1].preview(),
            width=256,
            caption=f"Predicted x0 at step {at} of {steps[at - 1].total}",
            alt=f"Predicted x0 at step {at}",
        )


def show_neighbors(image: Image.Image, asked: FloatArray | None, prompt: str) -> None:
    """The gallery's nearest to a picture, and how near it is to ``asked`` ``(dim,)``."""
    entry = registry.find_space(DEFAULT_SPACE)
    vector = images_cache.picture_vector(entry, as_bytes(image))
    st.markdown("**Nearest neighbours among the emoji**")
    if asked is None:
        asked = spaces_cache.text_encoder(entry).encode_query(prompt).vectors[0]
    st.metric(
        "Image–prompt similarity",
        f"{float(vector @ asked):.3f}",
        help="Cosine of the picture's vector, by our picture encoder, and the prompt's. Real "
        "emoji and their captions are at about 0.6 to 0.9; other words lie lower.",
    )
    opened = _emoji()
    if opened is None:
        return
    hits = gallery_vectors.rank_pictures(opened.vectors, opened.gallery.ids, vector, NEIGHBORS)
    show_grid(opened.gallery, [hit.row for hit in hits], [hit.score for hit in hits], key="near")


def _emoji() -> OpenGallery | None:
    space = registry.find_space(DEFAULT_SPACE)
    galleries = {entry.name: entry for entry in gallery_list.list_galleries()}
    gallery = galleries[gallery_list.OPENMOJI]
    encoded = gallery_chooser.open_encoded(space, gallery, "en", told=False)
    if encoded is None:
        return None
    choice = gallery_chooser.Choice(space, gallery, "en")
    return choice.blended(encoded, gallery_vectors.DEFAULT_BLEND)
