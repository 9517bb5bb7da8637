"""``python -m core train head``: a head on the vectors of pictures or texts."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import InputError, counted, shorten
from core.base.types import BoolArray, FloatArray, Modality
from core.cli import files, table_options, texts, train_options
from core.cli.progress import StderrProgress
from core.heads import export, store, training
from core.heads.data import prepare
from core.heads.labels import read_labels
from core.heads.measures import compare, verdict
from core.heads.settings import HELP as TOLD, LOSSES, Settings
from core.heads.store import Origin
from core.images import holdout, openmoji, vectors as gallery_vectors
from core.images.sources import load_gallery
from core.sentences import datasets
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.storage import data_home

if TYPE_CHECKING:
    import pandas as pd

HELP = "Trains a head on frozen vectors, so that items that share labels lie near each other."
WITH_FILES = (export.STATE_DICT, export.ONNX)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The data, the columns, the settings, and where the head goes."""
    parser.add_argument(
        "source",
        help="a gallery (openmoji, a folder, ZIP archive or Parquet file of pictures, one that is "
        "in the app), or a table of texts",
    )
    parser.add_argument(
        "--columns", required=True, metavar="A,B", help="the columns that say what is alike"
    )
    parser.add_argument("--out", metavar="DIR", help="the folder to write")
    parser.add_argument(
        "--name", help="keep the head under this name, as an embedding model of the app"
    )
    parser.add_argument(
        "--base", default=DEFAULT_SPACE, metavar="SPACE", help="default: %(default)s"
    )
    parser.add_argument("--texts", action="store_true", help="SOURCE is a table of texts")
    parser.add_argument(
        "--group", metavar="COLUMN", help="no value of it is on both sides, as of an artist"
    )
    parser.add_argument(
        "--split",
        choices=["drawn", "validation"],
        default="drawn",
        help="validation: hold out the pictures that the app's own encoder was not trained on",
    )
    for field in fields(Settings):
        told = f"{TOLD[field.name]} Default: %(default)s."
        option = f"--{field.name.replace('_', '-')}"
        if field.name == "loss":
            parser.add_argument(option, choices=list(LOSSES), default=field.default, help=told)
        else:
            kind = type(field.default)
            parser.add_argument(
                option, dest=field.name, type=kind, default=field.default, metavar="N", help=told
            )
    table_options.add_column(parser, "the column with the texts; default: the likeliest")
    table_options.add_arguments(parser)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Trains, measures, writes and keeps.

    Raises:
        InputError: nothing can be learnt from the columns, or the head cannot go where it shall.
    """
    out = _out(options)
    if options.name is not None:
        store.require_free(options.name)
    settings = Settings(**{field.name: getattr(options, field.name) for field in fields(Settings)})
    progress = StderrProgress()
    origin, vectors, frame, ids = _open(options, progress)
    names = [name.strip() for name in options.columns.split(",") if name.strip()]
    labels = [read_labels(frame, name) for name in names]
    groups = None if options.group is None else read_labels(frame, options.group)
    data = prepare(vectors, labels, groups, _held_out(options, ids))
    trained = training.train(data, settings, progress)
    compared = compare(data, trained.parts, trained.head)
    name = options.name or (out.name if out is not None else "head")
    kept = store.head_file(trained, compared, name, origin)
    answer: dict[str, Any] = {
        "trained": "head",
        "space": data_home.safe_name(name),
        "base": origin.base.space.name,
        "data": origin.data,
        "items": kept.about["items"],
        "unlabelled": {one.column: one.missing for one in labels},
        "left_out": data.left_out,
        "settings": settings.as_dict(),
        "best_epoch": trained.best,
        "losses": list(trained.losses),
        **kept.about["figures"],
        "classes": {
            one.column: {
                kind: {"items": count, "before": before, "after": after}
                for kind, count, before, after in one.per_class()
            }
            for one in compared
        },
        "notes": [*trained.notes, *verdict(compared)],
        "seconds": round(trained.seconds, 3),
    }
    if out is not None:
        store.write(kept, out)
        _write_exports(kept.head, out)
        answer["folder"] = str(out)
    if options.name is not None:
        store.keep(kept)
    return answer


def _write_exports(head: Any, out: Path) -> None:
    files.write_out(out / export.STATE_DICT, export.state_dict(head))
    files.write_out(out / export.ONNX, export.onnx(head))


def _out(options: argparse.Namespace) -> Path | None:
    """Where ``--out`` leads, before anything is trained."""
    out = train_options.given_out(options, "The head goes into a folder, or is kept in the app.")
    if out is None:
        return None
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise InputError(
            f"“{shorten(options.out)}” is there already.",
            "The head is written into a new folder.",
            "Change --out.",
        )
    return out


def _open(
    options: argparse.Namespace, progress: StderrProgress
) -> tuple[Origin, FloatArray, pd.DataFrame, list[str]]:
    """Where the vectors ``(n, d)`` come from, they, what is known of each item, and the ids."""
    if options.texts or _is_table(options.source):
        chosen = table_options.choice(options)
        opened = texts.open_texts(
            table_options.read(options.source, chosen), chosen, options.base, progress
        )
        dataset = opened.dataset
        ids = [str(number) for number in dataset.numbers]
        origin = Origin(opened.entry, Modality.TEXT, dataset.name)
        return origin, opened.vectors.vectors, dataset.metadata, ids
    base = registry.find_space(options.base, Modality.IMAGE)
    gallery = load_gallery(options.source)
    encoded = gallery_vectors.encode_gallery(gallery, base, base.image_encoder(), None, progress)
    known = encoded.gallery
    origin = Origin(base, Modality.IMAGE, known.name)
    return origin, encoded.pictures, known.frame, known.ids


def _is_table(source: str) -> bool:
    """Whether a source is texts: by its ending, or as a dataset of the app."""
    if source == openmoji.NAME:
        return False
    endings = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".xlsx")
    named = {entry.name for entry in datasets.list_datasets()}
    return source in named or Path(source).suffix.lower() in endings


def _held_out(options: argparse.Namespace, ids: list[str]) -> BoolArray | None:
    if options.split == "drawn":
        return None
    held = holdout.held_out(ids)
    if not np.any(held):
        raise InputError(
            f"No picture of “{shorten(options.source)}” was set aside when the encoder learnt.",
            "Only the sets that it was trained on have a validation split.",
            "Draw what is held out: --split drawn.",
        )
    return held


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    items = result["items"]
    lines = [
        f"{counted(items['train'] + items['choosing'], 'item')} trained and chose, "
        f"{items['held_out']:,} were held out; epoch {result['best_epoch']} was the best"
    ]
    for column, after in result["after"].items():
        before = result["before"][column]
        lines.append(
            f"{column}: P@10 {before['precision_at_10']:.3f} before, "
            f"{after['precision_at_10']:.3f} after; nearest {before['nearest']:.3f}, "
            f"{after['nearest']:.3f}; vote {before['accuracy']:.3f}, {after['accuracy']:.3f}"
        )
    lines += [f"({note})" for note in result["notes"]]
    if result["left_out"]:
        lines.append(f"({counted(result['left_out'], 'item')} left out for having no label)")
    return "\n".join(lines)
