"""One formula to its ten nearest words, against gensim, spaCy and FAISS, in one run.

The same unit vectors are given to each. Ours is what a page does: reading the formula, resolving
its terms, searching, ranking; the peers are called with the words ready. Beside the times, how
often the ten words are those of comparing with every word.
"""

from __future__ import annotations

import argparse

import faiss
import numpy as np
from gensim.models import KeyedVectors
from spacy.vectors import Vectors
from spacy.vocab import Vocab

from benchmarks.common import BLOCK, machine, median_in_turn, table
from core.base import vectors as vec
from core.base.types import Index, Modality, Neighbor, Space
from core.formula.formula import parse_formula
from core.formula.resolve import resolve
from core.knn.exact import ExactIndex
from core.knn.fast_scan import build_index
from core.spaces import registry
from core.spaces.vocabulary import Vocabulary
from core.words.analysis import rank_words


def real_words() -> Vocabulary:
    """The default vocabulary: 30,000 words of 384 numbers."""
    return registry.find_space("minilm").vocabulary()[0]


def made_words(count: int, dim: int, seed: int) -> Vocabulary:
    """Seeded Gaussian clusters, 250 words in each, as far apart within as between."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(count // 250, dim)).astype(np.float32)
    rows = centres[random.integers(0, len(centres), count)]
    rows += random.normal(size=rows.shape).astype(np.float32)
    words = [f"w{number}" for number in range(count)]
    space = Space("made", "made", dim, (Modality.WORD,))
    return Vocabulary(space, words, vec.normalize(rows), f"made-{count}-{seed}")


def questions(vocabulary: Vocabulary, count: int, seed: int) -> list[tuple[str, str, str]]:
    """Three words each; half of them random, half near one another as people's formulas are."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        a, b, c = random.integers(0, len(vocabulary), 3)
        if number % 2:
            near = np.argpartition(-(vocabulary.vectors @ vocabulary.vectors[a]), 200)[:200]
            b, c = random.choice(near[near != a], 2, replace=False)
        found.append(tuple(vocabulary.words[row] for row in (a, b, c)))
    return found


def compare(vocabulary: Vocabulary, blocks: int, checked: int, with_spacy: bool) -> None:
    """Prints times, ratios and agreement for one vocabulary."""
    index, exact = build_index(vocabulary.vectors), ExactIndex(vocabulary.vectors)
    keyed = KeyedVectors(vocabulary.space.dim)
    keyed.add_vectors(vocabulary.words, vocabulary.vectors)
    flat = faiss.IndexFlatIP(vocabulary.space.dim)
    flat.add(vocabulary.vectors)
    asked = questions(vocabulary, max(checked, 64), seed=1)
    turn = {"at": 0}

    def ours(searched: Index) -> list[Neighbor]:
        a, b, c = asked[turn["at"] % len(asked)]
        turn["at"] += 1
        terms = parse_formula(f"{a} - {b} + {c}", vocabulary.__contains__)
        return rank_words(vocabulary, searched, resolve(terms, vocabulary), 10).neighbors

    def gensim() -> list[tuple[str, float]]:
        a, b, c = asked[turn["at"] % len(asked)]
        return keyed.most_similar(positive=[a, c], negative=[b], topn=10)

    query = np.array(vocabulary.vectors[:1])  # spaCy writes into what it is given
    work = {
        "Embedding Explorer": lambda: ours(index),
        "the same, comparing with every word": lambda: ours(exact),
        "gensim most_similar": gensim,
        "FAISS IndexFlatIP": lambda: flat.search(query, 13),
        "BLAS product alone": lambda: vocabulary.vectors @ query[0],
    }
    if with_spacy:
        vocab = Vocab()
        keys = [vocab.strings.add(word) for word in vocabulary.words]
        vectors = Vectors(strings=vocab.strings, data=np.array(vocabulary.vectors), keys=keys)
        work["spaCy Vectors.most_similar"] = lambda: vectors.most_similar(query, n=10)
    taken = median_in_turn(work, blocks)
    base = taken["Embedding Explorer"]
    size = f"{len(vocabulary):,} x {vocabulary.space.dim}"
    print(f"\n## {size}, median of {BLOCK * blocks} warm calls\n")
    rows = [("what", "ms", "ours is faster by")]
    rows += [(name, f"{t * 1e3:.2f}", f"{t / base:.1f}") for name, t in taken.items()]
    print(table(rows))
    as_exact = as_gensim = 0
    for number in range(checked):
        turn["at"] = number
        answer = ours(index)
        turn["at"] = number
        as_exact += [found.id for found in answer] == [found.id for found in ours(exact)]
        turn["at"] = number
        # Words with equal vectors (müller, muller) may change places, so scores are compared.
        scores = [score for _, score in gensim()]
        as_gensim += np.allclose([found.score for found in answer], scores, atol=1e-5)
    print(
        f"\nOf {checked:,} formulas, {as_exact:,} gave the ten words of comparing with every word"
    )
    print(f"in the same order, and {as_gensim:,} ten words with the scores of gensim's.")


def main() -> None:
    """Runs both sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=10)
    parser.add_argument("--checked", type=int, default=10_000)
    options = parser.parse_args()
    print(machine())
    compare(real_words(), options.blocks, options.checked, with_spacy=True)
    large = made_words(500_000, 300, seed=0)
    compare(large, max(2, options.blocks // 3), options.checked // 20, with_spacy=False)


if __name__ == "__main__":
    main()
