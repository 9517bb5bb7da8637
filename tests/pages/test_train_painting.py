"""Train → A painting of mine: the steps on pictures made for it, from catalogue to verdict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.heads import store
from core.images import galleries
from core.images.vectors import encode_gallery
from core.spaces import registry
from core.ui.train import painting as recipe
from tests.cli.test_main import call
from tests.heads.test_store import drawn, kept
from tests.support.app_page import checked, open_page
from tests.support.paintings import files, painting

BEFORE, AFTER = "before", "after"
SMALL = ("--epochs", "12", "--width", "64", "--dim", "16", "--batch", "32")


@pytest.fixture
def gallery(own_home: Path) -> str:
    return galleries.import_files("paintings", files()).entry.name


def said(page: AppTest) -> list[str]:
    return [str(one.value) for one in page.markdown]


def states(page: AppTest) -> list[str]:
    """What stands behind the heads of the steps."""
    heads = [one for one in said(page) if one.startswith(":material/") and "**" in one]
    return [one.rpartition("**")[2] for one in heads]


def test_the_steps_say_what_is_done(gallery: str) -> None:
    base = registry.find_space("colour-outline")
    asked = {"train-of": "Pictures", "gallery": gallery, "space": base.space.name}
    page = open_page("train", do="A painting of mine", **asked)
    assert page.multiselect(key="characteristics").value == ["style", "school", "timeframe"]
    assert page.selectbox(key="head-groups").value == "author"
    assert states(page) == [": done", ": next", "", "", ""]
    opened = galleries.load(next(one for one in galleries.list_galleries() if one.name == gallery))
    encode_gallery(opened, base, base.image_encoder(), None)
    assert states(checked(page)) == [": done", ": done", ": next", "", ""]
    figures = {
        when: {"style": {"precision_at_10": p}} for when, p in ((BEFORE, 0.25), (AFTER, 0.5))
    }
    made = replace(
        kept(drawn(), base), columns=("style",), about={"data": gallery, "figures": figures}
    )
    store.keep(replace(made, name="other", about={"data": "another gallery"}))
    store.keep(replace(made, name="clicks", columns=("marked pairs",)))
    assert states(checked(page)) == [": done", ": done", ": next", "", ""]
    store.keep(made)
    assert states(checked(page)) == [": done", ": done", ": done", ": next", ""]
    assert any("**mine**, P@10 before and after: style 0.250 → 0.500" in one for one in said(page))


@pytest.mark.slow
def test_a_new_painting_is_told_by_a_head_of_artists_apart(
    gallery: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = ("--columns", "style,school,timeframe", "--group", "author", "--base", "style")
    status, trained, _ = call(capsys, "train", "head", gallery, *columns, "--name", "mine", *SMALL)
    assert status == 0
    assert trained["after"]["style"]["precision_at_10"] > 0.4  # 0.25 is chance
    (tmp_path / "new.png").write_bytes(painting("mosaic", 77))
    asked = ("--gallery", gallery, "--space", "mine", "--image", str(tmp_path / "new.png"))
    status, answer, _ = call(capsys, "images", *asked, "--verdict")
    assert status == 0
    found = {one["column"]: one for one in answer["columns"]}
    assert {name: found[name]["value"] for name in ("style", "school", "timeframe")} == {
        "style": "mosaic",
        "school": "South",
        "timeframe": "early",
    }
    assert found["author"]["value"].startswith("mosaicer")
    assert found["style"]["certainty"] > 0.5


def test_the_head_is_opened_with_the_choices_of_the_recipe(gallery: str) -> None:
    asked = {"train-of": "Pictures", "gallery": gallery, "space": "colour-outline"}
    page = open_page("train", do="A painting of mine", **asked)
    next(one for one in page.button if one.label == "Train the head").click()
    checked(page)
    assert page.multiselect(key="characteristics").value == ["style", "school", "timeframe"]
    assert page.selectbox(key="head-groups").value == "author"
    assert "Train" in [one.label for one in page.button]


def test_a_catalogue_s_rows_alone_go_the_same_way(own_home: Path) -> None:
    page = open_page("train", do="A painting of mine", **{"train-of": "Texts"})
    assert len(states(page)) == 5
    assert states(page)[0] == ": next"  # these texts are of no paintings
    assert any("rows of a catalogue" in one.value for one in page.markdown)


def test_columns_of_catalogues_are_known_by_their_names() -> None:
    names = ["Style", "school", "timeframe", "styles of life", "title"]
    assert [one for one in names if recipe.CHARACTERISTICS.fullmatch(one)] == names[:3]
