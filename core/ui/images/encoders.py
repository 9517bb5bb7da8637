"""Images → Encoders: every space that takes pictures, its state and its speed; adding networks."""

from __future__ import annotations

import time

import streamlit as st

from core.base import demo
from core.base.errors import ExplorerError, InputError
from core.base.types import Modality
from core.cache import images as images_cache
from core.images.galleries import GalleryEntry
from core.spaces import added, registry
from core.spaces.encoders import efficientnet
from core.spaces.encoders.clip import ClipRecipe
from core.spaces.encoders.cnn import SUGGESTED, CnnRecipe
from core.spaces.encoders.efficientnet import NETWORKS
from core.spaces.encoders.transformers_clip import kind_of
from core.spaces.entry import SpaceEntry
from core.spaces.sources.clip import CLIP
from core.spaces.sources.cnn import CNN
from core.spaces.sources.efficientnet import EFFICIENTNET
from core.spaces.sources.transformers_clip import TRANSFORMERS_CLIP
from core.storage import hub
from core.ui.common import access, imports, jobs, page
from core.ui.common.markdown import plain
from core.ui.session import link_values

REQUESTS = "encoder"
TIMED = 64  # pictures that are encoded to tell the speed
WAYS = (
    "A layer of EfficientNet",
    "A layer of a classifier",
    "A CLIP of open_clip",
    "A CLIP or SigLIP of Transformers",
)
FIRST_LAYER = "blocks.3"
MEANS = {"ImageNet's mean and deviation": "imagenet", "from −1 to 1": "half"}


def show(gallery: GalleryEntry) -> None:
    """The whole tool."""
    entries = [e for e in registry.list_spaces() if Modality.IMAGE in e.space.modalities]
    speeds: dict[str, float] = st.session_state.setdefault("encoder-speeds", {})
    st.dataframe(
        {
            "model": [entry.space.name for entry in entries],
            "takes": [" and ".join(_taken(entry)) for entry in entries],
            "dimensions": [entry.space.dim for entry in entries],
            "state": [entry.state for entry in entries],
            "pictures per second": [speeds.get(entry.space.name) for entry in entries],
            "licence": [entry.source.licence for entry in entries],
            "about": [entry.about for entry in entries],
        },
        hide_index=True,
        height="content",
        column_config={
            "dimensions": st.column_config.NumberColumn(width=90, format="%d"),
            "pictures per second": st.column_config.NumberColumn(width=120, format="%.0f"),
            "about": st.column_config.TextColumn(width="large"),
        },
        alt="Embedding models that take pictures, with their states and speeds",
    )
    st.caption(
        "Choose one under “Embedding model” above: the page then offers what it still needs."
    )
    _measure(entries, gallery, speeds)
    if access.is_local():
        _add()
    if not demo.is_on():
        imports.show_added_spaces(entries, REQUESTS)


def _taken(entry: SpaceEntry) -> list[str]:
    kinds = {Modality.TEXT: "texts", Modality.IMAGE: "pictures"}
    return [kinds[found] for found in entry.space.modalities if found in kinds]


def _measure(entries: list[SpaceEntry], gallery: GalleryEntry, speeds: dict[str, float]) -> None:
    if not st.button("Measure speed", icon=":material/timer:"):
        return
    try:
        found = images_cache.gallery(gallery, "en")
        pictures = [found.open(row) for row in range(min(TIMED, len(found)))]
    except ExplorerError as error:
        page.show_error(error)
        return
    for entry in [entry for entry in entries if entry.ready]:
        with page.errors_shown(), st.spinner(f"Timing {plain(entry.space.title)} …"):
            encoder = images_cache.picture_encoder(entry)
            encoder.encode_pictures(pictures[:2])  # loads what has to be loaded
            began = time.perf_counter()
            encoder.encode_pictures(pictures)
            speeds[entry.space.name] = len(pictures) / (time.perf_counter() - began)
    st.rerun()


def _add() -> None:
    st.subheader("Add an encoder", anchor=False)
    way = link_values.one_of(st, "Add", WAYS, default=WAYS[0], key="encoder-way")
    adders = (_add_layer, _add_cnn, _add_clip, _add_transformers_clip)
    adders[WAYS.index(way)]()
    made: str | None = jobs.run(REQUESTS)
    if made is not None:
        jobs.tell(
            REQUESTS, f"**{plain(made)}** is listed: choose it under “Embedding model” above."
        )
        st.rerun()
    jobs.show_told(REQUESTS)


def _add_layer() -> None:
    with st.container(border=True):
        title = st.selectbox("Network", [one.title for one in NETWORKS.values()])
        network = next(one for one in NETWORKS.values() if one.title == title)
        with st.spinner("Reading the network …"):
            shapes = {one.name: str(one) for one in efficientnet.layers(network)}
            names: list[str] = list(shapes)
        layer = st.selectbox(
            "Layer: channels × height × width",
            names,
            index=names.index(FIRST_LAYER),
            format_func=lambda name: shapes[str(name)],
            help="Early layers see colours and textures, late ones things. What a layer gives is "
            "averaged over height and width: a vector has as many numbers as the layer channels.",
        )
        if st.button("Add", icon=":material/add:", key="add-layer"):
            jobs.ask(
                REQUESTS,
                "Adding the layer",
                lambda progress: added.add(EFFICIENTNET.layer(network, str(layer))),
            )


def _add_cnn() -> None:
    with st.form("add-cnn", enter_to_submit=False):
        weights = st.text_input(
            "File with the weights, on this computer", placeholder="~/models/resnet18.safetensors"
        )
        architecture = st.selectbox(
            "Architecture",
            SUGGESTED,
            accept_new_options=True,
            help="Any name that timm knows, such as convnext_tiny.",
        )
        layer = st.text_input(
            "Layer",
            "penultimate",
            help="What is read: the penultimate layer, or the name of a module, such as layer2 or "
            "blocks.3. Its features are averaged over the picture.",
        )
        mean = st.selectbox("Pixels were scaled by", list(MEANS))
        padding = st.selectbox("Padding", ["as timm has it", "same (TensorFlow)"])
        size = st.number_input(
            "Side of the pictures, pixels",
            min_value=0,
            max_value=2048,
            step=1,
            help="0 for the network's own where it takes no other (DINOv2: 518), else 224.",
        )
        if not st.form_submit_button("Add", icon=":material/add:"):
            return
    if not weights.strip():
        page.show_error(InputError("No file was given.", "", "Type its path."))
        return
    same = "same" if str(padding).startswith("same") else ""
    recipe = CnnRecipe(str(architecture), layer.strip(), MEANS[str(mean)], same, int(size))
    with page.errors_shown():
        path = str(access.given_path(weights))
        jobs.ask(
            REQUESTS,
            "Opening the network",
            lambda progress: added.add(CNN.probe(path, recipe, progress)),
        )


def _add_clip() -> None:
    with st.form("add-clip", enter_to_submit=False):
        weights = st.text_input(
            "File with the weights, on this computer",
            placeholder="~/models/open_clip_model.safetensors",
        )
        architecture = st.text_input("Architecture", "ViT-B-32", help="As open_clip names it.")
        quick = st.toggle("Quick GELU", help="For weights that OpenAI trained.")
        if not st.form_submit_button("Add", icon=":material/add:"):
            return
    if not weights.strip():
        page.show_error(InputError("No file was given.", "", "Type its path."))
        return
    recipe = ClipRecipe(architecture.strip(), quick)
    with page.errors_shown():
        path = str(access.given_path(weights))
        jobs.ask(
            REQUESTS,
            "Opening the model",
            lambda progress: added.add(CLIP.probe(path, recipe, progress)),
        )


def _add_transformers_clip() -> None:
    cached = hub.list_cached()
    with st.form("add-transformers-clip"):
        given = st.selectbox(
            "Folder on this computer, or a model in the Hugging Face cache",
            [name for name, folder in cached.items() if kind_of(folder)],
            index=None,
            accept_new_options=True,
            placeholder="~/models/clip-vit-base-patch32",
            help="As save_pretrained writes model and processor. What lies in the cache is listed.",
        )
        if not st.form_submit_button("Add", icon=":material/add:"):
            return
    if not given or not given.strip():
        page.show_error(InputError("No folder was given.", "", "Type its path."))
        return
    with page.errors_shown():
        name = given if given in cached else ""
        access.require()
        folder = cached[given] if name else access.given_path(given)
        jobs.ask(
            REQUESTS,
            "Opening the model",
            lambda progress: added.add(
                TRANSFORMERS_CLIP.probe(folder, progress, name.rpartition("/")[2])
            ),
        )
