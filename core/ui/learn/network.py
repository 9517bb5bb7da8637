"""Lesson 5, Pictures through a network: from pixels, stage by stage, to a vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from core.cache import lessons as lessons_cache
from core.charts import lessons as charts
from core.images import thumbnails
from core.lessons.network import STAGES, Stage, sheet
from core.lessons.predictions import Choice, Number
from core.lessons.vectors import nearest_rows
from core.spaces.encoders.efficientnet import LITE0, layers
from core.ui.help.parts import arxiv, doi
from core.ui.learn import boxes, pictures
from core.ui.learn.boxes import Symbol, number
from core.ui.learn.lesson import Lesson, Reveal, Step, ToolLink
from core.ui.learn.pictures import Picture

CHANNELS = 6  # drawn of each stage
CORNER = 4  # pixels a side that are written out
NEIGHBORS = 5
LAYERS = ("bn1", "blocks.2", "blocks.4", "global_pool")  # whose neighbours are compared
TITLES = {
    "bn1": "stem",
    "bn2": "head",
    "global_pool": "vector",
    **{f"blocks.{at}": f"stage {at + 1}" for at in range(7)},
}
EARLY, LATE = "The stem, the first layer", "The vector, the last layer"


def _shape(shape: Sequence[int]) -> str:
    return " × ".join(f"{side:,}" for side in shape)


@dataclass(frozen=True, slots=True)
class Shapes:
    """Shapes of the stages as the network is built, without running it."""

    shapes: dict[str, tuple[int, ...]]

    @classmethod
    def known(cls) -> Shapes:
        """Of EfficientNet-lite0."""
        found = {one.name: one.shape for one in layers(LITE0)}
        whole = {name: found[name] for name in STAGES if name in found}
        return cls({**whole, "global_pool": (whole["bn2"][0],)})


def _ask() -> Picture | None:
    lessons_cache.warm_network()  # while the learner predicts
    return pictures.ask()


def _predict_input(given: Picture) -> Number:
    width, height = given.open().size
    side = LITE0.size
    return Number(
        f"Your picture has {width:,} × {height:,} pixels. The network takes {side} × {side}, each "
        "with its red, green and blue. How many numbers is that?",
        0,
        500_000,
        5_000,
        0,
    )


def _reveal_input(given: Picture) -> Reveal:
    network = lessons_cache.staged_network()
    picture = given.open()
    depth = len(picture.getbands())  # 1 of grey, 3 of colour, 4 with a fourth for what is clear
    opacity = " (the fourth says how opaque it is)" if picture.mode == "RGBA" else ""
    pixels = network.pixels(picture)
    mean, deviation = network.normalization
    raw = pixels * deviation + mean
    middle = pixels.shape[1] // 2

    def show() -> None:
        st.image(sheet(raw, range(3)), alt="The red, green and blue channel of the picture")
        st.caption(
            "Red, green and blue as the network takes them, each from its darkest to its "
            "brightest value."
        )
        corner = pixels[0, middle : middle + CORNER, middle : middle + CORNER]
        columns: dict[str, list[Any]] = {
            f"column {middle + at}": [round(float(value), 3) for value in corner[:, at]]
            for at in range(CORNER)
        }
        st.dataframe(columns, hide_index=True, alt="Some numbers of the red channel")
        st.caption("Numbers from the middle of the red channel.")
        boxes.equation(
            r"x = \frac{p / 255 - \mu}{\sigma}",
            [
                Symbol("p", "0 to 255", "a pixel's red, green or blue"),
                Symbol(r"\mu", number(mean), "the shift this network was trained with"),
                Symbol(r"\sigma", number(deviation), "the scale it was trained with"),
                Symbol(
                    "x",
                    f"{number(float(pixels.min()), 2)} to {number(float(pixels.max()), 2)}",
                    "what enters, in your picture",
                ),
            ],
        )

    return Reveal(
        float(pixels.size),
        f"{_shape(pixels.shape)} = {pixels.size:,}: three **channels**, each a square of numbers. "
        f"Your picture had {picture.width * picture.height * depth:,}, {depth} a pixel{opacity}; "
        "its shorter side was scaled to a little more than the square's, and the middle cut out: "
        "some of the edge is lost.",
        show,
    )


def _predict_stem(given: Picture) -> Choice:
    del given
    side = LITE0.size
    channels, height, width = Shapes.known().shapes["bn1"]
    stride = side // height
    shapes = {
        (3, side, side),
        (channels, height, width),
        (channels, side, side),
        (2 * channels, height // 2, width // 2),
    }
    listed = tuple(map(_shape, sorted(shapes)))
    return Choice(
        f"The first layer has {channels} filters of 3 × 3 pixels and moves them {stride} pixels at "
        f"a time over the {side} × {side}. What shape (channels × height × width) does it make?",
        listed,
    )


def _reveal_stem(given: Picture) -> Reveal:
    network = lessons_cache.staged_network()
    stage = network.stages(given.open())[0]
    filters = network.filters()
    count, _, size, _ = filters.shape
    chosen = stage.liveliest(CHANNELS)
    stride = LITE0.size // stage.shape[1]

    def show() -> None:
        st.image(sheet(stage.maps, chosen), alt="Six channels of the first layer")
        st.caption(
            f"Channels {', '.join(str(int(at)) for at in chosen)}: those that vary most over "
            "your picture."
        )
        st.image(sheet(filters.mean(1), chosen), alt="The filters of these channels")
        st.caption(
            "Their filters, the weights for red, green and blue averaged: dark is negative or "
            "small, light is large."
        )
        boxes.equation(
            r"\begin{gathered} y_{c}(i, j) = \\ \sum_{m=1}^{3} \sum_{u,v=1}^{k} w_{c,m}(u, v)\; "
            r"x_m(s\,i + u,\; s\,j + v) \end{gathered}",
            [
                Symbol("x_m", _shape((3, LITE0.size, LITE0.size)), "the picture, three channels"),
                Symbol("w_c", _shape(filters.shape[1:]), "a filter: weights that training chose"),
                Symbol("k", str(size), "its side in pixels"),
                Symbol("s", str(stride), "the stride: how far it moves each time"),
                Symbol("y", _shape(stage.shape), "what it makes: a channel for each filter"),
            ],
        )

    return Reveal(
        _shape(stage.shape),
        f"Each of the {count} filters slides over the picture and makes a channel of its own. It "
        f"moves {stride} pixels at a time, so height and width become {stage.shape[1]}. Only where "
        "the picture looks like the filter is the number large.",
        show,
    )


def _predict_stages(given: Picture) -> Choice:
    del given
    return Choice(
        "Where on the way are there most numbers?", tuple(TITLES[name] for name in STAGES)
    )


def _reveal_stages(given: Picture) -> Reveal:
    stages = lessons_cache.staged_network().stages(given.open())
    largest = max(stages, key=lambda stage: stage.size)
    vector = stages[-1]
    entered = 3 * LITE0.size**2

    def show() -> None:
        columns: dict[str, list[Any]] = {
            "stage": [TITLES[stage.name] for stage in stages],
            "shape": [_shape(stage.shape) for stage in stages],
            "numbers": [f"{stage.size:,}" for stage in stages],
            "name in the model": [stage.name for stage in stages],
        }
        st.dataframe(columns, hide_index=True, height="content", alt="Shapes of all stages")
        for stage in stages[:-1]:
            _show_stage(stage)
        strip = vector.maps[:, 0, 0]
        st.caption(
            f"**vector**, {len(strip):,} numbers: the mean of each channel of the head; its length "
            f"is {number(float(np.linalg.norm(strip)), 2)}."
        )

    return Reveal(
        TITLES[largest.name],
        f"{TITLES[largest.name]} has {largest.size:,} numbers, and {entered:,} entered. Height and "
        f"width go from {stages[0].shape[1]} to {stages[-2].shape[1]} on the way, while the "
        f"channels become {vector.size:,}. Their means are the vector. What a channel answers to "
        "grows: from an edge to a part to a thing.",
        show,
    )


def _show_stage(stage: Stage) -> None:
    chosen = stage.liveliest(CHANNELS)
    st.caption(f"**{TITLES[stage.name]}**, {_shape(stage.shape)}")
    st.image(sheet(stage.maps, chosen), alt=f"Channels of {TITLES[stage.name]}")


def _predict_layers(given: Picture) -> Choice:
    del given
    return Choice(
        "A layer's channels, each averaged over the picture, are a vector too. By which layer are "
        "the nearest pictures most alike in colour?",
        (EARLY, LATE),
    )


def _reveal_layers(given: Picture) -> Reveal:
    sample = lessons_cache.picture_sample(LAYERS)
    gallery = pictures.emoji().take(sample.rows)
    vectors = lessons_cache.staged_network().means([given.open()], LAYERS)
    shared = dict(zip(LAYERS, sample.shared, strict=True))
    chance = sample.chance

    def show() -> None:
        for at, name in enumerate(LAYERS):
            scores = sample.vectors[at] @ vectors[at][0]
            own = [
                row for row, digest in enumerate(gallery.digests) if digest.hex() == given.digest
            ]
            rows = nearest_rows(scores, NEIGHBORS, own)
            st.caption(f"**{TITLES[name]}**: nearest to your picture")
            with st.container(horizontal=True, gap="small"):
                for row in rows.tolist():
                    small = thumbnails.thumbnail(gallery, row)
                    if small is not None:
                        caption = (gallery.captions or gallery.ids)[row]
                        st.image(thumbnails.as_address(small), width=72, alt=caption)
        columns: dict[str, list[Any]] = {
            "layer": [TITLES[name] for name in LAYERS],
            "distance in colour": [round(shared[name].color, 3) for name in LAYERS],
            "of the same kind": [f"{shared[name].same:.0%}" for name in LAYERS],
        }
        st.dataframe(columns, hide_index=True, alt="What neighbours of each layer share")
        st.plotly_chart(
            charts.bars(
                [TITLES[name] for name in LAYERS],
                {"of the same kind": [shared[name].same for name in LAYERS]},
                y="share of neighbours of the same kind",
            ),
            key="learn-layers",
            alt="Share of neighbours of the same kind, by layer",
        )

    first, last = shared[LAYERS[0]], shared[LAYERS[-1]]
    closing = (
        " So the early layer goes by colour, the late one by kind."
        if first.color < last.color and first.same < last.same
        else ""
    )
    return Reveal(
        EARLY if first.color <= last.color else LATE,
        f"Measured over {len(sample.rows)} emoji of {sample.kinds} kinds and the {NEIGHBORS} "
        f"nearest of each: by the stem they differ by {number(first.color)} in mean colour, by the "
        f"vector by {number(last.color)}. Of the same kind, such as *fruit* or *tool*, are "
        f"{first.same:.0%} by the stem and {last.same:.0%} by the vector; by chance it would be "
        f"{chance:.0%}." + closing,
        show,
    )


def _tools() -> Sequence[ToolLink]:
    picture = pictures.asked()
    return (
        ToolLink(
            "images",
            "Search with your picture by this network's vector",
            {"find": picture, "space": LITE0.name},
        ),
        ToolLink(
            "images", "What ImageNet's classes say of it", {"see": "Identify", "what": picture}
        ),
        ToolLink("learn", "Look inside your picture", {"tool": "Look inside", "look": picture}),
        ToolLink("images", "Add any layer as an embedding model", {"see": "Encoders"}),
    )


LESSON = Lesson(
    "network",
    (
        Step(
            "A picture is numbers",
            "A **neural network** is a chain of **layers**: each makes new numbers out of those "
            "before it, by products and sums with **weights** that training has set. It takes no "
            "file and no size of your choice: every picture is scaled and cut to the square that "
            "it was trained on, and each pixel becomes three numbers.",
            _ask,
            _predict_input,
            _reveal_input,
        ),
        Step(
            "The first layer",
            "A **convolution** slides small filters over the picture. A filter is a little square "
            "of weights; they are multiplied with the pixels below and added up, a dot product. "
            "Where the pixels look like the filter, the result is large. The results of one filter "
            "at all places are a **channel**.",
            _ask,
            _predict_stem,
            _reveal_stem,
        ),
        Step(
            "Down to the vector",
            "The network here is EfficientNet-lite0. It has a **stem** (the first layer), seven "
            "**stages** of some layers each, a **head** (the last layer), and then takes each "
            "channel's mean over the whole picture. Watch height, width and channels.",
            _ask,
            _predict_stages,
            _reveal_stages,
        ),
        Step(
            "Which layer finds what",
            "Not only the last layer can be searched with. Here your picture's neighbours among "
            "some emoji, by four layers side by side.",
            _ask,
            _predict_layers,
            _reveal_layers,
        ),
    ),
    _tools,
    (
        (
            "LeCun et al. 1998, Gradient-based learning applied to document recognition",
            doi("10.1109/5.726791"),
        ),
        (
            "Zeiler & Fergus 2014, Visualizing and understanding convolutional networks",
            arxiv("1311.2901"),
        ),
        ("Yosinski et al. 2014, How transferable are features?", arxiv("1411.1792")),
        ("Tan & Le 2019, EfficientNet", arxiv("1905.11946")),
        ("Olah et al. 2017, Feature visualization", doi("10.23915/distill.00007")),
    ),
)
