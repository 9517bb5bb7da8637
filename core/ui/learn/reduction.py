"""Lesson 8, From 384 to 2: principal components, perplexity, toy sets, and one's own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.base.types import FloatArray, IntArray
from core.cache import maps as maps_cache, reduction as cache
from core.charts.lesson_maps import BLUE, GREEN, GREY, ORANGE, Marked, curves, marked_map
from core.lessons import reduction
from core.lessons.predictions import Choice, Number
from core.maps.recipe import Method
from core.ui.help.parts import arxiv, doi
from core.ui.learn import boxes
from core.ui.learn.boxes import Symbol, WordModel, number, quoted
from core.ui.learn.lesson import Lesson, Reveal, Step, ToolLink

WORDS, TOY, PERPLEXITY = "mapped", "toy", "toy-perplexity"  # boxes
FIRST = (
    "dog, cat, horse, wolf, lion, apple, pear, plum, cherry, grape, car, train, bus, ship, plane"
)
MOST = 40
COLORS = (BLUE, ORANGE, GREEN)
SMALL = 260  # pixels of a map's height
PERPLEXITIES = (2, 5, 15, 40)
# Methods with their number, by what they are called; the number of PCA is ignored.
MAPS: dict[str, tuple[Method, int]] = {
    "PCA": (Method.PCA, 15),
    "t-SNE, perplexity 30": (Method.TSNE, 30),
    "UMAP, 5 neighbours": (Method.UMAP, 5),
    "UMAP, 50 neighbours": (Method.UMAP, 50),
}


@dataclass(frozen=True, slots=True)
class Mapped:
    """The learner's words and the model; a number where one is asked for."""

    model: WordModel
    words: tuple[str, ...]
    number: int = 0

    def named(self) -> tuple[str, ...]:
        """All words that are mapped, the learner's first."""
        return cache.word_set(self.model.entry, self.words)[0]

    def vectors(self) -> FloatArray:
        """Their vectors ``(n, dim)``."""
        return cache.word_set(self.model.entry, self.words)[1]


def _ask() -> Mapped | None:
    maps_cache.warm()  # while the learner predicts
    model = boxes.word_model()
    typed = boxes.text("Your words", FIRST, key=WORDS, max_chars=500)
    words = boxes.names(typed, MOST)
    if len(words) < 3:
        st.info("Type three words or more, with commas between.")
        return None
    if model is None:
        return None
    boxes.tell_language(model.entry, words)
    return Mapped(model, words)


# 1: principal components


def _predict_variance(given: Mapped) -> Number:
    dim = given.model.entry.space.dim
    return Number(
        f"How much of the variance do the two best of {dim} directions hold?", 0, 100, 5, 0, "%"
    )


def _reveal_variance(given: Mapped) -> Reveal:
    vectors = given.vectors()
    shares, directions = reduction.principal(vectors)
    two = float(shares[:2].sum())
    half = int(np.searchsorted(np.cumsum(shares), 0.5)) + 1
    most = int(np.searchsorted(np.cumsum(shares), 0.9)) + 1
    places = ((vectors - vectors.mean(axis=0)) @ directions[:2].T).astype(np.float32)

    def show() -> None:
        st.plotly_chart(
            _words_chart(given, places),
            key="learn-components",
            alt="Your words among others by their two principal components",
        )
        counts = np.arange(1, len(shares) + 1)
        st.plotly_chart(
            curves(
                {"kept": (counts, np.cumsum(shares))}, "directions kept", "share of the variance"
            ),
            key="learn-variance",
            alt="Share of the variance by the number of directions kept",
        )
        boxes.equation(
            r"C = \frac{1}{n - 1} \sum_i (\mathbf{x}_i - \bar{\mathbf{x}})"
            r"(\mathbf{x}_i - \bar{\mathbf{x}})^\top, \qquad "
            r"C \mathbf{u}_k = \lambda_k \mathbf{u}_k",
            [
                Symbol("n", f"{len(vectors):,}", "words: yours and the model's most frequent"),
                Symbol("C", boxes.shape((vectors.shape[1],) * 2), "the **covariance matrix**"),
                Symbol(
                    r"\mathbf{u}_k",
                    boxes.vector(directions[0], 4),
                    "an **eigenvector** of it, a direction; here the first",
                ),
                Symbol(
                    r"\lambda_1 / \sum \lambda",
                    f"{float(shares[0]):.1%}",
                    "share of the variance along the first direction",
                ),
                Symbol(r"\lambda_2 / \sum \lambda", f"{float(shares[1]):.1%}", "along the second"),
            ],
        )

    return Reveal(
        100 * two,
        f"Two directions hold {two:.1%} of the variance, {half} hold half and {most} hold nine "
        f"tenths of it. The drawing leaves out {1 - two:.0%} of how the words differ: near each "
        "other on it may be far apart. What is far apart on it is far apart in truth, since a "
        "projection only shortens.",
        show,
    )


def _words_chart(given: Mapped, places: FloatArray, *, height: int = 440) -> object:
    own = np.arange(len(given.words))
    others = np.arange(len(given.words), len(places))
    marked = [
        Marked("other words", others, GREY, size=4),
        Marked("your words", own, BLUE, "square", 8, named=height > 400),  # else they overlap
    ]
    return marked_map(places, given.named(), marked, height=height)


# 2: sizes and distances

SIZES, GAPS = "two sizes", "two distances"


def _ask_toy() -> str | None:
    maps_cache.warm()  # while the learner predicts
    boxes.keep(TOY)
    chosen = st.radio("A toy set", (SIZES, GAPS), key=TOY, horizontal=True, bind="query-params")
    boxes.note(TOY, chosen)
    st.caption(
        f"Two clusters in {reduction.DIM} dimensions, one {reduction.WIDE:g} times as wide as the "
        "other."
        if chosen == SIZES
        else f"Three clusters in {reduction.DIM} dimensions: the blue and the orange one are near, "
        f"the green one is {reduction.FAR:g} times as far from the orange one."
    )
    return str(chosen)


def _predict_toy(given: str) -> Number:
    question = (
        "On the map by t-SNE, how many times as wide as the narrow cluster is the wide one?"
        if given == SIZES
        else "On the map by t-SNE, how many times as far from the orange cluster is the green one "
        "as the blue one?"
    )
    return Number(question, 0, 10, 1, 1)


def measured(toy: str, places: FloatArray, labels: IntArray) -> float:
    """The ratio of widths, or of distances, of a toy set on a map ``(n, 2)``."""
    ratio = reduction.width_ratio if toy == SIZES else reduction.gap_ratio
    return ratio(places, labels)


def _reveal_toy(given: str) -> Reveal:
    points, labels = reduction.TOYS[given]()
    maps = {name: cache.toy_map(given, *how) for name, how in MAPS.items()}
    ratios = {name: measured(given, places, labels) for name, places in maps.items()}
    true = measured(given, points, labels)
    what = "as wide" if given == SIZES else "as far"

    def show() -> None:
        _side_by_side(
            {f"{name}: {ratios[name]:.1f} times": places for name, places in maps.items()},
            labels,
            "learn-toy",
        )

    tsne = ratios["t-SNE, perplexity 30"]
    told = "; ".join(f"{name}: {ratio:.1f}" for name, ratio in ratios.items())
    return Reveal(
        tsne,
        f"In truth it is {true:.1f} times {what}. On the maps: {told}. t-SNE and UMAP ask of every "
        "point who its nearest are, and give each the same room, so that dense and thin clusters "
        "come out alike; how far apart clusters stand follows from the way they were pushed apart. "
        "PCA is a projection and keeps both as far as its two directions go. On such maps read "
        "who is with whom, not how large or how far.",
        show,
    )


def _side_by_side(maps: dict[str, FloatArray], labels: IntArray, key: str) -> None:
    columns = st.columns(2)
    names = [str(at + 1) for at in range(len(labels))]
    for at, (title, places) in enumerate(maps.items()):
        marked = [
            Marked(f"cluster {label + 1}", np.flatnonzero(labels == label), COLORS[label], size=5)
            for label in range(int(labels.max()) + 1)
        ]
        with columns[at % 2]:
            st.markdown(f"**{title}**")
            st.plotly_chart(
                marked_map(places, names, marked, height=SMALL).update_layout(showlegend=False),
                key=f"{key}-{at}",
                alt=f"The toy set on a map, {title}",
            )


# 3: perplexity


def _ask_perplexity() -> Mapped | None:
    given = _ask()
    chosen = int(boxes.pick("Perplexity", PERPLEXITIES, 5, key=PERPLEXITY))
    return None if given is None else Mapped(given.model, given.words, chosen)


def _predict_clumps(given: Mapped) -> Choice:
    return Choice(
        "A cloud of pure noise, 150 points in 50 dimensions, has no clusters at all. At which "
        "perplexity does t-SNE make it look most clumped?",
        tuple(f"{one}" for one in PERPLEXITIES),
    )


def _reveal_clumps(given: Mapped) -> Reveal:
    maps = {one: cache.toy_map("only noise", Method.TSNE, one) for one in PERPLEXITIES}
    clumps = {one: reduction.clumping(places) for one, places in maps.items()}
    worst = min(clumps, key=lambda one: clumps[one])
    vectors = given.vectors()
    cosines = vectors[1:] @ vectors[0]
    distances = np.sqrt(2 - 2 * np.minimum(1, cosines))
    nearest = float(distances.min())
    shares = np.sort(reduction.affinities(distances, given.number))
    largest = shares[::-1][:60]

    def show() -> None:
        labels = np.zeros(150, dtype=np.int64)
        _side_by_side(
            {f"perplexity {one}: {clumps[one]:.2f}": places for one, places in maps.items()},
            labels,
            "learn-noise",
        )
        st.caption(
            "Evenness is the mean distance to the nearest point, as a share of what chance would "
            "give on the same area (Clark & Evans 1954). 1 is chance, less is clumped, more is "
            "spread evenly."
        )
        boxes.equation(
            r"p_{j|i} = \frac{\exp(-d_{ij}^2 / 2 \sigma_i^2)}"
            r"{\sum_k \exp(-d_{ik}^2 / 2 \sigma_i^2)}"
            r", \qquad 2^{H(p_i)} = \text{perplexity}",
            [
                Symbol(
                    "2^{H}",
                    number(2 ** reduction.entropy_of(shares), 1),
                    f"the perplexity of the neighbours of {quoted(given.words[0])}",
                ),
                Symbol("d_{ij}", number(nearest), "distance to its nearest word"),
                Symbol(
                    r"\sigma_i", "", "set for each word such that the perplexity is the chosen one"
                ),
                Symbol(
                    "H",
                    number(reduction.entropy_of(shares), 2),
                    r"the entropy of the shares, $-\sum_j p_{j|i} \log_2 p_{j|i}$, in bits",
                ),
                Symbol("p_1", f"{float(largest[0]):.1%}", "the share of its nearest word"),
                Symbol(
                    "p_{10}",
                    f"{float(largest[min(9, len(largest) - 1)]):.2%}",
                    "that of the tenth nearest",
                ),
            ],
        )
        st.plotly_chart(
            curves(
                {"share": (np.arange(1, len(largest) + 1), largest)}, "rank of a neighbour", "share"
            ),
            key="learn-shares",
            alt=f"The shares that t-SNE gives the neighbours of {given.words[0]}",
        )

    told = ", ".join(f"{value:.2f} at {one}" for one, value in clumps.items())
    return Reveal(
        f"{worst}",
        f"Evenness by perplexity: {told}; at {worst} it is the most clumped. **Perplexity** says "
        "how many neighbours count. Where only two or three do, chance neighbours are packed "
        "together, and noise looks like clusters. For your first word the shares of its "
        f"neighbours are drawn below, at a perplexity of {given.number}. Look at several values "
        "before you believe in a cluster.",
        show,
    )


# 4: one's own words


def _predict_kept(given: Mapped) -> Choice:
    return Choice(
        "Which map of your words and 400 others keeps most of each word's ten nearest?",
        tuple(MAPS),
    )


def _reveal_kept(given: Mapped) -> Reveal:
    made = {
        name: cache.words_map(given.model.entry, given.words, *how) for name, how in MAPS.items()
    }
    kept = {name: quality.neighbors_kept for name, (_, quality) in made.items()}
    best = max(kept, key=lambda name: kept[name])

    def show() -> None:
        columns = st.columns(2)
        for at, (name, (places, _)) in enumerate(made.items()):
            with columns[at % 2]:
                st.markdown(f"**{name}**: keeps {kept[name]:.1%}")
                st.plotly_chart(
                    _words_chart(given, places, height=320),
                    key=f"learn-words-{at}",
                    alt=f"Your words among others by {name}",
                )
        st.caption("Squares are your words; their names show under the mouse.")
        qualities = [quality for _, quality in made.values()]
        st.dataframe(
            {
                "map": list(made),
                "neighbours kept": [f"{one.neighbors_kept:.1%}" for one in qualities],
                "trustworthiness": [round(one.trustworthiness, 3) for one in qualities],
                "continuity": [round(one.continuity, 3) for one in qualities],
            },
            hide_index=True,
            alt="What each map keeps",
        )

    dim = given.model.entry.space.dim
    lost = cache.words_map(given.model.entry, given.words, *MAPS[best])[1].lost[: len(given.words)]
    worst = int(lost.argmax())
    return Reveal(
        best,
        f"{best} keeps {kept[best]:.1%} of the ten nearest; the others "
        f"{', '.join(f'{kept[one]:.1%}' for one in kept if one != best)}. From {dim} numbers to 2 "
        "no method can keep all. Of your words it loses most around "
        f"{quoted(given.words[worst])}: {lost[worst]:.0%} of its ten nearest are not near it on "
        "the map. Trustworthiness punishes strangers that look near, continuity friends that look "
        "far. The page Map shows these figures with every map.",
        show,
    )


def _tools() -> Sequence[ToolLink]:
    words, model = str(boxes.kept(WORDS, FIRST)), {"space": boxes.model_name()}
    return (
        ToolLink("map", "A map of your own words", {"of": "Custom words", "list": words, **model}),
        ToolLink(
            "map", "A map of the model's words by UMAP", {"of": "Words", "method": "UMAP", **model}
        ),
    )


LESSON = Lesson(
    "reduction",
    (
        Step(
            "The two best directions",
            "A drawing has two dimensions, a vector hundreds. **Principal component analysis** "
            "finds the directions along which the vectors vary most, and keeps the first two.",
            _ask,
            _predict_variance,
            _reveal_variance,
        ),
        Step(
            "Sizes and distances",
            "**t-SNE** (t-distributed stochastic neighbour embedding) and **UMAP** (uniform "
            "manifold approximation and projection) do not project: they place points so that who "
            "is near whom is kept. How many neighbours count is a setting, perplexity in t-SNE; "
            "the next step is about it. What becomes of sizes and distances shows on a set that "
            "was made for it.",
            _ask_toy,
            _predict_toy,
            _reveal_toy,
        ),
        Step(
            "Perplexity",
            "About how many neighbours of each point count is a setting: **perplexity** in t-SNE, "
            "**n_neighbors** in UMAP. It can make clusters appear where there are none: the "
            "question is about pure noise. t-SNE gives each point's neighbours shares that add up "
            "to 1, the larger the nearer they are; your words then show what the setting does to "
            "the shares of the first one's neighbours.",
            _ask_perplexity,
            _predict_clumps,
            _reveal_clumps,
        ),
        Step(
            "How honest is it?",
            "What a map keeps can be measured: of each word's nearest by all numbers, how many are "
            "near it on the map?",
            _ask,
            _predict_kept,
            _reveal_kept,
        ),
    ),
    _tools,
    (
        ("Pearson 1901, On lines and planes of closest fit", doi("10.1080/14786440109462720")),
        (
            "van der Maaten & Hinton 2008, t-SNE",
            "https://jmlr.org/papers/v9/vandermaaten08a.html",
        ),
        ("McInnes et al. 2018, UMAP", arxiv("1802.03426")),
        ("Wattenberg et al. 2016, How to use t-SNE effectively", doi("10.23915/distill.00002")),
        (
            "Venna & Kaski 2001, Neighborhood preservation in nonlinear projection …",
            doi("10.1007/3-540-44668-0_68"),
        ),
    ),
)
