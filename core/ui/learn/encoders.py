"""Lesson 6, Two encoders, one space: tokens and pixels, similarities, temperature, zero-shot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import streamlit as st

from core.base.errors import InputError
from core.base.types import FloatArray, Modality, TextEncoder
from core.base.vectors import similarity
from core.cache import images as images_cache, spaces as spaces_cache
from core.charts import images as image_charts, lessons as charts
from core.images.zero_shot import LabelScore, score_labels
from core.lessons.network import sheet
from core.lessons.predictions import Choice, Number
from core.lessons.towers import clip_shapes, matched, softmax
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.encoders.minilm import MiniLMEncoder, TextStages
from core.spaces.encoders.minilm_pictures import PictureEncoder
from core.spaces.entry import SpaceEntry
from core.ui.common import frame, spaces
from core.ui.common.markdown import plain
from core.ui.help.parts import arxiv
from core.ui.learn import boxes, pictures
from core.ui.learn.boxes import Symbol, number
from core.ui.learn.lesson import Lesson, Reveal, Step, ToolLink
from core.ui.learn.pictures import Picture

TEXT, SHORT, SEVERAL, CAPTIONS, LABELS, PROMPT = (  # boxes
    *("lesson-text", "lesson-text-2", "lesson-pictures", "captions", "lesson-labels"),
    "lesson-prompt",
)
FIRST_TEXTS = "A photo of an unbelievably red fox", "snow"
FIRST_PICTURES = "[1F98A], [1F34E], [1F697], [1F3B8]"
FIRST_CAPTIONS = "a fox\na red apple\na car\na guitar"
FIRST_LABELS = "fox, dog, cat, pumpkin, traffic light"
FIRST_PROMPT = "a photo of a {}"
COUNT = 4  # pictures and captions
SCALES = (1, 5, 10, 20, 50, 100)
USUAL = 20


def text_tower() -> MiniLMEncoder:
    """The text encoder that comes along."""
    return cast(MiniLMEncoder, spaces_cache.text_encoder(registry.find_space(DEFAULT_SPACE)))


def picture_tower() -> PictureEncoder:
    """The picture encoder that comes along."""
    entry = registry.find_space(DEFAULT_SPACE)
    return cast(PictureEncoder, images_cache.picture_encoder(entry))


@dataclass(frozen=True, slots=True)
class Pair:
    """Pictures and captions, in the model that is chosen; ``scale`` where one is asked for."""

    entry: SpaceEntry
    pictures: tuple[Picture, ...]
    captions: tuple[str, ...]
    scale: int = USUAL

    def similarity(self) -> FloatArray:
        """Cosines ``(pictures, captions)``."""
        encoder = images_cache.picture_encoder(self.entry)
        seen = encoder.encode_pictures(picture.open() for picture in self.pictures)
        return similarity(seen, _texts(self.entry).encode_texts(self.captions).vectors)


@dataclass(frozen=True, slots=True)
class Prompted:
    """A picture, labels, and the prompt that they are put into."""

    entry: SpaceEntry
    picture: Picture
    labels: tuple[str, ...]
    prompt: str

    def scores(self, prompt: str) -> list[LabelScore]:
        """The labels by a prompt, likeliest first."""
        vector = images_cache.picture_encoder(self.entry).encode_pictures([self.picture.open()])
        return score_labels(vector[0], self.labels, prompt, _texts(self.entry), USUAL)


def _texts(entry: SpaceEntry) -> TextEncoder:
    found = images_cache.text_encoder(entry)
    if found is None:
        raise InputError(
            f"{entry.space.title} takes pictures alone.",
            "This step needs a model with two encoders, one of texts and one of pictures.",
            "Choose another embedding model in the sidebar, such as minilm.",
        )
    return found


def _two_texts() -> tuple[str, ...] | None:
    found = (
        boxes.text("A text", FIRST_TEXTS[0], key=TEXT, max_chars=2_000),
        boxes.text("A second, shorter one", FIRST_TEXTS[1], key=SHORT, max_chars=2_000),
    )
    return found


def _model() -> SpaceEntry | None:
    chosen = spaces.choose_space(frame.settings(), Modality.IMAGE, default=DEFAULT_SPACE)
    return spaces.require_ready(chosen)


def _pair(*, scaled: bool = False) -> Pair | None:
    entry = _model()
    chosen = pictures.ask_several(
        f"{COUNT} pictures: emoji or ones you dropped", FIRST_PICTURES, COUNT, key=SEVERAL
    )
    typed = boxes.text(
        f"{COUNT} captions, a line each", FIRST_CAPTIONS, key=CAPTIONS, area=True, max_chars=800
    )
    captions = tuple(line.strip() for line in typed.splitlines() if line.strip())
    if len(captions) != COUNT:
        st.info(f"Type {COUNT} captions, a line each; there are {len(captions)}.")
        return None
    scale = USUAL
    if scaled:
        label = "Logit scale (one over the temperature)"
        scale = int(boxes.pick(label, SCALES, USUAL, key="learn-scale"))
    return None if entry is None or chosen is None else Pair(entry, chosen, captions, scale)


def _prompted() -> Prompted | None:
    entry = _model()
    picture = pictures.ask()
    labels = boxes.names(boxes.text("Labels", FIRST_LABELS, key=LABELS, max_chars=400), 20)
    prompt = boxes.text("Prompt, with {} for the label", FIRST_PROMPT, key=PROMPT, max_chars=200)
    if len(labels) < 2:
        st.info("Type at least two labels, separated by commas.")
        return None
    if prompt.count("{}") != 1:
        st.info("The prompt holds {} once, where the label goes.")
        return None
    if entry is None or picture is None:
        return None
    return Prompted(entry, picture, labels, prompt)


def show_shapes(shapes: dict[str, tuple[int, ...]], alt: str) -> None:
    """Stages and their shapes as a table."""
    columns: dict[str, list[Any]] = {
        "stage": list(shapes),
        "shape": [boxes.shape(shape) for shape in shapes.values()],
    }
    st.dataframe(columns, hide_index=True, height="content", alt=alt)


def show_tokens(found: TextStages, row: int) -> None:
    """A text's tokens with their ids and mask."""
    columns: dict[str, list[Any]] = {
        "token": found.tokens[row],
        "input_ids": found.ids[row].tolist(),
        "attention_mask": found.mask[row].tolist(),
    }
    st.dataframe(columns, hide_index=True, alt="Tokens with their ids and mask")


def _show_clip(kind: str) -> None:
    ready = [
        one.space.name for one in registry.list_spaces() if one.ready and "clip" in one.source.name
    ]
    here = (
        f"Installed here: {', '.join(ready)}."
        if ready
        else "No CLIP is installed here, so this is what its description says, not a run."
    )
    with st.expander("What would be different in CLIP (ViT-B/32)"):
        st.caption(
            f"{here} Its weights are learned from 400 million pictures with their captions "
            "(Radford et al. 2021)."
        )
        shapes = clip_shapes()
        show_shapes(shapes.picture if kind == "picture" else shapes.text, f"CLIP's {kind} tower")


def _predict_tokens(given: tuple[str, ...]) -> Number:
    words = len(given[0].split())
    return Number(
        f"The first text has {words} words between spaces. Into how many tokens is it cut, with "
        "the two that mark its ends?",
        2,
        256,
        1,
        0,
    )


def _reveal_tokens(given: tuple[str, ...]) -> Reveal:
    found = text_tower().stages(given)
    count = int(found.mask[0].sum())
    filled = int((found.mask == 0).sum())
    parts = sum(token.startswith("##") for token in found.tokens[0])

    def show() -> None:
        left, right = st.columns(2)
        with left:
            show_tokens(found, 0)
        with right:
            show_tokens(found, 1)
        st.caption(
            f"Both texts go through as one **batch**, so the shorter is filled up with {filled} "
            "[PAD]. Where the mask is 0, the network looks away."
        )
        texts, length, dim = found.shapes["layer 6"]
        st.markdown(
            f"Each id is looked up in a table of vectors (*embeddings*): {texts} texts of {length} "
            f"tokens of {dim} numbers. Six layers follow; in each, every token takes in some of "
            "the others, the more the better they fit (*attention*). So *bank* ends elsewhere "
            "beside *river* than beside *money*."
        )
        shapes = {"input_ids": found.ids.shape, "attention_mask": found.mask.shape, **found.shapes}
        show_shapes(shapes, "Shapes of the text tower")
        boxes.equation(
            r"\mathbf{t} = \frac{\sum_i m_i\, \mathbf{h}_i}{\sum_i m_i}",
            [
                Symbol("m_i", f"{count} ones", "the attention mask of the first text"),
                Symbol(
                    r"\mathbf{h}_i",
                    boxes.shape(found.shapes["layer 6"][2:]),
                    "a token's state after the last layer",
                ),
                Symbol(
                    r"\mathbf{t}",
                    boxes.vector(found.vectors[0], 4),
                    "their mean, taken to length 1: the text's vector",
                ),
            ],
        )
        _show_clip("text")

    pieces = f"; {parts} begin with ##, they go on with a word" if parts else ""
    return Reveal(
        float(count),
        f"{count} tokens, [CLS] and [SEP] among them{pieces}. The tokenizer knows "
        f"{found.pieces:,} pieces. Frequent words are one piece, rare ones several, so that hardly "
        "a word is unknown. Each piece has a number, its id, and the network sees nothing but "
        "these.",
        show,
    )


def _predict_tower(given: Picture) -> Choice:
    del given
    dim = registry.find_space(DEFAULT_SPACE).space.dim
    return Choice(
        f"The text tower ends in vectors of {dim} numbers. What shape must leave the picture "
        "tower, for one picture?",
        (f"(1, {dim})", f"(1, 3, {dim})", "(1, 1280)", f"({dim}, {dim})"),
    )


def _reveal_tower(given: Picture) -> Reveal:
    tower = picture_tower()
    picture = given.open()
    pixels, stages = tower.pixels(picture), tower.stages(picture)
    last = stages["unit length"]

    def show() -> None:
        st.image(sheet(pixels, range(3)), alt="pixel_values: red, green and blue")
        st.caption(
            f"pixel_values {boxes.shape((1, *pixels.shape))}, from "
            f"{number(float(pixels.min()), 1)} to {number(float(pixels.max()), 1)}."
        )
        shapes = {name: (1, *made.shape) for name, made in stages.items()}
        show_shapes({"pixel_values": (1, *pixels.shape), **shapes}, "Shapes of the picture tower")
        _show_clip("picture")

    return Reveal(
        boxes.shape((1, *last.shape)),
        f"Both towers must end in {len(last)} numbers: only then is there a dot product between a "
        "picture and a text. This tower was trained so that a picture's vector lies near that of "
        "its caption; the text tower was there before and stayed as it was. CLIP trains both.",
        show,
    )


def _predict_matrix(given: Pair) -> Number:
    del given
    return Number(
        f"For how many of the {COUNT} pictures is its own caption, in the same place of the list, "
        "the nearest?",
        0,
        COUNT,
        0,
        0,
    )


def _reveal_matrix(given: Pair) -> Reveal:
    scores = given.similarity()
    count = matched(scores)
    names = [picture.name for picture in given.pictures]
    own = float(scores.diagonal().mean())
    others = float((scores.sum() - scores.diagonal().sum()) / (COUNT * (COUNT - 1)))

    matrix = boxes.shape((COUNT, given.entry.space.dim))

    def show() -> None:
        st.plotly_chart(
            charts.matrix(names, given.captions, scores),
            key="learn-matrix",
            alt="Cosines of four pictures and four captions",
        )
        boxes.equation(
            r"s_{ij} = \cos(\mathbf{v}_i, \mathbf{t}_j)",
            [
                Symbol(r"\mathbf{v}_i", matrix, "the pictures"),
                Symbol(r"\mathbf{t}_j", matrix, "the captions"),
                Symbol("s_{ii}", number(own), "mean over the diagonal: a picture and its caption"),
                Symbol(r"s_{ij},\ i \neq j", number(others), "mean of all others"),
            ],
        )

    wrong = [
        f"{plain(names[at])} is nearest to “{plain(given.captions[int(row.argmax())])}”"
        for at, row in enumerate(scores)
        if int(row.argmax()) != at
    ]
    told = f" {'; '.join(wrong)}." if wrong else ""
    return Reveal(
        float(count),
        f"On the diagonal the mean is {number(own)}, beside it {number(others)}.{told} Training by "
        "contrast, which the next lesson shows, does just this with large batches: it pulls the "
        "diagonal up and pushes the rest down.",
        show,
    )


def _predict_temperature(given: Pair) -> Number:
    return Number(
        f"How probable is “{given.captions[0]}” for the first picture, with a logit scale of "
        f"{given.scale} (a temperature of {1 / given.scale:g})?",
        0,
        100,
        10,
        0,
        "%",
    )


def _reveal_temperature(given: Pair) -> Reveal:
    scores = given.similarity()[0]
    shares = {scale: softmax(scores, scale) for scale in sorted({*SCALES})}
    chosen = shares[given.scale]

    def show() -> None:
        st.plotly_chart(
            charts.bars(
                given.captions,
                {
                    "cosine": scores.tolist(),
                    f"probability, scale {given.scale}": chosen.tolist(),
                },
                y="cosine, probability",
            ),
            key="learn-softmax",
            alt="Cosines and probabilities of the captions",
        )
        columns: dict[str, list[Any]] = {"logit scale": list(shares)}
        columns |= {
            caption: [f"{share[at]:.1%}" for share in shares.values()]
            for at, caption in enumerate(given.captions)
        }
        st.dataframe(columns, hide_index=True, alt="Probabilities by logit scale")
        boxes.equation(
            r"p_j = \frac{e^{\,s_j / \tau}}{\sum_{l} e^{\,s_l / \tau}}",
            [
                Symbol("s_1", number(float(scores[0])), "cosine with the first caption"),
                Symbol(r"1/\tau", str(given.scale), "the logit scale; τ is the temperature"),
                Symbol("p_1", number(float(chosen[0])), "its probability"),
            ],
        )

    low, high = shares[SCALES[0]], shares[SCALES[-1]]
    return Reveal(
        100 * float(chosen[0]),
        f"The cosines go from {number(float(scores.min()))} to {number(float(scores.max()))}. With "
        f"scale {SCALES[0]} the softmax gives {low[0]:.0%}, with {SCALES[-1]} {high[0]:.0%}, by "
        "the same cosines and in the same order. A probability says how the captions compare with "
        "each other at this scale; it is no certainty.",
        show,
    )


UP, DOWN, LEVEL = "It rises", "It falls", "It changes by less than one percentage point"


def _predict_prompt(given: Prompted) -> Choice:
    return Choice(
        f"Each label is put into the prompt “{given.prompt}”. What happens to the probability of "
        f"“{given.labels[0]}” compared with the bare label?",
        (UP, DOWN, LEVEL),
    )


def _reveal_prompt(given: Prompted) -> Reveal:
    bare, within = given.scores("{}"), given.scores(given.prompt)
    before, after = ({one.label: one.share for one in found} for found in (bare, within))
    label = given.labels[0]
    change = after[label] - before[label]

    def show() -> None:
        st.plotly_chart(
            image_charts.label_bars(within), key="learn-labels", alt="Labels by the prompt"
        )
        columns: dict[str, list[Any]] = {
            "label": list(after),
            "bare label": [f"{before[one]:.1%}" for one in after],
            f"“{given.prompt}”": [f"{share:.1%}" for share in after.values()],
        }
        st.dataframe(columns, hide_index=True, alt="Probabilities with the prompt and without")

    first = f"{plain(bare[0].label)} by the bare labels, {plain(within[0].label)} by the prompt"
    return Reveal(
        LEVEL if abs(change) < 0.01 else UP if change > 0 else DOWN,
        f"From {before[label]:.1%} to {after[label]:.1%}, by a softmax over the labels with a "
        f"logit scale of {USUAL}. The likeliest is {first}. This is **zero-shot classification**: "
        "no picture of any label was needed, only its words. A prompt helps where it makes the "
        "text like the captions that the picture tower was trained on, and the best one differs "
        "from model to model.",
        show,
    )


def _tools() -> Sequence[ToolLink]:
    picture = pictures.asked()
    captions = str(boxes.kept(CAPTIONS, FIRST_CAPTIONS)).splitlines()
    prompt = str(boxes.kept(PROMPT, FIRST_PROMPT))
    return (
        ToolLink(
            "images",
            "Your picture, labels and prompt in zero-shot classification",
            {"see": "Zero-shot classification", "template": prompt, "pic": picture}
            | {"labels": str(boxes.kept(LABELS, FIRST_LABELS)), "space": boxes.model_name()},
        ),
        ToolLink("images", f"Search pictures for “{captions[0]}”", {"find": captions[0]}),
        ToolLink(
            "learn",
            "Look inside your text",
            {"tool": "Look inside", "look": str(boxes.kept(TEXT, FIRST_TEXTS[0]))},
        ),
        ToolLink("images", "Models with two encoders", {"see": "Encoders"}),
    )


LESSON = Lesson(
    "encoders",
    (
        Step(
            "A text becomes tokens",
            "Words and pictures can share one space if each has a network of its own that ends in "
            "it: an **encoder**, or tower. First the **text tower**: it begins with cutting the "
            "text into **tokens**, words or pieces of words.",
            _two_texts,
            _predict_tokens,
            _reveal_tokens,
        ),
        Step(
            "A picture becomes pixels",
            "The **picture tower** takes `pixel_values`: the picture scaled to a square, its "
            "colours to numbers between −1 and 1. Then stage after stage, as in the last lesson. "
            "Shapes are written as arrays have them: (pictures, channels, height, width).",
            pictures.ask,
            _predict_tower,
            _reveal_tower,
        ),
        Step(
            "The similarity matrix",
            "Four pictures, four captions, sixteen cosines. Give them in the same order, then the "
            "diagonal holds what belongs together.",
            _pair,
            _predict_matrix,
            _reveal_matrix,
        ),
        Step(
            "Temperature",
            "To choose among captions, cosines are made into probabilities that sum to 1: each is "
            "divided by one number, the **temperature**, and e is raised to it; then all are "
            "divided by their sum. That is the **softmax**. The temperature says how decided it "
            "is.",
            partial(_pair, scaled=True),
            _predict_temperature,
            _reveal_temperature,
        ),
        Step(
            "Zero-shot, and the prompt",
            "A label is only a word. Put into a sentence, a **prompt**, it becomes a caption.",
            _prompted,
            _predict_prompt,
            _reveal_prompt,
        ),
    ),
    _tools,
    (
        ("Radford et al. 2021, CLIP", arxiv("2103.00020")),
        (
            "Frome et al. 2013, DeViSE",
            "https://papers.nips.cc/paper/2013/hash/7cce53cf90577442771720a370c3c723-Abstract.html",
        ),
        ("Reimers & Gurevych 2019, Sentence-BERT", arxiv("1908.10084")),
        ("Wang et al. 2020, MiniLM", arxiv("2002.10957")),
        ("Dosovitskiy et al. 2020, An image is worth 16x16 words", arxiv("2010.11929")),
        ("Jia et al. 2021, ALIGN", arxiv("2102.05918")),
    ),
)
