"""``python -m core words``: formulas, analogy questions and similarity judgements."""

from __future__ import annotations

import argparse
from typing import Any

from core.base.errors import InputError
from core.base.types import Modality
from core.cli import files
from core.cli.progress import StderrProgress
from core.formula.formula import parse_formula
from core.formula.resolve import resolve
from core.knn.fast_scan import build_index
from core.spaces import registry, vocabularies
from core.spaces.catalog import DEFAULT_SPACE
from core.storage import data_home
from core.words import analogies
from core.words.analysis import rank_words

HELP = "Word arithmetic, analogy accuracy, word similarity."
MAX_K = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be asked, and of which space."""
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("formula", nargs="?", help='such as "king - man + woman"')
    asked.add_argument("--analogies", metavar="FILE", help="questions in the questions-words form")
    asked.add_argument("--similarity", metavar="FILE", help="lines: word word score")
    parser.add_argument(
        "--space",
        default=DEFAULT_SPACE,
        help="an embedding model's name, a file of vectors, or a spaCy folder (default: "
        "%(default)s)",
    )
    parser.add_argument("--word-list", metavar="FILE", help="the words beside an array of vectors")
    parser.add_argument("--limit", type=int, help="read only the file's first so many words")
    parser.add_argument("-k", type=int, default=10, help="neighbours (default: %(default)s)")
    parser.add_argument("--include-inputs", action="store_true", help="list the input words too")
    parser.add_argument("--center", action="store_true", help="mean-center the vectors")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Answers as plain data, in the form that the docs state.

    Raises:
        InputError: the options do not go together, or what they name cannot be used.
    """
    if not 1 <= options.k <= MAX_K:
        raise InputError(
            f"-k is {options.k}.", f"It is a number from 1 to {MAX_K:,}.", "Change -k."
        )
    if options.limit is not None and options.limit < 1:
        raise InputError(f"--limit is {options.limit}.", "It is at least 1.", "Change --limit.")
    if options.analogies is not None:
        questions = analogies.read_questions(files.read_text(options.analogies))
        vocabulary = _load(options)[0]
        return _analogies(vocabulary, questions) | _notes(vocabulary)
    if options.similarity is not None:
        judgements = analogies.read_judgements(files.read_text(options.similarity))
        vocabulary = _load(options)[0]
        measured = analogies.evaluate_similarity(vocabulary, judgements)
        return {
            "spearman": measured.spearman,
            "covered": measured.covered,
            "total": measured.total,
        } | _notes(vocabulary)
    return _formula(options)


def _notes(vocabulary: Any) -> dict[str, Any]:
    """What was left out of a file of vectors, and why."""
    notes = {"notes": list(vocabulary.notes)} if vocabulary.notes else {}
    reading: dict[str, Any] = vocabulary.reading
    return notes | reading


def _formula(options: argparse.Namespace) -> dict[str, Any]:
    vocabulary, index, encoder = _load(options)
    terms = parse_formula(options.formula, vocabulary.__contains__)
    query = resolve(terms, vocabulary, encoder=encoder)
    ranking = rank_words(vocabulary, index, query, options.k, include_inputs=options.include_inputs)
    answer: dict[str, Any] = {
        "query": options.formula,
        "space": vocabulary.space.name,
        "terms": [{"weight": term.weight, "term": term.text} for term in terms],
        "neighbors": [{"id": found.id, "score": found.score} for found in ranking.neighbors],
    }
    encoded = [term.term.text for term in query.terms if term.encoded]
    if encoded:
        answer["encoded"] = encoded
    return answer | _notes(vocabulary)


def _analogies(vocabulary: Any, questions: dict[str, list[analogies.Question]]) -> dict[str, Any]:
    result = analogies.evaluate_analogies(vocabulary, questions, StderrProgress())

    def numbers(section: analogies.SectionResult) -> dict[str, Any]:
        return {
            "accuracy": section.accuracy,
            "covered": section.covered,
            "total": section.total,
        }

    sections = {name: numbers(section) for name, section in result.sections.items()}
    return {**numbers(result.overall), "sections": sections}


def _load(options: argparse.Namespace) -> tuple[Any, Any, Any]:
    """Vocabulary, index, and the encoder for words it lacks."""
    path = data_home.given_path(options.space)
    named = {entry.space.name for entry in registry.list_spaces()}
    encoder = None
    if options.space not in named and (path.exists() or path.suffix or options.word_list):
        words = options.word_list
        words_path = None if words is None else data_home.given_path(words)
        vocabulary, index = vocabularies.load_path(
            path, words_path, limit=options.limit, progress=StderrProgress()
        )
    else:
        entry = registry.find_space(options.space, Modality.WORD)
        encoder = entry.word_encoder()
        vocabulary, index = entry.vocabulary(StderrProgress())
    if options.center:
        vocabulary = vocabulary.centered
        index = build_index(vocabulary.vectors)
    return vocabulary, index, encoder


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    lines = [f"({note})" for note in result.get("notes", ())]
    if "neighbors" in result:
        lines += [f"{found['score']:.3f}  {found['id']}" for found in result["neighbors"]]
        if "encoded" in result:
            lines.append(f"(not in the vocabulary, encoded: {', '.join(result['encoded'])})")
        return "\n".join(lines)
    if "spearman" in result:
        covered = f"{result['covered']} of {result['total']} pairs covered"
        return "\n".join([*lines, f"Spearman {result['spearman']:.3f}, {covered}"])
    rows = [(name, part) for name, part in result["sections"].items()] + [("overall", result)]
    lines += [
        f"{'' if part['accuracy'] is None else format(part['accuracy'], '.3f'):>5}  "
        f"{part['covered']:>6} of {part['total']:>6}  {name}"
        for name, part in rows
    ]
    return "\n".join(lines)
