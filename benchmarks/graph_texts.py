"""Knowledge graphs and texts: unseen entities, sentences, planted errors, held-out triples."""

from __future__ import annotations

import argparse
import itertools
import time
from dataclasses import replace

import numpy as np

from benchmarks.common import Rows, machine, table
from benchmarks.graph import numbers
from core.cli.texts import find_space
from core.graphs import (
    geometry,
    pipeline,
    pykeen_home,
    ranking,
    review,
    sentence_query,
    sources,
    training,
    unseen,
)
from core.graphs.graph import Graph, build_graph
from core.graphs.models import GraphModel
from core.graphs.settings import defaults
from core.spaces import text_vectors
from core.spaces.catalog import DEFAULT_SPACE

GRAPHS = ("nations", "umls")
FOLDS = 5
WRONG = 0.05  # of the training triples, planted
SENTENCES = {
    "nations": {
        "whom did the usa give an embassy?": "(usa, embassy, ?)",
        "Who has an embassy in China?": "(?, embassy, china)",
        "which states does the ussr have treaties with?": "(ussr, treaties, ?)",
        "where do tourists from the uk travel?": "(uk, tourism, ?)",
        "who is in a military alliance with poland?": "(?, militaryalliance, poland)",
        "to whom does brazil export books?": "(brazil, exportbooks, ?)",
        "who accused israel": "(?, accusation, israel)",
        "whom did egypt expel diplomats of?": "(egypt, expeldiplomats, ?)",
        "which countries sent students to the usa?": "(?, students, usa)",
        "whom does india give economic aid?": "(india, economicaid, ?)",
        "who protested against cuba": "(?, pprotests, cuba)",
        "which nations does indonesia threaten with war?": "(indonesia, warning, ?)",
    },
    "umls": {
        "what does an antibiotic treat?": "(antibiotic, treats, ?)",
        "what treats a disease or syndrome?": "(?, treats, disease_or_syndrome)",
        "what is a virus a cause of?": "(virus, causes, ?)",
        "which things disrupt a cell function?": "(?, disrupts, cell_function)",
        "what is the location of a tissue?": "(?, location_of, tissue)",
        "what interacts with a hormone?": "(?, interacts_with, hormone)",
        "of what is a vitamin an ingredient?": "(vitamin, ingredient_of, ?)",
        "what complicates an injury or poisoning?": "(?, complicates, injury_or_poisoning)",
        "what does a laboratory procedure measure?": "(laboratory_procedure, measures, ?)",
        "which kind of thing is a bacterium?": "(bacterium, isa, ?)",
        "what is produced by a plant?": "(plant, produces, ?)",
        "what does a diagnostic procedure diagnose?": "(diagnostic_procedure, diagnoses, ?)",
    },
}


def texts_of(graph: Graph) -> np.ndarray:
    """Vectors of the names ``(n, dim)``."""
    entry = find_space(DEFAULT_SPACE)
    names = geometry.readable(graph.all_labels())
    return text_vectors.load_or_encode(names, entry.text_encoder(), entry.text_folder).vectors


def trained_without(graph: Graph, held: np.ndarray) -> GraphModel:
    """A model of ``graph`` whose entities ``held`` ``(m,)`` no training triple has; zeros there."""
    out = np.zeros(len(graph.entities), dtype=np.bool_)
    out[held] = True
    seen = graph.train[~out[graph.train[:, 0]] & ~out[graph.train[:, 2]]]
    triples = [
        (graph.entities[head], graph.relations[relation], graph.entities[tail])
        for head, relation, tail in seen.tolist()
    ]
    part = build_graph(graph.name, {"train": triples}, whole=True)
    made = training.train(part, defaults(graph.name))
    entities = [graph.entities.index(name) for name in part.entities]
    relations = [graph.relations.index(name) for name in part.relations]

    def spread(vectors: np.ndarray, rows: list[int], count: int) -> np.ndarray:
        whole = np.zeros((count, vectors.shape[1]), dtype=vectors.dtype)
        whole[rows] = vectors
        return whole

    old = made.vectors
    vectors = replace(
        old,
        entities=spread(old.entities, entities, len(graph.entities)),
        relations=spread(old.relations, relations, len(graph.relations)),
        inverses=None
        if old.inverses is None
        else spread(old.inverses, relations, len(graph.relations)),
    )
    return GraphModel(graph, replace(made, vectors=vectors))


def measure_unseen() -> None:
    """MRR of entities by their names: never trained on, and as the page measures it."""
    rows: Rows = [("graph", "ranked by", "MRR", "Hits@1", "Hits@3", "Hits@10", "triples")]
    for name in GRAPHS:
        graph = sources.load_graph(name)
        texts = texts_of(graph)
        order = np.random.default_rng(0).permutation(len(graph.entities))
        mapped, frequency = [], []
        for held in np.array_split(order, FOLDS):
            model = trained_without(graph, held)
            has_text = np.abs(model.vectors.entities).sum(axis=1) > 0
            learnt = unseen.learn(model, texts, has_text)
            part = unseen.HeldOut(model, held)
            mapped.append(part.ranks(unseen.moved(model.vectors, held, learnt.map, texts)))
            frequency.append(part.frequency_ranks())
        for told, ranks in (
            ("text alone, never trained on", mapped),
            ("frequency, never trained on", frequency),
        ):
            found = ranking.figures(np.concatenate(ranks))
            rows.append((name, told, *numbers(found), f"{found.count:,}"))
        model = pipeline.make(graph, defaults(name))
        began = time.monotonic()
        found_here = unseen.learn(model, texts, np.ones(len(texts), dtype=np.bool_))
        seconds = time.monotonic() - began
        for told, figures in (
            (f"text alone, as the page has it ({seconds:.1f} s)", found_here.mapped),
            ("frequency, as the page has it", found_here.frequency),
            ("own trained vector", found_here.trained),
        ):
            rows.append((name, told, *numbers(figures), f"{figures.count:,}"))
    print(f"\n## Entities by their names alone\n\n{table(rows)}")


def measure_sentences() -> None:
    """How often the query that was meant is the first offer, or among the first three."""
    entry = find_space(DEFAULT_SPACE)
    both = sentence_query.encoders_of(entry.text_encoder(), entry.text_folder)
    rows: Rows = [("graph", "matched by", "first", "among three", "sentences")]
    for name, (told, encoders) in itertools.product(
        GRAPHS, (("letters and vectors", both), ("letters alone", None))
    ):
        graph = sources.load_graph(name)
        places = []
        for sentence, meant in SENTENCES[name].items():
            found = [
                sentence_query.describe(graph, one.question)
                for one in sentence_query.offer(graph, sentence, encoders)
            ]
            places.append(found.index(meant) if meant in found else len(found) + 3)
            if encoders is not None and places[-1] > 0:
                print(f"({sentence} {meant}: {found[:3]})")
        first, three = (sum(place < k for place in places) for k in (1, 3))
        rows.append((name, told, str(first), str(three), str(len(places))))
    print(f"\n## Sentences\n\n{table(rows)}")


def measure_review() -> None:
    """Planted errors among the most suspicious; held-out triples among the missing ones."""
    head = ("graph", "planted", "found among as many", "cross-validated", "by chance")
    rows: Rows = [(*head, "held out of missing")]
    for name in GRAPHS:
        graph = sources.load_graph(name)
        random = np.random.default_rng(0)
        known = {tuple(triple) for triple in graph.triples.tolist()}
        count = int(WRONG * len(graph.train))
        wrong: set[tuple[int, int, int]] = set()
        while len(wrong) < count:
            head, relation, _ = graph.train[random.integers(len(graph.train))].tolist()
            triple = (head, relation, int(random.integers(len(graph.entities))))
            if triple not in known:
                wrong.add(triple)
        planted = replace(graph, train=np.concatenate([graph.train, np.array(sorted(wrong))]))
        made = pipeline.make(planted, defaults(name))
        hits = [
            sum(tuple(triple) in wrong for triple in found.triples[:count].tolist())
            for found in (
                review.find_suspicious(made, ["train"]),
                review.cross_validate(planted, defaults(name)),
            )
        ]
        clean = pipeline.make(graph, defaults(name))
        missing = review.find_missing(clean, range(len(graph.relations)), 10)
        held = sum(bool(part) for part in missing.parts)
        rows.append(
            (
                name,
                f"{count:,}",
                *(f"{hit / count:.0%}" for hit in hits),
                f"{count / len(planted.train):.0%}",
                f"{held:,} of {len(missing.parts):,}",
            )
        )
    print(f"\n## Review\n\n{table(rows)}")


def main() -> None:
    """Runs all parts, or the one named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["unseen", "sentences", "review"])
    options = parser.parse_args()
    pykeen_home.prepare()
    print(machine())
    for name, measure in (
        ("sentences", measure_sentences),
        ("review", measure_review),
        ("unseen", measure_unseen),
    ):
        if options.only in (None, name):
            measure()


if __name__ == "__main__":
    main()
