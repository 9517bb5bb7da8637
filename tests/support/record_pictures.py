"""Records what the picture encoder's weights give, after they were trained anew.

``python -m tests.support.record_pictures`` writes ``pictures_recorded.json`` beside the test that
reads it. Look at what changes.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from core.spaces.encoders.minilm_pictures import read_about
from core.storage import data_home
from core.training.picture_encoder.report import Report
from core.training.picture_encoder.train import DATA
from tests.support.picture_files import five_pictures

FILE = Path(__file__).parents[1] / "spaces" / "encoders" / "pictures_recorded.json"


def main() -> None:
    """Writes the file."""
    report = Report(DATA)
    captions = report.texts.encode_texts(report.emoji.gallery.captions or []).vectors
    scores = report.emoji.pictures @ captions.T
    ranks = (scores > np.diag(scores)[:, None]).sum(axis=1) + 1
    ids = report.emoji.gallery.ids
    chosen = np.random.default_rng(0).choice(len(ids), 100, replace=False)
    found = {
        "sha256": read_about().sha256,
        "zero-shot": report.zero_shot(),
        "rank 1": float((ranks == 1).mean()),
        "ranks": {ids[row]: int(ranks[row]) for row in sorted(chosen)},
        "vectors": report.encoder.encode_pictures(five_pictures()).round(4).tolist(),
    }
    data_home.write_file(FILE, json.dumps(found).encode() + b"\n")


if __name__ == "__main__":
    main()
