"""``python -m core sentences``: neighbours by number, questions, pairs, projector files."""

from __future__ import annotations

import argparse
from typing import Any

from core.base.errors import InputError, StorageError, counted, listed
from core.base.types import Encoded, Metric, Modality, TextEncoder
from core.cli import files
from core.cli.progress import StderrProgress
from core.export import projector
from core.knn import all_pairs
from core.readers import tables
from core.sentences import (
    dataset as text_dataset,
    datasets,
    similarity_benchmark,
)
from core.sentences.dataset import TextDataset
from core.sentences.search import KeywordIndex, SearchMode, rank_rows
from core.spaces import registry, text_vectors
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.entry import SpaceEntry
from core.spaces.sources.folder import FOLDER
from core.storage import data_home

HELP = "Neighbours of sentences by number, semantic search, Embedding Projector files."
MAX_K = 10_000
_PROJECTOR_FILES = (projector.VECTORS, projector.METADATA, projector.CONFIG)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be asked, of which texts and in which space."""
    parser.add_argument("file", help="a table or text file, or a dataset's name (descriptions)")
    parser.add_argument("--column", help="the column with the texts (default: the likeliest)")
    parser.add_argument(
        "--space",
        default=DEFAULT_SPACE,
        help="an embedding model's name, or the folder of a sentence-transformers model "
        "(default: %(default)s)",
    )
    parser.add_argument("-k", type=int, help="neighbours (default: 5; for a query 10)")
    parser.add_argument("--metric", choices=[m.value for m in Metric], default=Metric.COSINE.value)
    parser.add_argument(
        "--mode",
        choices=[mode.value for mode in SearchMode],
        default=SearchMode.MEANING.value,
        help="what ranks the results of --query: cosine, BM25 or both (default: %(default)s)",
    )
    parser.add_argument("--no-header", action="store_true", help="the first line is data")
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument(
        "--query", metavar="TEXT", help="semantic search: rank the texts by this query"
    )
    asked.add_argument(
        "--pairs", action="store_true", help="FILE has two text columns and a score: Spearman"
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
    entry = _space(options.space)
    encoder = entry.text_encoder()
    if options.pairs and options.column:
        raise InputError("--column goes with one column of texts.", "--pairs has two.", "Drop it.")
    if options.pairs:
        return _pairs(options, entry, encoder)
    dataset = _dataset(options)
    encoded = _encode(dataset.texts, entry, encoder)
    notes: dict[str, Any] = {"notes": list(dataset.notes)} if dataset.notes else {}
    cut = [dataset.numbers[row] for row in encoded.cut.nonzero()[0]]
    if cut:
        notes["cut"] = cut
    if options.query is not None:
        return _answers(options, dataset, encoded, encoder) | notes
    if options.tsv is not None:
        return _tsv(options, dataset, encoded, entry) | notes
    return _neighbors(options, dataset, encoded) | notes


def _space(name: str) -> SpaceEntry:
    known = {entry.space.name for entry in registry.list_spaces()}
    if name not in known and (path := data_home.given_path(name)).is_dir():
        return FOLDER.probe(path)
    return registry.find_space(name, Modality.TEXT)


def _table(options: argparse.Namespace) -> tuple[str, tables.Table, str]:
    """Name, table and digest of what the person named."""
    path = data_home.given_path(options.file)
    if not path.exists():
        entry = datasets.find_dataset(options.file)
        return entry.name, datasets.read_table(entry), entry.digest
    path, data = files.read_table(options.file)
    header = False if options.no_header else None
    return path.name, tables.read_table(path.name, data, header=header), data_home.sha256(data)


def _dataset(options: argparse.Namespace) -> TextDataset:
    name, table, digest = _table(options)
    return text_dataset.from_table(name, table, options.column, digest)


def _encode(texts: list[str], entry: SpaceEntry, encoder: TextEncoder) -> Encoded:
    folder = entry.text_folder
    return text_vectors.load_or_encode(texts, encoder, folder, StderrProgress())


def _neighbors(
    options: argparse.Namespace, dataset: TextDataset, encoded: Encoded
) -> dict[str, Any]:
    metric = Metric(options.metric)
    found = all_pairs.find_neighbors(encoded, options.k or 5, metric, StderrProgress())
    return {
        "count": len(dataset),
        "metric": metric.value,
        "neighbors": {
            str(number): [
                {"id": dataset.numbers[other], "score": float(score)}
                for other, score in zip(found.rows[row], found.scores[row], strict=True)
            ]
            for row, number in enumerate(dataset.numbers)
        },
    }


def _answers(
    options: argparse.Namespace, dataset: TextDataset, encoded: Encoded, encoder: TextEncoder
) -> dict[str, Any]:
    question = options.query.strip()
    if not question:
        raise InputError("The query is empty.", "A text is needed.", "Type a query.")
    asked = encoder.encode_query(question)
    metric = Metric(options.metric)
    nearness = all_pairs.nearness(asked, encoded, metric)
    keywords = KeywordIndex(dataset.texts).scores(question)
    hits = rank_rows(nearness, keywords, SearchMode(options.mode), options.k or 10)
    return {
        "query": question,
        "mode": options.mode,
        "neighbors": [
            {
                "id": dataset.numbers[hit.row],
                "score": hit.score,
                "similarity" if metric is Metric.COSINE else "nearness": hit.similarity,
                "keywords": hit.keywords,
                "text": dataset.texts[hit.row],
            }
            for hit in hits
        ],
    }


def _pairs(options: argparse.Namespace, entry: SpaceEntry, encoder: TextEncoder) -> dict[str, Any]:
    name, table, _ = _table(options)
    pairs = similarity_benchmark.read_pairs(name, table)
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
