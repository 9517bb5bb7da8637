"""The Sentences page on a person's own texts, and what goes wrong with them."""

from __future__ import annotations

import io
import re

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.sentences import datasets
from tests.pages.test_sentences import column, open_page, told

pytestmark = pytest.mark.usefixtures("own_home")
HTML = '<b onclick="x()">bold</b> **x** $y$ [a](b) `c` :smile:'
CSV = (
    "code,title,body,stars\n"
    "a1,Flight,A jet plane took off from the airport this morning.,5\n"
    "a2,Soup,She stirs the hot soup in a large pot on the stove.,4\n"
    "a3,Take-off,An airliner left the runway early today.,3\n"
    f'a4,Markup,"{HTML.replace(chr(34), chr(34) * 2)}",2\n'
)
BUTTON = "Import dataset"


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def upload(name: str, data: bytes) -> AppTest:
    page = open_page(do="Datasets")
    page.file_uploader[0].set_value([(name, data, "application/octet-stream")]).run()
    if any(button.label == BUTTON for button in page.button):
        press(page, BUTTON)
    assert not page.exception
    return page


def bring(name: str, text: str) -> None:
    datasets.import_table(name, text.encode())


def as_file(kind: str) -> bytes:
    frame = pd.read_csv(io.StringIO(CSV))
    stream = io.BytesIO()
    if kind == "parquet":
        frame.to_parquet(stream)
    elif kind == "xlsx":
        frame.to_excel(stream, index=False)
    elif kind == "jsonl":
        return frame.to_json(orient="records", lines=True).encode()
    elif kind == "txt":
        return "\n".join(frame["body"]).encode()
    else:
        return frame.to_csv(index=False, sep="\t" if kind == "tsv" else ",").encode()
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["txt", "csv", "tsv", "jsonl", "parquet", "xlsx"])
def test_a_file_of_every_kind_is_brought_and_chosen(kind: str) -> None:
    page = upload(f"my texts.{kind}", as_file(kind))
    assert "is ready: 4 rows" in told(page)
    assert page.selectbox(key="data").value == "my-texts"
    dataset = datasets.load_texts(datasets.find_dataset("my-texts"))
    assert dataset.texts[3] == HTML
    if kind == "txt":
        return
    assert page.selectbox(key="column").value == "body"
    assert dataset.metadata["stars"].tolist() == [5, 4, 3, 2]


def test_own_texts_have_neighbours_with_metadata_and_another_column_can_be_chosen() -> None:
    page = upload("mine.csv", CSV.encode())
    page.segmented_control(key="do").set_value("Nearest neighbours").run()
    assert not page.exception
    assert column(page, "row") == [1, 2, 3, 4]
    assert [str(rows)[0] for rows in column(page, "nearest by cosine")][::2] == ["3", "1"]
    assert column(page, "stars") == [5, 4, 3, 2]
    assert "Each row has only 3 others" in told(page)
    page.number_input(key="row").set_value(4).run()
    assert f"> {HTML}" in told(page)
    raw = " ".join(element.value for element in page.markdown)
    assert not re.search(r"(?<!\\)<b", raw)
    assert not [markup for markup in ("**x**", "$y$", "[a]", "`c`") if markup in raw]
    page.selectbox(key="column").set_value("title").run()
    assert "> Markup" in told(page)
    assert column(page, "body")[3] == HTML


def test_choosing_other_texts_lets_go_of_their_column_and_row() -> None:
    bring("mine.csv", CSV)
    page = open_page(data="mine", column="title", row="4", near="2")
    assert not page.exception
    page.selectbox(key="data").set_value("descriptions").run()
    assert not page.exception
    assert page.selectbox(key="column").value == "text"
    page.number_input(key="row").set_value(288).run()
    page.selectbox(key="data").set_value("mine").run()
    assert not page.exception
    assert page.number_input(key="row").value == 1
    assert not open_page(data="mine", column="topic", row="288").exception


@pytest.mark.slow
def test_a_link_decides_the_column_though_other_texts_were_open_before() -> None:
    bring("mine.csv", CSV)
    page = open_page(data="descriptions")
    page.switch_page("pages/map.py").run()
    page.switch_page("pages/sentences.py")
    page.query_params["data"], page.query_params["column"] = "mine", "title"
    page.run()
    assert not page.exception and not page.warning
    assert page.selectbox(key="data").value == "mine"
    assert page.selectbox(key="column").value == "title"


def test_columns_of_the_file_never_replace_those_of_the_page() -> None:
    bring(
        "pairs.csv",
        "text,similarity,rank,BM25,nearest by cosine\n"
        "A cat sleeps on the sofa.,5,7,8,9\nThe kitten naps on the couch.,5,7,8,9\n",
    )
    page = open_page(data="pairs", do="Semantic search", ask="a cat sleeps")
    assert not page.exception
    assert column(page, "rank") == [1, 2]
    assert all(-1 <= float(str(value)) <= 1 for value in column(page, "similarity"))
    assert column(page, "BM25")[1] == 0
    page.segmented_control(key="do").set_value("Nearest neighbours").run()
    assert column(page, "nearest by cosine") == ["2", "1"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["row", "similarity", "group", "shared"])
def test_a_text_column_may_have_the_name_of_a_column_of_the_page(name: str) -> None:
    bring("odd.csv", f"{name},x\nA cat sleeps on the sofa.,1\nA cat is on the sofa.,2\n")
    page = open_page(data="odd", do="Near-duplicates", threshold="0.3")
    assert not page.exception
    assert any(str(one.value).startswith("A cat sleeps on the sofa") for one in page.markdown)
    for do in ("Nearest neighbours", "Semantic search", "Compare models"):
        page = open_page(data="odd", do=do, ask="cat")
        assert not page.exception
        assert sorted(str(number) for number in column(page, "row")) == ["1", "2"]
        cells = page.dataframe[0].value.to_numpy().ravel().tolist()
        assert "A cat sleeps on the sofa." in cells


def test_pasted_sentences_are_brought() -> None:
    page = open_page(do="Datasets")
    page.segmented_control(key="way").set_value("Paste").run()
    press(page, BUTTON)
    assert "Nothing was pasted" in told(page)
    page.text_area[0].set_value("It rains.\n\nIt pours.\n<i>Sun</i> & *more*\n")
    page.text_input[0].set_value("my <b>weather</b>/../notes")
    press(page, BUTTON)
    assert not page.exception
    assert "is ready: 3 rows" in told(page)
    chosen = page.selectbox(key="data").value
    assert "/" not in chosen
    dataset = datasets.load_texts(datasets.find_dataset(chosen))
    assert dataset.texts == ["It rains.", "It pours.", "<i>Sun</i> & *more*"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("cut.parquet", as_file("parquet")[:-200]),
        ("empty.csv", b""),
        ("cut.jsonl", b'{"text": "a cat"}\n{"text": "a d'),
        ("cut.xlsx", b"PK\3\4nothing"),
    ],
)
def test_a_bad_file_is_told_once_and_nothing_stays(name: str, data: bytes) -> None:
    page = upload(name, data)
    assert len(page.error) == 1
    assert len(page.error[0].value) < 600
    assert [entry.name for entry in datasets.list_datasets()] == ["descriptions"]
    assert "Nothing yet" in told(page)
    page.file_uploader[0].set_value([("good.csv", CSV.encode(), "text/csv")]).run()
    press(page, BUTTON)
    assert not page.error
    assert page.selectbox(key="data").value == "good"


def test_without_a_file_nothing_is_imported() -> None:
    page = open_page(do="Datasets")
    assert BUTTON not in {button.label for button in page.button}
    assert [entry.name for entry in datasets.list_datasets()] == ["descriptions"]


@pytest.mark.slow
@pytest.mark.parametrize("file", ["table.parquet", "about.json"])
def test_damaged_texts_are_told_and_can_be_removed(file: str) -> None:
    bring("mine.csv", CSV)
    path = datasets.find_dataset("mine").folder / file  # type: ignore[operator]
    path.write_bytes(path.read_bytes()[:-7])
    page = open_page(data="mine")
    assert not page.exception
    assert len(page.error) == 1
    assert "damaged" in told(page).lower()
    page.segmented_control(key="do").set_value("Datasets").run()
    page.button(key="remove-texts-mine").click().run()
    assert not page.exception
    assert "Nothing yet" in told(page)
    page.segmented_control(key="do").set_value("Semantic search").run()
    assert column(page, "row")[0] == 49


def test_removed_texts_are_let_go_of() -> None:
    bring("mine.csv", CSV)
    page = open_page(do="Datasets", data="mine")
    page.button(key="remove-texts-mine").click().run()
    assert not page.exception
    assert page.selectbox(key="data").value == "descriptions"
    other = open_page(do="Datasets", data="mine")
    assert "asks for “mine”, which is not here" in told(other)


def test_one_text_works_in_every_tool() -> None:
    bring("one.txt", "A single cat.")
    for do, said in (
        ("Nearest neighbours", "There is one text"),
        ("Semantic search", ""),
        ("Near-duplicates", "There is one text"),
        ("Similarity matrix", ""),
        ("Compare models", "There is one text"),
        ("Export", "1 vector of 384"),
    ):
        page = open_page(data="one", do=do, ask="cat")
        assert not page.exception
        assert said in told(page)
    assert column(open_page(data="one", do="Semantic search", ask="cat", by="Hybrid"), "row") == [1]
