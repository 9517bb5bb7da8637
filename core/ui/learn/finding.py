"""Lesson 9, Finding fast: all, cells, HNSW hop by hop, codes, buckets, and what they cost."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.base.memory import format_bytes
from core.base.types import FloatArray, IntArray
from core.cache import finding as cache, maps as maps_cache
from core.charts.lesson_maps import BLUE, GREEN, GREY, ORANGE, Marked, marked_map
from core.knn import index_parts
from core.knn.faiss_indexes import IndexKind, divisors, piece_bits_for
from core.lessons.finding import Walk, bits_off, chance_of_same_bit, exact, recall, walk
from core.lessons.predictions import Choice, Number
from core.maps import project
from core.ui.help.parts import arxiv, doi
from core.ui.learn import boxes
from core.ui.learn.boxes import Symbol, WordModel, number, quoted
from core.ui.learn.lesson import Lesson, Reveal, Step, ToolLink

WORD, SIZE = "seek-word", "seek-among"  # boxes
FIRST = "guitar"
SIZES = (500, 1_000, 2_000, 5_000)
K = 10
LINKS = 8


@dataclass(frozen=True, slots=True)
class Search:
    """A question among the first words of a model, with a number where one is asked for."""

    model: WordModel
    word: str
    count: int
    number: int = 0

    @property
    def vectors(self) -> FloatArray:
        """Unit rows ``(count, dim)`` of what is searched."""
        return cache.word_vectors(self.model.entry, self.count)

    @property
    def labels(self) -> Sequence[str]:
        """Their words."""
        return self.model.vocabulary.words[: self.count]

    @property
    def query(self) -> FloatArray:
        """The question, ``(dim,)``."""
        vector: FloatArray = self.model.vectors([self.word])[0]
        return vector

    def named(self, rows: IntArray) -> str:
        """Words of rows ``(m,)`` in a sentence of Markdown."""
        return ", ".join(quoted(self.labels[row]) for row in rows.tolist())


def _ask() -> Search | None:
    maps_cache.warm()  # while the learner predicts
    model = boxes.word_model()
    words = boxes.words([("Search for", FIRST, WORD)])
    sizes = SIZES if model is None else [n for n in SIZES if n <= len(model.vocabulary)]
    if not sizes:
        st.info("This model has too few words for the lesson: choose another.")
        return None
    size = int(boxes.pick("among so many words", sizes, sizes[min(2, len(sizes) - 1)], key=SIZE))
    if model is None or words is None:
        return None
    boxes.tell_language(model.entry, words)
    return Search(model, words[0], size)


def _with_number(label: str, key: str, options: Sequence[int], first: int) -> Search | None:
    given = _ask()
    chosen = int(boxes.pick(label, options, first, key=key))
    if given is None:
        return None
    return Search(given.model, given.word, given.count, chosen)


def _map(given: Search, step: str, marked: Sequence[Marked], path: IntArray | None = None) -> None:
    """The map of the words, drawn with the question on it; ``step`` tells the steps' maps apart."""
    projection = cache.word_map(given.model.entry, given.count)
    star = project.place(projection, given.vectors, given.query[None]).coordinates[0]
    points = np.zeros((given.count, 2), dtype=np.float32)
    points[projection.rows] = projection.coordinates
    everything = Marked("words", np.arange(given.count), GREY, size=3)
    st.plotly_chart(
        marked_map(points, given.labels, [everything, *marked], star=star, path=path),
        key=f"learn-map-{step}",
        alt=f"A map of {given.count:,} words with the question {given.word} on it",
    )
    st.caption(
        "The map (UMAP) shows what lies together; the search itself goes by all "
        f"{given.vectors.shape[1]} numbers, so a near point on the map may be far, and the other "
        "way round."
    )


# 1: comparing with all


def _predict_flat(given: Search) -> Choice:
    dim = given.vectors.shape[1]
    counts = (given.count, given.count * dim, given.count * given.count)
    return Choice(
        f"How many multiplications does it take to compare one question with {given.count:,} "
        f"words of {dim} numbers each?",
        tuple(f"{one:,}" for one in counts),
    )


def _reveal_flat(given: Search) -> Reveal:
    vectors, query = given.vectors, given.query
    seconds = []
    for _ in range(9):
        began = time.perf_counter()
        scores = vectors @ query
        seconds.append(time.perf_counter() - began)
    best = exact(vectors, query, K)
    count, dim = vectors.shape
    milliseconds = float(np.median(seconds)) * 1_000

    def show() -> None:
        st.dataframe(
            {
                "word": [given.labels[row] for row in best.tolist()],
                "cosine": [round(float(scores[row]), 4) for row in best.tolist()],
            },
            hide_index=True,
            height="content",
            alt="The nearest words",
        )
        _map(given, "flat", [Marked("the ten nearest", best, BLUE, "square", 9, named=True)])

    return Reveal(
        f"{count * dim:,}",
        f"Each of the {count:,} words costs {dim} multiplications, one a number: "
        f"{count * dim:,} in all. Here that took {number(milliseconds, 2)} ms. It is **exact**, "
        "and grows with the number of words: FAISS calls it *Flat*. A million words take "
        f"{1_000_000 / count:,.0f} times as many. All that follows saves comparisons or memory, "
        "and may miss something.",
        show,
    )


# 2: cells

PROBES = (1, 2, 4, 8, 16)


def _lists(count: int) -> int:
    return max(16, math.isqrt(count))


def _predict_cells(given: Search) -> Number:
    lists = _lists(given.count)
    return Number(
        f"The words lie in {lists} cells, and only the {given.number} nearest to the question "
        f"{'is' if given.number == 1 else 'are'} read. How many of the {K} nearest words are "
        "found?",
        0,
        K,
        1,
        0,
    )


def _reveal_cells(given: Search) -> Reveal:
    lists = _lists(given.count)
    index = cache.word_index(given.model.entry, given.count, IndexKind.IVF_FLAT, lists).inner
    cells = index_parts.cells(index)
    vectors, query = given.vectors, given.query
    true = exact(vectors, query, K)

    def found_in(probes: int) -> tuple[IntArray, IntArray]:
        members = np.flatnonzero(np.isin(cells.cell, index_parts.probed(index, query, probes)))
        return members, members[exact(vectors[members], query, K)]

    read, found = found_in(given.number)
    hits = true[np.isin(true, found)]
    missed = true[~np.isin(true, found)]

    def show() -> None:
        marked = [
            Marked("read", read, BLUE, size=5),
            Marked("found", hits, GREEN, "square", 9, named=True),
            Marked("missed", missed, ORANGE, "x", 10, named=True),
        ]
        _map(given, "cells", [group for group in marked if len(group.rows)])
        rows = [(probes, *found_in(probes)) for probes in PROBES]
        st.dataframe(
            {
                "cells read": [probes for probes, _, _ in rows],
                "words compared": [len(members) for _, members, _ in rows],
                "share of all": [f"{len(members) / given.count:.1%}" for _, members, _ in rows],
                "recall": [f"{recall(one, true):.0%}" for _, _, one in rows],
            },
            hide_index=True,
            alt="What is found by how many cells are read",
        )
        st.caption(f"**Recall** is the share of the {K} true nearest words that was found.")

    near = index_parts.probed(index, query, lists).tolist()
    places = sorted({near.index(cell) + 1 for cell in cells.cell[missed].tolist()})
    why = (
        f"Missed: {given.named(missed)}. By nearness, what was missed lies in cell "
        f"{', '.join(map(str, places))} of {lists}, and only {given.number} "
        f"{'was' if given.number == 1 else 'were'} read. "
        if len(missed)
        else "None of them lies in a cell that was not read. "
    )
    return Reveal(
        float(len(hits)),
        f"Centres were learnt from the words by *k-means*, which moves each centre to the mean of "
        f"the words nearest to it, again and again. Each word lies in the cell of its nearest "
        f"centre. The question was compared with {lists} centres, then with the "
        f"{len(read):,} words of the cells that are read ({len(read) / given.count:.0%} of all). "
        f"{why}Reading more cells finds more and costs more: FAISS calls the cells *lists*, the "
        "index *IVF*, and how many are read *nprobe*.",
        show,
    )


# 3: HNSW

WIDTHS = (1, 4, 16, 64)


def _predict_walk(given: Search) -> Number:
    return Number(
        f"With how many of the {given.count:,} words is the question compared?",
        1,
        given.count,
        max(20, given.count // 20),
        0,
    )


def _reveal_walk(given: Search) -> Reveal:
    graph = cache.word_graph(given.model.entry, given.count, LINKS)
    vectors, query = given.vectors, given.query
    walked = walk(graph, vectors, query, given.number, K)
    true = exact(vectors, query, K)
    missed = true[~np.isin(true, walked.rows)]
    layers = np.bincount(graph.levels, minlength=graph.top + 1)[::-1].cumsum()[::-1]

    def show() -> None:
        _show_hops(given, walked, missed)
        st.dataframe(
            {
                "layer": list(range(graph.top, -1, -1)),
                "words in it": [int(layers[level]) for level in range(graph.top, -1, -1)],
                "hops": [
                    sum(hop.level == level for hop in walked.hops)
                    for level in range(graph.top, -1, -1)
                ],
            },
            hide_index=True,
            alt="The layers of the graph",
        )

    why = f"Missed: {given.named(missed)}. " if len(missed) else f"All {K} nearest were found. "
    return Reveal(
        float(walked.compared),
        f"The graph has {graph.top + 1} layers. The search began at "
        f"{quoted(given.labels[graph.entry])} in the highest, where few words are and links are "
        f"long, and went down; in the lowest it kept the {max(given.number, K)} best. "
        f"{len(walked.hops)} hops compared {walked.compared:,} words, "
        f"{walked.compared / given.count:.1%} of all. {why}A greedy walk can end in the wrong "
        "place; keeping more candidates (*efSearch*) is the remedy, and costs comparisons.",
        show,
    )


def _show_hops(given: Search, walked: Walk, missed: IntArray) -> None:
    at = len(walked.hops)
    if at > 1:
        key = f"learn-hop-{given.word}-{given.count}-{given.number}"
        at = st.slider("Hop", 1, at, at, key=key)
    hops = walked.hops[:at]
    last = hops[-1]
    path = np.array([hop.row for hop in hops])
    looked = np.array(sorted({row for hop in hops for row in hop.looked}), dtype=np.int64)
    marked = [
        Marked("compared", looked, BLUE, size=5),
        Marked("here", path[-1:], GREEN, "diamond", 12, named=True),
    ]
    if at == len(walked.hops):
        marked.append(Marked("found", walked.rows, GREEN, "square", 8, named=True))
        if len(missed):
            marked.append(Marked("missed", missed, ORANGE, "x", 10, named=True))
    st.markdown(
        f"Hop {at}, layer {last.level}: the links of {quoted(given.labels[last.row])} (cosine "
        f"{number(last.score)}) brought {len(last.looked)} new "
        f"{'word' if len(last.looked) == 1 else 'words'}; the best so far is "
        f"{quoted(given.labels[last.best])}."
    )
    _map(given, "walk", marked, path)


# 4: codes


def _predict_codes(given: Search) -> Choice:
    dim = given.vectors.shape[1]
    options = sorted({given.number, 4 * given.number, dim, 4 * dim})
    return Choice(
        f"A vector of {dim} numbers takes {4 * dim:,} bytes. How many does it take as "
        f"{given.number} pieces, each rounded to the nearest of at most 256 examples?",
        tuple(f"{one:,} bytes" for one in options),
    )


def _ask_pieces() -> Search | None:
    given = _ask()
    if given is None:
        return None
    dim = given.vectors.shape[1]
    pieces = [one for one in divisors(dim) if one <= min(128, dim)] or [dim]
    near = min(pieces, key=lambda one: abs(one - 48))
    chosen = int(boxes.pick("Pieces of a vector", pieces, near, key=f"seek-pieces-{dim}"))
    return Search(given.model, given.word, given.count, chosen)


def _reveal_codes(given: Search) -> Reveal:
    bits = piece_bits_for(given.count)
    codes = cache.word_codes(given.model.entry, given.count, given.number, bits)
    vectors, query = given.vectors, given.query
    decoded = codes.decoded()
    true = exact(vectors, query, K)
    found = exact(decoded, query, K)
    first = int(true[0])
    kept = float(decoded[first] @ vectors[first] / max(1e-9, float(np.linalg.norm(decoded[first]))))
    dim = vectors.shape[1]

    def show() -> None:
        boxes.equation(
            r"\mathbf{x} = (\mathbf{x}_1, \dots, \mathbf{x}_m), \qquad c_j = "
            r"\arg\min_i \lVert \mathbf{x}_j - \mathbf{b}_{ji} \rVert",
            [
                Symbol("m", str(given.number), f"pieces of {dim // given.number} numbers each"),
                Symbol(
                    r"\mathbf{b}_{ji}",
                    f"{2**bits} a piece",
                    "examples, learnt from the words by k-means"
                    + ("; more words would allow up to 256" if bits < 8 else ""),
                ),
                Symbol(
                    "(c_1, c_2, \\dots)",
                    ", ".join(str(one) for one in codes.codes[first][:8].tolist()) + ", …",
                    f"the code of {quoted(given.labels[first])}",
                ),
                Symbol(
                    r"\cos(\mathbf{x}, \hat{\mathbf{x}})",
                    number(kept),
                    "the cosine of the vector and what its code stands for",
                ),
            ],
        )
        st.dataframe(
            {
                "exact": [given.labels[row] for row in true.tolist()],
                "by codes": [given.labels[row] for row in found.tolist()],
            },
            hide_index=True,
            height="content",
            alt="The nearest words, exact and by codes",
        )

    return Reveal(
        f"{given.number:,} bytes",
        f"One byte a piece, which can name 256 examples: {given.number:,} bytes in place of "
        f"{4 * dim:,}, {4 * dim / given.number:,.0f} times less. {recall(found, true):.0%} of the "
        f"{K} nearest are among the {K} nearest by codes. A question is not rounded: its products "
        f"with all {given.number} × {2**bits} examples are worked out once, and each word then "
        f"costs {given.number} look-ups in that table. So ranking a few hundred candidates again "
        "by the full vectors gets most of the loss back.",
        show,
    )


# 5: hyperplanes

PLANES = (4, 6, 8, 10, 12)


def _predict_bucket(given: Search) -> Number:
    return Number(
        f"{given.number} hyperplanes make {2**given.number:,} buckets. How many of the {K} nearest "
        "words lie in the question's own bucket?",
        0,
        K,
        1,
        0,
    )


@dataclass(frozen=True, slots=True)
class Buckets:
    """The words by their buckets: how many bits each is off the question's, and what is near.

    Attributes:
        off: ``(count,)`` bits that differ from the question's.
        true: ``(K,)`` the nearest, exact.
    """

    given: Search
    off: IntArray
    true: IntArray

    def within(self, most: int) -> tuple[IntArray, IntArray]:
        """Words ``(m,)`` whose bucket is at most so many bits off, and the nearest ``(K,)``."""
        members = np.flatnonzero(self.off <= most)
        return members, members[exact(self.given.vectors[members], self.given.query, K)]


def _code(bits: Sequence[int]) -> str:
    return "".join(map(str, bits))


def _reveal_bucket(given: Search) -> Reveal:
    index = cache.word_index(given.model.entry, given.count, IndexKind.LSH, given.number)
    signs = index_parts.signs(index.inner)
    own = signs.of(given.query)
    off = bits_off(signs.bits, own)
    true = exact(given.vectors, given.query, K)
    buckets = Buckets(given, off, true)
    bucket, found = buckets.within(0)
    hits = true[np.isin(true, found)]
    farthest = int(off[true].max())
    used = len(np.unique(signs.bits, axis=0))
    _, by_code = index.search(given.query[None], K)

    def show() -> None:
        _show_buckets(buckets)
        last = int(true[-1])
        cosine = float(given.vectors[last] @ given.query)
        name = quoted(given.labels[last])
        boxes.equation(
            r"b_j(\mathbf{x}) = [\, \mathbf{r}_j \cdot \mathbf{x} \ge 0 \,], \qquad "
            r"P\big(b_j(\mathbf{x}) = b_j(\mathbf{y})\big) = 1 - \frac{\theta}{\pi}",
            [
                Symbol(
                    r"\mathbf{r}_j",
                    f"{given.number} directions",
                    "at a right angle to the hyperplanes, drawn at random",
                ),
                Symbol(r"b(\mathbf{x})", _code(own.tolist()), f"the bits of {quoted(given.word)}"),
                Symbol(
                    r"b(\mathbf{y})",
                    _code(signs.bits[last].tolist()),
                    f"the bits of {name}, number {K}",
                ),
                Symbol(
                    r"\theta",
                    f"{math.degrees(math.acos(min(1.0, cosine))):.0f}°",
                    f"the angle between {quoted(given.word)} and {name}",
                ),
                Symbol(
                    r"1 - \theta / \pi",
                    f"{chance_of_same_bit(cosine):.0%}",
                    f"how likely a bit is the same; {given.number - int(off[last])} of "
                    f"{given.number} are",
                ),
            ],
        )

    more = (
        f"To find all {K} one must go on to buckets that are {farthest} "
        f"{'bit' if farthest == 1 else 'bits'} off, and compare "
        f"{len(buckets.within(farthest)[0]):,} words. "
        if farthest
        else ""
    )
    return Reveal(
        float(len(hits)),
        f"The {given.count:,} words lie in {used:,} of {2**given.number:,} buckets. The bits of "
        f"the question are {_code(own.tolist())}. Its bucket holds {len(bucket):,} of the words "
        f"({len(bucket) / given.count:.1%}), and {len(hits)} of the {K} nearest. {more}More "
        "hyperplanes make smaller buckets, which miss more; in practice several tables, each with "
        "hyperplanes of its own, are asked side by side. FAISS's own *LSH* visits no buckets: it "
        f"compares all codes, bit by bit, and the {K} nearest by {given.number} bits hold "
        f"{recall(by_code[0], true):.0%} of the {K} true ones.",
        show,
    )


def _show_buckets(buckets: Buckets) -> None:
    given, true = buckets.given, buckets.true
    most = max(given.number // 2, int(buckets.off[true].max()))
    key = f"learn-bits-{given.word}-{given.count}-{given.number}"
    reach = st.slider("Bits that may differ", 0, most, 0, key=key)
    members, found = buckets.within(reach)
    hits, missed = true[np.isin(true, found)], true[~np.isin(true, found)]
    marked = [
        Marked("compared", members, BLUE, size=5),
        Marked("found", hits, GREEN, "square", 9, named=True),
        Marked("missed", missed, ORANGE, "x", 10, named=True),
    ]
    _map(given, "bits", [group for group in marked if len(group.rows)])
    rows = [(bits, *buckets.within(bits)) for bits in range(most + 1)]
    st.dataframe(
        {
            "bits that may differ": [bits for bits, _, _ in rows],
            "buckets": [
                sum(math.comb(given.number, at) for at in range(bits + 1)) for bits, _, _ in rows
            ],
            "words compared": [len(within) for _, within, _ in rows],
            "share of all": [f"{len(within) / given.count:.1%}" for _, within, _ in rows],
            "recall": [f"{recall(one, true):.0%}" for _, _, one in rows],
        },
        hide_index=True,
        alt="What is found by how many bits may differ",
    )


# 6: how it grows

LOG, ROOT_LIKE, LINEAR = "less than three times as many", "three to six times", "six times or more"


def _predict_growth(given: Search) -> Choice:
    return Choice(
        f"HNSW searches {cache.SIZES[0]:,} words, then {cache.SIZES[-1]:,}: eight times as many. "
        "The comparisons become …",
        (LOG, ROOT_LIKE, LINEAR),
    )


def growth_of(ratio: float) -> str:
    """The option that a ratio of comparisons falls under."""
    if ratio < 3:
        return LOG
    return ROOT_LIKE if ratio < 6 else LINEAR


def _reveal_growth(given: Search) -> Reveal:
    grown = cache.comparisons(given.model.entry, LINKS, given.number)
    sizes = list(grown)
    ratio = grown[sizes[-1]] / grown[sizes[0]]
    trials = cache.trials(given.model.entry, given.count)

    def show() -> None:
        st.dataframe(
            {
                "words": sizes,
                "compared": [round(grown[size]) for size in sizes],
                "share of all": [f"{grown[size] / size:.1%}" for size in sizes],
            },
            hide_index=True,
            alt="Comparisons of HNSW by the number of words",
        )
        st.markdown(f"**All kinds on {given.count:,} words**, {K} nearest, 200 questions")
        st.dataframe(
            {
                "kind": [trial.settings.kind.value for trial in trials],
                "recall": [f"{trial.recall:.1%}" for trial in trials],
                "ms a question": [round(trial.milliseconds, 3) for trial in trials],
                "memory": [format_bytes(trial.size) for trial in trials],
                "building, s": [round(trial.build_seconds, 2) for trial in trials],
            },
            hide_index=True,
            alt="Recall, time and memory of each kind of index",
        )
        st.caption(
            "At sizes like these comparing with all is fast enough; the others pay from some "
            "hundred thousand vectors on."
        )

    return Reveal(
        growth_of(ratio),
        f"From {grown[sizes[0]]:,.0f} comparisons to {grown[sizes[-1]]:,.0f}: {number(ratio, 1)} "
        f"times, for {sizes[-1] / sizes[0]:.0f} times the words. A walk over layers needs a number "
        "of hops that grows with the logarithm of N, the number of vectors, and each hop compares "
        f"at most twice M words, M being the links ({LINKS} here, 2M in the lowest layer). "
        "Comparing with all would have grown by the full factor.",
        show,
    )


def _ask_growth() -> Search | None:
    given = _with_number("Candidates kept (efSearch)", "seek-width", WIDTHS, 16)
    if given is not None and len(given.model.vocabulary) < cache.SIZES[-1]:
        st.info(f"This step needs a model with {cache.SIZES[-1]:,} words: choose another.")
        return None
    return given


def _tools() -> Sequence[ToolLink]:
    word = str(boxes.kept(WORD, FIRST))
    return (
        ToolLink("images", "Build these indexes over a gallery", {"see": "Index", "index": "HNSW"}),
        ToolLink("words", f"All neighbours of “{word}”", {"q": word, "space": boxes.model_name()}),
    )


LESSON = Lesson(
    "finding",
    (
        Step(
            "Compare with all",
            "Finding what is nearest to a question is comparing the question with everything: one "
            "dot product each. The library FAISS has this and quicker ways; each step here takes "
            "one of them. What is searched are the model's most frequent words; where your word "
            "is one of them, it counts as its own nearest.",
            _ask,
            _predict_flat,
            _reveal_flat,
        ),
        Step(
            "Cells (IVF)",
            "An **inverted file** sorts the vectors into cells around centres beforehand, and a "
            "question is compared only with what lies in the nearest cells.",
            lambda: _with_number("Cells that are read (nprobe)", "seek-probes", PROBES, 2),
            _predict_cells,
            _reveal_cells,
        ),
        Step(
            "A walk through layers (HNSW)",
            "A **hierarchical navigable small world** links each vector to some near ones, on "
            "layers: few vectors in the highest, all in the lowest. A search goes from link to "
            "link, always to the nearest so far. The graph below was built by FAISS from your "
            "model's words, and the walk gives what FAISS's own search gives.",
            lambda: _with_number("Candidates kept (efSearch)", "seek-width", WIDTHS, 16),
            _predict_walk,
            _reveal_walk,
        ),
        Step(
            "Smaller vectors (PQ)",
            "**Product quantization** cuts a vector into pieces and keeps, of each piece, only the "
            "number of the most similar example.",
            _ask_pieces,
            _predict_codes,
            _reveal_codes,
        ),
        Step(
            "Random hyperplanes (LSH)",
            "**Locality-sensitive hashing** cuts the space by random hyperplanes through its "
            "origin. Of each vector it keeps only on which side of each it lies: one **bit** a "
            "hyperplane. Vectors with the same bits lie in one **bucket**, and a question is "
            "compared with its own bucket first, then with those that differ in a bit or two.",
            lambda: _with_number("Hyperplanes", "seek-planes", PLANES, 8),
            _predict_bucket,
            _reveal_bucket,
        ),
        Step(
            "M and log N",
            "What counts is how the work grows with the number of vectors, and what of the true "
            "neighbours is still found: **recall**.",
            _ask_growth,
            _predict_growth,
            _reveal_growth,
        ),
    ),
    _tools,
    (
        ("Malkov & Yashunin 2016, HNSW", arxiv("1603.09320")),
        ("Jégou et al. 2011, Product quantization", doi("10.1109/TPAMI.2010.57")),
        ("Charikar 2002, Similarity estimation (LSH)", doi("10.1145/509907.509965")),
        ("Douze et al. 2024, The Faiss library", arxiv("2401.08281")),
    ),
)
