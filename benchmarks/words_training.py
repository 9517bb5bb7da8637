"""Word vectors of 12,000 film texts: seconds, loss and neighbours by window and model.

The texts are those of the data folder (movie_descriptions.parquet). The peer is gensim's own call
with the same settings in this process, without what is watched.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.common import ROOT, machine, table
from core.words.corpus import Corpus, read_corpus
from core.words.training import Settings, WordModel, train

DATA = Path(os.environ.get("EMBEDDING_EXPLORER_DATA", ROOT.parent / "shared" / "data"))
ASKED = ("detective", "love", "space")
SHOWN = 6
RUNS = (
    Settings(window=2),
    Settings(window=10),
    Settings(WordModel.CBOW, window=10),
    Settings(WordModel.FASTTEXT, window=2),
    Settings(window=10, threads=2),
)


def main() -> None:
    """Prints both tables."""
    texts = pq.read_table(DATA / "text" / "movie_descriptions.parquet")["description"].to_pylist()
    began = time.perf_counter()
    corpus = read_corpus(texts)
    seconds = time.perf_counter() - began
    print(machine())
    print(f"{len(corpus.ids):,} words read in {seconds:.1f} s, {len(corpus.words):,} distinct")
    print()
    train(corpus, Settings(epochs=1, dims=2))  # the child is there, as for a second training
    times: list[tuple[str, ...]] = [
        ("model", "window", "threads", "s", "gensim alone, s", "ratio", "loss")
    ]
    near: list[tuple[str, ...]] = [("model", "window", *ASKED)]
    for settings in RUNS:
        made = train(corpus, settings)
        alone = _gensim_alone(corpus, settings)
        name = settings.model.value
        times.append(
            (
                name,
                str(settings.window),
                str(settings.threads),
                f"{made.seconds:.1f}",
                f"{alone:.1f}",
                f"{made.seconds / alone:.2f}",
                f"{made.losses[0]:.2f} to {made.losses[-1]:.2f}",
            )
        )
        found = made.neighbors(ASKED, SHOWN)
        words = [", ".join(word for word, _ in found[one]) for one in ASKED]
        near.append((name, str(settings.window), *words))
    print(table(times))
    print()
    print(table(near[:-1]))  # with two threads the last differs from run to run


def _gensim_alone(corpus: Corpus, settings: Settings) -> float:
    """Seconds of gensim's one call on the same words."""
    from gensim.models import FastText, Word2Vec

    trimmed = corpus.trimmed(settings.least)
    parts = np.split(trimmed.ids, trimmed.ends[:-1])
    texts = [[trimmed.words[row] for row in part] for part in parts]
    began = time.perf_counter()
    kind = FastText if settings.model is WordModel.FASTTEXT else Word2Vec
    kind(
        texts,
        vector_size=settings.dims,
        window=settings.window,
        negative=settings.negatives,
        sg=int(settings.model is not WordModel.CBOW),
        min_count=settings.least,
        sample=settings.sample,
        seed=settings.seed,
        workers=settings.threads,
        epochs=settings.epochs,
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
