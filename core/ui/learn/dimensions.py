"""Lesson 4, Dimensions: what principal components and first numbers keep of the neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.base.types import FloatArray
from core.base.vectors import normalize
from core.cache import lessons as lessons_cache
from core.charts import lessons as charts
from core.lessons.dimensions import Components, nearest, shared, widths
from core.lessons.predictions import Choice, Number
from core.lessons.vectors import random_cosines
from core.ui.help.parts import arxiv, doi
from core.ui.learn import boxes
from core.ui.learn.boxes import Symbol, WordModel, number, quoted
from core.ui.learn.lesson import Lesson, Reveal, Step, ToolLink

KEEP, OF = "dims-kept", "neighbours-of"  # boxes
FIRST_WORD = "coffee"
FIRST_KEEP = 32
NEIGHBORS = 10
PAIRS = 10_000
BY_COMPONENTS, BY_NUMBERS = "The first principal components", "The first numbers of the vector"
ALIKE = "Both keep as many, within one percentage point"


@dataclass(frozen=True, slots=True)
class Reduced:
    """The model, how many dimensions are kept, and a word where one is asked about."""

    model: WordModel
    keep: int
    word: str = ""

    @property
    def vectors(self) -> FloatArray:
        """The most frequent words' vectors ``(n, dim)``, which all is worked out on."""
        found: FloatArray = self.model.vocabulary.vectors[: lessons_cache.WORDS]
        return found

    @property
    def dim(self) -> int:
        """Of the whole vectors."""
        return self.model.entry.space.dim

    @property
    def components(self) -> Components:
        """Principal components of the vectors."""
        return lessons_cache.components(self.model.entry)


def _kept() -> Reduced | None:
    model = boxes.word_model()
    if model is None:
        return None
    dim = model.entry.space.dim
    keep = boxes.slider("Dimensions to keep", 1, dim, min(FIRST_KEEP, dim), key=KEEP)
    return Reduced(model, keep)


def _kept_word() -> Reduced | None:
    given = _kept()
    word = boxes.text("A word", FIRST_WORD, key=OF, max_chars=80, width=220).strip()
    if given is None:
        return None
    row = given.model.vocabulary.row(word)
    if row is None or row >= len(given.vectors):
        st.info(
            f"Take another word: the {len(given.vectors):,} most frequent are compared here."
            if word
            else "Type a word."
        )
        return None
    return Reduced(given.model, given.keep, word)


def _whole() -> Reduced | None:
    model = boxes.word_model()
    return None if model is None else Reduced(model, model.entry.space.dim)


def _predict_mean(given: Reduced) -> Number:
    before = float(random_cosines(given.vectors, PAIRS).mean())
    return Number(
        f"Two random words have a cosine of {number(before, 2)} on average. What is it once the "
        "mean of all vectors is taken from each?",
        -1,
        1,
        0.05,
    )


def _reveal_mean(given: Reduced) -> Reveal:
    found = given.components
    before = random_cosines(given.vectors, PAIRS)
    after = random_cosines(normalize(given.vectors - found.mean), PAIRS)
    length = float((found.mean**2).sum() ** 0.5)

    def show() -> None:
        st.plotly_chart(
            charts.histogram(
                after,
                float(before.mean()),
                x="cosine of two random words, mean taken away",
                y="pairs",
                name="mean before",
            ),
            key="learn-mean",
            alt="Cosines of random pairs after the mean was taken away",
        )
        boxes.equation(
            r"\bar{\mathbf{w}} = \frac{1}{n} \sum_{i=1}^{n} \mathbf{w}_i, \quad "
            r"\mathbf{w}_i' = \mathbf{w}_i - \bar{\mathbf{w}}",
            [
                Symbol("n", f"{len(given.vectors):,}", "words, the most frequent"),
                Symbol(
                    r"\lVert \bar{\mathbf{w}} \rVert",
                    number(length),
                    "length of the mean, where every vector has 1",
                ),
            ],
        )

    return Reveal(
        float(after.mean()),
        f"The mean has length {number(length, 2)}: the vectors do not point everywhere, they share "
        f"a direction. Its square, {number(length**2, 2)}, is about the mean cosine before "
        f"({number(float(before.mean()), 2)}). What all words share tells none apart, so principal "
        "components are taken after the mean is gone.",
        show,
    )


def _predict_variance(given: Reduced) -> Number:
    return Number(
        f"What share of the variance do the first {given.keep} of {given.dim} principal components "
        "keep?",
        0,
        100,
        10,
        0,
        "%",
    )


def _reveal_variance(given: Reduced) -> Reveal:
    found = given.components
    share = found.variance(given.keep)
    half = next(at for at in range(1, given.dim + 1) if found.variance(at) >= 0.5)

    def show() -> None:
        steps = list(range(1, given.dim + 1))
        st.plotly_chart(
            charts.lines(
                steps,
                {
                    "principal components": [found.variance(at) for at in steps],
                    "if all were alike": [at / given.dim for at in steps],
                },
                x_title="components kept",
                y_title="share of the variance",
            ),
            key="learn-variance",
            alt="Share of the variance against the number of components",
        )
        boxes.equation(
            r"\frac{\lambda_1 + \dots + \lambda_k}{\lambda_1 + \dots + \lambda_d}",
            [
                Symbol("k", str(given.keep), "components kept"),
                Symbol("d", str(given.dim), "dimensions"),
                Symbol(r"\lambda_1", f"{found.shares[0]:.1%}", "share of the first component"),
                Symbol(
                    r"\lambda_k", f"{found.shares[given.keep - 1]:.2%}", "share of the last kept"
                ),
                Symbol(r"\lambda_1 + \dots + \lambda_d", "100%", "the variance in all directions"),
            ],
        )

    return Reveal(
        100 * share,
        f"The first {given.keep} of {given.dim} hold {share:.0%} of the variance; if all were "
        f"alike it would be {given.keep / given.dim:.0%}. For half of the variance {half} are "
        "needed. Variance is what principal components are chosen for. Whether the neighbours "
        "survive is another question.",
        show,
    )


def _predict_neighbors(given: Reduced) -> Number:
    return Number(
        f"How many of the {NEIGHBORS} nearest words of “{given.word}” stay, with {given.keep} "
        "principal components?",
        0,
        NEIGHBORS,
        1,
        0,
    )


def _reveal_neighbors(given: Reduced) -> Reveal:
    row = given.model.vocabulary.row(given.word) or 0
    before = nearest(given.vectors, row, NEIGHBORS)
    reduced = given.components.reduce(given.vectors, given.keep)
    after = nearest(reduced, row, NEIGHBORS)
    same = shared(before, after)
    names = given.model.vocabulary.words

    def show() -> None:
        columns: dict[str, list[Any]] = {
            f"by {given.dim} dimensions": [names[at] for at in before],
            "stays": ["yes" if at in after else "no" for at in before],
            f"by {given.keep} components": [names[at] for at in after],
            "was there": ["yes" if at in before else "no" for at in after],
        }
        st.dataframe(columns, hide_index=True, alt="Nearest words before and after")

    lost = [names[at] for at in before if at not in after]
    told = f" Lost: {', '.join(map(quoted, lost))}." if lost else ""
    share = given.components.variance(given.keep)
    return Reveal(
        float(same),
        f"{same} of {NEIGHBORS} stay, while {share:.0%} of the variance is kept.{told} Among near "
        "words small differences decide, and these are what is cut first.",
        show,
    )


def _predict_prefix(given: Reduced) -> Choice:
    return Choice(
        f"Instead of {given.keep} principal components one could keep the first {given.keep} "
        "numbers of each vector, as they are. Which keeps more neighbours?",
        (BY_COMPONENTS, BY_NUMBERS, ALIKE),
    )


def _reveal_prefix(given: Reduced) -> Reveal:
    listed = sorted({*widths(given.dim), given.keep})
    by_components, by_numbers = lessons_cache.kept_by_width(
        given.model.entry, tuple(listed), NEIGHBORS
    )
    at = listed.index(given.keep)
    both = by_components[at], by_numbers[at]

    def show() -> None:
        figure = charts.lines(
            listed,
            {"principal components": by_components, "first numbers": by_numbers},
            x_title="dimensions kept",
            y_title=f"share of {NEIGHBORS} neighbours kept",
        )
        st.plotly_chart(
            figure.update_xaxes(type="log", tickvals=listed, ticktext=list(map(str, listed))),
            key="learn-kept",
            alt="Share of neighbours kept against dimensions kept",
        )
        columns: dict[str, list[Any]] = {
            "dimensions": listed,
            "principal components": [f"{share:.0%}" for share in by_components],
            "first numbers": [f"{share:.0%}" for share in by_numbers],
        }
        st.dataframe(columns, hide_index=True, height="content", alt="Neighbours kept by width")

    truth = BY_COMPONENTS if both[0] > both[1] else BY_NUMBERS
    two = by_components[0] if listed[0] <= 2 else by_components[listed.index(2)]
    return Reveal(
        ALIKE if abs(both[0] - both[1]) < 0.01 else truth,
        f"With {given.keep} dimensions, principal components keep {both[0]:.0%} of the neighbours "
        f"and the first numbers {both[1]:.0%}, over a sample of words. The numbers of a model "
        "such as MiniLM were not trained to stand in any order. **Matryoshka** models are trained "
        "so that their first numbers already make a good vector, and can be cut without any "
        f"computing. On a plane, with two components, {two:.0%} of the neighbours are left: that "
        "is why maps need other methods, and care.",
        show,
    )


def _tools() -> Sequence[ToolLink]:
    word, model = str(boxes.kept(OF, FIRST_WORD)), {"space": boxes.model_name()}
    return (
        ToolLink(
            "map",
            "5,000 words on two principal components, and what that loses",
            {"of": "Words", "method": "PCA", "color": "k-NN preservation", **model},
        ),
        ToolLink("words", f"Neighbours of “{word}” by all dimensions", {"q": word, **model}),
        ToolLink("sentences", "Models with Matryoshka prefixes", {"do": "Models"}),
    )


LESSON = Lesson(
    "dimensions",
    (
        Step(
            "What all words share",
            "Shorter vectors take less memory and are compared sooner. This lesson cuts dimensions "
            "and measures what that loses. First look at where the vectors lie: all around, or on "
            "one side?",
            _whole,
            _predict_mean,
            _reveal_mean,
        ),
        Step(
            "Principal components",
            "**Principal component analysis** turns the vectors so that the first new dimension "
            "shows as much of their **variance** (how far they spread) as one can, the second as "
            "much of the rest, and so on. Nothing is lost by turning. Only then the last ones are "
            "cut.",
            _kept,
            _predict_variance,
            _reveal_variance,
        ),
        Step(
            "Neighbours kept",
            "What counts is whether the nearest words are still the nearest. Try it on a word.",
            _kept_word,
            _predict_neighbors,
            _reveal_neighbors,
        ),
        Step(
            "Components or prefixes",
            "Principal components need a computation over all vectors. Cutting each vector after "
            "its first numbers, its **prefix**, needs none.",
            _kept,
            _predict_prefix,
            _reveal_prefix,
        ),
    ),
    _tools,
    (
        ("Pearson 1901, On lines and planes of closest fit", doi("10.1080/14786440109462720")),
        ("Mu & Viswanath 2018, All-but-the-top", arxiv("1702.01417")),
        ("Kusupati et al. 2022, Matryoshka representation learning", arxiv("2205.13147")),
        ("Yin & Shen 2018, On the dimensionality of word embedding", arxiv("1812.04224")),
    ),
)
