"""The page Generate on the real small model: drawing, settings, grids, looking inside, history."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from streamlit.testing.v1 import AppTest

from core.cache import generation as generation_cache, images as images_cache
from core.generation import history, known as known_captions, png_metadata, trace
from core.generation.request import Generated, Request, Source
from core.images import thumbnails
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.ui.generate import known, result
from tests.support.app_page import open_page


def opened(**parameters: str) -> AppTest:
    """The page with these query parameters; one image, where they say no other number."""
    return open_page("generate", **{"count": "1", **parameters})


def without_fault(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def told(page: AppTest) -> str:
    """All captions, infos and errors as one text."""
    kinds = (page.caption, page.info, page.error, page.warning, page.success)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def last_request() -> Request:
    record = history.record(history.list_items()[0])
    assert record is not None
    return record.request


@pytest.fixture
def no_neighbors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the gallery out, which other tests encode."""
    monkeypatch.setattr(result, "show_neighbors", lambda *arguments: None)
    monkeypatch.setattr(known, "look", lambda *asked: None)  # their captions


def test_nothing_asked_says_what_to_do() -> None:
    assert "Type a prompt, or" in told(opened())


@pytest.mark.slow
def test_a_prompt_is_drawn_kept_and_has_neighbors() -> None:
    page = open_page("generate", prompt="a red apple", steps="5", random="false", seed="4")
    without_fault(page.button("query-go").click().run())
    assert [one.seed for one in drawn_lately(4)] == [4, 5, 6, 7]
    assert "Seed 4 · 5 steps · guidance 3" in told(page)
    assert not any("Of an earlier prompt" in one.value for one in page.markdown)
    page.text_input(key="prompt").set_value("a green tree")
    without_fault(page.run())
    said = [one.value for one in page.markdown]
    assert "**a red apple**" in said  # the picture is still its own
    assert any("Of an earlier prompt" in one for one in said)
    request = last_request()
    assert (request.prompt, request.steps) == ("a red apple", 5)
    assert request.vector is not None
    assert request.vector.shape == (384,)
    assert any("red apple" in str(one.value) for one in page.caption)
    assert "trained on: red apple (0.94), green apple" in told(page).replace("\\", "")
    assert not page.warning
    page.text_input(key="prompt").set_value("an oil painting of a ship in a storm")
    without_fault(page.button("query-go").click().run())
    assert "nothing close to this prompt was among them" in str(page.warning[0].value)
    assert 0 < float(str(page.metric[0].value)) <= 1


@pytest.mark.usefixtures("no_neighbors")
def test_numbers_of_a_link_that_are_none_are_told_and_not_taken() -> None:
    page = opened(prompt="cat", steps="100000", guidance="nan")
    assert page.number_input(key="steps").value == 20
    assert page.number_input(key="guidance").value == 3.0
    assert "“100000”" in told(page) and "“nan”" in told(page)
    page = opened(prompt="cat", steps="7", guidance="1.5")
    assert page.number_input(key="steps").value == 7
    assert page.number_input(key="guidance").value == 1.5
    assert not page.warning


@pytest.mark.usefixtures("no_neighbors")
def test_the_boxes_begin_with_the_generators_own_numbers_by_themselves() -> None:
    """A browser whose run is broken off, as by a fast click, shows what the boxes begin with.

    It never hears of what the run had written into them then, and would send back their least.
    """
    page = open_page("generate")
    first = {name: page.number_input(key=name).proto.default for name in ("steps", "guidance")}
    assert first == {"steps": 20, "guidance": 3.0}
    assert page.number_input(key="count").value == 4
    assert "guidance" not in page.query_params


def test_a_formula_is_told_as_it_was_read() -> None:
    assert "Read as a formula: king \\- man \\+ woman" in told(opened(prompt="king - man + woman"))
    assert "Read as" not in told(opened(prompt="a blue cat"))


def test_an_example_several_pictures_and_the_same_with_a_new_seed() -> None:
    page = opened(steps="2", count="2", random="false")
    without_fault(page.button("example-king - man + woman").click().run())
    assert page.text_input("prompt").value == "king - man + woman"
    without_fault(page.button("query-go").click().run())
    assert "Seed 0 ·" in told(page)  # the first of them
    without_fault(page.segmented_control(key="shown-image").set_value("2").run())
    assert "Seed 1 ·" in told(page)
    newest = history.list_items()[0]
    without_fault(page.button(f"new-{newest.id}").click().run())
    assert last_request().seed not in (0, 1)
    assert last_request().prompt == "king - man + woman"


@pytest.mark.parametrize(
    ("prompt", "error"),
    [
        ("", "The prompt is empty"),
        ("x" * 5_000, "5,000 characters"),
        ("[nobody] + cat", "nobody"),
        ("cat - cat", "cancel out"),
    ],
)
@pytest.mark.usefixtures("no_neighbors")
def test_what_cannot_be_drawn_is_told_and_the_page_lives_on(prompt: str, error: str) -> None:
    page = opened(prompt=prompt)
    without_fault(page.button("query-go").click().run())
    assert error in told(page)


def test_a_link_with_an_unknown_generator_is_told() -> None:
    assert "is not here" in told(opened(generator="dall-e"))
    for name in ("small", "Emoji (ours)", "Small (ours)"):
        assert "is not here" not in told(opened(generator=name))


@pytest.mark.usefixtures("no_neighbors")
def test_a_kept_picture_goes_on_the_shelf_and_into_a_prompt() -> None:
    page = opened(prompt="a red apple", steps="2")
    without_fault(page.button("query-go").click().run())
    newest = history.list_items()[0]
    without_fault(page.button(f"keep-{newest.id}").click().run())
    kept = page.session_state["shelf"].items[-1]
    assert (kept.space, kept.name) == ("minilm", "picture of a red apple")
    assert kept.title == "MiniLM"
    assert 0 < len(kept.picture) <= thumbnails.MARK_BYTES
    page.text_input("prompt").set_value("[picture of a red apple] + snow").run()
    without_fault(page.button("query-go").click().run())
    assert last_request().prompt == "[picture of a red apple] + snow"


@pytest.mark.usefixtures("no_neighbors")
def test_a_grid_and_a_walk() -> None:
    page = opened(
        tool="Grid", prompt="a red apple", **{"grid-guidance": "1, 3", "grid-steps": "1, 2"}
    )
    without_fault(page.button("query-go").click().run())
    recent = [history.record(item) for item in history.list_items()[:4]]
    found = {(one.request.guidance, one.request.steps) for one in recent if one is not None}
    assert found == {(1.0, 1), (1.0, 2), (3.0, 1), (3.0, 2)}
    page = opened(
        tool="Grid",
        prompt="a red apple",
        last="a green pear",
        steps="1",
        vary="Prompt interpolation",
    )
    page.number_input("walk-count").set_value(3).run()
    without_fault(page.button("query-go").click().run())
    labels = [one.label for one in page.get("download_button")]
    assert "Animation (GIF)" in labels


def picture_vector(data: bytes) -> np.ndarray:
    return images_cache.picture_vector(registry.find_space(DEFAULT_SPACE), data)


def drawn_lately(count: int) -> list[Request]:
    """The last requests, oldest first."""
    records = [history.record(item) for item in history.list_items()[:count]]
    return [one.request for one in records[::-1] if one is not None]


@pytest.mark.slow
@pytest.mark.usefixtures("emoji_at_home")
def test_variations_of_a_picture_and_what_lies_between_two(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result, "show_neighbors", lambda *arguments: None)
    photos = []
    for color in ("red", "green"):
        stream = io.BytesIO()
        Image.new("RGB", (64, 64), color).save(stream, "PNG")
        photos.append(stream.getvalue())
    item = history.keep(
        Generated(Image.open(io.BytesIO(photos[0])), Request("small", "red", steps=2), 2, 0.1)
    )
    page = opened(tool="History", steps="1")
    without_fault(page.button(f"vary-{item.id}").click().run())
    assert page.text_input("prompt").value == f"[{item.id}]"
    page.number_input("grid-seeds").set_value(2).run()
    without_fault(page.button("query-go").click().run())
    first, second = drawn_lately(2)
    assert second.seed == first.seed + 1
    kept = picture_vector(history.read(item))
    for one in (first, second):
        assert one.vector is not None
        assert one.vector @ kept > 0.999
    page.session_state["dropped"].add("other.png", photos[1])
    without_fault(page.segmented_control("vary").set_value("Prompt interpolation").run())
    page.number_input("walk-count").set_value(3).run()
    without_fault(page.button("walk-to-other.png").click().run())
    assert page.text_input("last").value == "[other.png]"
    without_fault(page.button("query-go").click().run())
    ends = [kept, picture_vector(photos[1])]
    found = np.stack([one.vector for one in drawn_lately(3) if one.vector is not None])
    middle = (ends[0] + ends[1]) / np.linalg.norm(ends[0] + ends[1])
    assert np.allclose(found, np.stack([ends[0], middle, ends[1]]), atol=2e-3)


@pytest.mark.usefixtures("no_neighbors")
def test_a_surprise_is_something_that_ours_was_trained_on_with_a_new_seed() -> None:
    page = opened(steps="1", random="false", seed="0")
    without_fault(page.button("query-surprise").click().run())
    request = last_request()
    assert request.prompt in known_captions.captions()
    assert page.text_input("prompt").value == request.prompt
    assert f"Seed {request.seed} ·" in told(page)
    assert request.seed != 0


def test_a_grid_and_denoising_steps_warn_of_what_cannot_be_drawn() -> None:
    storm = "an oil painting of a ship in a storm"
    page = opened(tool="Grid", prompt=storm, **{"grid-guidance": "1", "grid-steps": "1"})
    without_fault(page.button("query-go").click().run())
    assert "nothing close to this prompt was among them" in str(page.warning[0].value)
    page.text_input("prompt").set_value("a red apple")
    without_fault(page.button("query-go").click().run())
    assert not page.warning
    page = opened(
        tool="Grid", prompt="a red apple", last=storm, steps="1", vary="Prompt interpolation"
    )
    page.number_input("walk-count").set_value(2).run()
    without_fault(page.button("query-go").click().run())
    assert len(page.warning) == 1  # of the end alone
    page = opened(tool="Denoising steps", prompt=storm, steps="1")
    assert "nothing close to this prompt was among them" in str(page.warning[0].value)


@pytest.mark.usefixtures("no_neighbors")
def test_grids_that_cannot_be_are_told() -> None:
    page = opened(tool="Grid", prompt="cat", **{"grid-steps": "many"})
    assert "no list of whole numbers" in told(page)
    page = opened(tool="Grid", prompt="cat", **{"grid-steps": ",".join(["2"] * 60)})
    without_fault(page.button("query-go").click().run())
    assert "at most 64" in told(page)


def test_looking_inside_shows_three_kinds_of_guidance() -> None:
    page = opened(tool="Denoising steps", prompt="a red apple", steps="3")
    text = " ".join(str(one.value) for one in page.markdown)
    for kind in ("Guidance, 3", "No guidance", "Classifier guidance, 3"):
        assert kind in text
    assert "Type a prompt" in told(opened(tool="Denoising steps"))


def test_looking_inside_sees_another_vector_behind_the_same_negative_prompt() -> None:
    ways = np.eye(384, dtype=np.float32)[:2]
    request = Request("small", "a red apple", "[mine]", 2, seed=1, width=64, height=64)
    first, second = (
        generation_cache.trace(replace(request, negative_vector=way), trace.WITH).steps[-1].clean
        for way in ways
    )
    assert not np.array_equal(first, second)


@pytest.mark.usefixtures("no_neighbors")
@pytest.mark.usefixtures("emoji_at_home")
def test_the_history_lists_restores_and_deletes() -> None:
    page = opened(tool="History")
    assert "Nothing was generated yet" in told(page)
    page = opened(prompt="a red apple", steps="2", random="false", seed="11")
    without_fault(page.button("query-go").click().run())
    item = history.list_items()[0]
    page = opened(tool="History")
    assert "1 picture, " in told(page)
    without_fault(page.button(f"take-{item.id}").click().run())
    assert page.segmented_control("tool").value == "Image"
    assert page.text_input("prompt").value == "a red apple"
    assert page.number_input("seed").value == 11
    page = opened(tool="History")
    without_fault(page.button(f"delete-{item.id}").click().run())
    assert "Nothing was generated yet" in told(page)


@pytest.mark.usefixtures("no_neighbors")
def test_settings_are_restored_with_the_vector_of_a_name_that_is_gone(own_home: Path) -> None:
    vector = np.zeros(384, np.float32)
    vector[7] = 1
    image = Image.new("RGB", (64, 64), "white")
    request = Request("small", "[gone.png] + snow", steps=2, seed=3, vector=vector)
    item = history.keep(Generated(image, request, 2, 0.1))
    page = opened(tool="History")
    without_fault(page.button(f"take-{item.id}").click().run())
    without_fault(page.button("query-go").click().run())
    drawn = last_request()
    assert drawn.prompt == "[gone.png] + snow"
    assert drawn.vector is not None
    assert np.array_equal(drawn.vector, vector)
    page.text_input("prompt").set_value("[gone.png] + rain").run()
    without_fault(page.button("query-go").click().run())
    assert "gone" in told(page)


def test_a_png_of_another_program_is_told_and_its_settings_are_filled_in() -> None:
    written, stream = PngImagePlugin.PngInfo(), io.BytesIO()
    lines = "a red apple\nNegative prompt: fog\nSteps: 7, Sampler: Euler, CFG scale: 4, Seed: 9, "
    written.add_text("parameters", f"{lines}Size: 512x768, Model: dream, Clip skip: 2")
    Image.new("RGB", (8, 8)).save(stream, "PNG", pnginfo=written)
    page = opened()
    page.session_state["dropped"].add("theirs.png", stream.getvalue())
    without_fault(page.run())
    shown = "\n".join(str(one.value) for one in page.markdown)
    assert "was generated by AUTOMATIC1111" in shown
    assert "Size: 512 × 768" in shown
    said = told(page).replace("\\", "")
    assert "Without a meaning here: Clip skip" in said
    assert "The model dream is not here" in said
    without_fault(page.button("settings-of-theirs.png").click().run())
    assert page.text_input("prompt").value == "a red apple"
    assert page.text_input("negative").value == "fog"
    numbers = [page.number_input(name).value for name in ("steps", "guidance", "seed")]
    assert (numbers, page.toggle("random").value) == ([7, 4.0, 9], False)
    assert page.selectbox("scheduler-small").value == "Euler"


@pytest.mark.usefixtures("no_neighbors", "emoji_at_home")
def test_a_picture_is_begun_from_changed_in_part_and_given_new_edges(own_home: Path) -> None:
    image = Image.new("RGB", (96, 64), "red")
    item = history.keep(Generated(image, Request("small", "red", steps=2), 2, 0.1))
    page = opened(prompt="a red apple", steps="2", random="false", seed="4")
    assert "Text-to-image: generation starts from noise" in told(page)
    without_fault(page.selectbox("from").set_value(item.id).run())
    without_fault(page.segmented_control(key="change").set_value("Inpainting").run())
    assert "Draw a box or a lasso" in told(page)
    without_fault(page.button("query-go").click().run())
    assert "The mask is black everywhere" in told(page)  # nothing is marked
    without_fault(page.toggle("mask-invert").set_value(True).run())
    without_fault(page.segmented_control(key="change").set_value("Outpainting").run())
    without_fault(page.number_input("extend-top").set_value(0).run())
    without_fault(page.number_input("extend-bottom").set_value(0).run())
    without_fault(page.button("query-go").click().run())
    record = history.record(history.list_items()[0])
    assert record is not None
    assert record.began_from == 1
    with Image.open(history.list_items()[0].path) as made:
        # 144 x 64 on a grid of 64 x 64, enlarged 8 times; the photo is the middle 96
        assert made.size == (512, 224)
        assert made.convert("RGB").getpixel((256, 112)) == (255, 0, 0)
    assert "2 of 2 steps (strength 1)" in told(page)


@pytest.mark.parametrize("asked", ["2.5", "nan", "inf", "1e99", "2,,3"])
def test_steps_of_a_grid_that_are_no_whole_numbers_are_told_not_rounded(asked: str) -> None:
    page = opened(tool="Grid", prompt="cat", **{"grid-steps": asked})
    assert f"“{asked}” is no list of whole numbers" in told(page).replace("\\", "")


@pytest.mark.parametrize(
    ("strength", "done", "stopped", "said"),
    [
        (None, 20, False, "20 steps"),
        (None, 7, True, "20 steps (stopped after 7)"),
        (None, 12, False, "12 of 20 steps"),
        (0.6, 12, False, "12 of 20 steps (strength 0.6)"),
        (0.6, 5, True, "5 of 20 steps (strength 0.6, stopped)"),
        (0.01, 1, False, "1 of 20 steps (strength 0.01)"),
        (0.05, 0, False, "0 of 20 steps (strength 0.05)"),
    ],
)
def test_only_what_somebody_stopped_is_told_as_stopped(
    strength: float | None, done: int, stopped: bool, said: str
) -> None:
    image = Image.new("RGB", (8, 8))
    source = None if strength is None else Source(image, strength)
    request = Request("small", "a red apple", source=source)
    made = Generated(image, request, done, 1.0, stopped=stopped)
    assert result.steps_told(made) == said
    record = png_metadata.read_record(png_metadata.to_png(made), "a.png")
    assert record is not None
    assert record.steps_told == said
