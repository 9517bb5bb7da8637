"""What is asked of a generator, its records in PNGs, its history; drawings in a queue."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image, PngImagePlugin

from core.base.errors import Cancelled, InputError, PictureError, StorageError
from core.base.queue import Queue
from core.base.types import no_progress
from core.generation import history, png_metadata
from core.generation.request import Generated, OnStep, Request, Source, Step, Stop
from core.generation.runs import Drawing

RED = Image.new("RGB", (64, 64), "red")
PLAIN = Request("small", "a red apple", steps=4, seed=7)


def made(request: Request = PLAIN, image: Image.Image = RED) -> Generated:
    return Generated(image, request, request.steps, 0.5)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"prompt": ""}, "prompt is empty"),
        ({"prompt": " ,;() "}, "has no word in it"),
        ({"prompt": "a" * 100_000}, "100,000 characters"),
        ({"prompt": "a\x00b"}, "control characters"),
        ({"negative": "\x1b[2J"}, "control characters"),
        ({"steps": 0}, "Steps: 0"),
        ({"steps": 10_000}, "Steps: 10,000"),
        ({"guidance": 1e6}, "from 0 to 30"),
        ({"guidance": float("nan")}, "Guidance is no number"),
        ({"seed": -1}, "seed: -1"),
        ({"seed": 2**32}, "seed"),
        ({"width": 100}, "multiple of 8"),
        ({"height": 1_000_000}, "height"),
        ({"source": Source(RED, float("nan"))}, "Strength is no number"),
        ({"source": Source(RED, 0.0)}, "Strength"),
    ],
)
def test_what_cannot_be_drawn_is_told(change: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        replace(PLAIN, **change).checked()


@pytest.mark.parametrize("prompt", ["🍎", "ein Apfel, bitte", "naïve\ncafé", "1"])
def test_emoji_and_other_scripts_are_prompts(prompt: str) -> None:
    assert replace(PLAIN, prompt=prompt).checked().prompt == prompt


@given(
    prompt=st.text(st.characters(blacklist_categories=("Cc", "Cs")), min_size=1, max_size=50),
    seed=st.integers(0, 2**32 - 1),
    guidance=st.floats(0, 30),
    numbers=st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=20),
)
@settings(deadline=None)
def test_a_record_is_read_back_as_it_was_written(
    prompt: str, seed: int, guidance: float, numbers: list[float]
) -> None:
    vector = np.array(numbers, dtype=np.float32)
    request = Request("small", f"x{prompt}", "fog", 9, guidance, seed, "Euler", 64, 64, vector)
    record = png_metadata.read_record(png_metadata.to_png(made(request)), "a.png")
    assert record is not None
    assert record.request == request  # compares all but the vectors
    assert record.request.vector is not None
    assert np.array_equal(record.request.vector, vector)
    assert (record.done, record.seconds, record.began_from) == (9, 0.5, 0.0)


@pytest.mark.parametrize(
    ("done", "strength", "stopped"), [(4, 0, False), (2, 0, True), (2, 0.6, False), (1, 0.6, True)]
)
def test_a_record_of_before_says_by_its_steps_whether_it_was_stopped(
    done: int, strength: float, stopped: bool
) -> None:
    old = good_record() | {"done": done, "strength": strength}
    del old["stopped"]
    record = png_metadata.read_record(with_chunk(json.dumps(old)), "old.png")
    assert record is not None
    assert record.stopped is stopped


def with_chunk(text: str) -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_itxt(png_metadata.CHUNK, text, zip=True)
    stream = io.BytesIO()
    RED.save(stream, "PNG", pnginfo=told)
    return stream.getvalue()


def good_record() -> dict[str, Any]:
    with Image.open(io.BytesIO(png_metadata.to_png(made()))) as picture:
        found: dict[str, Any] = json.loads(picture.info[png_metadata.CHUNK])
    return found


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"steps": 10**9},
        {"steps": True},
        {"steps": "4"},
        {"seed": 1e400},
        {"prompt": ["a"]},
        {"prompt": "x\x00"},
        {"guidance": None},
        {"vector": "not base64!"},
        {"vector": "AADAfw=="},  # NaN
        {"width": -8},
        {"done": {}},
        {"precision": "float1"},
        {"vae": ["x"]},
        {"vae": "x" * 6000},
    ],
)
def test_a_hostile_record_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        png_metadata.read_record(with_chunk(json.dumps(good_record() | change)), "evil.png")


@pytest.mark.parametrize("text", ["", "{", "[" * 50_000, "1", "null", '"x"', "{" + "a" * 200_000])
def test_a_record_that_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        png_metadata.read_record(with_chunk(text), "evil.png")


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_no_picture_or_no_record(data: bytes) -> None:
    with pytest.raises(PictureError):
        png_metadata.read_record(data, "bytes")


def test_a_picture_of_others_has_no_record_and_a_cut_one_is_no_picture() -> None:
    stream = io.BytesIO()
    RED.save(stream, "PNG")
    assert png_metadata.read_record(stream.getvalue(), "a.png") is None
    with pytest.raises(PictureError, match=r"“a\.png” is damaged"):
        png_metadata.read_record(png_metadata.to_png(made())[:-40], "a.png")


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "GIF", "EPS"])
def test_what_only_ends_in_png_reaches_no_other_reader(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow would hand PostScript to Ghostscript, where that is installed."""
    stream = io.BytesIO()
    RED.save(stream, kind)
    asked: list[Any] = []
    monkeypatch.setattr(Image, "open", lambda *args, **options: asked.append(options))
    with pytest.raises(PictureError, match=r"“x\.png” is no PNG"):
        png_metadata.read_record(stream.getvalue(), "x.png")
    assert not asked


def test_a_record_is_looked_for_by_the_reader_of_png_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    opened = Image.open

    def watched(stream: Any, **options: Any) -> Image.Image:
        asked.append(list(options["formats"]))
        return opened(stream, **options)

    monkeypatch.setattr(Image, "open", watched)
    assert png_metadata.read_record(png_metadata.to_png(made()), "a.png") is not None
    assert asked == [["PNG"]]


def test_a_png_of_too_many_pixels_is_refused_before_it_is_unpacked() -> None:
    stream = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(stream, "PNG")  # above our limit, below Pillow's
    with pytest.raises(PictureError, match="12,000 x 12,000 pixels"):
        png_metadata.read_record(stream.getvalue(), "large.png")


def test_the_history_is_newest_first_and_lets_the_oldest_go(own_home: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (6, 64, 64, 3), dtype=np.uint8)
    pictures = [Image.fromarray(one) for one in noise]
    kept = [history.keep(made(replace(PLAIN, seed=at), one)) for at, one in enumerate(pictures)]
    assert {item.id for item in history.list_items()} == {item.id for item in kept}
    size = kept[-1].size
    last = history.keep(made(replace(PLAIN, seed=99), pictures[0]), limit=size * 3)
    assert len(history.list_items()) <= 3
    assert history.find(last.id) is not None
    found, record = history.read(last), history.record(last)
    assert record is not None
    assert record.request.seed == 99
    assert found == last.path.read_bytes()
    history.remove(last)
    assert history.find(last.id) is None


def test_one_too_large_picture_stays_and_names_lead_nowhere_else(own_home: Path) -> None:
    item = history.keep(made(), limit=1)
    assert [one.id for one in history.list_items()] == [item.id]
    (history.folder() / "note.txt").write_text("x")
    assert len(history.list_items()) == 1
    (own_home / "out").mkdir()
    (own_home / "out" / item.path.name).write_bytes(item.path.read_bytes())
    for name in (
        *("../../etc/passwd", "", "note", item.id + "/..", f"../out/{item.id}", f"./{item.id}"),
        *("a" * 300, f"{'a' * 300}/{item.id}", f"{item.id}\0", f"{item.id}\n", f" {item.id}"),
        str(item.path.with_suffix("")),
    ):
        assert history.find(name) is None


def test_a_drawing_whose_page_was_left_before_it_began_blocks_nobody(own_home: Path) -> None:
    queue = Queue()
    left = Drawing([PLAIN], queue)
    assert (left.place, len(queue)) == (0, 0)
    assert len(Drawing([PLAIN], queue).run(FakeGenerator, no_progress)) == 1


class FakeGenerator:
    """Draws a picture as grey as the share of its steps that were done."""

    name, title, side = "fake", "Fake", 8
    multiple, square = 8, True
    schedulers: tuple[str, ...] = ("Plain",)
    takes_vectors = takes_picture = takes_mask = False

    def generate(self, request: Request, on_step: OnStep) -> Generated:
        done = 0
        try:
            for done in range(1, request.steps + 1):
                on_step(Step(done, request.steps, partial(Image.new, "L", (8, 8), done)))
        except Stop:
            pass
        shade = 255 * done // request.steps
        return Generated(Image.new("L", (8, 8), shade), request, done, 0.0)

    def close(self) -> None:
        pass


def test_a_stopped_drawing_keeps_what_there_is_with_its_true_steps(own_home: Path) -> None:
    drawing = Drawing([PLAIN, PLAIN], Queue())

    def stop_at_two(done: int, total: int, note: str = "") -> None:
        if done == 2:
            drawing.stop()

    items = drawing.run(FakeGenerator, stop_at_two)
    assert len(items) == 1
    record = history.record(items[0])
    assert record is not None
    assert (record.done, record.request.steps) == (2, 4)
    assert drawing.preview is not None
    assert [step.done for step in drawing.steps] == [1, 2]


def test_a_cancelled_drawing_keeps_finished_pictures_and_frees_the_queue(own_home: Path) -> None:
    queue = Queue()
    drawing = Drawing([PLAIN, replace(PLAIN, seed=8)], queue)

    def leave_in_the_second(done: int, total: int, note: str = "") -> None:
        if done == 6:
            raise Cancelled("test")

    with pytest.raises(Cancelled):
        drawing.run(FakeGenerator, leave_in_the_second)
    assert len(history.list_items()) == 1
    assert len(queue) == 0
    again = Drawing([PLAIN], queue)
    assert again.place == 0
    again.run(FakeGenerator, no_progress)


def test_a_picture_that_cannot_be_kept_is_shown_and_says_so(own_home: Path) -> None:
    own_home.write_text("a file where the data home should be")
    drawing = Drawing([PLAIN, replace(PLAIN, seed=8)], Queue())
    drawing.run(FakeGenerator, no_progress)
    assert [made.request.seed for made, _ in drawing.done] == [PLAIN.seed, 8]
    made, item = drawing.done[0]
    assert "not in the history" in made.notes[-1]
    assert made.image.getpixel((0, 0)) == 255
    with pytest.raises(StorageError):
        history.read(item)
