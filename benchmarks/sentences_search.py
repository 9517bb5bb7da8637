"""Sentences: all-pairs neighbours against scikit-learn, a warm question, intent accuracy.

The texts are the 12,000 movie descriptions and the 13,083 banking questions; they are encoded into
the data home first, which takes minutes and is done once.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from benchmarks.common import machine, median_in_turn, table
from benchmarks.sentences_encode import DATA
from core.base import vectors as vec
from core.base.types import Encoded
from core.cli.progress import StderrProgress
from core.knn import all_pairs
from core.sentences.search import KeywordIndex, SearchMode, rank_rows
from core.spaces import registry, text_vectors

K = 10
QUESTIONS = (
    "my card has not arrived yet",
    "a detective hunts a killer in the city",
    "why was I charged twice?",
    "two sisters fall in love with the same man",
    "how do I change my PIN",
    "soldiers lost in the desert",
)


def main() -> None:
    """Prints the tables."""
    import pandas as pd

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(machine(), flush=True)
    movies = pd.read_parquet(DATA / "text" / "movie_descriptions.parquet")["description"].tolist()
    banking = pd.read_csv(DATA / "text" / "banking77.csv")
    questions = banking["text"].str.strip().tolist()
    entry = registry.find_space("minilm")
    encoder = entry.text_encoder()
    folder = entry.text_folder
    found = text_vectors.load_or_encode([*questions, *movies], encoder, folder, StderrProgress())
    count = len(questions)
    _intents(_rows(found, slice(0, count)), banking["category"].to_numpy())
    _all_pairs(_rows(found, slice(count, None)), rounds)
    texts = [*questions, *movies]
    index = KeywordIndex(texts)
    index.scores("warm up")
    asked = iter(QUESTIONS * 1_000)

    def answer() -> None:
        question = next(asked)
        similarity = vec.similarity(encoder.encode_query(question).vectors, found.vectors)[0]
        rank_rows(similarity, index.scores(question), SearchMode.HYBRID, K)

    seconds = median_in_turn(
        {"encoding alone": lambda: encoder.encode_query(next(asked)), "to ranked answers": answer},
        rounds,
    )
    alone = seconds["encoding alone"]
    rows = [("a warm question", "ms", "times encoding alone")]
    rows += [(name, f"{1e3 * s:.1f}", f"{s / alone:.2f}") for name, s in seconds.items()]
    print(f"\nOver {len(texts):,} rows, by meaning and keywords:\n\n{table(rows)}")


def _rows(found: Encoded, part: slice) -> Encoded:
    return Encoded(found.vectors[part], found.lengths[part], found.cut[part])


def _intents(found: Encoded, labels: np.ndarray) -> None:
    """How often a question's nearest other question has the same intent."""
    nearest = all_pairs.find_neighbors(found, 1).rows[:, 0]
    accuracy = float((labels[nearest] == labels).mean())
    print(
        f"\nbanking77: of {len(labels):,} questions {accuracy:.4f} have the intent of the nearest."
    )


def _all_pairs(found: Encoded, rounds: int) -> None:
    from sklearn.neighbors import NearestNeighbors

    def peer() -> np.ndarray:
        model = NearestNeighbors(n_neighbors=K + 1, metric="cosine", algorithm="brute")
        return model.fit(found.vectors).kneighbors(found.vectors, return_distance=False)

    work = {
        "Embedding Explorer": lambda: all_pairs.find_neighbors(found, K).rows,
        "scikit-learn brute": peer,
    }
    times: dict[str, list[float]] = {name: [] for name in work}
    rows_of: dict[str, np.ndarray] = {}
    for _ in range(rounds + 1):
        for name, call in work.items():
            began = time.perf_counter()
            rows_of[name] = call()
            times[name].append(time.perf_counter() - began)
    medians = {name: float(np.median(taken[1:])) for name, taken in times.items()}
    ours = medians["Embedding Explorer"]
    rows = [("all pairs", "s", "ours is faster by")]
    rows += [(name, f"{s:.2f}", f"{s / ours:.2f}") for name, s in medians.items()]
    print(f"\n{K} neighbours of each of {len(found):,} rows:\n\n{table(rows)}")
    _compare(found, rows_of["Embedding Explorer"], rows_of["scikit-learn brute"])


def _compare(found: Encoded, mine: np.ndarray, peers: np.ndarray) -> None:
    """Rows with the same neighbours, and how far scores differ where they do not."""
    # scikit-learn's list holds the row itself, usually first, or not at all among duplicates.
    without = np.array([row[row != at][:K] for at, row in enumerate(peers)])
    same = (np.sort(mine) == np.sort(without)).all(axis=1)
    v = found.vectors.astype(np.float64)
    gap = np.abs(np.einsum("nd,nkd->nk", v, v[mine]) - np.einsum("nd,nkd->nk", v, v[without])).max()
    print(
        f"\nThe same {K} neighbours in {same.sum():,} of {len(mine):,} rows; in the others the "
        f"similarities, place by place, differ by {gap:.1e} at most."
    )


if __name__ == "__main__":
    main()
