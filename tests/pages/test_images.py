"""The Images page on OpenMoji and on galleries of one's own, with the real encoder."""

from __future__ import annotations

import io
import re
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.base.types import TermKind
from core.formula.formula import parse_formula
from core.images import galleries, openmoji
from core.spaces.vocabulary_files import Loaded
from tests.support.picture_files import encoded

ROOT = Path(__file__).resolve().parents[2]
INSTRUMENTS = {
    item.caption for item in openmoji.list_emoji() if item.subgroup == "musical-instrument"
}


def open_page(**params: str) -> AppTest:
    """The page with query parameters, as a link opens it."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180)
    page.switch_page("pages/images.py")
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def told(page: AppTest) -> str:
    """All that the page says, as it is read."""
    kinds = (page.title, page.markdown, page.caption, page.error, page.info, page.warning)
    said = " ".join(element.value for kind in (*kinds, page.success) for element in kind)
    return re.sub(r"\\(.)|`", r"\1", said)


def found(page: AppTest, column: str) -> list[object]:
    """A column of the results' table."""
    table = next(one.value for one in page.dataframe if "similarity" in one.value)
    return list(table[column])


def test_without_a_question_all_pictures_are_shown_a_page_at_a_time() -> None:
    page = open_page()
    assert "All 1,914 pictures" in told(page)
    assert "Embedding model: minilm-imagenet-v1." in told(page)  # the link named none
    assert "grinning face" in told(page)
    page.number_input(key="all-page").set_value(2).run()
    assert "grinning face with" not in told(page)
    assert page.number_input(key="all-page").max == 40


def test_a_new_question_is_answered_from_its_first_page() -> None:
    page = open_page(**{"find": "a red apple", "results": "100", "found-page": "2"})
    assert page.number_input(key="found-page").value == 2  # as the link says
    page.text_input(key="find").set_value("a dog").run()
    assert page.number_input(key="found-page").value == 1
    page.number_input(key="found-page").set_value(2).run()
    assert page.number_input(key="found-page").value == 2


def test_words_find_pictures() -> None:
    page = open_page(find="musical instrument", results="5")
    assert set(map(str, found(page, "caption"))) <= INSTRUMENTS
    assert len(found(page, "id")) == 5
    scores = [float(str(score)) for score in found(page, "similarity")]
    assert scores == sorted(scores, reverse=True)
    alone = open_page(find="musical instrument", results="5", blend="0.0")
    assert found(alone, "id") != found(page, "id")


def test_captions_are_shown_in_the_language_and_found_alike() -> None:
    english = open_page(find="a red apple", results="3")
    german = open_page(find="a red apple", results="3", lang="de")
    assert found(german, "id") == found(english, "id")
    assert found(german, "caption")[0] == "roter apfel"


def test_a_formula_and_a_filter() -> None:
    page = open_page(find="[1F431] - cat + dog", results="4", where="group=animals-nature")
    assert "Filtered by group=animals-nature" in told(page)
    assert "1F436" in found(page, "id")
    groups = {item.id: item.group for item in openmoji.list_emoji()}
    assert {groups[str(name)] for name in found(page, "id")} == {"animals-nature"}


def test_more_and_less_move_the_question_in_plain_sight() -> None:
    page = open_page(find="fruit", results="6")
    ids = list(map(str, found(page, "id")))
    page.button(key="found-1-more").click().run()
    assert page.text_input(key="find").value == f"fruit + 0.75*[{ids[1]}]"
    assert found(page, "id")[0] == ids[1]
    row = list(map(str, found(page, "id"))).index(ids[0])
    page.button(key=f"found-{row}-less").click().run()
    assert page.text_input(key="find").value == f"fruit + 0.75*[{ids[1]}] - 0.15*[{ids[0]}]"
    # A question that the person writes is a new start.
    page.text_input(key="find").set_value("tree").run()
    first = str(found(page, "id")[0])
    page.button(key="found-0-more").click().run()
    assert page.text_input(key="find").value == f"tree + 0.75*[{first}]"


def test_more_on_a_picture_with_an_empty_box_asks_for_that_picture() -> None:
    page = open_page()
    page.button(key="all-0-more").click().run()
    assert page.text_input(key="find").value == "[1F600]"
    assert found(page, "id")[0] == "1F600"


def test_a_result_is_kept_and_used_again() -> None:
    page = open_page(find="a strawberry", results="3")
    page.button(key="keep-query").click().run()
    assert "[a strawberry]" in told(page)
    (saved,) = page.session_state["shelf"].items
    (term,) = parse_formula(saved.formula)  # so that other models evaluate it again
    assert (term.kind, term.text, term.weight) == (TermKind.WORD, "a strawberry", 1)
    page.text_input(key="find").set_value("[a strawberry]").run()
    assert found(page, "id")[0] == "1F353"
    page.button(key="keep-query").click().run()
    assert page.session_state["shelf"].items[1].formula == ""  # of a vector, not of words


def test_a_dropped_picture_finds_its_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "my [apple].png"
    openmoji.draw("1F34E", 160).save(path)
    page = open_page()
    page.get("file_uploader")[0].set_value([(path.name, path.read_bytes(), "image/png")]).run()
    assert page.text_input(key="find").value == "[my (apple).png]"
    assert found(page, "id")[0] == "1F34E"
    page.text_input(key="find").set_value("[my (apple).png] - red + green").run()
    assert "1F34F" in found(page, "id")
    links = {one.proto.label: one.proto.query_string for one in page.get("page_link")}
    asked = parse_qs(links["Generate an image from it"])  # by its own model, from the picture
    assert asked == {"prompt": ["[my (apple).png] - red + green"]}
    page.button(key="forget-0").click().run()
    assert not page.error  # nobody's mistake
    assert "called [my (apple).png] here" in told(page)
    assert "Dropped pictures are kept for a day" in told(page)


def test_what_is_no_picture_is_told_when_dropped() -> None:
    page = open_page()
    page.get("file_uploader")[0].set_value([("a.png", b"text", "image/png")]).run()
    assert "“a.png” is no picture that can be read" in told(page)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"find": "[gone]"}, "called [gone] here"),
        ({"find": "a +"}, "ends with"),
        ({"where": "size=3"}, "has no column “size”"),
        ({"where": "group"}, "is no filter"),
        ({"gallery": "gone"}, "which is not here"),
        ({"see": "Zero-shot classification", "pic": "[gone]"}, "no picture called [gone]"),
        ({"see": "Zero-shot classification", "template": "a photo"}, "0 places for the label"),
    ],
)
def test_wrong_links_are_told(params: dict[str, str], said: str) -> None:
    assert said in told(open_page(**params))


def test_which_of_these_words_is_it() -> None:
    page = open_page(see="Zero-shot classification", pic="[1F431]", scale="100")
    page.text_area(key="labels").set_value("cat, airplane, pizza").run()
    scores = page.dataframe[0].value
    assert scores["label"][0] == "cat"
    assert sum(scores["probability"]) == pytest.approx(1)
    assert scores["probability"][0] > 0.9
    assert "by the picture alone" in told(page)
    page.text_area(key="labels").set_value("cat").run()
    assert "At least two are needed" in told(page)


def test_one_example_of_each_class(own_home: Path) -> None:
    files = [(f"{name}/{at}.png", encoded(shade)) for name, at, shade in SHADES]
    table = "file,kind\n" + "".join(f"{name}-{at}.png,{name}\n" for name, at, _ in SHADES)
    renamed = [(path.replace("/", "-"), data) for path, data in files]
    galleries.import_files("shades", [*renamed, ("t.csv", table.encode())])
    page = open_page(see="Few-shot", gallery="shades")
    assert "Accuracy on the rest" in [metric.label for metric in page.metric]
    assert page.metric[0].value == "1.000"
    shots = page.dataframe[-1].value
    assert list(shots["shots"]) == [1, 2]
    report = open_page(see="Evaluation", gallery="shades", at="2")
    assert report.metric[0].value == "1.000"
    assert "None of this class is misclassified" in told(report)


SHADES = [
    (name, at, tuple(channel - 8 * at if channel else 0 for channel in color))
    for name, color in (("red", (250, 0, 0)), ("blue", (0, 0, 250)))
    for at in range(4)
]


ODD = ("a[1].png", "a(1).png", "b  b.png", "e\u0301.png")
PLAIN = ((255, 0, 0), (0, 0, 255), (0, 160, 0), (240, 240, 0))


@pytest.fixture
def odd_names(own_home: Path) -> str:
    """A gallery whose files' names cannot stand in brackets as they are, or would be the same."""
    files = [(name, encoded(shade)) for name, shade in zip(ODD, PLAIN, strict=True)]
    table = "file,kind\n" + "".join(f"{name},{at % 2}\n" for at, name in enumerate(ODD))
    galleries.import_files("odd", [*files, ("t.csv", table.encode())])
    return "odd"


def test_filters_are_added_as_they_were_chosen(own_home: Path) -> None:
    kinds, sizes = ("cats|dogs", "fish; fowl", "cats|dogs", "to be.."), (1234567.891, 2e6, 3e6, 4e6)
    files = [(name, encoded(shade)) for name, shade in zip("abcd", PLAIN, strict=True)]
    table = "file,kind,size\n" + "".join(
        f"{name},{kind},{size}\n" for name, kind, size in zip("abcd", kinds, sizes, strict=True)
    )
    galleries.import_files(
        "told", [*((f"{name}.png", data) for name, data in files), ("t.csv", table.encode())]
    )
    page = open_page(gallery="told")
    page.selectbox(key="filter-column").set_value("size").run()
    add = next(button for button in page.button if button.label == "Add this filter")
    add.click().run()
    assert page.text_input(key="where").value == "size=1234567.891..4000000"
    assert "4 of 4" in told(page)
    for picked, count in ((["cats|dogs"], 2), (["fish; fowl", "to be.."], 2), (["to be.."], 1)):
        page.selectbox(key="filter-column").set_value("kind").run()
        page.multiselect(key="filter-values-kind").set_value(picked).run()
        next(button for button in page.button if button.label == "Add this filter").click().run()
        assert f"{count} of 4" in told(page)
    assert page.text_input(key="where").value == 'size=1234567.891..4000000; kind="to be.."'


def test_a_saved_vector_is_classified_too(minilm: Loaded) -> None:
    page = open_page(see="Zero-shot classification")
    row = minilm[0].row("cat")
    assert row is not None
    page.session_state["shelf"].keep("minilm", minilm[0].vectors[row], "a word", "my cat")
    page.text_area(key="labels").set_value("airplane, cat, pizza")
    page.text_input(key="pic").set_value("[my cat]").run()
    assert not page.exception
    assert page.dataframe[0].value["label"][0] == "cat"
    assert page.selectbox(key="space").value == "minilm"  # the model of the vector


@pytest.mark.parametrize("tool", ["Zero-shot classification", "Keypoint matching", "Few-shot"])
def test_tools_open_with_the_first_picture_whatever_it_is_called(tool: str, odd_names: str) -> None:
    page = open_page(see=tool, gallery=odd_names)
    assert "There is no picture" not in told(page)
    assert "is no picture of this gallery" not in told(page)
    assert not page.error


@pytest.mark.parametrize(
    "typed", ["[a(1).png (2)]", "a[1].png", "[a[1].png]", "b  b.png", "[b b.png]", "[e\u0301.png]"]
)
def test_a_picture_is_found_by_its_name_or_its_id(typed: str, odd_names: str) -> None:
    page = open_page(
        see="Zero-shot classification", gallery=odd_names, labels="red, blue", pic=typed
    )
    assert not page.error
    assert "label" in page.dataframe[0].value


def test_more_asks_for_the_picture_itself_though_two_would_be_called_the_same(
    odd_names: str,
) -> None:
    page = open_page(gallery=odd_names)
    first = next(
        galleries.load(one).ids for one in galleries.list_galleries() if one.name == "odd"
    ).index("a[1].png")
    page.button(key=f"all-{first}-more").click().run()
    assert page.text_input(key="find").value == "[a(1).png (2)]"
    assert found(page, "id")[0] == "a[1].png"
    assert float(str(found(page, "similarity")[0])) == pytest.approx(1, abs=1e-4)
    page.text_input(key="find").set_value("[a(1).png]").run()
    assert found(page, "id")[0] == "a(1).png"


def test_the_report_lists_the_worst_class_first() -> None:
    page = open_page(see="Evaluation", at="5")
    table = page.dataframe[0].value
    shares = list(table["precision at 5"])
    assert shares == sorted(shares)
    assert sum(table["pictures"]) == 1_914
    assert page.metric[0].label == "Precision at 5"


def test_own_pictures_are_brought_and_removed(own_home: Path) -> None:
    page = open_page(see="Datasets")
    assert "Nothing yet" in told(page)
    uploads = [("a.png", encoded((255, 0, 0)), "image/png"), ("b.png", b"broken", "image/png")]
    page.get("file_uploader")[0].set_value(uploads)
    page.text_input[0].set_value("two")
    page.button(key="FormSubmitter:pictures-upload-Upload pictures").click().run()
    assert not page.exception
    assert "two is ready" in told(page).replace("**", "")
    page.segmented_control(key="see").set_value("Search").run()
    assert "1 file left out: see why" in [box.label for box in page.expander]
    assert "no picture that can be read" in str(page.dataframe[0].value["reason"][0])
    page.segmented_control(key="see").set_value("Datasets").run()
    page.button(key="remove-pictures-two").click().run()
    assert "was removed" in told(page)
    assert [entry.name for entry in galleries.list_galleries()] == ["openmoji"]


def test_a_linked_folder_is_read_again_on_the_page(own_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "holiday"
    folder.mkdir()
    (folder / "red.png").write_bytes(encoded((255, 0, 0)))
    galleries.link_folder(str(folder))
    page = open_page(see="Datasets")
    (folder / "blue.png").write_bytes(encoded((0, 0, 255)))
    [again] = [button for button in page.button if button.label == "Read again"]
    again.click().run()
    assert not page.exception
    assert "holiday is ready. Your own: 2 pictures" in told(page).replace("**", "")
    [entry] = [one for one in galleries.list_galleries() if one.path is not None]
    assert galleries.load(entry).ids == ["blue.png", "red.png"]


def test_a_gallery_without_labels_says_what_is_needed(own_home: Path) -> None:
    galleries.import_files("bare", [("a.png", encoded((255, 0, 0)))])
    page = open_page(see="Evaluation", gallery="bare")
    assert "A gallery with a column of labels is needed" in told(page)


@pytest.mark.slow
def test_encoders_are_listed_and_timed() -> None:
    page = open_page(see="Encoders")
    table = page.dataframe[0].value.set_index("model")
    assert table.loc["minilm", "takes"] == "texts and pictures"
    assert table.loc["colour-outline", "takes"] == "pictures"
    assert table.loc["clip-openai", "state"].startswith("needs download")
    assert table["pictures per second"].isna().all()
    page.button[0].click().run()
    speeds = page.dataframe[0].value.set_index("model")["pictures per second"]
    assert speeds["minilm"] > 0
    assert speeds["colour-outline"] > 0
    assert np.isnan(speeds["clip-openai"])


@pytest.mark.slow
def test_a_space_of_pictures_only_finds_pictures_by_pictures() -> None:
    page = open_page(space="colour-outline", find="[1F34E]", results="5")
    assert found(page, "id")[0] == "1F34E"
    assert not page.slider
    page.text_input(key="find").set_value("a red fruit").run()
    assert "this embedding model takes pictures only" in told(page)
    zero_shot = open_page(space="colour-outline", see="Zero-shot classification")
    assert "takes pictures only" in told(zero_shot)


def test_a_model_that_is_not_here_is_offered() -> None:
    page = open_page(space="clip-openai")
    assert "CLIP ViT-B-32, OpenAI** is not installed on this computer" in told(page)
    assert "Download (605 MB)" in [one.label for one in page.button]


def test_weights_that_are_not_there_are_told() -> None:
    page = open_page(see="Encoders")
    page.segmented_control(key="encoder-way").set_value("A layer of a classifier").run()
    add = "FormSubmitter:add-cnn-Add"
    page.button(key=add).click().run()
    assert "No file was given" in told(page)
    page.text_input[0].set_value("/nowhere/x.safetensors")
    page.button(key=add).click().run()
    assert "There is no file “/nowhere/x.safetensors”" in told(page)


def test_an_index_is_built_and_compared_with_comparing_all() -> None:
    page = open_page(see="Index", index="IVFFlat")
    assert "the table compares what you try" in told(page)
    page.button[0].click().run()
    page.segmented_control(key="index").set_value("Flat").run()
    page.button[0].click().run()
    table = page.dataframe[0].value
    assert list(table["kind"]) == ["IVFFlat", "Flat"]
    assert 0 < table["recall at 10"][0] < 1
    assert table["recall at 10"][1] == 1


@pytest.mark.slow
def test_two_encoders_are_reported_side_by_side() -> None:
    page = open_page(see="Evaluation", at="5", beside="colour-outline")
    labels = [metric.label for metric in page.metric]
    assert "colour\\-outline: precision at 5" in labels
    table = next(one.value for one in page.dataframe if "difference" in one.value)
    differences = list(table["difference"])
    assert differences == sorted(differences)
    expected = table["minilm-imagenet-v1"] - table["colour-outline"]
    assert differences == pytest.approx(list(expected))
    titles = [box.label for box in page.expander]
    assert any(title.startswith("Right by minilm-imagenet-v1, wrong by") for title in titles)


def test_vectors_that_pictures_came_with_are_searched_by_example(own_home: Path) -> None:
    rows = np.array([[3, 4, 0], [0, 0, 2], [1, 0, 1]], dtype=np.float32)
    stream = io.BytesIO()
    np.save(stream, rows)
    files = [(f"{at}.png", encoded((250, 80 * at, 0))) for at in range(3)]
    brought = galleries.import_files("own", [*files, ("clip.npy", stream.getvalue())])
    assert brought.skipped == ()
    page = open_page(gallery="own", find="[2.png]", results="3")
    assert "the model that made them is not named" in told(page)
    assert found(page, "id") == ["2.png", "1.png", "0.png"]
    scores = [float(str(score)) for score in found(page, "similarity")]
    assert scores == pytest.approx([1, 1 / np.sqrt(2), 0.6 / np.sqrt(2)], abs=1e-5)
    page.text_input(key="find").set_value("a red thing").run()
    assert "model that made them is not named" in page.error[0].value
    assert page.selectbox(key="space").disabled
    assert "Not used: the vectors came with the pictures" in told(page)
    page.toggle(key="own-picture-vectors").set_value(False).run()
    assert not page.exception
    assert not page.selectbox(key="space").disabled
    assert not page.error
    assert len(found(page, "id")) == 3
