"""Images → Which is it?: zero-shot classification of a picture, and of a labelled gallery."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.base.errors import ExplorerError
from core.base.types import TextEncoder
from core.cache import image_classes as classes_cache, images as images_cache
from core.cache.images import OpenGallery
from core.charts import images as images_charts
from core.images import galleries
from core.images.vectors import EncodedGallery
from core.images.zero_shot import SCALE, LabelScore, score_labels, spoken
from core.ui.choosers import gallery as gallery_chooser, label_column
from core.ui.common import frame, page
from core.ui.common.markdown import plain
from core.ui.images import asked_picture
from core.ui.session import link_values

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
        labels = st.text_area(
            "Labels, separated by commas", key="labels", bind="query-params", height=120
        )
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
    name = asked_picture.ask(PICTURE, "Classify", ":material/label:", opened, choice.space)
    with frame.result():
        _show_one(name, choice, opened, texts, Asked(labels, template, float(scale)))
        st.subheader("The whole gallery", anchor=False)
        _show_gallery(choice, opened, texts, template)


def _suggest_labels(choice: gallery_chooser.Choice, opened: OpenGallery) -> None:
    """Labels that fit the gallery, in place of those suggested for another; typed ones stay."""
    found = []
    if choice.entry.name != galleries.OPENMOJI:
        found = [spoken(one) for one in label_column.common_labels(choice.entry, opened.gallery)]
    fitting = ", ".join(found) if len(found) > 1 else LABELS
    if link_values.asked_by_link("labels"):
        st.session_state["labels-suggested"] = fitting
    elif st.session_state.get("labels") in (None, st.session_state.get("labels-suggested")):
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
        picture = asked_picture.find(name, opened, choice.space)
        scores = score_labels(picture.vector, asked.names(), asked.template, texts, asked.scale)
    except ExplorerError as error:
        page.show_error(error)
        return
    left, middle, right = st.columns([1, 2, 2])
    if picture.small is not None:
        left.image(picture.small, alt=name, width="stretch")
    middle.plotly_chart(
        images_charts.label_bars(scores[:20]),
        key="label-bars",
        alt=f"Probabilities of the labels for {name}",
    )
    with right:
        _show_scores(scores)


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
        result = classes_cache.zero_shot(opened, column, template, texts)
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
