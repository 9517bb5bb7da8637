"""A query asked in a sentence: matched to the names of a graph, and offered, never taken.

“whom did the usa give an embassy?” names *usa* and *embassy*. What stands in the sentence as it is
written, or nearly so, is matched by its letters; the rest by vectors of its words and of the names,
where there is an encoder. Which member is asked for is read from a few rules of English word order,
so the other way round is offered too, with a lower score.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.base.errors import InputError
from core.base.types import FloatArray, Progress, TextEncoder, no_progress
from core.graphs.geometry import readable
from core.graphs.graph import Graph
from core.graphs.prediction import Asked, Question
from core.knn.top_k import top_k
from core.spaces import text_vectors

MOST = 500  # characters of a sentence
NEARLY = 0.75  # ratio of letters (Indel similarity) from which on a name is taken to be meant
OTHER_WAY = 0.8  # weight of a query whose open member is the less likely one
_UNSURE_BOTH = 0.5  # weight of (head, ?, tail) where the sentence names a relation too
_SPAN = 4  # words that are compared with names at most, beside the whole sentence
_ENTITIES, _RELATIONS = 3, 4  # candidates
_LEAST = 0.25  # cosine below which a name is not offered
_WORD = re.compile(r"[^\W_]+")
_ASK = {*("who", "whom", "whose", "what", "which"), *("where", "when", "why", "how")}
_COPULA = {"is", "are", "was", "were"}
_HELP = {*_COPULA, *("did", "do", "does", "has", "have", "had"), *("can", "could", "will", "would")}
_LINKS = {*("of", "to", "by", "in", "for", "with"), *("on", "from", "at", "as", "and", "or")}
_ARTICLES = {"the", "a", "an"}
_FUNCTION = _ASK | _HELP | _LINKS | _ARTICLES
_PERIOD = re.compile(r"\.(?=[/\w])")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")

# Unit vectors ``(n, dim)`` of ``n`` texts; names of the graph are worth keeping, others are not.
Encode = Callable[[Sequence[str]], FloatArray]


@dataclass(frozen=True, slots=True)
class Encoders:
    """How names of the graph and words of the sentence become vectors of one space."""

    names: Encode
    words: Encode


def encoders_of(encoder: TextEncoder, folder: Path, progress: Progress = no_progress) -> Encoders:
    """Those of a model of texts; ``folder`` keeps the vectors of the graph's names."""
    return Encoders(
        lambda names: text_vectors.load_or_encode(names, encoder, folder, progress).vectors,
        lambda words: encoder.encode_texts(words).vectors,
    )


@dataclass(frozen=True, slots=True)
class Match:
    """A name that a sentence may mean.

    Attributes:
        row: the number of the entity or relation.
        score: 1 where it stands there as it is written, else the similarity of letters or vectors.
        start: the word where it stands, from 0; -1 where that is not known.
    """

    row: int
    score: float
    start: int = -1


@dataclass(frozen=True, slots=True)
class Offer:
    """A query that a sentence may ask.

    Attributes:
        score: the product of the matches of its two names, and of ``OTHER_WAY`` where the order
            of the words speaks for another open member; at most 1.
    """

    question: Question
    score: float


def readable_relation(name: str) -> str:
    """The words of a relation's name, such as “form of government”.

    Of a path, as Freebase has it (``/location/country/form_of_government``), the last part, or the
    last parts of the two that are joined by a dot.
    """
    parts = [part.rstrip("/").rpartition("/")[2] for part in _PERIOD.split(name)]
    text = " ".join(parts) if "/" in name else name
    return " ".join(_HUMP.sub(" ", text).replace("_", " ").replace("-", " ").split())


def offer(graph: Graph, sentence: str, encoders: Encoders | None = None, k: int = 6) -> list[Offer]:
    """Up to ``k`` queries that ``sentence`` may ask, the likeliest first; none where no name fits.

    Args:
        encoders: without them only names that stand in the sentence, or nearly so, are matched.

    Raises:
        InputError: the sentence has no word, or more than ``MOST`` characters; ``k`` is below 1.
    """
    if k < 1:
        raise InputError(f"{k} queries were asked for.", "At least 1.", "Ask for more.")
    words = _WORD.findall(sentence.casefold())
    if not words or len(sentence) > MOST:
        raise InputError(
            "The sentence has no word." if not words else f"It has {len(sentence):,} characters.",
            f"A question of at most {MOST} characters that names an entity and a relation.",
            "Type, for example: whom did the usa give an embassy?",
        )
    names = [letters(name) for name in graph.entities]
    labels = [letters(graph.labels.get(name, "")) for name in graph.entities]
    entities = _named(words, (names, labels))
    taken = {at for one, length in entities for at in range(one.start, one.start + length)}
    rest = _spans(words, taken)
    relations = _relations(graph, rest, encoders)
    mentions = [one for one, _ in entities]
    if not mentions:
        mentions = _nearly(rest, (names, labels), _ENTITIES)
    if not mentions and encoders is not None:
        texts = readable(graph.all_labels())
        mentions = _by_vectors(rest, texts, encoders, _ENTITIES)
    found = [
        Offer(question, entity.score * relation.score * weight)
        for entity in mentions
        for relation in relations
        for question, weight in _both_ways(graph, words, entity, relation, mentions)
    ]
    if len(mentions) > 1 and len(entities) > 1:
        clear = any(one.score >= NEARLY for one in relations)
        first, second = mentions[:2]
        score = first.score * second.score * (_UNSURE_BOTH if clear else 1)
        found += [
            Offer(Question(first.row, None, second.row), score),
            Offer(Question(second.row, None, first.row), score * OTHER_WAY),
        ]
    found.sort(key=lambda one: -one.score)  # stable: equal ones as they stand
    best: dict[Question, Offer] = {}
    for one in found:  # a name that stands twice in the sentence is meant once
        best.setdefault(one.question, one)
    return [*best.values()][:k]


def describe(graph: Graph, question: Question) -> str:
    """A query as a triple with a gap: ``(usa, embassy, ?)``."""
    head = "?" if question.head is None else graph.label(question.head)
    relation = "?" if question.relation is None else graph.relations[question.relation]
    tail = "?" if question.tail is None else graph.label(question.tail)
    return f"({head}, {relation}, {tail})"


def members(graph: Graph, question: Question) -> dict[str, str]:
    """The given members of a query by ``head``, ``relation``, ``tail``, as their ids."""
    given = (
        ("head", question.head, graph.entities),
        ("relation", question.relation, graph.relations),
        ("tail", question.tail, graph.entities),
    )
    return {name: ids[row] for name, row, ids in given if row is not None}


def letters(text: str) -> str:
    """Letters and digits alone: *Military alliance* and ``militaryalliance`` are the same."""
    return "".join(_WORD.findall(text.casefold()))


Span = tuple[int, int, str]  # first word, number of words, and these


def _named(words: Sequence[str], names: Sequence[Sequence[str]]) -> list[tuple[Match, int]]:
    """Entities that stand in the sentence, longest first where they overlap, in their order."""
    rows: dict[str, int] = {}
    for kind in names:
        for row, name in enumerate(kind):
            rows.setdefault(name, row)
    rows.pop("", None)
    found: dict[int, tuple[Match, int]] = {}
    free = [True] * len(words)
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            part = words[start : start + length]
            meant = rows.get("".join(part))
            if meant is None or not all(free[start : start + length]) or set(part) <= _FUNCTION:
                continue
            free[start : start + length] = [False] * length
            found[start] = Match(meant, 1.0, start), length
    return [found[start] for start in sorted(found)]


def _spans(words: Sequence[str], taken: set[int]) -> list[Span]:
    """Runs of up to ``_SPAN`` words beside those that are taken; a preposition may end one."""
    found: list[Span] = []
    for start, word in enumerate(words):
        for end in range(start + 1, min(start + _SPAN, len(words)) + 1):
            if end - 1 in taken:
                break
            if word not in _FUNCTION and words[end - 1] not in _ASK | _HELP:
                found.append((start, end - start, " ".join(words[start:end])))
    return found


def _nearly(spans: Sequence[Span], names: Sequence[Sequence[str]], k: int) -> list[Match]:
    """The names whose letters are most like those of a span, from ``NEARLY`` on."""
    from rapidfuzz import fuzz, process

    if not spans:
        return []
    asked = [letters(text) for *_, text in spans]
    best = np.zeros((len(spans), len(names[0])), dtype=np.float32)
    for kind in names:
        found = process.cdist(asked, kind, scorer=fuzz.ratio, score_cutoff=100 * NEARLY)
        best = np.maximum(best, found / 100)
    return _best(spans, best, k, NEARLY)


def _by_vectors(
    spans: Sequence[Span], texts: Sequence[str], encoders: Encoders, k: int
) -> list[Match]:
    """The names whose vectors are most like that of a span."""
    if not spans:
        return []
    scores = encoders.words([text for *_, text in spans]) @ encoders.names(texts).T
    return _best(spans, np.minimum(scores, 1), k, _LEAST)


def _best(spans: Sequence[Span], scores: FloatArray, k: int, least: float) -> list[Match]:
    """Of scores ``(spans, names)`` the best ``k`` names with the span that speaks for each."""
    at = scores.argmax(axis=0)
    best = scores.max(axis=0)
    return [
        Match(row, float(best[row]), spans[at[row]][0])
        for row in top_k(best, k).tolist()
        if best[row] >= least
    ]


def _relations(graph: Graph, spans: Sequence[Span], encoders: Encoders | None) -> list[Match]:
    """By letters and by vectors; of both matches of a relation the better one counts."""
    texts = [readable_relation(name) for name in graph.relations]
    # A number that tells relations of one name apart, as in tourism3, is spoken by nobody.
    plain = [letters(text).rstrip("0123456789") or letters(text) for text in texts]
    found = _nearly(spans, [plain], len(texts))
    if encoders is not None:
        found += _by_vectors(spans, texts, encoders, len(texts))
    best: dict[int, Match] = {}
    for one in found:
        if one.row not in best or one.score > best[one.row].score:
            best[one.row] = one
    return sorted(best.values(), key=lambda one: -one.score)[:_RELATIONS]


def _both_ways(
    graph: Graph, words: Sequence[str], entity: Match, relation: Match, mentions: Sequence[Match]
) -> list[tuple[Question, float]]:
    """The query for tails and that for heads, each with its weight."""
    named = [one.row for one in mentions if one.start >= 0]
    if len(named) > 1:  # the first of two is the likely head, the last the likely tail
        likely = Asked.TAIL if entity.row == named[0] else Asked.HEAD
    else:
        likely = _likely(words, entity, relation, graph.relations[relation.row])
    return [
        (
            Question(entity.row, relation.row, None),
            1.0 if likely is Asked.TAIL else OTHER_WAY,
        ),
        (
            Question(None, relation.row, entity.row),
            1.0 if likely is Asked.HEAD else OTHER_WAY,
        ),
    ]


def _likely(words: Sequence[str], entity: Match, relation: Match, name: str) -> Asked:
    """Which end a question asks for, by the order of its words.

    The entity is the head where it is the subject: after an auxiliary (*whom did usa …*), after
    *by* or *from* (*who was accused by usa*), or in front of the relation; after *to* it is the
    tail. After *of* (*the capital of france*, also as *france's capital*) it is the head too,
    unless the relation's own name ends so (*parent of*).
    """
    before = [word for word in words[: max(0, entity.start)] if word not in _ARTICLES]
    last = before[-1] if before else ""
    owns = last == "of" or words[entity.start + 1 : entity.start + 2] == ["s"]
    if words[0] == "by" and words[1] in _ASK:  # by whom was usa accused?
        tail = False
    elif owns:
        tail = not readable_relation(name).endswith(" of")
    elif last in {"to", "by", "from"} or last in _HELP:
        tail = last != "to"
    elif words[0] in _ASK and words[0] != "whom" and words[1] not in _HELP - _COPULA:
        tail = False  # who gave …: what is asked for is the subject
    else:
        tail = words[0] == "whom" or entity.start <= relation.start
    return Asked.TAIL if tail else Asked.HEAD
