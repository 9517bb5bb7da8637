"""Words → Formula: arithmetic on word vectors, its result words and its picture."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core.base.errors import ExplorerError, UnknownTermError, shorten
from core.base.types import FloatArray, Term, TermKind
from core.cache import spaces as spaces_cache, words as words_cache
from core.formula.formula import format_formula, format_weight, parse_formula
from core.formula.resolve import ResolvedQuery, resolve, spaced
from core.knn.exact import ExactIndex
from core.spaces.entry import SpaceEntry
from core.spaces.vocabulary import Vocabulary
from core.ui.choosers import query_bar
from core.ui.common import frame, keep, next_steps, page, spaces, tables
from core.ui.common.markdown import plain
from core.ui.session import names as session_names, page_state, shelf_picture
from core.ui.words import arithmetic_plot
from core.ui.words.completion import complete_words
from core.words.analysis import Ranking, rank_words
from core.words.inflections import Forms

DEFAULT = "king - man + woman"
INPUT_RANK, FORMS = "query word's rank", "other forms"
SPELLED = 3  # unknown words that are named with near spellings
EXAMPLES = (
    DEFAULT,
    "tokyo - japan + france",
    "puppy - dog + cat",
    "0.5*cat + 0.5*dog",
    "(doctor + animal) / 2",
    '"ice cream" - cold + hot',
)
HELP = (
    "Add and subtract words: **king - man + woman**. Analogies: **man : king :: woman : ?**, **man "
    "is to king as woman is to ?**. Weights: **0.5*cat + 0.5*dog**. Brackets: "
    '**(cat + dog)/2 - pet**. Phrases: **"new york" - usa + japan**. A kept vector: **[name] + '
    "cat**. A single word lists its neighbours."
)
BAR = query_bar.Bar(
    "q",
    "Formula",
    button="Compute",
    icon=":material/calculate:",
    first=DEFAULT,
    placeholder=DEFAULT,
    help=HELP,
    examples=EXAMPLES,
)


def show(entry: SpaceEntry) -> None:
    """The whole tool for the space ``entry``."""
    formula, _ = query_bar.ask(BAR, entry)
    spaces.tell_language(entry, "formula", [formula])
    chosen = _choose_options()
    loaded = spaces.open_vocabulary(
        entry,
        centered=chosen.centered,
        exact=chosen.exact,
        so_far=lambda words: _answer_so_far(formula, entry, words, chosen),
    )
    if loaded is None:
        return
    vocabulary, index = loaded
    found = page.steady()
    with page.steady():
        query = _resolve(formula, entry, vocabulary)
    if query is not None:
        ranking = rank_words(
            vocabulary,
            index,
            query,
            chosen.k,
            include_inputs=chosen.inputs,
            forms=words_cache.forms(entry) if chosen.fold else None,
        )
        rows = columns(ranking, query.rows, include_inputs=chosen.inputs)
        with found, frame.result():
            left, right = st.columns([2, 3])
            with left:
                st.caption(f"Read as: {plain(shorten(_reading(query), 1_000))}")
                _show_table(rows, formula)
                _tell_forms(ranking, asked=chosen.fold)
            with right:
                arithmetic_plot.show(query, ranking, vocabulary)
        _show_actions(query, rows, formula, entry, centered=chosen.centered)
    complete_words(vocabulary)


def _answer_so_far(formula: str, entry: SpaceEntry, words: Vocabulary, chosen: _Options) -> None:
    """The answer by the most frequent words, while the others are being encoded.

    What the formula names is encoded by itself. What cannot be answered is told once all are there.
    """
    try:
        terms = parse_formula(formula, words.__contains__)
        encoder = spaces_cache.word_encoder(entry)
        query = resolve(terms, words, encoder=encoder, items=_named(terms, entry))
    except ExplorerError:
        return
    forms = Forms(words) if chosen.fold else None
    ranking = rank_words(words, ExactIndex(words.vectors), query, chosen.k, forms=forms)
    st.caption(
        f"Read as: {plain(shorten(_reading(query), 1_000))}. The nearest of the "
        f"{len(words):,} most frequent words so far:"
    )
    _show_table(columns(ranking, query.rows), formula)


@dataclass(frozen=True, slots=True)
class _Options:
    k: int
    fold: bool
    inputs: bool
    centered: bool
    exact: bool


def _choose_options() -> _Options:
    with frame.settings():
        k = st.number_input("Results", 1, 200, 10, key="k", bind="query-params")
        fold = st.toggle(
            "Fold word forms",
            value=True,
            key="fold",
            bind="query-params",
            help="One row for all forms of a word (monarch, monarchs, monarchy), and none for "
            "forms of the query words. Not where the formula is about forms itself, as in "
            "biggest - big + small.",
        )
        inputs = st.toggle(
            "Include query words",
            key="inputs",
            bind="query-params",
            help="The words of the formula are usually among the nearest to its result, so they "
            "are left out of the answer unless asked for.",
        )
    with frame.group("More options"):
        centered = st.toggle(
            "Mean-center vectors",
            key="center",
            bind="query-params",
            help="Subtracts the mean of all word vectors from each, for this view only. It lifts "
            "agreement with people's similarity judgements a little, analogies not at all.",
        )
        exact = st.toggle(
            "Exact (brute-force) search",
            key="exact",
            bind="query-params",
            help="Normally short codes of the vectors choose some hundred candidates, which are "
            "then ranked exactly. Here no word is left out beforehand; it takes a little longer.",
        )
    return _Options(int(k), fold, inputs, centered, exact)


def _resolve(formula: str, entry: SpaceEntry, vocabulary: Vocabulary) -> ResolvedQuery | None:
    """The query, with what is said about how it was read; ``None`` after an error was shown."""
    encoder = spaces_cache.word_encoder(entry)
    terms: tuple[Term, ...] = ()
    try:
        terms = parse_formula(formula, vocabulary.__contains__)
        items = _named(terms, entry)
        unknown = [
            term
            for term in terms
            if term.kind is TermKind.WORD and vocabulary.row(term.text) is None
        ]
        if unknown and encoder is not None:
            with st.spinner("Encoding what the vocabulary does not have …"):
                query = resolve(terms, vocabulary, encoder=encoder, items=items)
        else:
            query = resolve(terms, vocabulary, items=items)
    except UnknownTermError as error:
        page.show_error(error)
        _offer_spellings(terms, error.term, vocabulary)
        return None
    except ExplorerError as error:
        page.show_error(error)
        return None
    session_names.tell([formula])
    if unknown:
        names = ", ".join(f"“{plain(shorten(term.text))}”" for term in unknown[:SPELLED])
        more = f" and {len(unknown) - SPELLED:,} more" if len(unknown) > SPELLED else ""
        hint = next((text for term in unknown if (text := spaced(term.text, vocabulary))), "")
        st.info(
            f"Not among the {len(vocabulary):,} words, so {plain(entry.space.title)} "
            f"encoded it just now: {names}{more}. {plain(hint)}"
        )
        for term in unknown[:SPELLED]:
            _offer_spellings(terms, term.text, vocabulary)
    return query


def _named(terms: Sequence[Term], entry: SpaceEntry) -> dict[str, FloatArray]:
    """What can be named in the space, with the vectors that the terms name."""
    items = keep.shelf().of_space(entry.space.name, entry.space.dim)
    find = session_names.finder(entry, lambda _: None)
    for term in terms:
        if term.kind is TermKind.ITEM and (found := find(term.text)) is not None:
            items[term.text] = found
    return items


def _reading(query: ResolvedQuery) -> str:
    """The terms with their weights, as they were understood."""
    parts: list[str] = []
    for found in query.terms:
        weight, text = found.term.weight, found.term.text
        size = "" if abs(weight) == 1 else f"{format_weight(round(abs(weight), 6))} × "
        name = f"[{text}]" if found.term.kind is TermKind.ITEM else text
        sign = "− " if weight < 0 else ("+ " if parts else "")
        parts.append(f"{sign}{size}{name}")
    return " ".join(parts)


def _offer_spellings(terms: Sequence[Term], word: str, vocabulary: Vocabulary) -> None:
    """Buttons that put a near spelling in the place of the term ``word``."""
    near = vocabulary.suggest(word)
    if not near:
        return

    def use(spelling: str) -> None:
        spelled = (replace(term, text=spelling) if term.text == word else term for term in terms)
        page_state.write("q", format_formula(spelled))

    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Instead of {plain(shorten(word, 30))}: did you mean")
        for spelling in near:
            st.button(
                plain(spelling),
                key=f"spelling-{word}-{spelling}",
                on_click=use,
                args=(spelling,),
            )


def columns(
    ranking: Ranking, inputs: Collection[int], *, include_inputs: bool = False
) -> dict[str, list[Any]]:
    """The answer as a table: ranks from 1, which query words have in a column of their own.

    Args:
        inputs: the rows of the query words.
    """
    places = {found.row: found.rank for found in ranking.inputs}
    answers = iter(range(1, len(ranking.neighbors) + 1))
    ranks = [None if found.row in inputs else next(answers) for found in ranking.neighbors]
    rows: dict[str, list[Any]] = {"rank": ranks}
    if include_inputs:
        rows[INPUT_RANK] = [places.get(found.row) for found in ranking.neighbors]
    rows["word"] = [found.id for found in ranking.neighbors]
    rows["similarity"] = [found.score for found in ranking.neighbors]
    if any(ranking.forms.values()):
        rows[FORMS] = [", ".join(ranking.forms.get(one.row, [])) for one in ranking.neighbors]
    return rows


def _show_table(rows: dict[str, list[Any]], formula: str) -> None:
    most = max(rows["similarity"], default=1.0)
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        column_config={
            "rank": st.column_config.NumberColumn(width=50),
            INPUT_RANK: st.column_config.NumberColumn(
                width=70, help="Place of a query word among all words."
            ),
            "similarity": st.column_config.ProgressColumn(
                format="%.3f",
                min_value=0.0,
                max_value=max(most, 1e-6),
                help="Cosine similarity.",
            ),
            FORMS: st.column_config.TextColumn(help="Other forms of the word, nearest first."),
        },
        alt=f"Words nearest to {formula} with their cosine similarity",
    )


def _tell_forms(ranking: Ranking, *, asked: bool) -> None:
    if ranking.input_forms:
        names = ", ".join(map(plain, ranking.input_forms[:SPELLED]))
        more = len(ranking.input_forms) - SPELLED
        st.caption(
            f"Left out as forms of the query words: {names}"
            + (f" and {more:,} more." if more > 0 else ".")
        )
    elif asked and not ranking.folded:
        st.caption("The formula is about forms of a word, so none are folded together.")


def _show_actions(
    query: ResolvedQuery,
    rows: dict[str, list[Any]],
    formula: str,
    entry: SpaceEntry,
    *,
    centered: bool,
) -> None:
    made = format_formula(found.term for found in query.terms)
    with st.container(horizontal=True):
        if centered:
            st.caption("Mean-centered vectors are of this view only, so they cannot be saved.")
        else:
            keep.keep_button(
                entry.space.name,
                query.vector,
                made,
                key="keep",
                picture=lambda: shelf_picture.of_terms([found.term for found in query.terms]),
                formula=keep.words_alone(found.term for found in query.terms),
            )
        session_names.link([formula], entry)
        tables.download_csv(rows, file_name="words.csv")
    with st.container(horizontal=True):
        if not centered:
            next_steps.vector(entry.space, query.vector, made, here=next_steps.WORDS)
    st.caption(
        "The address of this page holds formula, model and options; “Link” adds what names of "
        "yours stand for."
    )
