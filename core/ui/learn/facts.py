"""Lesson 11, Facts as vectors: TransE as a step, its loss, filtered ranks, and both ways."""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.base.errors import counted
from core.base.types import FloatArray, IntArray
from core.cache import facts as cache, graphs as graphs_cache
from core.charts.lesson_maps import BLUE, GREEN, GREY, Marked, marked_map
from core.graphs import ranking, scoring
from core.graphs.graph import Graph
from core.lessons import facts
from core.lessons.predictions import Choice, Names, Number
from core.ui.common.markdown import plain
from core.ui.help.parts import arxiv
from core.ui.learn import boxes
from core.ui.learn.boxes import Symbol, number, quoted
from core.ui.learn.lesson import Lesson, Reveal, Step, ToolLink

GRAPH = "nations"
HEAD, RELATION, DIM, ANGLE = "fact-head", "fact-relation", "fact-dim", "fact-angle"  # boxes
FIRST = {HEAD: "usa", RELATION: "embassy"}
PLANE = 2  # numbers of a vector, so that the drawing is exact
DIMS = (2, 4, 16, 64)
NEAREST = 3
RATE = 0.1
ANGLES = (0, 45, 90, 135, 180)


@dataclass(frozen=True, slots=True)
class Asked:
    """A head and a relation of the graph, with a number where one is asked for."""

    head: int
    relation: int
    number: int = PLANE

    @property
    def graph(self) -> Graph:
        """The graph that all steps are about."""
        return graphs_cache.graph(GRAPH)

    @property
    def names(self) -> tuple[str, str]:
        """Head and relation as the graph has them."""
        return self.graph.entities[self.head], self.graph.relations[self.relation]

    def known(self) -> IntArray:
        """The tails ``(m,)`` that are in the graph."""
        graph = self.graph
        known = ranking.Known(graph.triples, len(graph.relations))
        [tails] = known.answers(np.array([self.head]), np.array([self.relation]), tails=True)
        return np.unique(tails)


def _choose(label: str, options: Sequence[str], key: str, first: str) -> int:
    boxes.keep(key)
    chosen = st.selectbox(label, options, list(options).index(first), key=key, bind="query-params")
    boxes.note(key, chosen)
    return list(options).index(str(chosen))


def _ask() -> Asked | None:
    graph = graphs_cache.graph(GRAPH)
    with st.container(horizontal=True, gap="small"):
        head = _choose("Head", graph.entities, HEAD, FIRST[HEAD])
        relation = _choose("Relation", graph.relations, RELATION, FIRST[RELATION])
    return Asked(head, relation)


def _with_number(label: str, key: str, options: Sequence[int], first: int) -> Asked | None:
    asked = _ask()
    chosen = int(boxes.pick(label, options, first, key=key))
    return None if asked is None else Asked(asked.head, asked.relation, chosen)


def _listed(graph: Graph, rows: IntArray) -> str:
    return ", ".join(quoted(graph.label(row)) for row in rows.tolist()) or "none"


# 1: a fact is a step


def _predict_tails(given: Asked) -> Names:
    head, relation = given.names
    return Names(
        f"Which {NEAREST} of the {len(given.graph.entities)} nations lie nearest to “{head}” plus "
        f"“{relation}”? ({', '.join(given.graph.entities)})",
        NEAREST,
        "nearest nations",
    )


def _reveal_tails(given: Asked) -> Reveal:
    graph = given.graph
    taught = cache.taught(graph, PLANE)
    vectors = taught.vectors
    landing = vectors.entities[given.head] + vectors.relations[given.relation]
    gaps = np.abs(vectors.entities - landing).sum(axis=1)
    order = np.argsort(gaps, kind="stable")
    nearest, known = order[:NEAREST], given.known()
    head, relation = given.names

    def show() -> None:
        st.plotly_chart(
            _step_chart(graph, vectors.entities, given.head, landing, known),
            key="learn-step",
            alt=f"All nations in the plane, and where {head} plus {relation} lands",
        )
        st.caption(
            "Vectors of two numbers, so nothing is projected: the drawing is the model. Green "
            "squares are tails that the graph has for this head and relation."
        )
        boxes.equation(
            r"d(h, r, t) = \lVert \mathbf{e}_h + \mathbf{w}_r - \mathbf{e}_t \rVert_1",
            [
                Symbol(r"\mathbf{e}_h", _pair(vectors.entities[given.head]), quoted(head)),
                Symbol(r"\mathbf{w}_r", _pair(vectors.relations[given.relation]), quoted(relation)),
                Symbol(
                    r"\mathbf{e}_t",
                    _pair(vectors.entities[nearest[0]]),
                    f"{quoted(graph.label(int(nearest[0])))}, the nearest",
                ),
                Symbol(
                    "d",
                    number(float(gaps[nearest[0]])),
                    "its distance: the differences of both numbers, without signs, added up",
                ),
            ],
        )

    hits = nearest[np.isin(nearest, known)]
    return Reveal(
        tuple(graph.entities[row] for row in nearest.tolist()),
        f"TransE was trained just now on {len(graph.train):,} facts (loss, see the next step: "
        f"{number(taught.losses[0])} to {number(taught.losses[-1])}). The step of "
        f"{quoted(relation)} leads from {quoted(head)} to a place whose nearest are "
        f"{_listed(graph, nearest)}. The graph knows {_listed(graph, known)}; "
        f"{len(hits)} of the {NEAREST} are among them. One relation is one arrow, the same for all "
        "heads, so where a head has many tails they must lie together.",
        show,
    )


def _pair(vector: FloatArray) -> str:
    return f"({', '.join(number(float(one), 2) for one in vector)})"


def _step_chart(
    graph: Graph, entities: FloatArray, head: int, landing: FloatArray, known: IntArray
) -> object:
    labels = [graph.label(row) for row in range(len(entities))] + ["head + relation"]
    points = np.vstack([entities, landing[None]])
    others = np.setdiff1d(np.arange(len(entities)), [*known.tolist(), head])
    marked = [
        Marked("nations", others, GREY, size=8, named=True),
        Marked("known tails", known[known != head], GREEN, "square", 10, named=True),
        Marked("head", np.array([head]), BLUE, "diamond", 12, named=True),
    ]
    path = np.array([head, len(entities)])
    shown = [group for group in marked if len(group.rows)]
    return marked_map(points, labels, shown, star=landing, path=path)


# 2: negatives

TEACHES, NOTHING = "Yes: its loss is above 0", "No: its loss is 0"


def _pair_of(given: Asked) -> tuple[int, int] | None:
    """A known tail and one that is not; ``None`` where there is none of either."""
    known = given.known()
    false = np.setdiff1d(np.arange(len(given.graph.entities)), known)
    if not len(known) or not len(false):
        return None
    draw = np.random.default_rng(given.head * 1_000 + given.relation)
    return int(draw.choice(known)), int(draw.choice(false))


def _ask_pair() -> Asked | None:
    asked = _with_number("Numbers of a vector", DIM, DIMS, 16)
    if asked is not None and _pair_of(asked) is None:
        head, relation = asked.names
        st.info(
            f"The graph has no fact that begins “{plain(head)}, {plain(relation)}”, or all of "
            "them: choose another head or relation."
        )
        return None
    return asked


def _predict_pair(given: Asked) -> Choice:
    true, false = (given.graph.label(row) for row in _pair_of(given) or (0, 0))
    head, relation = given.names
    return Choice(
        f"True: ({head}, {relation}, {true}). False: ({head}, {relation}, {false}). After "
        "training, does this pair still teach the model something?",
        (TEACHES, NOTHING),
    )


def _reveal_pair(given: Asked) -> Reveal:
    graph = given.graph
    true, false = _pair_of(given) or (0, 0)
    vectors = cache.taught(graph, given.number).vectors
    places = vectors.entities.astype(np.float64)
    head, relation = places[given.head], vectors.relations[given.relation].astype(np.float64)
    near = float(facts.distance(head, relation, places[true]))
    far = float(facts.distance(head, relation, places[false]))
    loss = facts.pair_loss(near, far)
    moved = facts.pair_step((head, relation, places[true]), places[false], RATE)
    after = facts.pair_loss(
        float(facts.distance(*moved[:3])), float(facts.distance(moved[0], moved[1], moved[3]))
    )

    def show() -> None:
        boxes.equation(
            r"L = \max(0,\; \gamma + d(h, r, t) - d(h, r, t'))",
            [
                Symbol(r"\gamma", number(facts.MARGIN, 1), "the margin"),
                Symbol("d(h, r, t)", number(near), f"of the true tail {quoted(graph.label(true))}"),
                Symbol(
                    "d(h, r, t')", number(far), f"of the false tail {quoted(graph.label(false))}"
                ),
                Symbol("L", number(loss), "the loss"),
                Symbol("L_{+1}", number(after), f"after one more step at a rate of {RATE:g}"),
            ],
        )

    told = (
        "The false tail is not farther by the margin yet, so a step pulls head plus relation "
        "towards the true tail and pushes it from the false one."
        if loss > 0
        else "The false tail is farther by the margin already, so nothing moves: that is why most "
        "negatives drawn by chance teach little late in a training."
    )
    return Reveal(
        TEACHES if loss > 0 else NOTHING,
        f"A graph holds only what is true. **Negatives** are made by putting another entity in the "
        f"place of head or tail, on the assumption that it is then false. Here "
        f"{number(facts.MARGIN, 1)} + {number(near)} − {number(far)} gives a loss of "
        f"{number(loss)}. {told} The more numbers a vector has, the more room is there to keep "
        "true and false apart: try others.",
        show,
    )


# 3: filtered ranks


def _ask_rank() -> Asked | None:
    return _with_number("Numbers of a vector", DIM, DIMS, 16)


def _test_fact(given: Asked) -> tuple[int, int, int]:
    """A held-out fact: one of the head and relation, of the relation, or the first."""
    test = given.graph.test
    own = test[test[:, 1] == given.relation]
    both = own[own[:, 0] == given.head]
    chosen = next(rows for rows in (both, own, test) if len(rows))[0]
    head, relation, tail = (int(one) for one in chosen)
    return head, relation, tail


def _predict_rank(given: Asked) -> Number:
    graph = given.graph
    head, relation, tail = _test_fact(given)
    return Number(
        f"The model never saw the fact ({graph.label(head)}, {graph.relations[relation]}, "
        f"{graph.label(tail)}). Which rank does “{graph.label(tail)}” have among the nations, with "
        "other true tails left out?",
        1,
        len(graph.entities),
        1,
        0,
    )


def _reveal_rank(given: Asked) -> Reveal:
    graph = given.graph
    head, relation, tail = _test_fact(given)
    vectors = cache.taught(graph, given.number).vectors
    scores = scoring.tail_scores(vectors, np.array([head]), np.array([relation]))[0]
    known = np.setdiff1d(Asked(head, relation).known(), [tail])
    raw, filtered = facts.ranks(scores, tail, known)
    evaluations = {dim: cache.evaluation(graph, dim) for dim in DIMS}
    chance = ranking.random_figures(evaluations[DIMS[0]])

    def show() -> None:
        order = np.argsort(-scores, kind="stable").tolist()
        kinds = {tail: "asked for", **dict.fromkeys(known.tolist(), "true too, left out")}
        st.dataframe(
            {
                "nation": [graph.label(row) for row in order],
                "distance": [round(-float(scores[row]), 3) for row in order],
                "what it is": [kinds.get(row, "") for row in order],
            },
            hide_index=True,
            height="content",
            alt="All nations by their distance",
        )
        st.markdown(f"**All {len(graph.test)} held-out facts**, heads and tails asked for")
        rows = {f"TransE, {dim} numbers": one.both for dim, one in evaluations.items()}
        rows["by chance"] = chance
        st.dataframe(
            {
                "model": list(rows),
                "MRR": [round(one.mrr, 3) for one in rows.values()],
                "Hits@1": [round(one.hits[1], 3) for one in rows.values()],
                "Hits@3": [round(one.hits[3], 3) for one in rows.values()],
            },
            hide_index=True,
            alt="Filtered ranks of all held-out facts",
        )
        st.caption("Hits@1 and Hits@3: the share of the facts whose rank is 1, or 3 at most.")

    own = evaluations[given.number].both
    return Reveal(
        float(filtered),
        f"Among all nations {quoted(graph.label(tail))} has rank {raw}; without the "
        f"{counted(len(known), 'other')} that {'is' if len(known) == 1 else 'are'} true as well "
        f"it has rank {filtered}. Unfiltered, a model "
        "would be blamed for answers that are right. The mean of 1 / rank over all held-out facts "
        f"is the filtered **MRR**: {number(own.mrr)} with {given.number} numbers, where chance "
        f"comes to {number(chance.mrr)}. One fact says little, the mean over many says more.",
        show,
    )


# 4: both ways


def _predict_both(given: Asked) -> Number:
    return Number(
        f"Of the facts of “{given.names[1]}”, what share holds from tail to head as well?",
        0,
        100,
        10,
        0,
        "%",
    )


def _reveal_both(given: Asked) -> Reveal:
    graph = given.graph
    share = facts.reversed_share(graph.triples, given.relation)
    others = {
        name: facts.reversed_share(graph.triples, at) for at, name in enumerate(graph.relations)
    }
    most, least = max(others, key=lambda n: others[n]), min(others, key=lambda n: others[n])
    head, tail = cmath.rect(1, math.radians(20)), cmath.rect(1, math.radians(80))
    turn = cmath.rect(1, math.radians(given.number))
    forth, back = facts.complex_scores(head, turn, tail)

    def show() -> None:
        points = np.array(
            [[0, 0], *[[one.real, one.imag] for one in (head, head * turn, tail)]], dtype=np.float32
        )
        labels = ["0", "head", "turned", "tail"]
        marked = [
            Marked("head and tail", np.array([1, 3]), BLUE, "circle", 10, named=True),
            Marked("turned", np.array([2]), GREEN, "diamond", 12, named=True),
        ]
        st.plotly_chart(
            marked_map(points, labels, marked, path=np.array([1, 0, 2])),
            key="learn-turn",
            alt=f"A head, turned by {given.number} degrees, and a tail in the complex plane",
        )
        boxes.equation(
            r"s(h, r, t) = \mathrm{Re}(e_h\, w_r\, \overline{e_t})",
            [
                Symbol("e_h", _complex(head), "the head, of length 1 at 20°, as an example"),
                Symbol("e_t", _complex(tail), "the tail, of length 1 at 80°"),
                Symbol("w_r", _complex(turn), f"the relation: a turn by {given.number}°"),
                Symbol(
                    r"\overline{e_t}",
                    _complex(tail.conjugate()),
                    "the tail with the sign of its imaginary part changed",
                ),
                Symbol("s(h, r, t)", number(forth), "the score of the fact"),
                Symbol("s(t, r, h)", number(back), "the score of its reverse"),
            ],
        )
        angles = [
            (angle, *facts.complex_scores(head, cmath.rect(1, math.radians(angle)), tail))
            for angle in ANGLES
        ]
        st.dataframe(
            {
                "turn": [f"{angle}°" for angle, _, _ in angles],
                "score forth": [round(one, 3) for _, one, _ in angles],
                "score back": [round(one, 3) for _, _, one in angles],
            },
            hide_index=True,
            alt="Scores of a fact and of its reverse by the angle of the relation",
        )

    compared = "both scores are" if math.isclose(forth, back, abs_tol=1e-9) else "they differ:"
    return Reveal(
        100 * share,
        f"{share:.0%} of its facts hold both ways; most do so for {quoted(most)} "
        f"({others[most]:.0%}), fewest for {quoted(least)} ({others[least]:.0%}). TransE can have "
        "both directions true only where the arrow is near zero. *DistMult*, which multiplies "
        "head, relation and tail number by number and adds up, scores both ways the same, always. "
        "**ComplEx** multiplies complex numbers: a relation turns the head and stretches it. The "
        "score is high where the turned head points where the tail does. In the example below, "
        f"with a turn of {given.number}°, {compared} {number(forth)} forth and {number(back)} "
        "back. Turns of 0° and 180° (a reflection) score both ways the same, one of 90° gives the "
        "opposite. Each of the many numbers of a vector may turn by its own angle.",
        show,
    )


def _complex(value: complex) -> str:
    sign = "+" if value.imag >= 0 else "\N{MINUS SIGN}"
    return f"{number(value.real)} {sign} {number(abs(value.imag))}i"


def _tools() -> Sequence[ToolLink]:
    head, relation = (str(boxes.kept(key, FIRST[key])) for key in (HEAD, RELATION))
    asked = {"ask-head": head, "ask-relation": relation}
    return (
        ToolLink("graph", f"What is around “{head}”", {"graph": GRAPH, "explore": head}),
        ToolLink("graph", "Train ComplEx on these nations", {"graph": GRAPH, "do": "Train"}),
        ToolLink(
            "graph",
            f"Predict the tails of “{head}, {relation}”",
            {"graph": GRAPH, "do": "Link prediction", **asked},
        ),
    )


LESSON = Lesson(
    "facts",
    (
        Step(
            "A fact is a step",
            "A **knowledge graph** is made of facts (head, relation, tail), as *(usa, embassy, "
            "uk)*. What stands at head or tail is an **entity**, here one of 14 nations. "
            "**TransE** gives each entity a place and each relation an arrow, such that head plus "
            "arrow comes near the tail. Here it is trained in the plane.",
            _ask,
            _predict_tails,
            _reveal_tails,
        ),
        Step(
            "Made-up falsehoods",
            "To learn what is near, a model must see what is far. But a graph says only what is "
            "true, so a false tail is put in the place of the true one. TransE is to have it "
            "farther than the true one by a **margin** of 1. The loss of the pair is what is "
            "missing: margin + distance of the true tail − distance of the false one, or 0 where "
            "that is negative.",
            _ask_pair,
            _predict_pair,
            _reveal_pair,
        ),
        Step(
            "Filtered ranks",
            "How good is it? Some facts were held out. For each, all entities are ranked as its "
            "tail (and as its head), and the rank of the true one counts.",
            _ask_rank,
            _predict_rank,
            _reveal_rank,
        ),
        Step(
            "Both ways",
            "Some relations hold both ways, as *militaryalliance*; some only one way, as "
            "*economicaid*. A model must be able to say either.",
            lambda: _with_number("Turn of the relation, in degrees", ANGLE, ANGLES, 90),
            _predict_both,
            _reveal_both,
        ),
    ),
    _tools,
    (
        (
            "Bordes et al. 2013, TransE",
            "https://papers.nips.cc/paper/2013/hash/1cecc7a77928ca8133fa24680a88d2f9-Abstract.html",
        ),
        ("Yang et al. 2014, DistMult", arxiv("1412.6575")),
        ("Trouillon et al. 2016, ComplEx", arxiv("1606.06357")),
        ("Sun et al. 2019, RotatE", arxiv("1902.10197")),
    ),
)
