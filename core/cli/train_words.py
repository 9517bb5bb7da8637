"""``python -m core train words``: word vectors of the texts of a table."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

from core.base.errors import InputError, counted, shorten
from core.cli import files, table_options, train_options
from core.cli.progress import StderrProgress
from core.export import word_files
from core.spaces import vocabularies
from core.words.corpus import read_corpus
from core.words.training import HELP as TOLD, Settings, WordModel, train
from core.words.word_list import split_words

HELP = "Trains word vectors on texts: word2vec or fastText."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The texts, the settings, and where the vectors go."""
    parser.add_argument("source", help="a file of texts, or the name of a dataset")
    parser.add_argument(
        "--out", metavar="FILE", help=f"the file to write: {', '.join(word_files.ENDINGS)}"
    )
    parser.add_argument(
        "--name", help="keep the vectors under this name, as an embedding model of the app"
    )
    for field in fields(Settings):
        told = f"{TOLD[field.name].replace('%', '%%')} Default: %(default)s."
        option = "--min-count" if field.name == "least" else f"--{field.name.replace('_', '-')}"
        if field.name == "model":
            default, kinds = WordModel.SKIP_GRAM.value, [one.value for one in WordModel]
            parser.add_argument(option, choices=kinds, default=default, help=told)
        else:
            kind = type(field.default)
            parser.add_argument(
                option, dest=field.name, type=kind, default=field.default, metavar="N", help=told
            )
    parser.add_argument(
        "--neighbors", metavar="WORDS", help="words with commas between, to list the nearest of"
    )
    table_options.add_column(parser, "the column with the texts; default: the likeliest")
    table_options.add_arguments(parser)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Trains, writes and keeps.

    Raises:
        InputError: nothing can be learnt from the texts, or the vectors cannot go where they shall.
    """
    out = _out(options)
    if options.name is not None:
        vocabularies.require_free(options.name)
    given = {field.name: getattr(options, field.name) for field in fields(Settings)}
    settings = Settings(**given | {"model": WordModel(options.model)})
    chosen = table_options.choice(options)
    source = table_options.read(options.source, chosen)
    dataset = table_options.texts(source, chosen)
    progress = StderrProgress()
    corpus = read_corpus(dataset.texts, progress)
    asked = split_words(options.neighbors) if options.neighbors else corpus.suggested()
    made = train(corpus, settings, progress)
    answer: dict[str, Any] = {
        "trained": "words",
        "texts": len(dataset),
        "words": len(corpus.ids),
        "vocabulary": len(made.words),
        "settings": settings.as_dict(),
        "epochs": made.epochs,
        "losses": list(made.losses),
        "seconds": round(made.seconds, 3),
        "neighbors": {
            word: [{"id": near, "score": score} for near, score in found]
            for word, found in made.neighbors(asked).items()
        },
        "notes": list(made.notes),
    } | table_options.told(source, chosen, dataset)
    if out is not None:
        binary = out.suffix.lower() in word_files.BINARY
        files.write_out(out, word_files.word2vec(made.words, made.vectors, binary=binary))
        answer["file"] = str(out)
    if options.name is not None:
        notes = (f"Trained on {dataset.name} by {settings.model.value}.", *made.notes)
        entry = vocabularies.keep(made.words, made.vectors, options.name, notes)
        answer["space"] = entry.space.name
    return answer


def _out(options: argparse.Namespace) -> Path | None:
    """Where ``--out`` leads, before anything is trained."""
    out = train_options.given_out(options, "The vectors go into a file, or are kept in the app.")
    if out is None:
        return None
    if out.suffix.lower() not in word_files.ENDINGS or out.is_dir():
        raise InputError(
            f"--out is “{shorten(options.out)}”.",
            f"It is a file that ends in {', '.join(word_files.ENDINGS)}.",
            "Name one.",
        )
    return out


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    lines = [f"({note})" for note in result["notes"]]
    for word, near in result["neighbors"].items():
        lines.append(f"{word}: {', '.join(one['id'] for one in near)}")
    losses = result["losses"]
    lines.append(
        f"{result['vocabulary']:,} words by {result['settings']['model']}, "
        f"{counted(result['epochs'], 'epoch')} in {result['seconds']:.1f} s, loss {losses[0]:.3f} "
        f"to {losses[-1]:.3f}"
    )
    if "file" in result:
        lines.append(f"wrote {result['file']}")
    if "space" in result:
        lines.append(f"kept as the embedding model {result['space']}")
    return "\n".join(lines)
