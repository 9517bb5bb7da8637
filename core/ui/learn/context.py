"""Lesson 2, Context: the window, its pairs, negatives, the loss of one pair, training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError
from core.charts import lessons as charts
from core.lessons.context import (
    POWER,
    Pair,
    first_vectors,
    noise,
    pairs,
    sigmoid,
    train,
    words_of,
)
from core.lessons.predictions import Choice, Number
from core.ui.common import page
from core.ui.common.markdown import plain
from core.ui.help.parts import acl, arxiv
from core.ui.learn import boxes
from core.ui.learn.boxes import Symbol, number, quoted
from core.ui.learn.lesson import Lesson, Reveal, Step, ToolLink

SENTENCE, WINDOW, TEXT, OF = "sentence", "window", "passage", "nearest-of"  # boxes
FIRST_SENTENCE = "the old king rules the land and the young queen rules the sea"
FIRST_TEXT = (
    "The king rules the land from the castle. The queen rules the land from the castle. "
    "The king wears a crown and sits on the throne. The queen wears a crown and sits on the "
    "throne. The dog runs in the garden and sleeps in the house. The cat runs in the garden and "
    "sleeps in the house. The dog eats meat in the morning. The cat eats fish in the morning. "
    "The king eats fish in the castle. The queen eats bread in the castle. The dog follows the "
    "queen to the garden. The cat follows the king to the throne. Ships sail on the sea to the "
    "land. Boats sail on the sea to the harbour. The ships bring fish and bread. The boats bring "
    "meat and bread."
)
DIM = 4  # of the vectors that are computed by hand
NEGATIVES = 5
SHOWN = 8  # words
NEAREST = 5
NARROW, WIDE = 2, 10
UP, DOWN = "It becomes larger", "It becomes smaller"


@dataclass(frozen=True, slots=True)
class Windowed:
    """A sentence and a window over it; ``rate`` where a step is taken."""

    words: tuple[str, ...]
    window: int
    rate: float = 0.5

    @property
    def chosen(self) -> tuple[int, int]:
        """The pair that is worked out: the middle word and the word after it, or before."""
        middle = len(self.words) // 2
        return middle, middle + 1 if middle + 1 < len(self.words) else middle - 1

    @property
    def names(self) -> tuple[str, ...]:
        """The center word, its context word, and the negatives, drawn by chance.

        As in word2vec the context word is none of them, unless there is no other word.
        """
        center, context = (self.words[at] for at in self.chosen)
        counts = Counter(self.words)
        shares = noise({w: n for w, n in counts.items() if w != context} or counts)
        drawn = np.random.default_rng(0).choice(
            list(shares), NEGATIVES, p=np.array(list(shares.values()))
        )
        return center, context, *map(str, drawn)


@dataclass(frozen=True, slots=True)
class Text:
    """A text to train on, and the word whose neighbours are asked for."""

    text: str
    word: str
    words: tuple[str, ...] = field(repr=False)


def _sentence(*, windowed: bool = False) -> Windowed | None:
    typed = boxes.text("A sentence", FIRST_SENTENCE, key=SENTENCE, max_chars=300)
    window = boxes.slider("Window: words on either side", 1, 10, 2, key=WINDOW) if windowed else 2
    try:
        return Windowed(tuple(words_of(typed)), window)
    except ExplorerError as error:
        page.show_error(error)
        return None


def _sentence_with_rate() -> Windowed | None:
    given = _sentence()
    rate = boxes.pick("Learning rate", (0.01, 0.1, 0.5, 1.0, 5.0, 20.0), 0.5, key="learn-rate")
    return None if given is None else Windowed(given.words, given.window, rate)


def _text() -> Text | None:
    typed = boxes.text("A text", FIRST_TEXT, key=TEXT, area=True, height=180, max_chars=12_000)
    try:
        words = words_of(typed)
    except ExplorerError as error:
        page.show_error(error)
        return None
    if len({*words}) < NEAREST + 2:
        st.info(f"The text has {len({*words})} different words; {NEAREST + 2} are needed.")
        return None
    word = boxes.text("Neighbours of the word", "king", key=OF, max_chars=80).strip().casefold()
    if word not in words:
        most = Counter(words).most_common(1)[0][0]
        st.info(f"“{plain(word)}” does not stand in the text: “{plain(most)}” is taken.")
        word = most
    return Text(typed, word, tuple(words))


def _predict_pairs(given: Windowed) -> Number:
    count = len(given.words)
    return Number(
        f"The sentence has {count} words and the window takes {given.window} on either side. How "
        "many pairs of a center and a context word does it make?",
        0,
        count * (count - 1),
        max(1, len(pairs(count, given.window)) // 10),
        0,
    )


def _reveal_pairs(given: Windowed) -> Reveal:
    count, window = len(given.words), given.window
    placed = pairs(count, window)
    whole = 2 * window * count

    def show() -> None:
        columns: dict[str, list[Any]] = {
            "center": list(given.words),
            "context words": [
                ", ".join(given.words[other] for center, other in placed if center == at)
                for at in range(count)
            ],
            "pairs": [sum(center == at for center, _ in placed) for at in range(count)],
        }
        st.dataframe(columns, hide_index=True, alt="Each word with its context")
        boxes.equation(
            r"P = \sum_{t=1}^{n} \big( \min(t-1,\, w) + \min(n-t,\, w) \big)",
            [
                Symbol("n", str(count), "words in the sentence"),
                Symbol("w", str(window), "words on either side"),
                Symbol("P", str(len(placed)), "pairs"),
            ],
        )

    return Reveal(
        float(len(placed)),
        f"Without ends there would be 2 × {window} × {count} = {whole} pairs; "
        f"{whole - len(placed)} are missing, since words near an end have fewer neighbours on "
        "that side. These pairs are all that the model learns from: a word is known by the words "
        "around it.",
        show,
    )


def _predict_noise(given: Windowed) -> Number:
    word, times = Counter(given.words).most_common(1)[0]
    return Number(
        f"“{word}” is {times} of {len(given.words)} words "
        f"({times / len(given.words):.0%}). What share of the negatives will be “{word}”?",
        0,
        100,
        4,
        0,
        "%",
    )


def _reveal_noise(given: Windowed) -> Reveal:
    counts = Counter(given.words)
    word, times = counts.most_common(1)[0]
    shares = noise(counts)
    total = sum(counts.values())
    top = [one for one, _ in counts.most_common(SHOWN)]
    rarest = counts.most_common()[-1][0]

    def show() -> None:
        st.plotly_chart(
            charts.bars(
                top,
                {
                    "share of the text": [counts[one] / total for one in top],
                    "share of the negatives": [shares[one] for one in top],
                },
                y="share",
            ),
            key="learn-noise",
            alt="Shares of the most frequent words in the text and among the negatives",
        )
        columns: dict[str, list[Any]] = {
            "word": top,
            "times": [counts[one] for one in top],
            "share of the text": [f"{counts[one] / total:.1%}" for one in top],
            "share of the negatives": [f"{shares[one]:.1%}" for one in top],
        }
        st.dataframe(columns, hide_index=True, alt="Both shares of the most frequent words")
        boxes.equation(
            r"P(w) = \frac{f(w)^{3/4}}{\sum_{w'} f(w')^{3/4}}",
            [
                Symbol("f(w)", str(times), f"how often {quoted(word)} stands in the sentence"),
                Symbol("f(w)^{3/4}", number(times**POWER), "the same to the power"),
                Symbol(
                    r"\textstyle\sum f^{3/4}",
                    number(sum(count**POWER for count in counts.values())),
                    "over all different words",
                ),
                Symbol("P(w)", number(shares[word]), "how likely it is drawn"),
            ],
        )

    because = (
        f"{quoted(word)} goes from {times / total:.1%} of the text to {shares[word]:.1%} of the "
        f"negatives, {quoted(rarest)} from {counts[rarest] / total:.1%} to "
        f"{shares[rarest]:.1%}. word2vec takes each count to the power 3/4, which draws rare "
        "words a little more often than they occur."
        if times > counts[rarest]
        else f"All words of your sentence occur equally often, so each is {shares[word]:.1%} of "
        "the negatives as it is of the text. Type a sentence that repeats a word to see the power "
        "3/4 at work."
    )
    return Reveal(100 * shares[word], because, show)


def _predict_loss(given: Windowed) -> Number:
    del given
    return Number(
        f"Before training, all context vectors are zero. What is the loss of one pair with "
        f"{NEGATIVES} negatives?",
        0,
        10,
        0.3,
    )


def _table(names: Sequence[str], before: Pair, after: Pair | None = None) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        "word": list(names[1:]),
        "is": ["context", *["negative"] * (len(names) - 2)],
        "dot product": [round(float(value), 4) for value in before.dots],
        "σ": [round(float(value), 4) for value in sigmoid(before.dots)],
    }
    if after is not None:
        columns["error σ − t"] = [round(float(value), 4) for value in before.errors]
        columns["dot product after"] = [round(float(value), 4) for value in after.dots]
    return columns


def _drawn(names: Sequence[str]) -> str:
    """Which words stand in the table, and why one may be there that the learner did not expect."""
    told = f"The pair is the sentence's middle word, {quoted(names[0])}, and a word beside it."
    if len({*names[2:]}) < len(names[2:]) or names[0] in names[2:]:
        told += " Negatives are drawn by chance: a word can come twice, or be the center itself."
    return told


def _reveal_loss(given: Windowed) -> Reveal:
    names = given.names
    pair = first_vectors(names[1:], DIM, 0, trained=False)
    trained = first_vectors(names[1:], DIM, 0, trained=True)

    def show() -> None:
        boxes.equation(
            r"\begin{gathered} L = -\log \sigma(\mathbf{u} \cdot \mathbf{v}) "
            r"- \sum_{j=1}^{k} \log \sigma(-\mathbf{u}_j \cdot \mathbf{v}) \\"
            r"\sigma(x) = \frac{1}{1 + e^{-x}} \end{gathered}",
            [
                Symbol(
                    r"\mathbf{v}",
                    boxes.vector(pair.center),
                    f"center, {quoted(names[0])}: {DIM} numbers to begin with, by chance",
                ),
                Symbol(
                    r"\mathbf{u}", boxes.vector(pair.context[0]), f"context, {quoted(names[1])}"
                ),
                Symbol(
                    r"\mathbf{u}_1",
                    boxes.vector(pair.context[1]),
                    f"a negative, {quoted(names[2])}",
                ),
                Symbol("k", str(NEGATIVES), "negatives"),
                Symbol(
                    r"\sigma(0)", number(float(sigmoid(np.zeros(1))[0])), "of every dot product"
                ),
                Symbol("L", number(pair.loss), r"$-(k+1)\log \tfrac{1}{2}$"),
            ],
        )
        st.markdown(
            "Later in training the vectors are no longer zero. With random ones in their place "
            f"the loss of the same words is {number(trained.loss)}:"
        )
        st.dataframe(_table(names, trained), hide_index=True, alt="Dot products")
        st.caption(_drawn(names))

    return Reveal(
        pair.loss,
        f"Every dot product with a zero vector is 0, and σ(0) = 0.5: the model says for each of "
        f"the {NEGATIVES + 1} words that it is as likely a true neighbour as not. Each adds "
        f"log 2 = {number(float(np.log(2)))}, together {number(pair.loss)}. Training has to get "
        "below that.",
        show,
    )


def _predict_step(given: Windowed) -> Choice:
    center, context = given.names[:2]
    return Choice(
        f"After one gradient step, what happens to the loss of the pair “{center}”, “{context}”?",
        (UP, DOWN),
    )


def _reveal_step(given: Windowed) -> Reveal:
    names = given.names
    before = first_vectors(names[1:], DIM, 0, trained=True)
    after = before.step(given.rate)
    rose = after.loss > before.loss

    def show() -> None:
        boxes.equation(
            r"\begin{gathered} \frac{\partial L}{\partial \mathbf{v}} = \sum_{j=0}^{k} "
            r"\big( \sigma(\mathbf{u}_j \cdot \mathbf{v}) - t_j \big)\, \mathbf{u}_j \\"
            r"\mathbf{v} \leftarrow \mathbf{v} - \eta \frac{\partial L}{\partial \mathbf{v}} \\"
            r"\mathbf{u}_j \leftarrow \mathbf{u}_j - \eta\, "
            r"\big( \sigma(\mathbf{u}_j \cdot \mathbf{v}) - t_j \big)\, \mathbf{v} "
            r"\end{gathered}",
            [
                Symbol("t_j", "1 or 0", "1 for the context word (j = 0), 0 for a negative"),
                Symbol(r"\eta", f"{given.rate:g}", "the learning rate"),
                Symbol(r"\mathbf{v}", boxes.vector(before.center), f"{quoted(names[0])} before"),
                Symbol(
                    r"\tfrac{\partial L}{\partial \mathbf{v}}",
                    boxes.vector(before.errors @ before.context),
                    "the gradient: the errors below times their words' vectors, added up",
                ),
                Symbol(r"\mathbf{v}'", boxes.vector(after.center), f"{quoted(names[0])} after"),
                Symbol("L", number(before.loss), "the loss before"),
                Symbol("L'", number(after.loss), "the loss after"),
            ],
        )
        st.dataframe(
            _table(names, before, after), hide_index=True, alt="Dot products before and after"
        )
        st.caption(_drawn(names))

    moved = [float(value) for value in after.dots - before.dots]
    told = "up" if moved[0] > 0 else "down"
    because = (
        f"The loss went from {number(before.loss)} to {number(after.loss)}. The dot product with "
        f"{quoted(names[1])} went {told} by {number(abs(moved[0]))}, that with the negatives "
        f"changed by {number(float(np.mean(moved[1:])))} on average."
    )
    if rose:
        because += (
            f" The gradient tells the way down only for small steps: with a learning rate of "
            f"{given.rate:g} the step went past the valley."
        )
    return Reveal(UP if rose else DOWN, because, show)


def _predict_windows(given: Text) -> Number:
    return Number(
        f"Vectors are trained on the text twice, with window {NARROW} and with window {WIDE}. How "
        f"many of the {NEAREST} nearest words of “{given.word}” are the same?",
        0,
        NEAREST,
        0,
        0,
    )


def _reveal_windows(given: Text) -> Reveal:
    found = {window: train(given.words, window) for window in (NARROW, WIDE)}
    near = {window: one.nearest(given.word, NEAREST) for window, one in found.items()}
    narrow, wide = ({name for name, _ in near[window]} for window in (NARROW, WIDE))
    places = range(1, len(found[NARROW].losses) + 1)

    def show() -> None:
        columns: dict[str, list[Any]] = {}
        for window, listed in near.items():
            columns[f"window {window}"] = [name for name, _ in listed]
            columns[f"cosine, window {window}"] = [round(score, 3) for _, score in listed]
        st.dataframe(columns, hide_index=True, alt="Nearest words by both windows")
        st.plotly_chart(
            charts.lines(
                places,
                {f"window {window}": one.losses for window, one in found.items()},
                x_title="pass over the text",
                y_title="loss of a pair",
            ),
            key="learn-losses",
            alt="The loss of a pair falls from pass to pass",
        )
        st.caption(
            f"{len(given.words):,} words, {len(found[NARROW].words):,} of them different. A text "
            "this short decides little: real word vectors are trained on millions of words. The "
            "page Train does it with a dataset of yours."
        )

    shared = sorted(narrow & wide)
    listed = ", ".join(map(quoted, shared)) or "none"
    return Reveal(
        float(len(shared)),
        f"Window {NARROW} makes {found[NARROW].pairs:,} pairs, window {WIDE} "
        f"{found[WIDE].pairs:,}. Shared neighbours: {listed}. A narrow window puts together words "
        "that can stand in each other's place; a wide one also those of one subject (Levy & "
        "Goldberg 2014). Whether your text shows it, the two lists say.",
        show,
    )


def _tools() -> Sequence[ToolLink]:
    word, text = str(boxes.kept(OF, "king")), str(boxes.kept(TEXT, FIRST_TEXT))
    return (
        ToolLink(
            "train",
            "Train word vectors on your text",
            {"do": "Word vectors", "words-of": "Pasted text", "words-pasted": text},
        ),
        ToolLink("words", f"Neighbours of “{word}” in a large model", {"q": word}),
    )


LESSON = Lesson(
    "context",
    (
        Step(
            "A window over the text",
            "“You shall know a word by the company it keeps” (Firth 1957). **Skip-gram** makes a "
            "method of it: a window slides over the text, and each word in its middle, the "
            "**center**, makes a pair with every word around it, its **context**.",
            partial(_sentence, windowed=True),
            _predict_pairs,
            _reveal_pairs,
        ),
        Step(
            "Negatives",
            "The pairs say what belongs together. To learn from them, the model also needs pairs "
            "that do not: for each true pair, a few **negatives** are drawn at random from all "
            "words, frequent words more often.",
            _sentence,
            _predict_noise,
            _reveal_noise,
        ),
        Step(
            "The loss of one pair",
            "The **loss** is a number for how wrong the model is; training makes it small. Each "
            f"word has two vectors, one as center and one as context, here of {DIM} numbers each. "
            "Of a dot product x the model makes a probability, σ(x) = 1 / (1 + e⁻ˣ), that two "
            "words belong together. The loss of a pair adds up −log (natural logarithm) of the "
            "probability of the right answer: *together* for the context word, *not together* "
            "for each negative.",
            _sentence,
            _predict_loss,
            _reveal_loss,
        ),
        Step(
            "One gradient step",
            "The **gradient** is the list of the loss's slopes, one for each number of the "
            "vectors: it points to where the loss rises fastest. Training goes a little against "
            "it, again and again. The **learning rate** says how far.",
            _sentence_with_rate,
            _predict_step,
            _reveal_step,
        ),
        Step(
            "Training, and the width of the window",
            "Now the whole text: all pairs, many passes. Skip-gram is trained here and now, in 16 "
            "dimensions, once with a narrow window and once with a wide one.",
            _text,
            _predict_windows,
            _reveal_windows,
        ),
    ),
    _tools,
    (
        (
            "Mikolov et al. 2013, Distributed representations of words and phrases",
            arxiv("1310.4546"),
        ),
        ("Goldberg & Levy 2014, word2vec explained", arxiv("1402.3722")),
        (
            "Levy & Goldberg 2014, Dependency-based word embeddings",
            acl("P14-2050"),
        ),
        ("Rong 2014, word2vec parameter learning explained", arxiv("1411.2738")),
    ),
)
