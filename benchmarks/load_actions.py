"""What a session does on each page, with questions of its own, and how its answers are checked."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.load_answer import Answer
from benchmarks.load_known import GRAPH, Known
from benchmarks.load_session import Session

Check = Callable[[Answer], bool]
Best = Callable[[Any], bool]
PAGES = ("", "words", "sentences", "images", "map", "generate", "graph")
HISTORY_PAGE = 12  # pictures
NEAR_BY_MEANING = 20  # that the map lists
K = "10"  # results, so that all answers are of one length


@dataclass(frozen=True, slots=True)
class Step:
    """One action: a link to ``page`` where one is named, else a value for the widget ``key``.

    Attributes:
        right: whether what is shown is the answer to what this session asked.
    """

    name: str
    right: Check
    page: str | None = None
    query: Mapping[str, str] | None = None
    key: str = ""
    value: Any = None

    @property
    def light(self) -> bool:
        """Whether it changes something on a page; a link draws a whole page anew."""
        return self.page is None

    async def do(self, session: Session) -> Answer:
        """Does it."""
        if self.page is not None:
            return await session.go(self.page, self.query)
        return await session.put(self.key, self.value)


def marker(number: int) -> str:
    """A word that nobody else has: it is kept on the shelf, so that every page shows it."""
    return f"zq{chr(97 + number // 26)}{chr(97 + number % 26)}zq"


def faults(answer: Answer, step: Step, own: int, sessions: int) -> list[str]:
    """What is wrong with an answer: errors, another's marks, none of its own, a wrong answer."""
    found = answer.errors()
    if not answer.holds(marker(own)):
        found.append("its shelf is not there")
    others = [n for n in range(sessions) if n != own and answer.holds(marker(n))]
    if others:
        found.append(f"cross-talk: shows what sessions {others} keep")
    try:
        if not step.right(answer):
            found.append(f"not the right answer; it shows {answer.texts()}")
    except (LookupError, ValueError) as error:
        found.append(f"no answer: {error}")
    return found


class Script:
    """The endless actions of one session; of the same number always the same.

    Args:
        seeds: of the pictures in the history, the newest first.
        method: of the map.
    """

    def __init__(
        self, known: Known, number: int, seeds: list[int], *, method: str = "UMAP"
    ) -> None:
        self.known, self.number, self.seeds, self.method = known, number, seeds, method
        self._draw = random.Random(number)

    def round(self) -> Iterator[Step]:
        """All pages once, each session beginning at another one."""
        ways = (
            self._home,
            self.words,
            self._sentences,
            self._images,
            self._map,
            self._generate,
            self._graph,
        )
        for at in range(len(ways)):
            yield from ways[(self.number + at) % len(ways)]()

    def _home(self) -> Iterator[Step]:
        yield Step("Home", lambda a: "Home" in a.texts(), "", {})

    def words(self) -> Iterator[Step]:
        """Formulas on the page Words."""
        for at in range(3):
            asked = self.known.formula(self._draw)
            wanted = self.known.words(asked)

            def right(answer: Answer, wanted: list[str] = wanted) -> bool:
                return answer.table("word")["word"] == wanted

            if at:
                yield Step("Words: formula", right, key="q", value=asked)
            else:
                query = {"tool": "Formula", "q": asked, "k": K, "space": "minilm", "fold": "false"}
                yield Step("Words", right, "words", query)

    def _sentences(self) -> Iterator[Step]:
        for at in range(3):
            number = self._draw.choice(self.known.texts[0])

            best = self.known.near_row(number)

            def near(answer: Answer, number: int = number, best: Best = best) -> bool:
                told = answer.text_with(f"**{number} → ")
                return best([int(one) for one in told.strip("*").split(" → ")[1].split(", ")])

            if at:
                yield Step("Sentences: row", near, key="row", value=number)
            else:
                query = {"do": "Nearest neighbours", "row": str(number), "near": K}
                yield Step("Sentences", near, "sentences", query)
        for at in range(2):
            asked = " ".join(self._draw.sample(self.known.loaded[0].words[:4_000], 4))

            best = self.known.answers(asked)

            def answers(answer: Answer, best: Best = best) -> bool:
                return best(answer.table("BM25")["row"])

            if at:
                yield Step("Sentences: question", answers, key="ask", value=asked)
            else:
                query = {"do": "Semantic search", "ask": asked, "answers": "10"}
                yield Step("Sentences: tool", answers, "sentences", query)

    def _images(self) -> Iterator[Step]:
        for at in range(3):
            words = self.known.loaded[0].words[:4_000]
            asked = "a {} and a {}".format(*self._draw.sample(words, 2))

            best = self.known.pictures(asked)

            def right(answer: Answer, best: Best = best) -> bool:
                return len(answer.pictures()) >= 10 and best(answer.table("id")["id"])

            if at:
                yield Step("Images: search", right, key="find", value=asked)
            else:
                query = {"see": "Search", "find": asked, "results": K, "blend": "0.5"}
                yield Step("Images", right, "images", query)

    def _map(self) -> Iterator[Step]:
        captions = [word for text in self.known.emoji.texts for word in text.split()]
        words = self._draw.sample(sorted(set(captions)), 2)
        columns = self._draw.sample(["group", "subgroup"], 2)

        def right(words: str, column: str) -> Check:
            best = self.known.pictures(words, NEAR_BY_MEANING)

            def shows(answer: Answer) -> bool:
                [chart] = answer.maps()
                near = [self.known.emoji.ids[row] for row in chart["near"]["rows"]]
                return bool(chart["colors"]["title"] == column and best(near))

            return shows

        query = {"of": "Pictures", "view": "Projection", "color": columns[0], "seek": words[0]}
        query |= {"blend": "0.5", "method": self.method}
        yield Step("Map", right(words[0], columns[0]), "map", query)
        yield Step("Map: colour", right(words[0], columns[1]), key="color", value=columns[1])
        query = query | {"color": columns[1], "seek": words[1]}  # the first step keeps its own
        yield Step("Map: find", right(words[1], columns[1]), "map", query)

    def _generate(self) -> Iterator[Step]:
        def right(page: int) -> Check:
            wanted = self.seeds[(page - 1) * HISTORY_PAGE : page * HISTORY_PAGE]

            def shows(answer: Answer) -> bool:
                told = [one for one in answer.texts() if ", seed " in one]
                seeds = [int(one.split(", seed ")[1].split(",")[0]) for one in told]
                return seeds == wanted and len(answer.pictures()) == len(wanted)

            return shows

        yield Step("Generate", right(1), "generate", {"tool": "History"})
        yield Step("Generate: page", right(2), key="history-page", value=2)
        yield Step("Generate: page", right(1), key="history-page", value=1)

    def _graph(self) -> Iterator[Step]:
        graph = self.known.graph.graph
        relation = graph.relations[graph.train[0].tolist()[1]]
        first = graph.entities[graph.train[0].tolist()[0]]

        def right(head: str, relation: str) -> Check:
            wanted = self.known.tails(head, relation)
            return lambda a: a.table("prediction")["prediction"] == wanted

        # What a link does not name stays as it was asked on the last visit.
        query = {
            "do": "Link prediction",
            "graph": GRAPH,
            "ask-head": first,
            "ask-relation": relation,
        }
        yield Step("Graph", right(first, relation), "graph", query)
        head = self._draw.choice(graph.entities)
        yield Step("Graph: head", right(head, relation), key="ask-head", value=head)
        relation = self._draw.choice(graph.relations)
        yield Step("Graph: relation", right(head, relation), key="ask-relation", value=relation)
