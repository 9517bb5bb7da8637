"""Images → Which is it?: zero-shot classification of a picture, and of a labelled gallery."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.base.errors import ExplorerError
from core.base.types import FloatArray, TextEncoder
from core.cache import images as images_cache
from core.cache.images import OpenGallery
from core.charts import images as images_charts
from core.images import galleries, thumbnails
from core.images.vectors import EncodedGallery
from core.images.zero_shot import SCALE, LabelScore, score_labels, spoken
from core.spaces.entry import SpaceEntry
from core.ui.choosers import gallery as gallery_chooser, label_column, query_bar
from core.ui.common import frame, keep, page
from core.ui.common.markdown import plain
from core.ui.session import own_pictures

PICTURE = "pic"
LABELS = "cat, dog, bird, fish, car, airplane, flower, fruit, vegetable, face, shoe"
TEMPLATE = "a photo of a {}"


def show(choice: gallery_chooser.Choice, encoded: EncodedGallery) -> None:
    """The whole tool."""
    opened = choice.blended(encoded)
    texts = images_cache.text_encoder(choice.space)
    if texts is None:
        st.info(
            f"{plain(choice.space.space.title)} takes pictures only, so no words can be "
            "compared with them. Choose another embedding model above, or go on with “Few-shot”."
        )
        return
    with frame.settings():
        _suggest_labels(choice, opened)
        labels = st.text_area("Labels, separated by commas", key="labels", height=120)
        template = st.text_input(
            "Prompt template",
            TEMPLATE,
            key="template",
            bind="query-params",
            help="The text that is compared with the picture; {} is where the label goes.",
        )
        scale = st.slider(
            "Logit scale (inverse temperature)",
            1,
            100,
            round(SCALE),
            key="scale",
            bind="query-params",
            help="The probabilities are softmax(scale × similarity): a higher scale looks surer, "
            "without knowing more. Our encoder was trained with about 40, CLIP with 100.",
        )
    name = _ask(choice, opened)
    with frame.result():
        _show_one(name, choice, opened, texts, Asked(labels, template, float(scale)))
        st.subheader("The whole gallery", anchor=False)
        _show_gallery(choice, opened, texts, template)


def _ask(choice: gallery_chooser.Choice, opened: OpenGallery) -> str:
    """What is to be classified: a name in square brackets."""
    bar = query_bar.Bar(
        PICTURE,
        "Picture",
        button="Classify",
        icon=":material/label:",
        first=f"[{opened.names.names[0]}]",
        help="A dropped picture, a picture of the gallery by its id or a saved vector, in square "
        "brackets.",
        examples=[f"[{one}]" for one in opened.names.names[:3]],
    )
    name, _ = query_bar.ask(bar, choice.space)
    return name.strip()


def _suggest_labels(choice: gallery_chooser.Choice, opened: OpenGallery) -> None:
    """Labels that fit the gallery, in place of those suggested for another; typed ones stay."""
    found = []
    if choice.entry.name != galleries.OPENMOJI:
        found = [spoken(one) for one in label_column.common_labels(choice.entry, opened.gallery)]
    fitting = ", ".join(found) if len(found) > 1 else LABELS
    if st.session_state.get("labels") in (None, st.session_state.get("labels-suggested")):
        st.session_state["labels"] = st.session_state["labels-suggested"] = fitting


@dataclass(frozen=True, slots=True)
class Asked:
    """The labels to choose from, as they were typed, and how they are compared."""

    labels: str
    template: str
    scale: float

    def names(self) -> list[str]:
        """The labels one by one."""
        parts = self.labels.replace("\n", ",").split(",")
        return [part.strip() for part in parts if part.strip()]


def _show_one(
    name: str,
    choice: gallery_chooser.Choice,
    opened: OpenGallery,
    texts: TextEncoder,
    asked: Asked,
) -> None:
    try:
        bare = name.removeprefix("[").removesuffix("]")
        vector, small = _picture(bare, opened, choice.space)
        scores = score_labels(vector, asked.names(), asked.template, texts, asked.scale)
    except ExplorerError as error:
        page.show_error(error)
        return
    left, middle, right = st.columns([1, 2, 2])
    if small is not None:
        left.image(small, alt=name, width="stretch")
    middle.plotly_chart(
        images_charts.label_bars(scores[:20]),
        key="label-bars",
        alt=f"Probabilities of the labels for {name}",
    )
    with right:
        _show_scores(scores)


def _picture(name: str, opened: OpenGallery, space: SpaceEntry) -> tuple[FloatArray, bytes | None]:
    data = own_pictures.find(name)
    if data is not None:
        vector = images_cache.picture_vector(space, data)
        return vector, images_cache.small_picture(data)
    row = opened.names.find(name)
    if row is None:
        saved = keep.shelf().of_space(space.space.name, space.space.dim)
        if name in saved:
            return saved[name], None
        raise own_pictures.missing(name, opened.names.names[0])
    return opened.vectors[row], thumbnails.thumbnail(opened.gallery, row)


def _show_scores(scores: list[LabelScore]) -> None:
    st.dataframe(
        {
            "label": [one.label for one in scores],
            "probability": [one.share for one in scores],
            "similarity": [one.similarity for one in scores],
        },
        hide_index=True,
        column_config={
            "probability": st.column_config.ProgressColumn(format="%.2f", min_value=0, max_value=1),
            "similarity": st.column_config.NumberColumn(format="%.3f"),
        },
        alt="Labels with their probabilities and similarities",
    )


def _show_gallery(
    choice: gallery_chooser.Choice, opened: OpenGallery, texts: TextEncoder, template: str
) -> None:
    found = label_column.choose_labels(choice.entry, opened.gallery, frame.settings())
    if found is None:
        return
    column, _ = found
    try:
        result = images_cache.zero_shot(opened, column, template, texts)
    except ExplorerError as error:
        page.show_error(error)
        return
    st.metric("Accuracy", f"{result.accuracy:.3f}", border=True, width=200)
    st.caption(
        f"How often the nearest of the {len(result.per_class)} labels of “{plain(column)}” "
        f"is the right one, over {result.count:,} pictures, by the picture alone. Chance would be "
        f"about {1 / len(result.per_class):.3f}. Pictures that the encoder was trained on count "
        "too: for OpenMoji and the sets in the model card that flatters it."
    )
    label_column.show_shares(result.per_class, file_name="zero-shot.csv")
