"""The right answers of a load run, computed from ``core`` beside the server, before it is asked."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from core.base import vectors as vec
from core.base.types import FloatArray, TextEncoder
from core.formula.formula import parse_formula
from core.formula.question import read_query, resolve_query
from core.formula.resolve import resolve
from core.generation import generators, history, prompts
from core.generation.request import Generated, Generator, Request
from core.graphs import (
    models as graph_models,
    pipeline as graph_pipeline,
    prediction as graph_prediction,
    sources,
)
from core.graphs.models import GraphModel
from core.graphs.settings import defaults
from core.images import galleries, map_items as images_map_items, vectors as gallery_vectors
from core.maps.items import MapData
from core.sentences import datasets
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.vocabulary_files import Loaded
from core.words.analysis import rank_words

GRAPH, DRAWN = "nations", 14  # the graph that is asked; pictures of the history: two pages
Name = TypeVar("Name", int, str)
NEAR = 1e-4  # scores nearer to each other than this count as equal


class Known:
    """Right answers in the data home that the variable names; makes what the pages look at."""

    def __init__(self) -> None:
        self.entry = registry.find_space(DEFAULT_SPACE)
        if not self.entry.built:
            self.entry.build()

    @cached_property
    def loaded(self) -> Loaded:
        """The vocabulary and its index."""
        return self.entry.vocabulary()

    @cached_property
    def encoder(self) -> TextEncoder:
        """Encodes texts."""
        return self.entry.text_encoder()

    @cached_property
    def texts(self) -> tuple[list[int], FloatArray]:
        """Numbers and vectors of the bundled descriptions."""
        dataset = datasets.load_texts(datasets.find_dataset(datasets.BUNDLED))
        return list(dataset.numbers), self.encoder.encode_texts(dataset.texts).vectors

    @cached_property
    def emoji(self) -> MapData:
        """OpenMoji with captions by half, as the pages have it at first."""
        entries = {entry.name: entry for entry in galleries.list_galleries()}
        gallery = galleries.load(entries[galleries.OPENMOJI], "en")
        encoder = self.entry.image_encoder()
        encoded = gallery_vectors.encode_gallery(gallery, self.entry, encoder, self.encoder)
        return images_map_items.from_gallery(encoded, DEFAULT_SPACE, gallery_vectors.DEFAULT_BLEND)

    @cached_property
    def graph(self) -> GraphModel:
        """A small trained model."""
        graph = sources.load_graph(GRAPH)
        model = graph_pipeline.make(graph, replace(defaults(GRAPH), dim=16, epochs=20))
        graph_models.save(model, graph_models.kept_folder(model))
        return model

    def formula(self, draw: random.Random) -> str:
        """A formula of three of the more frequent words."""
        return "{} - {} + {}".format(*draw.sample(self.loaded[0].words[:8_000], 3))

    def words(self, formula: str) -> list[str]:
        """The ten nearest words."""
        vocabulary, index = self.loaded
        query = resolve(
            parse_formula(formula, vocabulary.__contains__), vocabulary, encoder=None, items={}
        )
        return [found.id for found in rank_words(vocabulary, index, query, 10).neighbors]

    def near_row(self, number: int) -> Callable[[Sequence[int]], bool]:
        """Tells whether given texts are the ten nearest to one of them."""
        numbers, vectors = self.texts
        row = numbers.index(number)
        scores = vec.similarity(vectors[row][None, :], vectors)[0]
        scores[row] = -2
        return _best(scores, numbers, 10)

    def answers(self, question: str) -> Callable[[Sequence[int]], bool]:
        """Tells whether given texts are the ten nearest to a question."""
        numbers, vectors = self.texts
        asked = self.encoder.encode_query(question).vectors
        return _best(vec.similarity(asked, vectors)[0], numbers, 10)

    def pictures(self, question: str, count: int = 10) -> Callable[[Sequence[str]], bool]:
        """Tells whether given emoji are the nearest to words."""
        query = resolve_query(read_query(question), self.encoder, lambda _: None)
        return _best(self.emoji.vectors @ query.vector, self.emoji.ids, count)

    def tails(self, head: str, relation: str) -> list[str]:
        """The ten best answers of the graph's model."""
        graph = self.graph.graph
        question = graph_prediction.read_question(graph, head=head, relation=relation)
        return [one.label for one in graph_prediction.answer(self.graph, question, 10)]

    def draw(self, prompt: str, seed: int, steps: int) -> Generated:
        """A picture by the small generator."""
        vector = prompts.resolve_prompt(prompt, self.encoder, lambda _: None)
        settings = generators.defaults("small") | {"steps": steps}
        request = Request("small", prompt, seed=seed, vector=vector, **settings).checked()
        made: Generated = self._generator.generate(request, lambda _: None)
        return made

    def fill_history(self) -> list[int]:
        """Pictures to look at; the seeds of all, the newest first."""
        for seed in range(DRAWN - len(history.list_items())):
            history.keep(self.draw(f"picture {seed}", 1_000 + seed, 2))
        records = [history.record(item) for item in history.list_items()]
        return [record.request.seed for record in records if record is not None]

    @cached_property
    def _generator(self) -> Generator:
        return generators.open_generator("small")


def _best(
    scores: FloatArray, names: Sequence[Name], count: int
) -> Callable[[Sequence[Name]], bool]:
    """Tells whether given names are the best, best first; nearly equal ones may change places."""
    of = dict(zip(names, scores.tolist(), strict=True))
    best = np.sort(scores)[::-1][:count]

    def right(shown: Sequence[Name]) -> bool:
        if len(set(shown)) != count or not set(shown) <= set(of):
            return False
        return bool(np.allclose([of[one] for one in shown], best, atol=NEAR))

    return right
