"""The Words page, on the real default space."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.spaces import registry
from core.spaces.vocabulary_files import Loaded

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def words(minilm: Loaded) -> Callable[..., AppTest]:
    """Opens the page with query parameters, as a link does."""

    def open_page(**params: str) -> AppTest:
        page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        page.switch_page("pages/words.py")
        for name, value in {"space": "minilm", **params}.items():
            page.query_params[name] = value
        return page.run()

    return open_page


def table(page: AppTest) -> list[str]:
    return list(page.dataframe[0].value["word"])


def texts(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.error, page.info, page.warning, page.success)
    told = " ".join(element.value for kind in kinds for element in kind)
    return re.sub(r"\\(.)", r"\1", told)


def give_path(page: AppTest, path: Path) -> AppTest:
    box = next(box for box in page.text_input if box.label.startswith("Or the path"))
    return box.set_value(str(path)).run()


def test_the_page_opens_with_an_analogy_and_its_answer(words: Callable[..., AppTest]) -> None:
    page = words()
    assert not page.exception
    assert table(page)[0] == "queen"
    assert "Read as: king − man + woman" in texts(page)


def test_without_a_choice_the_model_that_answers_best_is_asked(minilm_layer2: Loaded) -> None:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    page.switch_page("pages/words.py").run()
    assert page.selectbox(key="space").value == "minilm-layer2"
    assert table(page)[0] == "queen"
    page.switch_page("pages/sentences.py").run()  # which another model suits better
    assert page.selectbox(key="space").value == "minilm"


def test_forms_stand_together_and_what_is_left_out_is_told(words: Callable[..., AppTest]) -> None:
    page = words()
    shown = page.dataframe[0].value
    assert list(shown["rank"]) == [*range(1, 11)]
    others = dict(zip(shown["word"], shown["other forms"], strict=True))
    assert {"monarchs", "monarchy"} <= {*others["monarch"].split(", ")}
    assert "Left out as forms of the query words: kings" in texts(page)
    apart = words(fold="false")
    assert {"monarchs", "monarchy", "kings"} <= {*table(apart)}
    about = words(q="biggest - big + small", space="minilm-layer2")
    assert "none are folded together" in texts(about)
    assert table(about)[0] == "smallest"


def test_a_phrase_is_no_slip_of_another_word(words: Callable[..., AppTest]) -> None:
    page = words(q='"new york" - usa + japan')
    assert "did you mean" not in texts(page)
    assert "tokyo" in table(page)


def test_the_numbers_of_words_are_shown(words: Callable[..., AppTest]) -> None:
    page = words(tool="Vectors", shown="king, queen")
    assert not page.exception
    figure = page.get("plotly_chart")[0]
    assert '"king"' in figure.proto.spec
    assert '"queen"' in figure.proto.spec


def test_a_link_restores_formula_space_and_options(
    words: Callable[..., AppTest], minilm_layer2: Loaded
) -> None:
    page = words(q="paris - france + japan", k="4", inputs="true", space="minilm-layer2")
    assert not page.exception
    assert page.text_input(key="q").value == "paris - france + japan"
    assert page.selectbox(key="space").value == "minilm-layer2"
    assert len(table(page)) == 4
    assert "japan" in table(page)
    assert "tokyo" in table(page)
    shown = page.dataframe[0].value
    ranks = dict(zip(shown["word"], shown["query word's rank"], strict=True))
    assert ranks["japan"] >= 1
    answers = shown[shown["query word's rank"].isna()]
    assert list(answers["rank"]) == [*range(1, len(answers) + 1)]


def test_exact_and_centered_views(words: Callable[..., AppTest]) -> None:
    assert table(words(exact="true")) == table(words())
    page = words(center="true")
    assert table(page)[0] == "queen"
    assert "cannot be saved" in texts(page)


def test_a_bad_formula_is_told_and_the_next_one_works(words: Callable[..., AppTest]) -> None:
    page = words(q="king - ")
    assert "ends with a sign" in texts(page)
    assert not page.dataframe
    page.text_input(key="q").set_value("king - man + woman").run()
    assert table(page)[0] == "queen"


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("", "empty"),
        ("+ + +", "no word"),
        ("(king", "never closed"),
        ("7", "only numbers"),
        ("1e308*king", "too large"),
        ("nan*king", "number as its weight"),
        ("+".join(["a"] * 10_000), "500 terms"),
        ("[nothing kept]", "nothing called"),
    ],
)
def test_bad_formulas_are_told(words: Callable[..., AppTest], formula: str, told: str) -> None:
    page = words()
    page.text_input(key="q").set_value(formula).run()
    assert not page.exception
    assert told in texts(page)


def test_an_unknown_word_is_encoded_and_near_spellings_are_offered(
    words: Callable[..., AppTest],
) -> None:
    page = words(q="king - man + wooman")
    assert "encoded it just now" in texts(page)
    page.button(key="spelling-wooman-woman").click().run()
    assert page.text_input(key="q").value == "king - man + woman"
    assert table(page)[0] == "queen"


def test_a_near_spelling_replaces_the_term_and_no_part_of_another(
    words: Callable[..., AppTest],
) -> None:
    page = words(q="prin  -  prince")
    page.button(key="spelling-prin-print").click().run()
    assert page.text_input(key="q").value == "print - prince"


def test_a_tight_subtraction_is_told_how_to_be_written(words: Callable[..., AppTest]) -> None:
    assert "put spaces around the sign: king - man" in texts(words(q="king-man"))


def test_many_unknown_words_are_told_in_one_box(words: Callable[..., AppTest]) -> None:
    page = words(q=" + ".join(f"zqx{n}w" for n in range(30)))
    assert not page.exception
    assert len(page.info) == 1
    assert "and 27 more" in texts(page)


def test_markup_in_a_formula_is_shown_as_it_is(words: Callable[..., AppTest]) -> None:
    page = words(q='"<b>bold</b> **x** $y$ [a](b)"')
    assert not page.exception
    assert "“<b>bold</b> **x** $y$ [a](b)”" in texts(page)
    raw = " ".join(element.value for element in page.info)
    assert "<b>" not in raw
    assert "**x**" not in raw


def test_a_kept_vector_stands_on_the_shelf_and_in_formulas(words: Callable[..., AppTest]) -> None:
    page = words(fold="false", inputs="true")
    page.button(key="keep").click().run()
    assert "[king - man + woman]" in texts(page)
    page.text_input(key="q").set_value("[king - man + woman]").run()
    assert "queen" in table(page)
    page.selectbox(key="space").set_value("minilm-layer2").run()
    assert "Evaluated again for MiniLM, layer 2, from its words" in texts(page)
    again = table(page)
    page.text_input(key="q").set_value("king - man + woman").run()
    assert table(page) == again
    page.selectbox(key="space").set_value("minilm").run()
    assert "Evaluated again" not in texts(page)
    (kept,) = page.session_state["shelf"].items
    page.button(key=f"kept-remove-{kept.key}").click().run()
    assert "Nothing saved yet" in texts(page)


def test_a_formula_is_computed_in_the_model_of_the_vectors_that_it_names(
    minilm: Loaded, minilm_layer2: Loaded
) -> None:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    page.switch_page("pages/words.py").run()
    chosen = page.selectbox(key="space")
    assert chosen.value == "minilm-layer2"  # nobody chose it
    vector = minilm[0].vectors[minilm[0].row("strawberry")]
    page.session_state["shelf"].keep("minilm", vector, "a picture", "photo")
    page.text_input(key="q").set_value("[photo] + cream").run()
    assert not page.error
    assert page.selectbox(key="space").value == "minilm"
    assert "Read as: [photo] + cream" in texts(page)
    page.text_input(key="q").set_value("cream").run()
    assert page.selectbox(key="space").value == "minilm-layer2"
    page.selectbox(key="space").set_value("minilm").run()  # now somebody did
    page.text_input(key="q").set_value("[photo] + cream").run()
    page.text_input(key="q").set_value("cream").run()
    assert page.selectbox(key="space").value == "minilm"


def test_compare_names_the_odd_one_out(words: Callable[..., AppTest]) -> None:
    page = words(tool="Compare")
    assert not page.exception
    assert "Odd one out: tractor" in texts(page)
    page.text_area(key="words").set_value("word, sentence, text").run()
    assert list(page.dataframe[0].value) == [
        "word",
        "mean similarity",
        "to word",
        "to sentence",
        "to text",
    ]
    page.text_area(key="words").set_value("cat").run()
    assert not page.exception
    assert "With three words" in texts(page)
    page.text_area(key="words").set_value(" , ").run()
    assert "no words" in texts(page)


def test_the_axis_separates_its_ends(words: Callable[..., AppTest]) -> None:
    page = words(tool="Semantic axis")
    assert not page.exception
    order = table(page)
    assert order.index("uncle") < order.index("aunt")
    assert order.index("king") < order.index("queen")
    page.text_input(key="high").set_value("he, man, boy").run()
    assert "same" in texts(page)


def test_a_path_of_a_user_who_is_not_there_is_told(
    words: Callable[..., AppTest], own_home: Path
) -> None:
    page = words(tool="Upload embeddings")
    give_path(page, Path("~nobody-of-this-name/x.txt"))
    assert not page.exception
    assert "is no path" in texts(page)


def test_only_spaces_of_words_answer_analogy_questions(words: Callable[..., AppTest]) -> None:
    page = words(tool="Analogy test", second="colour-outline")
    assert not page.exception
    offered = page.selectbox(key="second")
    assert "minilm-layer2" in offered.options
    assert "colour-outline" not in offered.options
    assert offered.value == "none"


def test_the_analogy_test_runs_on_two_spaces(
    words: Callable[..., AppTest], minilm_layer2: Loaded
) -> None:
    page = words(tool="Analogy test", second="minilm-layer2")
    page.button(key="run-test").click().run()
    assert not page.exception
    first, second = (metric.value for metric in page.metric)
    assert 0.2 < float(first.rstrip("%")) / 100 < float(second.rstrip("%")) / 100 < 0.6
    assert "minilm: accuracy" in page.dataframe[0].value


def test_own_vectors_are_imported_chosen_and_removed(
    words: Callable[..., AppTest], own_home: Path, tmp_path: Path
) -> None:
    good = tmp_path / "mine.txt"
    good.write_text("cat 1 0\ndog 1 1\nbad nan 1\nowl 0 1\nold 0 2\n")
    page = give_path(words(tool="Upload embeddings"), good)
    [limit] = [box for box in page.number_input if box.label == "Words to read at most"]
    assert limit.value == 500_000
    limit.set_value(4).run()
    assert not page.exception
    assert "**GloVe text**" in texts(page)
    assert "4 rows taken, 1 left out (1 row after the first 4)" in texts(page)
    assert "2 numbers each · 5 rows in the file · as word embeddings 3 words" in texts(page)
    assert "Left out 1 row (such as “bad”) with NaN" in texts(page)
    page.text_input(key="words-name").set_value("my words").run()
    page.button(key="words-open-words").click().run()
    assert not page.exception
    assert page.selectbox(key="space").value == "my-words"
    found, _ = registry.find_space("my-words").vocabulary()
    assert found.words == ["cat", "dog", "owl"]
    page = words(tool="Upload embeddings")
    assert "Left out 1 row after the first 4." in texts(page)
    page.button(key="remove-vectors-my-words").click().run()
    assert "Nothing yet" in texts(page)
    assert "**my words** was removed" in texts(page)


def test_a_bad_file_is_told_and_nothing_stays(
    words: Callable[..., AppTest], own_home: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text("cat 1 0\ndog 1\n")
    page = give_path(words(tool="Upload embeddings"), bad)
    assert not page.exception
    assert "Line 2" in texts(page)
    assert "Word embeddings" not in [button.label for button in page.button]
    assert not (own_home / "own" / "bad").exists()


def test_a_space_that_is_not_here_says_how_to_get_it(words: Callable[..., AppTest]) -> None:
    page = words(space="en_core_web_lg")
    assert not page.exception
    assert "spaCy en_core_web_lg is not installed on this computer" in texts(page).replace("*", "")
    assert not page.error
    assert page.code[0].value.endswith("-m spacy download en_core_web_lg")
    assert "Not installed: " in page.selectbox(key="space").help


def test_a_link_to_a_space_that_is_not_known_says_so(words: Callable[..., AppTest]) -> None:
    page = words(space="gone")
    assert not page.exception
    assert "asks for “gone”, which is not here" in texts(page)


def test_home_lists_the_spaces_and_examples() -> None:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not page.exception
    told = texts(page)
    assert "MiniLM" in told
    assert "spaCy en_core_web_lg" in told


def test_vectors_can_be_brought_while_a_space_that_is_not_here_is_chosen(
    words: Callable[..., AppTest], own_home: Path
) -> None:
    page = words(tool="Upload embeddings", space="en_core_web_lg")
    assert not page.exception
    assert "is not installed on this computer" in texts(page)
    assert "Any file: a table, texts" in page.file_uploader[0].label


@pytest.mark.slow
def test_the_first_use_encodes_with_progress_and_can_be_cancelled_and_gone_on(
    words: Callable[..., AppTest], own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.base.errors import Cancelled
    from core.spaces import vocabulary_files
    from core.spaces.sources import minilm as minilm_source
    from tests.conftest import FakeEncoder

    entry = registry.find_space("minilm")
    encoder = FakeEncoder(entry.space)
    monkeypatch.setattr(minilm_source, "MiniLMEncoder", lambda space, layer: encoder)
    monkeypatch.setattr(vocabulary_files, "FIRST", 10_000)
    monkeypatch.setattr(vocabulary_files, "CHUNK", 10_000)
    original = vocabulary_files.build
    tries = []

    def build(*arguments: object) -> None:
        tries.append(1)
        progress = arguments[-1]

        def stop_once(done: int, total: int, note: str = "") -> None:
            progress(done, total, note)  # type: ignore[operator]
            if len(tries) == 1 and done:
                raise Cancelled("Encoding")

        original(*arguments[:-1], stop_once)  # type: ignore[arg-type]

    monkeypatch.setattr(vocabulary_files, "build", build)
    page = words(space="minilm")
    assert not page.exception
    assert "cancelled. What was finished is kept" in texts(page)
    assert len(encoder.asked) == 10_000
    next(button for button in page.button if button.label == "Go on").click().run()
    assert not page.exception
    assert len(encoder.asked) == 30_000
    assert len(table(page)) == 10


def test_words_that_are_there_answer_while_others_are_encoded() -> None:
    def script() -> None:
        import numpy as np
        import streamlit as st

        from core.spaces import registry
        from core.spaces.vocabulary import Vocabulary
        from core.ui.common import spaces
        from core.ui.words import formula

        entry = registry.find_space("minilm")
        encoder = entry.word_encoder()
        assert encoder is not None
        known = ["queen", "princess", "lake"]
        grown = [None, known[:2], None, known]

        class Growing:
            def words_so_far(self, more_than: int) -> Vocabulary | None:
                words = grown.pop(0)
                if words is None:
                    return None
                assert len(words) > more_than
                vectors = np.asarray(encoder.encode(words))
                return Vocabulary(entry.space, words, vectors, str(len(words)))

        chosen = formula._Options(k=2, fold=True, inputs=False, centered=False, exact=False)
        draw = spaces._with_words(
            Growing(),  # type: ignore[arg-type]
            lambda words: formula._answer_so_far("king - man + woman", entry, words, chosen),
        )
        place = st.empty()
        for _ in range(4):
            draw(place)

    page = AppTest.from_function(script, default_timeout=60).run()
    assert not page.exception
    assert "Read as: king − man + woman. The nearest of the 3 most frequent words" in texts(page)
    assert list(page.dataframe[0].value["word"]) == ["queen", "princess"]


def test_minilm_says_once_that_it_reads_english(words: Callable[..., AppTest]) -> None:
    page = words(q="мама - чай")
    said = [str(one.value) for one in page.info if "reads English" in str(one.value)]
    assert len(said) == 1
    assert "mostly written in Cyrillic" in said[0]
    assert "multilingual-e5-small" in said[0].replace("\\", "")
    page.run()
    assert not [one for one in page.info if "reads English" in str(one.value)]
    english = words(q="cat - dog")
    assert not [one for one in english.info if "reads English" in str(one.value)]
