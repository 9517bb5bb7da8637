"""Which words are forms of one word: on the real words of two models."""

import pytest

from core.formula.formula import parse_formula
from core.formula.resolve import resolve
from core.spaces.vocabulary_files import Loaded
from core.words.analysis import Ranking, rank_words
from core.words.inflections import Forms

FORMS = {
    "king": ("kings",),
    "monarch": ("monarchs", "monarchy"),
    "box": ("boxes",),
    "city": ("cities",),
    "walk": ("walks", "walked", "walking"),
    "hope": ("hopes", "hoped", "hoping"),
    "run": ("running", "ran"),
    "big": ("bigger", "biggest"),
    "old": ("older", "oldest"),
    "woman": ("women",),
    "child": ("children",),
}
# Alike by spelling, and not by meaning; or more than a form.
OTHERS = (
    *(
        ("news", "new"),
        ("army", "arm"),
        ("lady", "lad"),
        ("princess", "prince"),
        ("corner", "corn"),
    ),
    *(("farmer", "farm"), ("county", "count"), ("party", "part"), ("wedding", "wed")),
    *(("seed", "see"), ("paris", "pari"), ("evening", "even"), ("bus", "bu")),
)


@pytest.fixture(params=["minilm", "minilm_layer2"])
def loaded(request: pytest.FixtureRequest) -> Loaded:
    found: Loaded = request.getfixturevalue(request.param)
    return found


def rank(loaded: Loaded, formula: str, k: int = 10, *, inputs: bool = False) -> Ranking:
    vocabulary, index = loaded
    query = resolve(parse_formula(formula), vocabulary)
    forms = Forms(vocabulary)
    return rank_words(vocabulary, index, query, k, include_inputs=inputs, forms=forms)


def test_forms_of_a_word_have_one_root(loaded: Loaded) -> None:
    forms = Forms(loaded[0])
    wrong = {
        form: (root, forms.root(form))
        for root, all_forms in FORMS.items()
        for form in (root, *all_forms)
        if forms.root(form) != root
    }
    assert not wrong


def test_other_words_keep_their_own(loaded: Loaded) -> None:
    forms = Forms(loaded[0])
    assert not [(a, b) for a, b in OTHERS if forms.root(a) == forms.root(b)]


def test_an_answer_stands_for_its_forms_and_forms_of_the_inputs_are_left_out(
    minilm: Loaded,
) -> None:
    ranking = rank(minilm, "king - man + woman")
    words = [found.id for found in ranking.neighbors]
    assert words[:2] == ["queen", "monarch"]
    assert len(words) == 10
    assert not {"kings", "monarchs", "monarchy", "queens"} & {*words}
    monarch = ranking.neighbors[1].row
    assert {*ranking.forms[monarch]} >= {"monarchs", "monarchy"}
    assert "kings" in ranking.input_forms
    assert ranking.folded


def test_where_forms_are_asked_for_none_are_folded(minilm_layer2: Loaded) -> None:
    ranking = rank(minilm_layer2, "biggest - big + small")
    assert ranking.neighbors[0].id == "smallest"
    assert not ranking.folded
    assert not ranking.forms
    assert not ranking.input_forms


def test_input_words_that_are_shown_stay_one_by_one(minilm: Loaded) -> None:
    ranking = rank(minilm, "king - man + woman", inputs=True)
    assert ranking.neighbors[0].id == "king"
    assert {found.id: found.rank for found in ranking.inputs}["king"] == 1
