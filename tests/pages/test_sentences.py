"""The Sentences page on the bundled texts, in the real default space."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.sentences import datasets
from core.spaces.vocabulary_files import Loaded

ROOT = Path(__file__).resolve().parents[2]
NEAREST = {49: 138, 138: 49, 10: 163, 163: 10}  # sentences that say the same in other words


def open_page(**params: str) -> AppTest:
    """The page with query parameters, as a link opens it."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180)
    page.switch_page("pages/sentences.py")
    for name, value in params.items():
        page.query_params[name] = value
    return page.run()


def told(page: AppTest) -> str:
    """All that the page says, as it is read."""
    kinds = (page.title, page.markdown, page.caption, page.error, page.info, page.warning)
    said = " ".join(element.value for kind in (*kinds, page.success) for element in kind)
    return re.sub(r"\\(.)|`", r"\1", said)


def column(page: AppTest, name: str, table: int = 0) -> list[object]:
    return list(page.dataframe[table].value[name])


def test_the_page_opens_with_the_numbers_of_the_nearest_rows() -> None:
    page = open_page()
    assert not page.exception
    nearest = dict(zip(column(page, "row"), column(page, "nearest by cosine"), strict=True))
    assert len(nearest) == 288
    first = {row: int(str(listed).split(",")[0]) for row, listed in nearest.items()}
    assert {row: first[row] for row in NEAREST} == NEAREST
    assert "nearest by distance" not in page.dataframe[0].value  # it is the same
    assert "both measures always give the same order" in told(page)
    assert column(page, "topic")[48] == "medicine"


def test_a_row_is_shown_with_its_nearest_by_both_measures() -> None:
    page = open_page(row="49", near="3")
    assert "49 → 138, 178, 264" in told(page)
    assert "A doctor checks how regularly the sick man's pulse is beating." in told(page)
    assert "cosine 0.51" in told(page)
    assert ":gray-badge[topic: medicine]" in told(page)
    for table in (1, 2):
        assert column(page, "row", table) == [138, 178, 264]
        assert str(column(page, "text", table)[0]).startswith("The physician listens")
    similarity = [float(str(value)) for value in column(page, "similarity", 1)]
    distance = [float(str(value)) for value in column(page, "distance", 2)]
    assert similarity[0] == pytest.approx(0.515, abs=0.01)
    assert [d * d for d in distance] == pytest.approx([2 - 2 * s for s in similarity], abs=1e-5)
    page.number_input(key="row").set_value(163).run()
    assert column(page, "row", 1)[0] == 10


def test_where_lengths_differ_the_measures_disagree_in_the_rows_that_are_told() -> None:
    page = open_page(space="minilm-layer2")
    differ = [
        number
        for number, cosine, distance in zip(
            column(page, "row"),
            column(page, "nearest by cosine"),
            column(page, "nearest by distance"),
            strict=True,
        )
        if cosine != distance
    ]
    assert 0 < len(differ) < 288
    assert f"they disagree in {len(differ)} of 288 rows" in told(page)
    page.toggle(key="disagree").set_value(True).run()
    assert column(page, "row") == differ
    page.segmented_control(key="measure").set_value("Euclidean").run()
    assert "distance" in told(page)
    page.selectbox(key="space").set_value("minilm").run()
    assert len(column(page, "row")) == 288  # where they agree there is nothing to choose
    assert not [one for one in page.toggle if one.key == "disagree"]


def test_a_link_restores_the_choices() -> None:
    link = {"data": "descriptions", "space": "minilm-layer2", "column": "about", "near": "4"}
    page = open_page(**link, row="163")
    assert not page.exception
    assert page.selectbox(key="space").value == "minilm-layer2"
    assert page.selectbox(key="column").value == "about"
    assert "> whale" in told(page)
    assert len(column(page, "row", 1)) == 4
    assert "text" in page.dataframe[0].value  # the other columns come along
    assert (
        open_page(do="Semantic search", by="BM25").segmented_control(key="do").value
        == "Semantic search"
    )


@pytest.mark.parametrize(
    "link",
    [
        {"row": "0"},
        {"row": "99999"},
        {"row": "-1"},
        {"row": "abc"},
        {"row": "1e99"},
        {"near": "-5"},
        {"near": "abc"},
        {"near": "1000"},
        {"page": "7"},
        {"page": "x"},
        {"disagree": "perhaps"},
        {"do": "nothing"},
        {"do": "Semantic search", "by": "nothing", "answers": "0"},
        {"do": "Near-duplicates", "threshold": "7"},
        {"do": "Near-duplicates", "threshold": "nan"},
        {"do": "Similarity matrix", "lines": ""},
        {"do": "Compare models", "other": "nothing", "near": "0"},
    ],
)
def test_a_bad_value_in_the_link_never_breaks_the_page(link: dict[str, str]) -> None:
    page = open_page(**link)
    assert not page.exception
    assert "**descriptions** · 288 texts" in told(page)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"data": "no<b>thing"}, "asks for “no<b>thing”, which is not here"),
        ({"space": "nothing"}, "asks for “nothing”, which is not here"),
        ({"column": "nothing"}, "asks for “nothing”, which is not here"),
    ],
)
def test_a_link_to_what_is_not_here_says_so(link: dict[str, str], said: str) -> None:
    page = open_page(**link)
    assert not page.exception
    assert said in told(page)
    assert len(page.warning) == 1
    assert len(column(page, "row")) == 288


def test_a_question_is_answered_by_meaning() -> None:
    page = open_page(do="Semantic search", ask="someone ill is being examined")
    assert not page.exception
    assert column(page, "row")[0] == 49
    assert 138 in column(page, "row")
    assert len(column(page, "row")) == 10
    scores = column(page, "similarity")
    assert scores == sorted(scores, reverse=True)  # type: ignore[type-var]
    assert column(page, "BM25")[0] == 0


def test_a_question_is_answered_by_keywords_and_by_both() -> None:
    page = open_page(do="Semantic search", ask="physician", by="BM25")
    assert column(page, "row") == [138]
    assert float(str(column(page, "BM25")[0])) > 1
    assert float(str(column(page, "similarity")[0])) == pytest.approx(0.453, abs=0.01)
    page.segmented_control(key="by").set_value("Hybrid").run()
    assert column(page, "row")[:2] == [138, 49]
    assert [bool(score) for score in column(page, "BM25")[:2]] == [True, False]
    page.segmented_control(key="by").set_value("Semantic").run()
    assert column(page, "row")[:2] == [49, 138]


def test_a_question_without_answers_and_no_question_are_told() -> None:
    page = open_page(do="Semantic search", ask="zebra <b>xylophone</b>", by="BM25")
    assert not page.exception
    assert "No row holds a word of the query" in told(page)
    page.text_input(key="ask").set_value("  ").run()
    assert "Type a query" in told(page)
    page.button(key="example-music made with strings").click().run()
    page.segmented_control(key="by").set_value("Semantic").run()
    assert "double bass" in str(column(page, "text")[0])


def test_near_duplicates_hold_the_paraphrases_and_nothing_is_the_same() -> None:
    page = open_page(do="Near-duplicates")
    assert not page.exception
    assert page.slider(key="threshold").value == pytest.approx(0.53, abs=0.02)
    found = re.search(r"(\d+) groups\*\* hold (\d+) of 288 rows", told(page))
    assert found
    groups, rows = map(int, found.groups())
    said = f"Kept are {288 - rows + groups} rows; {rows - groups} rows would be dropped"
    assert said in told(page)
    boxes = {box.label: box for box in page.checkbox}
    assert {boxes["Keep row 10"].value, boxes["Keep row 163"].value} == {True, False}
    assert ":orange-background[" in told(page)
    boxes["Keep row 163"].set_value(True).run()
    boxes = {box.label: box for box in page.checkbox}
    boxes["Keep row 10"].set_value(True).run()
    assert f"Kept are {288 - rows + groups + 1} rows" in told(page)
    page.slider(key="threshold").set_value(1.0).run()
    assert "No two rows are alike by 1.00 or more" in told(page)


def test_the_neighbors_of_a_result_open_in_its_card() -> None:
    page = open_page(do="Semantic search", ask="someone ill is being examined")
    page.button(key="result-card-near-0").click().run()
    assert "0.515 · row 138 · The physician listens" in told(page)
    page.button(key="result-card-near-0").click().run()
    assert "0.515 · row 138" not in told(page)


def test_sentences_and_rows_are_compared() -> None:
    page = open_page(do="Similarity matrix", lines="49\n138\nIt rained all day.\n49")
    assert not page.exception
    assert str(column(page, "sentence")[1]).startswith("The physician listens")
    table = page.dataframe[0].value.drop(columns="sentence").to_numpy()
    assert table.diagonal() == pytest.approx([1] * 4, abs=1e-3)
    assert table[0, 1] == pytest.approx(0.515, abs=0.01)
    assert table[0, 3] == pytest.approx(1, abs=1e-3)
    assert table[0, 2] < 0.2
    for lines, said in (
        ("49\n999", "There is no row 999 in descriptions"),
        ("49\n" + "9" * 5000, "There is no row 999"),
        ("one line", "From 2 to 60 can be compared"),
        ("\n".join(["a line"] * 61), "61 sentences were given"),
    ):
        page.text_area(key="lines").set_value(lines).run()
        assert not page.exception
        assert said in told(page)
        assert not page.dataframe


def test_two_spaces_share_more_than_chance_and_less_than_all() -> None:
    page = open_page(do="Compare models")
    assert not page.exception
    shared = [float(str(value)) for value in column(page, "shared")]
    assert len(shared) == 288
    assert page.metric[0].value == f"{sum(shared) / 288:.1%}"
    assert 5 / 287 < 0.1 < sum(shared) / 288 < 0.9
    assert "would share 1.7%" in told(page)
    page.selectbox(key="other").set_value("minilm").run()
    assert "Both are the same model" in told(page)


def test_export_offers_every_file() -> None:
    page = open_page(do="Export")
    assert not page.exception
    labels = [button.proto.label for button in page.main.get("download_button")]
    projector = ["vectors.tsv", "metadata.tsv", "All three, as ZIP"]
    assert labels == [*projector, "Parquet", "NumPy and CSV", "FAISS index and CSV"]
    assert "288 vectors of 384 numbers" in told(page)


def test_a_kept_row_is_used_in_questions_and_in_formulas_of_its_space(minilm: Loaded) -> None:
    page = open_page(row="49")
    page.button(key="keep-row").click().run()
    assert "[row 49 of descriptions: A doctor checks" in told(page)
    kept = page.session_state["shelf"].items[0].name
    page.segmented_control(key="do").set_value("Semantic search").run()
    page.text_input(key="ask").set_value("").run()
    page.button(key=f"query-saved-{kept}").click().run()
    assert page.text_input(key="ask").value == f"[{kept}]"
    assert column(page, "row")[:2] == [49, 138]
    page.switch_page("pages/words.py")
    page.query_params.update({"q": f"[{kept}]", "space": "minilm"})
    page.run()
    assert not page.exception
    assert {"doctor", "pulse", "physician"} & set(column(page, "word"))


def test_your_texts_and_spaces_work_without_vectors() -> None:
    page = open_page(do="Datasets")
    assert not page.exception
    assert datasets.BUNDLED in page.selectbox(key="data").options
    page.segmented_control(key="do").set_value("Models").run()
    assert not page.exception
    states = dict(zip(column(page, "model"), column(page, "state"), strict=True))
    assert states["minilm"] == "ready"
    assert states["text-embedding-3-small"] in ("ready", "needs a key")
