"""Lesson 3, Arithmetic with words: the parallelogram, when it fails, and bias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import streamlit as st

from core.base import vectors as vec
from core.base.axes import lay_along_axis
from core.base.paths import ASSETS
from core.base.types import FloatArray, Term
from core.charts import basic as charts, lessons as lesson_charts
from core.formula.resolve import ResolvedQuery, ResolvedTerm, add_up
from core.lessons.arithmetic import Answered, answer, together
from core.lessons.predictions import Choice, Names, Number
from core.lessons.vectors import cosine_parts, nearest_rows, random_cosines
from core.ui.common.markdown import plain
from core.ui.help.parts import acl, arxiv
from core.ui.learn import boxes
from core.ui.learn.boxes import Symbol, WordModel, number, quoted
from core.ui.learn.lesson import Lesson, Reveal, Step, ToolLink
from core.words.analogies import Question, read_pairs
from core.words.analysis import draw_arithmetic

MODEL = "minilm-layer2"  # answers more of the analogy test than the model's output does
FROM, TO, FOR, KIND, JOBS = "analogy-a", "analogy-b", "analogy-c", "analogy", "professions"  # boxes
FIRST = {FROM: "man", TO: "king", FOR: "woman"}
PROFESSIONS = "nurse, engineer, teacher, pilot, librarian, carpenter, dancer, banker"
MOST_JOBS = 10
PAIRS = 10_000
SHOWN = 8
NONE = "A word that is none of the three"


@dataclass(frozen=True, slots=True)
class Analogy:
    """*a* is to *b* as *c* is to what, and the model that is asked."""

    model: WordModel
    words: tuple[str, ...]

    def solve(self) -> tuple[ResolvedQuery, FloatArray]:
        """The query ``b - a + c`` and its cosine with every word, ``(n,)``.

        Raises:
            UnknownTermError: a word is not known.
            FormulaError: the vectors cancel.
        """
        a, b, c = self.words
        found = self.model.vectors(self.words)
        query = add_up(
            [
                ResolvedTerm(Term(weight, name), found[at], self.row(name), encoded=False)
                for name, weight, at in ((b, 1, 1), (a, -1, 0), (c, 1, 2))
            ]
        )
        return query, self.model.cosines(query.vector)

    def row(self, word: str) -> int | None:
        """Where a word stands in the vocabulary."""
        return self.model.vocabulary.row(word)

    def inputs(self) -> list[int]:
        """Rows of the three words, as far as they are in the vocabulary."""
        return [row for row in map(self.row, self.words) if row is not None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of analogy of the bundled test; "" for all of them."""

    model: WordModel
    kind: str


@dataclass(frozen=True, slots=True)
class Jobs:
    """Words to lay along the line from *he* to *she*."""

    model: WordModel
    words: tuple[str, ...]


@cache
def questions() -> dict[str, list[Question]]:
    """The bundled test, by kind."""
    path = ASSETS / "analogies" / "pairs.txt"
    return read_pairs(path.read_text(encoding="utf-8"))


def _analogy() -> Analogy | None:
    model = boxes.word_model(MODEL)
    found = boxes.words(
        [
            ("This word (a)", FIRST[FROM], FROM),
            ("is to this (b)", FIRST[TO], TO),
            ("as this (c) is to what?", FIRST[FOR], FOR),
        ],
        least=3,
    )
    return None if model is None or found is None else Analogy(model, found)


def _kind() -> Kind | None:
    model = boxes.word_model(MODEL)
    boxes.keep(KIND)
    kind = st.selectbox(
        "Kind of analogy", list(questions()), index=1, key=KIND, bind="query-params"
    )
    boxes.note(KIND, kind)
    one, two, three, four = questions()[kind][0]
    st.caption(
        f"{len(questions()[kind])} questions, such as: {plain(one)} is to {plain(two)} as "
        f"{plain(three)} is to {plain(four)}."
    )
    return None if model is None else Kind(model, str(kind))


def _all_kinds() -> Kind | None:
    model = boxes.word_model(MODEL)
    return None if model is None else Kind(model, "")


def _jobs() -> Jobs | None:
    model = boxes.word_model(MODEL)
    typed = boxes.text("Professions", PROFESSIONS, key=JOBS, max_chars=400)
    found = boxes.names(typed, MOST_JOBS)
    if len(found) < 2:
        st.info("Type at least two, separated by commas.")
        return None
    return None if model is None else Jobs(model, found)


def _predict_answer(given: Analogy) -> Names:
    a, b, c = given.words
    return Names(f"“{a}” is to “{b}” as “{c}” is to … Guess up to three words.", 3, "nearest words")


def _reveal_answer(given: Analogy) -> Reveal:
    a, b, c = given.words
    query, scores = given.solve()
    words, vectors = given.model.vocabulary.words, given.model.vocabulary.vectors
    rows = nearest_rows(scores, SHOWN, given.inputs())
    names = tuple(words[row] for row in rows)
    found = given.model.vectors(given.words)
    parallel = cosine_parts(found[1] - found[0], vectors[rows[0]] - found[2]).cosine

    def show() -> None:
        picture = draw_arithmetic(query, names[:3], vectors[rows[:3]])
        st.plotly_chart(
            charts.arithmetic(picture).update_layout(height=420, legend={"y": 1.12}),
            key="learn-parallelogram",
            alt=f"The parallelogram of {a}, {b}, {c} and its fourth corner",
        )
        st.caption(
            f"Two axes show {float(picture.shares[:2].sum()):.0%} of how these points differ. The "
            f"corner (result) has length {number(float(np.linalg.norm(query.sum)), 2)} where words "
            "have 1, so it is drawn farther off than the angle, the cosine, says."
        )
        boxes.equation(
            r"\begin{gathered} \mathbf{x} = \mathbf{b} - \mathbf{a} + \mathbf{c} \\"
            r"\hat{w} = \operatorname*{arg\,max}_{w} \cos(\mathbf{w}, \mathbf{x}) \end{gathered}",
            [
                Symbol(
                    r"\lVert \mathbf{b} - \mathbf{a} \rVert",
                    number(float(np.linalg.norm(found[1] - found[0]))),
                    f"the length of the step from {quoted(a)} to {quoted(b)}",
                ),
                Symbol(r"\hat{w}", quoted(names[0]), "the nearest word, the three left out"),
                Symbol(
                    r"\cos(\hat{\mathbf{w}}, \mathbf{x})",
                    number(float(scores[rows[0]])),
                    "how near it lies to the corner",
                ),
                Symbol(
                    r"\cos(\mathbf{b} - \mathbf{a}, \hat{\mathbf{w}} - \mathbf{c})",
                    number(parallel),
                    "how parallel the two steps are",
                ),
            ],
        )
        columns: dict[str, list[Any]] = {
            "word": list(names),
            "cosine": [round(float(scores[row]), 4) for row in rows],
        }
        st.dataframe(columns, hide_index=True, alt="The nearest words to the fourth corner")

    return Reveal(
        names,
        f"The corner is nearest to {quoted(names[0])} (cosine {number(float(scores[rows[0]]))}), "
        f"then {quoted(names[1])} ({number(float(scores[rows[1]]))}). Were the two steps the same, "
        f"their cosine would be 1; it is {number(parallel)}.",
        show,
    )


def _predict_inputs(given: Analogy) -> Choice:
    return Choice(
        "The search left out your three words. If they may be answers too, which word is nearest?",
        (*given.words, NONE),
    )


def _reveal_inputs(given: Analogy) -> Reveal:
    _, scores = given.solve()
    words = given.model.vocabulary.words
    own = {row: word for word, row in zip(given.words, map(given.row, given.words), strict=True)}
    rows = nearest_rows(scores, 5)
    first = own.get(int(rows[0]), NONE)
    best = int(nearest_rows(scores, 1, given.inputs())[0])

    def show() -> None:
        columns: dict[str, list[Any]] = {
            "rank": list(range(1, len(rows) + 1)),
            "word": [words[row] for row in rows],
            "cosine": [round(float(scores[row]), 4) for row in rows],
            "one of yours": ["yes" if int(row) in own else "" for row in rows],
        }
        st.dataframe(columns, hide_index=True, alt="The nearest words, none left out")

    rank = int((scores > scores[best]).sum()) + 1
    a, b, _ = given.model.vectors(given.words)
    step = float(np.linalg.norm(b - a))
    cosines = random_cosines(given.model.vocabulary.vectors, PAIRS)
    apart = float(np.sqrt(np.maximum(0, 2 - 2 * cosines)).mean())  # of unit vectors
    return Reveal(
        first,
        f"With none left out the first is {quoted(words[rows[0]])} with "
        f"{number(float(scores[rows[0]]))}. The answer that the last step showed, "
        f"{quoted(words[best])}, has rank {rank}. The step from {quoted(given.words[0])} to "
        f"{quoted(given.words[1])} has length {number(step, 2)}, and two random words lie "
        f"{number(apart, 2)} apart"
        + (
            ": so short a step mostly leaves the corner near where it came from."
            if step < apart
            else ": here the step is no short one."
        ),
        show,
    )


def _predict_rule(given: Kind) -> Number:
    return Number(
        f"The rule takes the word nearest to b − a + c. Of these {len(questions()[given.kind])} "
        "questions, what share does it answer if the three words themselves may be the answer?",
        0,
        100,
        10,
        0,
        "%",
    )


WAYS = ("three words left out", "none left out", "nearest to c alone")


def _shares(found: Answered) -> list[float]:
    return [float(column.mean()) for column in (found.offset, found.inputs_kept, found.third_alone)]


def _reveal_rule(given: Kind) -> Reveal:
    found = answer(given.model.vocabulary, questions()[given.kind])
    shares = _shares(found)

    def show() -> None:
        st.plotly_chart(
            lesson_charts.bars(WAYS, {"answered right": shares}, y="share answered right"),
            key="learn-ways",
            alt="Shares answered right in three ways",
        )
        columns = {"search": list(WAYS), "answered right": [f"{share:.1%}" for share in shares]}
        st.dataframe(columns, hide_index=True, alt="Shares answered right in three ways")

    return Reveal(
        100 * shares[1],
        f"Of {len(found)} questions the rule answers {shares[0]:.0%} with the three words left out "
        f"and {shares[1]:.0%} with none left out; in {float(found.first_is_input.mean()):.0%} of "
        "them one of the three is then the nearest word. Without any arithmetic, the word nearest "
        f"to *c* is the answer in {shares[2]:.0%} (Linzen 2016). What leaving out contributes is "
        "not the arithmetic's merit.",
        show,
    )


FREQUENT, MIDDLE, RARE = "The most frequent", "Those between", "The rarest"


def _predict_frequency(given: Kind) -> Choice:
    del given
    total = sum(map(len, questions().values()))
    return Choice(
        f"All {total} questions are divided into three bands by how frequent the right answer is. "
        "Which answers are found most often?",
        (FREQUENT, MIDDLE, RARE),
    )


def _reveal_frequency(given: Kind) -> Reveal:
    by_kind = {name: answer(given.model.vocabulary, asked) for name, asked in _known(given)}
    every = [question for kind in questions().values() for question in kind]
    # Where the model knows none of the words, this says so.
    found = together([*by_kind.values()]) if by_kind else answer(given.model.vocabulary, every)
    bands = found.by_frequency()
    names = (FREQUENT, MIDDLE, RARE)[: len(bands)]
    best = max(range(len(bands)), key=lambda at: bands[at][2])

    def show() -> None:
        labels = [f"rank {low:,} to {high:,}" for low, high, _ in bands]
        st.plotly_chart(
            lesson_charts.bars(
                labels,
                {"answered right": [share for *_, share in bands]},
                y="share answered right",
            ),
            key="learn-bands",
            alt="Shares answered right by the frequency of the answer",
        )
        columns: dict[str, list[Any]] = {
            "kind": list(by_kind),
            "questions": [len(one) for one in by_kind.values()],
            "answered right": [f"{_shares(one)[0]:.0%}" for one in by_kind.values()],
        }
        st.dataframe(
            columns,
            hide_index=True,
            height="content",
            alt="Shares answered right by kind of analogy",
        )

    told = "; ".join(f"rank {low:,} to {high:,}: {share:.0%}" for low, high, share in bands)
    return Reveal(
        names[best],
        f"By the place of the answer in the model's list of words, which begins with the most "
        f"frequent: {told}. Vectors of rare words have seen less text. The kind of analogy decides "
        "more, as the table says: the bands hold different kinds, so this is no proof of the one "
        "cause.",
        show,
    )


def _known(given: Kind) -> list[tuple[str, list[Question]]]:
    vocabulary = given.model.vocabulary
    return [
        (name, asked)
        for name, asked in questions().items()
        if any(all(word in vocabulary for word in question) for question in asked)
    ]


def _predict_bias(given: Jobs) -> Choice:
    return Choice("Which of them lies nearest to “she”, seen from “he”?", given.words)


def _reveal_bias(given: Jobs) -> Reveal:
    he, she = given.model.vectors(("he", "she"))
    vectors = given.model.vectors(given.words)
    scores = lay_along_axis(he[None, :], she[None, :], vectors)
    most, least = int(scores.argmax()), int(scores.argmin())

    def show() -> None:
        st.plotly_chart(
            charts.axis_strip(given.words, scores, "he", "she").update_layout(height=380),
            key="learn-bias",
            alt="Professions along the line from he to she",
        )
        boxes.equation(
            r"p(\mathbf{w}) = \frac{2\,\big(\mathbf{w} - \tfrac{1}{2}(\mathbf{a} + \mathbf{b})"
            r"\big) \cdot (\mathbf{b} - \mathbf{a})}{\lVert \mathbf{b} - \mathbf{a} \rVert^2}",
            [
                Symbol(r"p(\mathbf{a}),\; p(\mathbf{b})", "−1 and 1", "where *he* and *she* lie"),
                Symbol(
                    r"\cos(\mathbf{a}, \mathbf{b})",
                    number(float(vec.similarity(he[None, :], she[None, :])[0, 0])),
                    "how alike *he* and *she* are",
                ),
                Symbol(
                    r"p(\mathbf{w})", number(float(scores[most])), f"of {quoted(given.words[most])}"
                ),
                Symbol(
                    r"p(\mathbf{w})",
                    number(float(scores[least])),
                    f"of {quoted(given.words[least])}",
                ),
            ],
        )
        order = [int(at) for at in np.argsort(-scores, kind="stable")]
        columns: dict[str, list[Any]] = {
            "profession": [given.words[at] for at in order],
            "from he (−1) to she (1)": [round(float(scores[at]), 3) for at in order],
        }
        st.dataframe(columns, hide_index=True, alt="The place of each profession")

    spread = float(scores[most] - scores[least])
    return Reveal(
        given.words[most],
        f"From {quoted(given.words[least])} ({number(float(scores[least]))}) to "
        f"{quoted(given.words[most])} ({number(float(scores[most]))}): a spread of "
        f"{number(spread)}, where *he* and *she* themselves are 2 apart. No profession has a "
        "gender; the texts that the model learned from speak of them as if they had. Whoever uses "
        "such vectors takes this along (Bolukbasi et al. 2016).",
        show,
    )


def _tools() -> Sequence[ToolLink]:
    a, b, c = (str(boxes.kept(key, FIRST[key])) for key in (FROM, TO, FOR))
    formula, model = f"{a} : {b} :: {c} : ?", {"space": boxes.model_name()}
    jobs = str(boxes.kept(JOBS, PROFESSIONS))
    return (
        ToolLink("words", "Your analogy as a formula", {"q": formula, **model}),
        ToolLink(
            "words",
            "Your professions along the axis",
            {"tool": "Semantic axis", "low": "he", "high": "she", "along": jobs, **model},
        ),
        ToolLink("words", "The whole analogy test", {"tool": "Analogy test", **model}),
    )


LESSON = Lesson(
    "arithmetic",
    (
        Step(
            "The parallelogram",
            "If the step from *man* to *king* is the same as that from *woman* to *queen*, the "
            "four words are the corners of a **parallelogram**, and the fourth follows from three: "
            "*king − man + woman*. Ask for a fourth corner of your own. The lesson begins with the "
            "model *minilm-layer2*: MiniLM read at its second layer, where such steps show better "
            "than in its output.",
            _analogy,
            _predict_answer,
            _reveal_answer,
        ),
        Step(
            "What was left out",
            "The last step did what nearly all do who show such analogies: the three words that "
            "were given cannot be the answer. Now they can.",
            _analogy,
            _predict_inputs,
            _reveal_inputs,
        ),
        Step(
            "How much is arithmetic?",
            "One analogy is an anecdote. The app brings questions of many kinds; take one kind and "
            "see how many are answered, with the three words left out and without.",
            _kind,
            _predict_rule,
            _reveal_rule,
        ),
        Step(
            "Frequent and rare words",
            "The model has seen some words far more often than others. Does that show in what it "
            "can answer?",
            _all_kinds,
            _predict_frequency,
            _reveal_frequency,
        ),
        Step(
            "Bias: from he to she",
            "A step can also serve as a ruler. Along the line from *he* to *she* every word has a "
            "place. Where do professions lie?",
            _jobs,
            _predict_bias,
            _reveal_bias,
        ),
    ),
    _tools,
    (
        ("Mikolov et al. 2013, Linguistic regularities in continuous space …", acl("N13-1090")),
        ("Linzen 2016, Issues in evaluating semantic spaces", arxiv("1606.07736")),
        ("Rogers et al. 2017, The (too many) problems of analogical reasoning", acl("S17-1017")),
        ("Schluter 2018, The word analogy testing caveat", acl("N18-2039")),
        ("Bolukbasi et al. 2016, Man is to computer programmer …", arxiv("1607.06520")),
        ("Nissim et al. 2020, Fair is better than sensational", arxiv("1905.09866")),
    ),
)
