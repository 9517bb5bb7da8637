"""``python -m core sentences``: neighbours by number, questions, pairs, projector files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.base.errors import InputError, StorageError, counted, listed
from core.base.types import Encoded, Metric, TextEncoder
from core.cli import (
    index_options,
    review_options,
    sentences_review,
    sentences_why,
    table_options,
)
from core.cli.progress import StderrProgress
from core.cli.texts import find_space, open_texts
from core.export import projector
from core.knn import all_pairs
from core.sentences import similarity_benchmark
from core.sentences.dataset import EncodedTexts, TextDataset
from core.sentences.index import origin_of
from core.sentences.search import KeywordIndex, SearchMode, as_hits, rank_rows
from core.spaces import text_vectors
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.entry import SpaceEntry
from core.spaces.own_vectors import OwnEncoder
from core.spaces.settings import Settings
from core.storage import data_home

HELP = "Neighbours of sentences by number, semantic search, Embedding Projector files."
MAX_K = 10_000
_OLD_MODES = {"meaning": "semantic", "keywords": "bm25", "both": "hybrid"}
_PROJECTOR_FILES = (projector.VECTORS, projector.METADATA, projector.CONFIG)


def _mode(text: str) -> str:
    """As the page calls it, or as it was called before."""
    return _OLD_MODES.get(text.lower(), text.lower())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be asked, of which texts and in which space."""
    parser.add_argument("file", help="a table or text file, or a dataset's name (descriptions)")
    table_options.add_column(parser, "the column with the texts (default: the likeliest)")
    parser.add_argument("--columns", metavar="A,B,...", help="read only these columns")
    parser.add_argument(
        "--space",
        help="an embedding model's name, or the folder of a sentence-transformers model (default: "
        f"the vectors that the table has, else {DEFAULT_SPACE}); with --vectors the model that "
        "made them",
    )
    parser.add_argument("-k", type=int, help="neighbours (default: 5; for a query 10)")
    parser.add_argument("--metric", choices=[m.value for m in Metric], default=Metric.COSINE.value)
    parser.add_argument(
        "--mode",
        type=_mode,
        choices=[mode.value for mode in SearchMode],
        default=SearchMode.SEMANTIC.value,
        help="what ranks the results of --query: semantic, by cosine; bm25, by words; hybrid, by "
        "both (default: %(default)s)",
    )
    parser.add_argument("--no-header", action="store_true", help="the first line is data")
    table_options.add_arguments(parser)
    model = parser.add_argument_group("a model's folder", "what --space names by a folder")
    model.add_argument("--query-prompt", metavar="TEXT", help="put before a query")
    model.add_argument("--text-prompt", metavar="TEXT", help="put before a text")
    model.add_argument(
        "--dimensions", type=int, default=0, metavar="N", help="numbers of a vector that are kept"
    )
    sentences_why.add_arguments(parser)
    sentences_review.add_arguments(parser)
    index_options.add_arguments(parser, "texts")
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument(
        "--query", metavar="TEXT", help="semantic search: rank the texts by this query"
    )
    asked.add_argument(
        "--pairs", action="store_true", help="FILE has two text columns and a score: Spearman"
    )
    asked.add_argument(
        "--review",
        action="store_true",
        help="near-duplicates, outliers, likely wrong labels (--label), leaks between splits "
        "(--split-column) and a subset: keep, drop or look for each row",
    )
    asked.add_argument("--tsv", metavar="DIR", help="write the Embedding Projector's three files")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Answers as plain data, in the form that the docs state.

    Raises:
        InputError: the options do not go together, or what they name cannot be used.
    """
    if options.k is not None and not 1 <= options.k <= MAX_K:
        raise InputError(
            f"-k is {options.k}.", f"It is a number from 1 to {MAX_K:,}.", "Change -k."
        )
    if options.pairs and options.column:
        raise InputError("--column goes with one column of texts.", "--pairs has two.", "Drop it.")
    sentences_why.check(options)
    review_options.check(options)
    index_options.check(
        options,
        searches=_takes_index(options) and options.why is None,
        expected="It goes with --query by meaning and cosine alone.",
    )
    wanted = Settings(options.dimensions, options.query_prompt, options.text_prompt)
    if options.pairs:
        entry = find_space(DEFAULT_SPACE if options.space is None else options.space, wanted)
        return _pairs(options, entry, entry.text_encoder())
    chosen = table_options.choice(options)
    source = table_options.only(table_options.read(options.file, chosen), options.columns)
    texts = open_texts(source, chosen, options.space, StderrProgress(), wanted)
    dataset, encoded = texts.dataset, texts.vectors
    notes: dict[str, Any] = {"notes": list(dataset.notes)} if dataset.notes else {}
    notes |= table_options.told(source, chosen, dataset)
    if dataset.own is not None:
        notes["vectors"] = dataset.own.column
    ids = table_options.row_ids(source, chosen, dataset)
    cut = [ids[row] for row in encoded.cut.nonzero()[0]]
    if cut:
        notes["cut"] = cut
    if options.why is not None:
        return sentences_why.answer(options, texts, ids) | notes
    if options.query is not None:
        return _answers(options, texts, ids) | notes
    if options.review:
        return sentences_review.answer(options, texts, ids) | notes
    if options.tsv is not None:
        return _tsv(options, dataset, encoded, texts.entry) | notes
    return _neighbors(options, texts, ids) | notes


def _encode(texts: list[str], entry: SpaceEntry, encoder: TextEncoder) -> Encoded:
    folder = entry.text_folder
    return text_vectors.load_or_encode(texts, encoder, folder, StderrProgress())


def _neighbors(
    options: argparse.Namespace, texts: EncodedTexts, ids: Sequence[Any]
) -> dict[str, Any]:
    metric = Metric(options.metric)
    found = all_pairs.find_neighbors(texts.vectors, options.k or 5, metric, StderrProgress())
    return {
        "count": len(texts.dataset),
        "metric": metric.value,
        "neighbors": {
            str(ids[row]): [
                {"id": ids[other], "score": float(score)}
                for other, score in zip(found.rows[row], found.scores[row], strict=True)
            ]
            for row in range(len(texts.dataset))
        },
    }


def _takes_index(options: argparse.Namespace) -> bool:
    """Whether an index can serve what is asked: the other rankings need all rows' scores."""
    ranked = (options.mode, options.metric) == (SearchMode.SEMANTIC.value, Metric.COSINE.value)
    return ranked and options.query is not None


def _answers(
    options: argparse.Namespace, texts: EncodedTexts, ids: Sequence[Any]
) -> dict[str, Any]:
    question = options.query.strip()
    if not question:
        raise InputError("The query is empty.", "A text is needed.", "Type a query.")
    dataset, metric = texts.dataset, Metric(options.metric)
    mode = SearchMode(options.mode)
    keywords = KeywordIndex(dataset.texts).scores(question)
    nearness = np.zeros(len(dataset), dtype=np.float32)
    served = None
    if _takes_index(options):
        vectors = texts.vectors.vectors
        served = index_options.open_index(vectors, options, lambda: origin_of(texts))
    if served is not None:
        vector = texts.encoder.encode_query(question).vectors[0]
        hits = as_hits(*served.search(vector, options.k or 10), keywords)
    else:
        if mode is not SearchMode.BM25 or not isinstance(texts.encoder, OwnEncoder):
            asked = texts.encoder.encode_query(question)
            nearness = all_pairs.nearness(asked, texts.vectors, metric)
        hits = rank_rows(nearness, keywords, mode, options.k or 10)
    return {
        "query": question,
        "mode": options.mode,
        **index_options.told(served),
        "neighbors": [
            {
                "id": ids[hit.row],
                "score": hit.score,
                "similarity" if metric is Metric.COSINE else "nearness": hit.similarity,
                "keywords": hit.keywords,
                "text": dataset.texts[hit.row],
            }
            for hit in hits
        ],
    }


def _pairs(options: argparse.Namespace, entry: SpaceEntry, encoder: TextEncoder) -> dict[str, Any]:
    source = table_options.read(options.file, table_options.choice(options))
    pairs = similarity_benchmark.read_pairs(source.name, source.table)
    found = _encode([*pairs.first, *pairs.second], entry, encoder)
    return {
        "spearman": similarity_benchmark.spearman(found.vectors, pairs.scores),
        "pairs": len(pairs.scores),
        "columns": list(pairs.columns),
        "space": entry.space.name,
    }


def _tsv(
    options: argparse.Namespace, dataset: TextDataset, encoded: Encoded, entry: SpaceEntry
) -> dict[str, Any]:
    if not options.tsv.strip():
        raise InputError("--tsv names no folder.", "A folder is needed.", "Name one.")
    folder = data_home.given_path(options.tsv)
    name = f"{dataset.name} {entry.space.name}"
    try:
        projector.write_projector(folder, name, encoded.vectors, dataset.columns())
    except StorageError as error:
        raise InputError(
            error.given, "A folder that can be written to is needed.", "Name another with --tsv."
        ) from error
    return {
        "count": len(dataset),
        "dim": entry.space.dim,
        "files": [str(folder / name) for name in _PROJECTOR_FILES],
    }


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    lines = [f"({note})" for note in result.get("notes", ())]
    if "cut" in result:
        rows = listed([str(number) for number in result["cut"]], 20)
        texts = counted(len(result["cut"]), "text")
        noun = "row" if len(result["cut"]) == 1 else "rows"
        lines.append(f"(longer than the model reads, so cut: {texts}, {noun} {rows})")
    if "spearman" in result:
        told = "none" if result["spearman"] is None else f"{result['spearman']:.4f}"
        lines.append(f"Spearman {told} on {result['pairs']:,} pairs")
    elif "files" in result:
        lines += [f"wrote {name}" for name in result["files"]]
    elif "items" in result:
        lines += review_options.lines(result)
    elif "why" in result:
        lines += sentences_why.lines(result)
    elif "query" in result:
        lines += [
            f"{hit['score']:.3f}  {hit['id']:>6}  {hit['text']}" for hit in result["neighbors"]
        ]
    else:
        lines += [
            f"{number} → {', '.join(str(found['id']) for found in near)}"
            for number, near in result["neighbors"].items()
        ]
    return "\n".join(lines)
