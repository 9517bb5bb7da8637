"""Whatever a link holds, every tool of every page opens: no value of an address is a fault."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.graphs import models, sources
from core.graphs.scoring import Model
from core.storage import data_home
from tests.support.app_page import open_page
from tests.support.graph_fixtures import random_model

ODD = (
    *("", "", "", " ", ",", ",,,", "a,b", "1,1,1,1", "1-5,7", "0-99999999", "~", "a~b~c"),
    *("nonsense", "None", "null", "true", "false", "[photo.jpg]", "[", "]]", "{}", '{"a": 1}'),
    *("-1", "0", "1", "2", "3.7", "1e308", "1e999", "nan", "-inf", "0x10", "١٢", "1_000", "9" * 25),
    *("king - man + woman", "king -", "openmoji", "minilm", "nations", "usa", "=1", "\\", "'", '"'),
    *("\x00", "%00", "\ufffd", "\u202e", "🙂", "<b>x</b>", "../../etc/passwd", "a\nb", "x" * 3_000),
)
# What pages read from the address beside the values of their boxes.
READ = (
    "with",
    "part",
    "selected",
    "drop",
    "graph-model",
    "graph-model-b",
    "lesson",
    "lessons",
    "step",
    "served-by",
    "why",
    "not-known",
)
TOOLS: dict[str, tuple[str, str]] = {  # what chooses a tool, and all tools
    "home": ("not-known", "x"),
    "storage": ("not-known", "x"),
    "words": ("tool", "Formula, Compare, Axis, Analogy test, Own vectors"),
    "sentences": (
        "do",
        "Nearest neighbours, Semantic search, Similarity matrix, Near-duplicates, Review, Compare "
        "models, Export, Datasets, Models",
    ),
    "images": (
        "see",
        "Search, Identify, Zero-shot classification, Few-shot, Evaluation, Review, Keypoint "
        "matching, Index, Datasets, Encoders",
    ),
    "map": (
        "of",
        "Words, Custom words, Texts, Pictures, Numeric columns, Saved vectors, Graph model",
    ),
    "generate": ("tool", "Image, Grid, Denoising steps, History, Models"),
    "graph": (
        "do",
        "Graph, Train, Link prediction, Evaluation, Map, Compare with text embeddings, Datasets",
    ),
    "train": ("do", "Head, From clicks, A painting of mine, Word vectors"),
    "learn": ("tool", "Lessons, Look inside, Reading list"),
}
CASES = [(page, key, tool) for page, (key, tools) in TOOLS.items() for tool in tools.split(", ")]
CASES += [("map", "view", "Compare projections"), ("map", "view", "Semantic axes")]
SLOW = [("images", "see", "Subject, style, colour"), ("map", "view", "Parameter sweep")]


@pytest.fixture(scope="module", autouse=True)
def trained() -> Iterator[None]:
    """A trained model, without which some tools of Graph have no boxes."""
    made = random_model(sources.load_graph("nations"), Model.ROTATE)
    folder = models.kept_folder(made)
    models.save(made, folder)
    yield
    data_home.delete(folder)


def boxes(page: AppTest) -> Iterator[str]:
    """The names that the page's boxes have in the address."""
    for element in page._tree:
        name = getattr(getattr(element, "proto", None), "query_param_key", "")
        if name:
            yield name


@pytest.mark.parametrize(
    ("page_name", "key", "tool"),
    [*CASES, *(pytest.param(*case, marks=pytest.mark.slow) for case in SLOW)],
)
def test_no_value_of_a_link_is_a_fault(page_name: str, key: str, tool: str) -> None:
    whole = {key: tool} | ({"method": "PCA"} if page_name == "map" else {})
    names = sorted({*boxes(open_page(page_name, **whole)), *READ} - {*whole})
    draw = random.Random(f"{page_name} {tool}")
    open_page(page_name, **whole, **{name: draw.choice(ODD) for name in names})


@pytest.mark.parametrize(
    "page_name", [name for name, (key, _) in TOOLS.items() if key != "not-known"]
)
def test_a_link_of_nothing_but_odd_tools_opens_the_first_one(page_name: str) -> None:
    for value in ("", "nonsense", "\x00"):
        names = ("tool", "do", "see", "view", "of", "dims", "method", "kind", "by", "clusters")
        open_page(page_name, **dict.fromkeys(names, value))
