"""What is this computer's own can be named by who sits at it, and by nobody else."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.base.errors import InputError
from core.spaces import added
from core.spaces.encoders.openai_api import Address
from core.spaces.sources.service import SERVICE, Service
from core.storage import data_home
from core.ui.common import access
from tests.support.app_page import checked, open_page
from tests.support.embeddings_server import KEY, EmbeddingsServer

ROOT = Path(__file__).parents[2]
HERE = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}
Come = Callable[[dict[str, str]], None]


@pytest.fixture
def come(monkeypatch: pytest.MonkeyPatch) -> Come:
    """Has the sessions from now on opened by a request with these headers beside the usual."""
    return lambda headers: monkeypatch.setattr(access, "_headers", lambda: {**HERE, **headers})


@pytest.mark.parametrize(
    ("address", "headers", "straight"),
    [
        ("localhost", {}, True),
        ("127.0.0.1", {"User-Agent": "x", "Cookie": "via=1"}, True),
        ("::1", {"Host": "[::1]:8501", "Origin": "http://[::1]:8501"}, True),
        ("0.0.0.0", {}, False),
        ("None", {}, False),
        ("192.168.1.5", {}, False),
        ("localhost", {"X-Forwarded-For": "10.0.0.7"}, False),
        ("localhost", {"x-forwarded-for": ""}, False),
        ("localhost", {"Forwarded": "for=10.0.0.7"}, False),
        ("localhost", {"X-Real-IP": "10.0.0.7"}, False),
        ("localhost", {"Via": "1.1 proxy"}, False),
        ("localhost", {"CF-Connecting-IP": "10.0.0.7"}, False),
        ("localhost", {"Tailscale-User-Login": "a"}, False),
        ("localhost", {"Host": "app.example"}, False),  # a proxy that adds no header
        ("localhost", {"Origin": "https://app.example"}, False),  # and one that changes Host
        ("localhost", {"Host": "localhost.app.example"}, False),
        ("localhost", {"Host": "[", "Origin": "http://["}, False),
        ("localhost", {"Origin": "null"}, False),
    ],
)
def test_who_came_straight_from_this_computer(
    address: str, headers: dict[str, str], straight: bool
) -> None:
    assert access.came_straight(address, {**HERE, **headers}) is straight


def test_local_is_said_at_the_start(come: Come, monkeypatch: pytest.MonkeyPatch) -> None:
    come({"X-Forwarded-For": "10.0.0.7"})
    assert not access.is_local()
    with pytest.raises(InputError, match="cannot be named from here"):
        access.given_path("/etc/passwd")
    monkeypatch.setenv(access.SAID, "1")
    assert access.is_local()
    assert access.given_path("/etc") == Path("/etc")
    monkeypatch.setenv(access.SAID, "0")
    assert not access.is_local()


OFFERED = {  # what each tool offers who sits here, beside what it offers all
    ("words", "tool", "Upload embeddings"): "Or the path of a file or folder on this computer",
    ("images", "see", "Datasets"): "Or a folder, ZIP archive, Parquet file or CSV of this computer",
    ("images", "see", "Encoders"): "File with the weights, on this computer",
}


@pytest.mark.parametrize(("page_name", "key", "tool"), list(OFFERED))
def test_boxes_for_paths_are_shown_here_alone(
    page_name: str, key: str, tool: str, come: Come
) -> None:
    label = OFFERED[page_name, key, tool]
    come({})
    page = open_page(page_name, **{key: tool})
    if tool == "Encoders":  # the first way to add one needs no path
        page.segmented_control(key="encoder-way").set_value("A layer of a classifier").run()
    assert label in [box.label for box in page.text_input]
    come({"X-Real-IP": "10.0.0.7"})
    page = open_page(page_name, **{key: tool})
    assert label not in [box.label for box in page.text_input]


@pytest.mark.parametrize(
    ("page_name", "parameters", "key"),
    [("sentences", {"do": "Models"}, "add-way"), ("generate", {"tool": "Models"}, "large-way")],
)
def test_a_choice_made_before_the_way_was_through_a_proxy_counts_no_more(
    page_name: str, parameters: dict[str, str], key: str, come: Come
) -> None:
    come({})
    page = open_page(page_name, **parameters)
    ways = page.segmented_control(key=key)
    here_alone = [way for way in ways.options if way in ("A folder", "A service")]
    come({"Via": "1.1 proxy"})
    first = open_page(page_name, **parameters).segmented_control(key=key)
    assert not {*here_alone} & {*first.options}
    for way in here_alone:
        come({})
        page.segmented_control(key=key).set_value(way)
        checked(page)
        come({"Via": "1.1 proxy"})
        assert checked(page).segmented_control(key=key).value == first.value


def test_nobody_but_the_one_place_makes_a_path_of_what_was_typed() -> None:
    own = ROOT / "core/ui/common/access.py"
    takes = {"add_folder", "add_cnn", "add_clip", "link_folder", "add_service"}
    for path in {*ROOT.glob("core/ui/**/*.py"), *ROOT.glob("pages/*.py")} - {own}:
        text = path.read_text(encoding="utf-8")
        assert "data_home.given_path" not in text, path
        called = {
            node.func.attr
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        if called & takes:
            assert called & {"given_path", "require"}, path


def add_service(page: AppTest, url: str, variable: str) -> None:
    page.segmented_control(key="add-way").set_value("A service")
    checked(page)
    boxes = {box.label: box for box in page.text_input}
    boxes["Address"].set_value(url)
    boxes["Model"].set_value("toy")
    boxes["Environment variable with the API key"].set_value(variable)
    next(one for one in page.button if one.label.startswith("Ask it for one")).click()
    checked(page)


def shown(page: AppTest) -> str:
    kinds = (page.error, page.info, page.success, page.caption)
    told = "\n".join(str(one.value) for kind in kinds for one in kind)
    return told.translate(dict.fromkeys(map(ord, "\\`")))


@pytest.mark.usefixtures("own_home")
def test_a_variable_is_sent_to_the_address_that_was_confirmed(
    come: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_API_KEY", KEY)
    monkeypatch.setenv("TOY_PASSWORD", "not yours")
    come({})
    with EmbeddingsServer(8) as server:
        page = open_page("sentences", do="Models")
        add_service(page, server.url, "TOY_PASSWORD")
        assert "“TOY_PASSWORD” is not named like the key of a service" in shown(page)
        add_service(page, server.url, "TOY_API_KEY")
        assert not server.asked
        told = shown(page)
        assert f"The value of TOY_API_KEY would be sent to {server.url}" in told
        come({"Via": "1.1 proxy"})  # the button is gone, and a click on it is nothing
        page.button(key="service-confirmed").click()
        checked(page)
        assert not server.asked
        come({})
        add_service(checked(page), server.url, "TOY_API_KEY")
        page.button(key="service-confirmed").click()
        assert "is listed" in shown(checked(page))
        assert len(server.asked) == 1


@pytest.mark.usefixtures("own_home")
def test_a_service_lists_its_models_and_a_key_that_others_can_read_is_confirmed(
    come: Come,
) -> None:
    come({})
    with EmbeddingsServer(8) as server:
        page = open_page("sentences", do="Models")
        page.segmented_control(key="add-way").set_value("A service")
        checked(page)

        def fill(url: str) -> None:
            boxes = {box.label: box for box in page.text_input}
            boxes["Address"].set_value(url)
            boxes["Or the API key itself"].set_value(KEY)

        fill(f"{server.url}/embeddings")
        next(one for one in page.button if one.label == "List its models").click()
        checked(page)
        [model] = [box for box in page.selectbox if box.label == "Model"]
        assert model.options == ["bge-m3", "embed-test"]
        fill("http://192.168.0.7/v1")
        model.set_value("bge-m3")
        next(one for one in page.button if one.label.startswith("Ask it for one")).click()
        told = shown(checked(page))
        assert "The key would be sent to http://192.168.0.7/v1" in told
        assert "By http, others on the network can read it." in told
        assert KEY not in told
        assert [asked.path for asked in server.asked] == ["/v1/models"]


@pytest.mark.usefixtures("own_home")
def test_suggested_models_are_listed_with_what_they_take_and_the_cache_is_this_computers_own(
    come: Come, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("core.storage.hub.list_cached", lambda: {"me/mine": tmp_path})
    come({})
    page = open_page("sentences", do="Models")
    table = page.dataframe[1].value.set_index("model")
    assert [*table.loc["intfloat/multilingual-e5-small"]][:5] == [
        "471 MB",
        384,
        "94 languages",
        "MIT",
        "needs download",
    ]
    [names] = [box for box in page.selectbox if box.label == "Sentence-transformers model"]
    assert "me/mine" in names.options
    come({"Via": "1.1 proxy"})
    page = open_page("sentences", do="Models")
    [names] = [box for box in page.selectbox if box.label == "Sentence-transformers model"]
    assert "me/mine" not in names.options
    assert "BAAI/bge-small-en-v1.5" in names.options


@pytest.mark.usefixtures("own_home")
def test_who_comes_from_elsewhere_spends_no_key_of_this_computer(
    come: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_API_KEY", KEY)
    with EmbeddingsServer(8) as server:
        monkeypatch.setattr("core.spaces.encoders.openai_api.LOOPBACK", frozenset())
        monkeypatch.setattr(
            "core.spaces.encoders.openai_api.read_address", lambda url: Address(url, "toy.example")
        )
        added.add(SERVICE.probe(Service(server.url, "toy", "TOY_API_KEY")))
        server.asked.clear()
        come({"X-Forwarded-For": "10.0.0.7"})
        page = open_page("sentences", space="toy")
        assert "This service needs a key. Type it above." in shown(page)
        assert not [one for one in page.button if one.label.startswith("Encode")]
        page.text_input(key="key-toy").set_value(KEY)
        assert "would be sent to" in shown(checked(page))
        come({})
        page = open_page("sentences", space="toy")
        assert "would be sent to" in shown(page)
        assert not server.asked
    assert data_home.data_home().exists()
