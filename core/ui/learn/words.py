"""Lesson 1, Words as numbers: a vector, the dot product, the cosine, scale, neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from core.cache import lessons as lessons_cache
from core.charts import basic as charts, lessons as lesson_charts
from core.lessons.predictions import Choice, Names, Number
from core.lessons.vectors import (
    cosine_parts,
    in_their_plane,
    largest_products,
    nearest_rows,
    random_cosines,
    rank_of,
)
from core.ui.help.learn import WORD2VEC
from core.ui.help.parts import arxiv
from core.ui.learn import boxes
from core.ui.learn.boxes import Symbol, WordModel, number, quoted
from core.ui.learn.lesson import Lesson, Reveal, Step, ToolLink

WORD, NEAR, FAR = "word", "word-2", "word-3"  # boxes
FIRST = {WORD: "king", NEAR: "queen", FAR: "apple"}
PAIRS = 10_000
NEIGHBORS = 10
SCALES = (-2.0, 0.1, 0.5, 2.0, 10.0)


@dataclass(frozen=True, slots=True)
class Words:
    """The learner's words, the model that reads them, and a factor where one is asked for."""

    model: WordModel
    words: tuple[str, ...]
    factor: float = 1.0


def _given(model: WordModel | None, words: tuple[str, ...] | None) -> Words | None:
    if model is None or words is None:
        return None
    boxes.tell_language(model.entry, words)
    return Words(model, words)


def _one_word(*, whole: bool = True) -> Words | None:
    model = boxes.word_model(whole=whole)
    found = boxes.words([("A word", FIRST[WORD], WORD)])
    return _given(model, found)


def _two_words() -> Words | None:
    model = boxes.word_model(whole=False)
    found = boxes.words([("A word", FIRST[WORD], WORD), ("Another", FIRST[NEAR], NEAR)], least=2)
    return _given(model, found)


def _three_words() -> Words | None:
    model = boxes.word_model(whole=False)
    found = boxes.words(
        [
            ("A word", FIRST[WORD], WORD),
            ("Compare it with", FIRST[NEAR], NEAR),
            ("and with", FIRST[FAR], FAR),
        ],
        least=3,
    )
    return _given(model, found)


def _scaled_words() -> Words | None:
    given = _two_words()
    factor = boxes.pick("Multiply the first word's vector by", SCALES, 2.0, key="learn-factor")
    return None if given is None else Words(given.model, given.words, factor)


def _predict_negative(given: Words) -> Number:
    dim = given.model.entry.space.dim
    return Number(
        f"The vector has {dim} numbers. How many of them are below zero?", 0, dim, dim // 10, 0
    )


def _reveal_vector(given: Words) -> Reveal:
    vector = given.model.vectors(given.words)[0]
    negative = int((vector < 0).sum())
    length = cosine_parts(vector, vector).length_a
    strongest = int(np.abs(vector).argmax())

    def show() -> None:
        st.plotly_chart(
            charts.vector_strips(given.words, vector[None, :]).update_layout(height=140),
            key="learn-strip",
            alt=f"The {len(vector)} numbers of {given.words[0]} as colours",
        )
        st.caption(f"All {len(vector)} numbers: blue below zero, red above.")
        boxes.equation(
            r"\begin{gathered} \mathbf{a} = (a_1, a_2, \dots, a_d) \\ \lVert \mathbf{a} \rVert = "
            r"\sqrt{a_1^2 + a_2^2 + \dots + a_d^2} \end{gathered}",
            [
                Symbol(
                    r"\mathbf{a}", boxes.vector(vector), f"the vector of {quoted(given.words[0])}"
                ),
                Symbol("d", str(len(vector)), "its dimensions: how many numbers it has"),
                Symbol(
                    f"a_{{{strongest + 1}}}",
                    number(float(vector[strongest])),
                    "the number that is largest in size",
                ),
                Symbol(r"\lVert \mathbf{a} \rVert", number(length), "its length (Euclidean norm)"),
            ],
        )

    share = negative / len(vector)
    return Reveal(
        float(negative),
        f"{negative} of {len(vector)} numbers ({share:.0%}) are negative and "
        f"{len(vector) - negative} are not. A single number has no meaning that can be named; "
        "what counts is the direction in which all of them point together. Taken as an arrow from "
        f"the origin, the vector is {number(length)} long: its **length** is that of the arrow, "
        "and how many numbers it has are its **dimensions**.",
        show,
    )


def _predict_nearer(given: Words) -> Choice:
    word, near, far = given.words
    return Choice(f"Which word has the larger dot product with “{word}”?", (near, far))


def _reveal_dot(given: Words) -> Reveal:
    word, near, far = given.words
    a, b, c = given.model.vectors(given.words)
    dots = {near: cosine_parts(a, b).dot, far: cosine_parts(a, c).dot}
    nearer = max(dots, key=lambda name: dots[name])
    other = b if nearer == near else c
    top = largest_products(a, other, 6)

    def show() -> None:
        boxes.equation(
            r"\mathbf{a} \cdot \mathbf{b} = a_1 b_1 + a_2 b_2 + \dots + a_d b_d "
            r"= \sum_{i=1}^{d} a_i b_i",
            [
                Symbol(
                    r"\mathbf{a} \cdot \mathbf{b}",
                    number(dots[near]),
                    f"{quoted(word)} and {quoted(near)}",
                ),
                Symbol(
                    r"\mathbf{a} \cdot \mathbf{c}",
                    number(dots[far]),
                    f"{quoted(word)} and {quoted(far)}",
                ),
            ],
        )
        st.plotly_chart(
            lesson_charts.running_sum(a * other),
            key="learn-sum",
            alt=f"The products of {word} and {nearer}, dimension by dimension, and their sum",
        )
        columns: dict[str, list[Any]] = {
            "dimension": [int(at) + 1 for at in top],
            word: [round(float(a[at]), 4) for at in top],
            f"{nearer} ": [round(float(other[at]), 4) for at in top],
            "product": [round(float(a[at] * other[at]), 4) for at in top],
        }
        st.dataframe(columns, hide_index=True, alt="The largest products")
        st.caption(
            f"The {len(top)} products that are largest in size add up to "
            f"{number(float((a[top] * other[top]).sum()))}; all {len(a)} together to "
            f"{number(dots[nearer])}."
        )

    positive = int((a * other > 0).sum())
    return Reveal(
        nearer,
        f"{quoted(word)} and {quoted(near)}: {number(dots[near])}. {quoted(word)} and "
        f"{quoted(far)}: {number(dots[far])}. A product is positive where both numbers have the "
        f"same sign; for {quoted(nearer)} that is so in {positive} of {len(a)} dimensions.",
        show,
    )


def _predict_cosine(given: Words) -> Number:
    word, other = given.words
    return Number(f"What is the cosine of “{word}” and “{other}”?", -1, 1, 0.1)


def _reveal_cosine(given: Words) -> Reveal:
    word, other = given.words
    a, b = given.model.vectors(given.words)
    parts = cosine_parts(a, b)
    sample = lessons_cache.word_sample(given.model.entry)
    chance = random_cosines(sample, PAIRS)
    above = int((chance > parts.cosine).sum())
    unit = max(abs(parts.length_a - 1), abs(parts.length_b - 1)) < 1e-3

    def show() -> None:
        boxes.equation(
            r"\cos(\mathbf{a}, \mathbf{b}) = \frac{\mathbf{a} \cdot \mathbf{b}}"
            r"{\lVert \mathbf{a} \rVert \, \lVert \mathbf{b} \rVert}",
            [
                Symbol(r"\mathbf{a} \cdot \mathbf{b}", number(parts.dot), "the dot product"),
                Symbol(
                    r"\lVert \mathbf{a} \rVert",
                    number(parts.length_a),
                    f"the length of {quoted(word)}",
                ),
                Symbol(
                    r"\lVert \mathbf{b} \rVert",
                    number(parts.length_b),
                    f"the length of {quoted(other)}",
                ),
                Symbol(r"\cos", number(parts.cosine), "their quotient"),
            ],
        )
        st.plotly_chart(
            lesson_charts.histogram(
                chance,
                parts.cosine,
                x="cosine",
                y="pairs of random words",
                name=f"{word} and {other}",
            ),
            key="learn-chance",
            alt=f"Cosines of {PAIRS:,} random pairs of words, and that of {word} and {other}",
        )

    return Reveal(
        parts.cosine,
        f"{PAIRS:,} pairs drawn at random from {len(sample):,} of the model's words have a "
        f"cosine of {number(float(chance.mean()), 2)} on average, and {above:,} of them lie "
        "above your pair. Whether a cosine is high can only be said beside such pairs: each model "
        "has its own scale."
        + (" This model's vectors have length 1, so their cosine is their dot product." * unit),
        show,
    )


UNCHANGED, FLIPPED = "It stays the same", "It changes its sign"
LARGER, SMALLER = "It becomes larger", "It becomes smaller"


def _predict_scaled(given: Words) -> Choice:
    word, other = given.words
    factor = f"{given.factor:g}".replace("-", "\N{MINUS SIGN}")
    return Choice(
        f"What happens to the cosine of “{word}” and “{other}” when all numbers of “{word}” are "
        f"multiplied by {factor}?",
        (LARGER, SMALLER, UNCHANGED, FLIPPED),
    )


def change_of(before: float, after: float) -> str:
    """How a cosine changed, as one of the options; within rounding it is the same."""
    if abs(after - before) < 1e-6:
        return UNCHANGED
    if abs(after + before) < 1e-6:
        return FLIPPED
    return LARGER if after > before else SMALLER


def _reveal_scaled(given: Words) -> Reveal:
    word, other = given.words
    a, b = given.model.vectors(given.words)
    scaled = (a * given.factor).astype(np.float32)
    before, after = cosine_parts(a, b), cosine_parts(scaled, b)

    def show() -> None:
        points = in_their_plane(a, b)
        both = np.vstack([points[0] * given.factor, points[1]])
        st.plotly_chart(
            lesson_charts.arrows([f"{given.factor:g} × {word}", other], both),
            key="learn-plane",
            alt=f"The scaled vector of {word} and that of {other} in the plane they span",
        )
        st.caption("The plane that the two vectors span: lengths and angle are exact.")
        boxes.equation(
            r"\cos(s\,\mathbf{a}, \mathbf{b}) = \frac{s\,(\mathbf{a} \cdot \mathbf{b})}"
            r"{|s|\,\lVert \mathbf{a} \rVert \, \lVert \mathbf{b} \rVert}"
            r" = \mathrm{sign}(s)\,\cos(\mathbf{a}, \mathbf{b})",
            [
                Symbol("s", number(given.factor, 1), "the factor"),
                Symbol(
                    r"s\,(\mathbf{a} \cdot \mathbf{b})",
                    number(after.dot),
                    f"the dot product; before it was {number(before.dot)}",
                ),
                Symbol(
                    r"\lVert s\,\mathbf{a} \rVert",
                    number(after.length_a),
                    f"the length; before it was {number(before.length_a)}",
                ),
                Symbol(
                    r"\cos(s\,\mathbf{a}, \mathbf{b})",
                    number(after.cosine),
                    f"the cosine; before it was {number(before.cosine)}",
                ),
            ],
        )

    return Reveal(
        change_of(before.cosine, after.cosine),
        f"The cosine was {number(before.cosine)} and is {number(after.cosine)}: the factor stands "
        "above and below the fraction line and cancels, but for its sign. The dot product went "
        f"from {number(before.dot)} to {number(after.dot)}, and the **Euclidean distance**, the "
        f"length of the straight line between the tips, from {number(before.distance)} to "
        f"{number(after.distance)}: these do depend on scale. That is why vectors are often taken "
        "to length 1 first; then all three agree on who is nearest.",
        show,
    )


def _predict_neighbors(given: Words) -> Names:
    return Names(
        f"Which words are nearest to “{given.words[0]}”? Guess up to three.",
        3,
        "nearest words",
    )


def _reveal_neighbors(given: Words) -> Reveal:
    vector = given.model.vectors(given.words)[0]
    vocabulary = given.model.vocabulary
    scores = given.model.cosines(vector)
    own = vocabulary.row(given.words[0])
    nearest = nearest_rows(scores, NEIGHBORS, () if own is None else (own,)).tolist()
    names = tuple(vocabulary.words[row] for row in nearest)

    def show() -> None:
        columns: dict[str, list[Any]] = {
            "rank": [rank_of(scores, row, own) for row in nearest],
            "word": list(names),
            "cosine": [round(float(scores[row]), 4) for row in nearest],
        }
        st.dataframe(columns, hide_index=True, height="content", alt="The nearest words")

    return Reveal(
        names,
        f"The model compared {quoted(given.words[0])} with all {len(vocabulary):,} words it lists. "
        f"The nearest is {quoted(names[0])} with a cosine of "
        f"{number(float(scores[nearest[0]]))}; number {len(names)} has "
        f"{number(float(scores[nearest[-1]]))}. Near means used alike in what the model was "
        "trained on: forms of the word, synonyms, opposites and companions are all near. A model "
        "that reads words in pieces, as MiniLM does, also finds some that are only spelled alike.",
        show,
    )


def _tools() -> Sequence[ToolLink]:
    held = {key: str(boxes.kept(key, first)) for key, first in FIRST.items()}
    listed, model = ", ".join(held.values()), {"space": boxes.model_name()}
    return (
        ToolLink("words", "See your words' vectors", {"tool": "Vectors", "shown": listed, **model}),
        ToolLink("words", "Compare your words", {"tool": "Compare", "words": listed, **model}),
        ToolLink("words", f"All neighbours of “{held[WORD]}”", {"q": held[WORD], **model}),
    )


LESSON = Lesson(
    "words",
    (
        Step(
            "A word is a list of numbers",
            "An **embedding model** gives every word a **vector**: a list of numbers, as "
            "many for every word. The model learned these numbers such that words used in similar "
            "ways get similar lists. Look at the vector of a word of your own.",
            partial(_one_word, whole=False),
            _predict_negative,
            _reveal_vector,
        ),
        Step(
            "The dot product",
            "To compare two vectors, multiply them number by number and add up the products. The "
            "sum is the **dot product**. It is large where both have large numbers of the same "
            "sign in the same places.",
            _three_words,
            _predict_nearer,
            _reveal_dot,
        ),
        Step(
            "The cosine",
            "Long vectors have large dot products whatever they mean. Divided by both lengths, the "
            "dot product becomes the **cosine similarity**: 1 for the same direction, 0 for a "
            "right angle, −1 for opposite directions.",
            _two_words,
            _predict_cosine,
            _reveal_cosine,
        ),
        Step(
            "Scale does not matter",
            "Multiplying a vector by a number makes it longer or shorter; by a negative number it "
            "also turns around.",
            _scaled_words,
            _predict_scaled,
            _reveal_scaled,
        ),
        Step(
            "Neighbours",
            "With a measure of likeness, every word has **nearest neighbours**: the words whose "
            "vectors have the largest cosine with its own.",
            _one_word,
            _predict_neighbors,
            _reveal_neighbors,
        ),
    ),
    _tools,
    (
        WORD2VEC,
        ("Mu & Viswanath 2018, All-but-the-top", arxiv("1702.01417")),
    ),
)
