"""Home and Storage: examples, what is ready, what would be added; deleting after a question."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.generation import history
from core.generation.large.catalog import LARGE
from core.generation.request import Generated, Request
from core.graphs.catalog import KNOWN
from core.images import galleries, openmoji
from core.images.public.catalog import PUBLIC_SETS
from core.images.vectors import EncodedGallery
from core.inventory import readiness
from core.sentences import datasets
from core.spaces import registry, vocabulary_files
from core.spaces.vocabulary_files import Loaded
from core.storage import data_home as storage_data_home
from core.ui.common.page_icons import ICONS
from core.ui.help.learn import LESSONS
from core.ui.home.cards import CARDS, PICTURES, Card
from core.ui.home.examples import EXAMPLES, Example
from tests.conftest import SMALL, FakeEncoder
from tests.support.app_page import checked, link_warnings, open_page


def markdown(page: AppTest) -> str:
    return "\n".join(str(one.value) for one in page.markdown)


def links(page: AppTest) -> list[tuple[str, str, str]]:
    """Label, page and query of every link."""
    found = page.get("page_link")
    return [(one.proto.label, one.proto.page, one.proto.query_string) for one in found]  # type: ignore[attr-defined]


def test_home_has_an_example_of_each_page_and_tells_what_is_ready(own_home: Path) -> None:
    page = open_page("home")
    leads = [(label, target, dict(parse_qsl(query))) for label, target, query in links(page)]
    assert set(EXAMPLES) == set(ICONS) - {"home", "storage"}
    for name, examples in EXAMPLES.items():
        for one in examples:
            assert (one.label, name, one.params) in leads
    told = markdown(page)
    for part in (
        "Embedding models",
        "descriptions",
        openmoji.NAME,
        "Nations; Kinships; UMLS",
        "Emoji",
        "Photos",
    ):
        assert part in told
    assert {one.label for one in page.metric} >= {"Data folder", "Disk free", "Threads", "Device"}


@pytest.mark.parametrize(
    ("name", "example"),
    [(name, example) for name, examples in EXAMPLES.items() for example in examples],
    ids=lambda one: one if isinstance(one, str) else one.label,
)
def test_an_example_opens_its_page_with_all_that_it_asks_for(
    name: str, example: Example, minilm: Loaded, minilm_layer2: Loaded
) -> None:
    quick = {"method": "PCA", "words": "500"} if name == "map" else {}
    page = open_page(name, **quick, **example.params)
    params = dict(example.params)
    if lesson := params.pop("lesson", ""):  # which the address alone knows
        assert any(one.value.endswith(LESSONS[lesson].title) for one in page.caption)
    assert {key: str(page.session_state[key]) for key in params} == params
    assert not link_warnings(page)


def card(name: str) -> Card:
    (found,) = [one for one in CARDS if one.page == name]
    return found


def test_home_has_a_card_of_each_page_with_a_picture_for_both_themes() -> None:
    assert [one.page for one in CARDS] == [
        "words",
        "images",
        "map",
        "generate",
        "sentences",
        "graph",
    ]
    for one in CARDS:
        for ground in ("light", "dark"):
            with Image.open(PICTURES / f"{one.page}-{ground}.webp") as picture:
                assert picture.size == (680, 440)
                low, high = picture.convert("L").getextrema()
                assert high - low > 100  # something is on it


def test_the_card_of_words_opens_the_queen(minilm_layer2: Loaded) -> None:
    page = open_page("words", **card("words").params)
    assert page.dataframe[0].value["word"].iloc[0] == "queen"


def test_the_card_of_sentences_opens_sentences_that_say_the_same() -> None:
    page = open_page("sentences", **card("sentences").params)
    boxes = {box.label for box in page.checkbox}
    assert {"Keep row 10", "Keep row 163", "Keep row 20", "Keep row 241"} <= boxes


def test_the_card_of_images_asks_with_its_picture_and_finds_the_horse(
    emoji: EncodedGallery,
) -> None:
    page = open_page("home")
    page.button(key="open-images").click()
    page = checked(page)
    assert page.text_input(key="find").value == "[horse.jpg]"
    (table,) = [one.value for one in page.dataframe if "caption" in one.value]
    assert table["caption"].iloc[0] == "horse"


@pytest.mark.slow
def test_the_card_of_generate_draws_at_once() -> None:
    page = open_page("home")
    page.button(key="open-generate").click()
    page = checked(page)
    assert page.session_state["prompt"] == "a blue cat"
    told = [str(one.value) for one in page.caption]
    assert any(one.startswith("Seed 0 · ") for one in told)
    nearest = next(one for one in told if one.startswith("**0."))
    assert nearest.endswith("cat")


def test_what_is_not_here_is_offered_where_a_click_adds_it(own_home: Path) -> None:
    entries = registry.list_spaces()
    found = {(offer.kind, offer.title): offer for offer in readiness.offers(entries)}
    graph = found["Graphs", KNOWN["wn18rr"].title]
    assert (graph.page, graph.params, graph.size) == ("graph", {"graph": "wn18rr"}, "4.4 MB")
    words = found["Vocabularies", "MiniLM: its words"]
    assert (words.page, words.params, words.size) == (
        "words",
        {"space": "minilm"},
        "about 46 MB, made here",
    )
    assert found["Pictures", PUBLIC_SETS[0].title].page == "images"
    assert any(kind == "Generators" and title == LARGE[0].title for kind, title in found)
    assert found["Embedding models", "spaCy en_core_web_md"].command.count("spacy download") == 1


def test_what_was_brought_is_ready_and_no_longer_offered(own_home: Path) -> None:
    datasets.import_table("poems.csv", b"text\none\ntwo\n")
    folder = registry.find_space("minilm").folder
    assert folder is not None
    vocabulary_files.save(SMALL, ["a", "b"], FakeEncoder().encode(["a", "b"]), folder)
    entries = registry.list_spaces()
    ready = {one.kind: one.names for one in readiness.ready(entries)}
    assert "poems (2 rows)" in ready["Texts"]
    assert "MiniLM" in ready["Vocabularies"]
    offered = [offer.title for offer in readiness.offers(entries)]
    assert "MiniLM: its words" not in offered and "MiniLM, layer 2: its words" in offered


def test_home_shows_names_as_they_are(own_home: Path) -> None:
    folder = own_home / "datasets" / "**bold** [x](y)"
    folder.mkdir(parents=True)
    datasets.import_table("t.csv", b"text\none\ntwo\n")
    kept = own_home / "datasets" / "t"
    for path in kept.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    assert r"\*\*bold\*\* \[x\]\(y\)" in markdown(open_page("home"))


def choose(page: AppTest, *ids: str) -> AppTest:
    page.multiselect(key="disk-chosen").set_value(list(ids))
    return checked(page)


def test_what_is_chosen_is_named_and_deleted_after_a_click(own_home: Path) -> None:
    datasets.import_table("poems.csv", b"text\none\ntwo\n")
    datasets.import_table("letters.csv", b"text\nthree\nfour\n")
    page = choose(open_page("storage"), "datasets/poems")
    told = markdown(page)
    assert "Delete 1 thing" in told and "poems" in told and "cannot be had again" in told
    assert page.button(key="disk-delete").disabled  # until it is said to be known
    page.checkbox(key="disk-sure").check()
    page = checked(page)
    page.button(key="disk-delete").click()
    page = checked(page)
    assert "poems" in page.success[0].value
    assert not (own_home / "datasets" / "poems").exists()
    assert (own_home / "datasets" / "letters").is_dir()
    (left,) = page.multiselect(key="disk-chosen").options
    assert left.startswith("Text datasets: letters")


def test_sizes_read_alike_in_the_table_and_in_the_question(own_home: Path) -> None:
    folder = own_home / "exports" / "large"
    folder.mkdir(parents=True)
    (folder / "vectors.tsv").write_bytes(b"1" * 4_400_000)
    page = choose(open_page("storage"), "exports/large")
    shown = page.dataframe[0].proto.arrow_data.styler.display_values  # as the browser draws it
    assert b"4.4 MB" in shown
    assert page.dataframe[0].value["size"].tolist() == [4_400_000]  # and sorts by
    assert "Exports: large (4.4 MB)" in markdown(page).replace("\\", "")
    assert "Exports: large (4.4 MB)" in page.multiselect(key="disk-chosen").options


def test_all_is_chosen_only_of_a_kind_and_by_a_button_that_deletes_nothing(own_home: Path) -> None:
    for name in ("poems.csv", "letters.csv"):
        datasets.import_table(name, b"text\none\ntwo\n")
    (own_home / "exports" / "old").mkdir(parents=True)
    (own_home / "exports" / "old" / "a").write_text("1")
    page = open_page("storage")
    assert page.multiselect(key="disk-chosen").proto.select_all == 0  # no such entry in the list
    assert "disk-all" not in [one.key for one in page.button]
    page.selectbox(key="disk-kind").set_value("Text datasets")
    page = checked(page)
    page.button(key="disk-all").click()
    page = checked(page)
    assert sorted(page.multiselect(key="disk-chosen").value) == [
        "datasets/letters",
        "datasets/poems",
    ]
    assert "Delete 2 things" in markdown(page)
    assert page.button(key="disk-delete").disabled
    assert (own_home / "datasets" / "poems").is_dir()


def test_all_that_goes_is_listed_what_is_lost_first(own_home: Path) -> None:
    for at in range(40):
        folder = own_home / "exports" / f"e{at:02}"
        folder.mkdir(parents=True)
        (folder / "a").write_text("1" * (100 + at))
    datasets.import_table("poems.csv", b"text\none\n")
    ids = [f"exports/e{at:02}" for at in range(40)]
    page = choose(open_page("storage"), *ids, "datasets/poems")
    told = [str(one.value) for one in page.markdown]
    lines = [one for one in told if one.startswith("- ") and ": if deleted, it " in one]
    assert len(lines) == 30 and "poems" in lines[0] and "warning" in lines[0]
    rest = page.dataframe[1].value["name"].tolist()
    assert len(rest) == 11
    named = {line.replace("\\", "").split("Exports: ")[1].split(" ")[0] for line in lines[1:]}
    assert named | set(rest) == {f"e{at:02}" for at in range(40)}


def test_what_is_gone_meanwhile_is_no_fault(own_home: Path) -> None:
    datasets.import_table("poems.csv", b"text\none\ntwo\n")
    page = choose(open_page("storage"), "datasets/poems")
    storage_data_home.delete(own_home / "datasets" / "poems")
    page = checked(page)
    assert not page.multiselect
    assert "empty" in page.info[0].value


def test_a_refusal_is_told_and_the_rest_goes_on(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.inventory import data_home as inventory_data_home

    datasets.import_table("poems.csv", b"text\none\ntwo\n")
    page = choose(open_page("storage"), "datasets/poems")
    page.checkbox(key="disk-sure").check()
    page = checked(page)

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refused)
        page.button(key="disk-delete").click()
        page = checked(page)
    assert "Permission denied" in page.error[0].value
    assert [one.name for one in inventory_data_home.list_held()] == ["poems"]


OPEN = (
    ("sentences", "datasets/mine", {"data": "mine", "do": "Compare"}),
    ("images", "galleries/mine", {"gallery": "mine", "see": "Search"}),
    ("generate", "history", {"tool": "History"}),
)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "id_", "parameters"), OPEN)
@pytest.mark.usefixtures("emoji_at_home")
def test_deleting_what_is_open_on_a_page_does_not_crash_it(
    own_home: Path, name: str, id_: str, parameters: dict[str, str]
) -> None:
    from core.inventory import data_home as inventory_data_home

    datasets.import_table("mine.csv", b"text\none\ntwo\nthree\n")
    random = np.random.default_rng(0)
    files = []
    for at in range(3):
        pixels = random.integers(0, 255, (16, 16, 3), dtype=np.uint8)
        picture = Image.fromarray(pixels)
        path = own_home / f"{at}.png"
        picture.save(path)
        files.append((path.name, path.read_bytes()))
        path.unlink()
        history.keep(Generated(picture, Request("small", "noise", seed=at), 1, 0.1))
    galleries.import_files("mine", files)
    page = open_page(name, **parameters)
    (chosen,) = [one for one in inventory_data_home.list_held() if one.id == id_]
    inventory_data_home.delete(chosen)
    checked(page)
    for other in ("home", "storage", name):
        open_page(other, **(parameters if other == name else {}))
