"""Large models draw: the real pipelines of diffusers with tiny random weights."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from core.base.errors import Cancelled, InputError, NotReadyError, OutOfMemoryError
from core.cli import generate
from core.cli.main import main
from core.generation import png_metadata
from core.generation.device import Machine
from core.generation.large import (
    denoising,
    generator as large_generator,
    loading,
)
from core.generation.large.generator import LargeGenerator
from core.generation.request import Generated, Request, Source, Step, Stop
from tests.cli.test_main import call
from tests.support import boxed_photos, tiny_diffusers

# diffusers' schedulers give numpy tensors; what they will have to change is theirs.
pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning")
PROMPT = "a red apple"
LANCZOS = Image.Resampling.LANCZOS
NAMES = ("sd", "sdxl", "sd3", "ldm")
Open = Callable[[str], LargeGenerator]


def ignore(step: Step) -> None:
    """An observer who does not look."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a tiny model, built once."""
    home, built = tmp_path_factory.mktemp("models"), {}

    def folder(name: str) -> Path:
        if name not in built:
            if name.startswith("checked"):
                threshold = -10.0 if name == "checked" else 10.0
                built[name] = tiny_diffusers.build_sd(home / name, checker=threshold)
            else:
                built[name] = getattr(tiny_diffusers, f"build_{name}")(home / name)
        return Path(built[name])

    return folder


@pytest.fixture(scope="module")
def opened(folders: Callable[[str], Path]) -> Open:
    """A generator of each tiny model, opened once."""
    made: dict[str, LargeGenerator] = {}

    def generator(name: str) -> LargeGenerator:
        if name not in made:
            made[name] = LargeGenerator(f"folder:{name}", f"Tiny {name}", folders(name))
        return made[name]

    return generator


def ask(name: str = "sd", **more: Any) -> Request:
    return Request(**{"generator": name, "prompt": PROMPT, "steps": 3, "seed": 7, **more})


def same(first: Generated, second: Generated) -> bool:
    return first.image.tobytes() == second.image.tobytes()


def picture(side: int = 64) -> Image.Image:
    rows = np.linspace(0, 255, side, dtype=np.uint8)
    return Image.fromarray(np.stack(np.broadcast_arrays(rows[:, None], rows, 128), -1).astype("u1"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_the_same_bytes_and_another_seed_others(name: str, opened: Open) -> None:
    seen: list[tuple[int, int]] = []
    first = opened(name).generate(ask(), lambda step: seen.append((step.done, step.total)))
    again = opened(name).generate(ask(), ignore)
    other = opened(name).generate(ask(seed=8), ignore)
    assert same(first, again)
    assert not same(first, other)
    assert first.image.size == (64, 64)
    assert first.image.mode == "RGB"
    assert (first.steps, seen[0], seen[-1]) == (3, (1, 3), (3, 3))
    assert seen == sorted(seen)
    assert (first.request.width, first.request.height) == (64, 64)
    assert first.request.scheduler == opened(name).schedulers[0]
    assert first.seconds > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["z_image", "flux2", "qwen_image"])
def test_flows_are_drawn_and_followed_step_by_step(name: str, opened: Open) -> None:
    seen: list[Image.Image] = []
    asked = ask(width=96, height=64, guidance=1.0)
    made = opened(name).generate(asked, lambda step: seen.append(step.preview()))
    assert (made.image.size, made.notes) == ((96, 64), ())
    assert len(seen) == 3
    assert np.asarray(made.image).std() > 5
    # What the last step foresees is the picture: a flow ends at no noise.
    last = np.abs(np.asarray(seen[-1], dtype=int) - np.asarray(made.image))
    assert last.max() <= 2
    assert not same(made, opened(name).generate(ask(width=96, height=64, guidance=4.0), ignore))


@pytest.mark.slow
def test_qwen_image_is_guided_by_a_negative_prompt_or_a_space(opened: Open) -> None:
    generator = opened("qwen_image")
    size = {"width": 64, "height": 64}
    plain, guided, negative = (
        generator.generate(ask(**size, **more), ignore)
        for more in ({"guidance": 1.0}, {"guidance": 4.0}, {"guidance": 4.0, "negative": "rain"})
    )
    assert len({one.image.tobytes() for one in (plain, guided, negative)}) == 3
    assert negative.notes == guided.notes == ()
    source = Source(picture(), 0.5)
    begun = generator.generate(ask(**size, source=source, steps=4), ignore)
    assert (begun.steps, begun.image.size) == (2, (64, 64))


@pytest.mark.slow
def test_flux_2_takes_a_picture_as_a_reference(opened: Open) -> None:
    generator = opened("flux2")
    assert (generator.takes_picture, generator.takes_mask) == (True, False)
    plain = generator.generate(ask(width=64, height=64, guidance=1.0), ignore)
    asked = ask(width=64, height=64, guidance=1.0, source=Source(picture(), 0.3))
    made = generator.generate(asked, ignore)
    assert (made.steps, made.stopped) == (3, False)
    assert any("reference" in note for note in made.notes)
    assert made.request.source is not None
    assert made.request.source.strength == 1
    assert not same(plain, made)
    assert any(
        "no negative prompt" in note
        for note in generator.generate(ask(width=64, height=64, negative="rain"), ignore).notes
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_guidance_of_1_is_none_and_more_changes_the_picture(name: str, opened: Open) -> None:
    generator = opened(name)
    without = generator.generate(ask(guidance=1.0, prompt="x"), ignore)
    with_guidance = generator.generate(ask(guidance=6.0, prompt="x"), ignore)
    assert not same(without, with_guidance)
    negative = generator.generate(ask(guidance=1.0, prompt="x", negative="blue"), ignore)
    assert same(without, negative)
    told = " ".join(negative.notes)
    assert ("no effect" in told) == (name != "ldm")
    assert ("takes no negative prompt" in told) == (name == "ldm")


def test_without_guidance_the_network_is_asked_once_for_each_picture(opened: Open) -> None:
    generator = opened("sd")
    rows: list[int] = []
    generator.generate(ask(steps=1), ignore)
    unet = generator._pipes[""].unet
    hook = unet.register_forward_pre_hook(lambda _, given: rows.append(len(given[0])))
    try:
        generator.generate(ask(guidance=1.0, scheduler="DDIM"), ignore)
        generator.generate(ask(guidance=2.0, scheduler="DDIM"), ignore)
    finally:
        hook.remove()
    assert rows == [1, 1, 1, 2, 2, 2]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_stop_keeps_what_was_foreseen_with_the_true_number_of_steps(
    name: str, opened: Open
) -> None:
    previews: list[Image.Image] = []

    def stop(step: Step) -> None:
        previews.append(step.preview())
        if step.done == 2:
            raise Stop

    made = opened(name).generate(ask(steps=5), stop)
    assert made.steps == 2
    assert made.stopped
    assert any("Stopped after 2 of 5 steps" in note for note in made.notes)
    assert made.image.tobytes() == previews[-1].tobytes()
    assert previews[0].tobytes() != previews[1].tobytes()
    assert made.request.steps == 5
    # The next one is not touched by it.
    assert same(opened(name).generate(ask(), ignore), opened(name).generate(ask(), ignore))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sd", "ldm"])
def test_a_cancel_goes_through_and_the_next_picture_is_whole(name: str, opened: Open) -> None:
    before = opened(name).generate(ask(), ignore)

    def cancel(step: Step) -> None:
        raise Cancelled("Drawing")

    with pytest.raises(Cancelled):
        opened(name).generate(ask(), cancel)
    assert same(opened(name).generate(ask(), ignore), before)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sd", "sd3"])
def test_the_last_preview_is_the_picture(name: str, opened: Open) -> None:
    previews: list[Image.Image] = []
    scheduler = "DDIM" if name == "sd" else ""
    request = ask(scheduler=scheduler, steps=4)
    made = opened(name).generate(request, lambda step: previews.append(step.preview()))
    near = np.abs(np.asarray(previews[-1], int) - np.asarray(made.image, int)).mean()
    far = np.abs(np.asarray(previews[0], int) - np.asarray(made.image, int)).mean()
    assert near < far / 2


@pytest.mark.slow
def test_a_large_picture_is_previewed_coarsely_and_alike(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = opened("sd")
    full: list[Image.Image] = []
    generator.generate(ask(scheduler="DDIM"), lambda step: full.append(step.preview()))
    monkeypatch.setattr(large_generator, "_DRAWN", {})
    rough: list[Image.Image] = []
    generator.generate(ask(scheduler="DDIM"), lambda step: rough.append(step.preview()))
    assert rough[-1].size == (64, 64)
    shrunk = [np.asarray(one[-1].resize((8, 8), Image.Resampling.BOX)) for one in (full, rough)]
    assert np.corrcoef(shrunk[0].ravel(), shrunk[1].ravel())[0, 1] > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sd", "sdxl", "ldm"])
def test_every_scheduler_that_is_offered_draws(name: str, opened: Open) -> None:
    generator = opened(name)
    bytes_of = {}
    for scheduler in generator.schedulers:
        request = ask(scheduler=scheduler, steps=4, width=32, height=32)
        made = generator.generate(request, ignore)
        assert made.steps == 4, scheduler
        assert np.asarray(made.image).std() > 1, scheduler
        bytes_of[scheduler] = made.image.tobytes()
    assert len(set(bytes_of.values())) > len(bytes_of) / 2
    with pytest.raises(InputError, match="has no scheduler “Magic”"):
        generator.generate(ask(scheduler="Magic"), ignore)


def test_the_models_own_scheduler_comes_first(opened: Open) -> None:
    firsts = {name: opened(name).schedulers[0] for name in NAMES}
    assert firsts == {"sd": "PNDM", "sdxl": "Euler", "sd3": "FlowMatchEulerDiscrete", "ldm": "DDIM"}
    assert {"DDIM", "Euler", "DPM++ 2M Karras", "UniPC"} <= set(opened("sd").schedulers)
    assert "Euler" not in opened("ldm").schedulers
    opened("sd").generate(ask(steps=1, scheduler="DDIM"), ignore)
    assert opened("sd")._pipes[""].scheduler.config.clip_sample is False  # latents are no pixels


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sd", "sdxl", "sd3"])
def test_little_strength_stays_near_the_picture(name: str, opened: Open) -> None:
    generator = opened(name)
    source = picture()
    little, much = (
        generator.generate(ask(steps=10, source=Source(source, strength)), ignore)
        for strength in (0.1, 1.0)
    )
    assert (little.steps, much.steps) == (1, 10)
    assert not little.stopped
    assert not same(little, much)
    again = generator.generate(ask(steps=10, source=Source(source, 1.0)), ignore)
    assert same(much, again)
    few = generator.generate(ask(steps=2, source=Source(source, 0.1)), ignore)
    assert few.steps == 1
    assert any("10 steps instead of 2" in note for note in few.notes)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sd", "sdxl", "sd3"])
def test_outside_the_mask_nothing_changes(name: str, opened: Open) -> None:
    source = picture(80)
    mask = Image.new("L", (40, 40), 0)
    mask.paste(255, (0, 0, 20, 40))  # the left half
    made = opened(name).generate(ask(width=64, height=64, source=Source(source, 0.8, mask)), ignore)
    before = np.asarray(source.resize((64, 64), Image.Resampling.LANCZOS))
    after = np.asarray(made.image)
    assert np.array_equal(after[:, 36:], before[:, 36:])
    assert not np.array_equal(after[:, :28], before[:, :28])
    with pytest.raises(InputError, match="black everywhere"):
        black = Source(source, 0.8, Image.new("L", (4, 4)))
        opened(name).generate(ask(source=black), ignore)


def boxed(name: str, form: str, opened: Open, **more: Any) -> tuple[Generated, Image.Image]:
    photo, upright = boxed_photos.photo(form)
    mask = boxed_photos.mask_of(upright, boxed_photos.box_in(upright))
    generator = LargeGenerator("x", "X", opened(name).folder, side=128)
    return generator.generate(ask(source=Source(photo, 0.8, mask), **more), ignore), upright


@pytest.mark.parametrize("form", boxed_photos.FORMS)
def test_only_the_box_of_a_photo_changes_whatever_its_form(form: str, opened: Open) -> None:
    made, upright = boxed("sd", form, opened)
    assert made.image.size == ((168, 112) if form == "3:2" else (112, 168))
    box = boxed_photos.box_in(upright)
    assert boxed_photos.changed(made.image, upright, LANCZOS) == pytest.approx(box, abs=2)
    assert not made.notes


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sdxl", "sd3", "flux"])
def test_only_the_box_changes_with_other_families_too(name: str, opened: Open) -> None:
    made, upright = boxed(name, "turned by EXIF", opened, guidance=1.0)
    box = boxed_photos.box_in(upright)
    assert boxed_photos.changed(made.image, upright, LANCZOS) == pytest.approx(box, abs=2)


def test_a_box_near_the_edge_is_in_a_square_that_was_asked_for_and_the_crop_is_told(
    opened: Open,
) -> None:
    made, upright = boxed("sd", "3:2", opened, width=112, height=112)
    assert made.image.size == (112, 112)
    assert "those from 50, 0 to 150, 100 were taken" in " ".join(made.notes)
    left, top, right, bottom = boxed_photos.box_in(upright)
    seen = upright.crop((50, 0, 150, 100))
    inside = (left - 50, top, right - 50, bottom)
    assert boxed_photos.changed(made.image, seen, LANCZOS) == pytest.approx(inside, abs=2)


def test_a_source_of_16_bits_is_not_white(opened: Open) -> None:
    grey = np.tile(np.linspace(0, 65_535, 64).astype(np.uint16), (64, 1))
    deep = Image.fromarray(grey)
    plain = Image.fromarray((grey // 257).astype(np.uint8)).convert("RGB")
    mask = Image.new("L", (64, 64))
    mask.paste(255, (0, 0, 8, 8))
    made = opened("sd").generate(ask(source=Source(deep, 0.5, mask)), ignore).image
    wrong = np.abs(np.asarray(made, int) - np.asarray(plain, int))
    assert wrong[:, 12:].max() <= 1


def test_sizes_follow_the_request_the_source_or_the_model(opened: Open) -> None:
    sd, sd3 = opened("sd"), opened("sd3")
    assert (sd.side, sd3.side, opened("ldm").side) == (64, 64, 64)
    assert sd.generate(ask(width=72, height=40, steps=1), ignore).image.size == (72, 40)
    wide = Source(picture().resize((200, 50)))
    assert sd.generate(ask(source=wide), ignore).image.size == (128, 32)
    with pytest.raises(InputError, match="a multiple of 16"):
        sd3.generate(ask(width=72, height=64), ignore)
    with pytest.raises(InputError, match="multiple of 8"):
        sd.generate(ask(width=70), ignore)


def test_a_model_says_what_it_cannot_do(opened: Open) -> None:
    ldm = opened("ldm")
    assert not (ldm.takes_mask or ldm.takes_picture or ldm.takes_vectors)
    assert opened("sd").takes_mask
    with pytest.raises(InputError, match="does not begin from a picture"):
        ldm.generate(ask(source=Source(picture())), ignore)
    with pytest.raises(InputError, match="cannot generate from a vector"):
        ldm.generate(ask(vector=np.ones(4, np.float32)), ignore)
    with pytest.raises(InputError, match="Steps"):
        ldm.generate(ask(steps=0), ignore)


def test_where_a_long_negative_prompt_is_cut_is_told(opened: Open) -> None:
    # A token is a letter here: two marks, and 75 letters that are read.
    negative = "a" * 70 + " plain" + " zebra"
    made = opened("sd3").generate(ask(negative=negative, steps=1), ignore)
    assert len(made.notes) == 1
    assert "end of the negative prompt was not read, from “z" in made.notes[0]
    assert "it has 82" in made.notes[0]
    assert not opened("sd3").generate(ask(negative=negative[:-6], steps=1), ignore).notes
    unguided = opened("sd3").generate(ask(negative=negative, steps=1, guidance=1.0), ignore)
    assert not any("not read" in note for note in unguided.notes)


def test_a_long_prompt_is_told_to_be_cut(opened: Open) -> None:
    long = opened("sd3").generate(ask(prompt="apple " * 60, steps=1), ignore)
    assert any("end of the prompt was not read" in note for note in long.notes)
    assert not opened("sd3").generate(ask(prompt="🍎 an apple", steps=1), ignore).notes


def test_numbers_that_are_none_are_told_with_what_to_try(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import UNet2DConditionModel

    generator = opened("sd")
    generator.generate(ask(steps=1, scheduler="DDIM"), ignore)  # it is open
    plain = UNet2DConditionModel.forward
    calls: list[int] = []

    def overflowing(self: Any, sample: Any, *more: Any, **named: Any) -> Any:
        calls.append(1)
        return plain(self, sample * (np.nan if len(calls) > 1 else 1), *more, **named)

    monkeypatch.setattr(UNet2DConditionModel, "forward", overflowing)
    with pytest.raises(InputError, match=r"no numbers \(NaN\) at step 2 of 4") as told:
        generator.generate(ask(steps=4, scheduler="DDIM", precision="float32"), ignore)
    assert "float32" in told.value.remedy
    assert "scheduler DDIM" in told.value.given


def test_a_picture_that_is_black_everywhere_is_told(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import AutoencoderKL

    plain = AutoencoderKL.decode

    def overflowing(self: Any, *given: Any, **named: Any) -> Any:
        return tuple(one * np.nan for one in plain(self, *given, **named | {"return_dict": False}))

    monkeypatch.setattr(AutoencoderKL, "decode", overflowing)
    with np.errstate(invalid="ignore"):
        made = opened("sd").generate(ask(steps=1), ignore)
    assert "black everywhere" in " ".join(made.notes)
    assert "float32" in " ".join(made.notes)


@pytest.mark.slow
def test_a_precision_is_taken_and_another_opens_the_model_anew(
    folders: Callable[[str], Path],
) -> None:
    generator = LargeGenerator("x", "X", folders("sd"))
    for precision, held in (("bfloat16", "bfloat16"), ("float32", "float32"), ("", "float32")):
        made = generator.generate(ask(steps=1, precision=precision), ignore)
        assert held in str(generator._pipes[""].unet.dtype)
        assert not made.notes  # it was asked for


@pytest.mark.slow
def test_the_safety_checker_stays_and_tells_what_it_blacked_out(opened: Open) -> None:
    flagged = opened("checked").generate(ask(), ignore)
    assert flagged.image.getextrema() == ((0, 0), (0, 0), (0, 0))
    assert any("safety checker blacked" in note for note in flagged.notes)
    assert not opened("checked-mildly").generate(ask(), ignore).notes

    def stop(step: Step) -> None:
        step.preview()
        raise Stop

    stopped = opened("checked").generate(ask(), stop)
    assert stopped.image.getextrema() == ((0, 0), (0, 0), (0, 0))


@pytest.mark.slow
def test_weights_are_read_when_it_first_draws_and_freed_by_close(
    folders: Callable[[str], Path],
) -> None:
    generator = LargeGenerator("x", "X", folders("sd"))
    assert not generator._pipes
    first = generator.generate(ask(), ignore)
    assert set(generator._pipes) == {""}
    generator.generate(ask(source=Source(picture())), ignore)
    assert generator._pipes[""].unet is generator._pipes["image"].unet
    generator.close()
    assert not generator._pipes
    assert same(generator.generate(ask(), ignore), first)


def test_nothing_asks_the_network(
    folders: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name in NAMES:
        LargeGenerator("x", "X", folders(name)).generate(ask(steps=1), ignore)


@pytest.mark.slow
@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:114] DefaultCPUAllocator: not enough memory"),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    ],
)
def test_out_of_memory_frees_the_model_and_names_a_smaller_picture(
    error: Exception, folders: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = LargeGenerator("x", "Tiny", folders("sd"))

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("diffusers.UNet2DConditionModel.forward", fail)
        with pytest.raises(OutOfMemoryError) as told:
            generator.generate(ask(width=512, height=768, steps=1), ignore)
    assert "512 × 768 pixels" in told.value.given
    assert "256 × 384 pixels" in told.value.remedy
    assert not generator._pipes
    assert generator.generate(ask(), ignore).steps == 3


def test_no_room_for_the_weights_is_told_before_they_are_read(
    folders: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = LargeGenerator("x", "Tiny", folders("sd"))
    monkeypatch.setattr(loading, "machine", lambda: Machine("cpu", 10**6, 10**6))
    with pytest.raises(OutOfMemoryError, match="Tiny needs"):
        generator.generate(ask(), ignore)


@pytest.mark.slow
def test_in_half_precision_it_draws_and_says_so(
    folders: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = LargeGenerator("x", "Tiny", folders("sd"))
    numbers = sum(loading.count_numbers(generator.layout, "x").values())
    here = Machine("cpu", 0, numbers * 4 + 1)
    monkeypatch.setattr(loading, "machine", lambda: here)
    made = generator.generate(ask(steps=1), lambda step: step.preview().size)
    assert "bfloat16" in made.notes[0]
    assert "bfloat16" in str(generator._pipes[""].unet.dtype)


@pytest.mark.slow
def test_flux_draws_from_words_from_a_picture_and_within_a_mask(opened: Open) -> None:
    generator = opened("flux")
    size = {"width": 64, "height": 64, "guidance": 1.0}
    previews: list[Image.Image] = []
    made = generator.generate(ask(**size), lambda step: previews.append(step.preview()))
    assert same(made, generator.generate(ask(**size), ignore))
    assert np.abs(np.asarray(previews[-1], int) - np.asarray(made.image, int)).max() <= 1
    assert not made.notes
    assert any(
        "guidance has no effect" in note
        for note in generator.generate(ask(**size | {"guidance": 3.0}), ignore).notes
    )
    mask = Image.new("L", (64, 64), 0)
    mask.paste(255, (0, 0, 32, 64))
    for source in (Source(picture(), 0.5), Source(picture(), 0.5, mask)):
        changed = generator.generate(ask(**size, steps=4, source=source), ignore)
        assert (changed.image.size, changed.steps) == ((64, 64), 2)

    def stop(step: Step) -> None:
        raise Stop

    assert generator.generate(ask(**size), stop).steps == 1


@pytest.mark.parametrize("prefix", ["folder:", ""])
def test_the_verb_draws_with_a_folder_that_nobody_added(
    prefix: str,
    folders: Callable[[str], Path],
    own_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(generate, "_nearest", lambda made, k: [])
    out, folder = tmp_path / "a.png", folders("sd")
    asked = ["generate", "a red apple", "--steps", "1", "--seed", "3", "--out", str(out)]
    size = ["--width", "72", "--height", "40"]
    status, answer, _ = call(capsys, *asked, "--generator", f"{prefix}{folder}", *size)
    assert status == 0
    assert answer["generator"] == f"folder:{folder.resolve()}"
    assert (answer["width"], answer["height"]) == (72, 40)
    record = png_metadata.read_record(out.read_bytes(), "a.png")
    assert record is not None
    assert (record.request.generator, record.request.guidance) == (answer["generator"], 5.0)
    status, _, told = call_wrong(capsys, *asked, "--generator", f"folder:{tmp_path / 'none'}")
    assert status == 2
    assert "is no folder" in told


def test_the_verb_takes_the_settings_of_a_png_and_options_before_them(
    folders: Callable[[str], Path],
    own_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(generate, "_nearest", lambda made, k: [])
    lines = "a fox\nNegative prompt: fog\nSteps: 2, Sampler: Euler a, CFG scale: 4, Seed: 9, "
    written, picture = PngImagePlugin.PngInfo(), tmp_path / "theirs.png"
    written.add_text("parameters", f"{lines}Size: 64x40, Model: other")
    Image.new("RGB", (8, 8)).save(picture, pnginfo=written)
    out, again = tmp_path / "a.png", tmp_path / "b.png"
    asked = ["generate", "--generator", str(folders("sd")), "--guidance", "3"]
    status, answer, _ = call(capsys, *asked, "--from-png", str(picture), "--out", str(out))
    assert status == 0
    assert any("The model other is not here" in note for note in answer["notes"])
    record = png_metadata.read_record(out.read_bytes(), "a.png")
    assert record is not None
    assert record.request == Request(
        *(answer["generator"], "a fox", "fog", 2, 3.0, 9, "Euler ancestral", 64, 40)
    )
    status, _, _ = call(capsys, "generate", "--from-png", str(out), "--out", str(again))
    assert status == 0  # the generator and all else are in it
    assert Image.open(again).tobytes() == Image.open(out).tobytes()
    Image.new("RGB", (8, 8)).save(picture)
    status, _, said = call_wrong(capsys, *asked, "--from-png", str(picture), "--out", str(out))
    assert status == 2
    assert "theirs.png holds no settings" in said


def call_wrong(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def copy(folders: Callable[[str], Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(folders("sd"), tmp_path / "model"))


def change_index(folder: Path, **more: object) -> None:
    path = folder / "model_index.json"
    index = json.loads(path.read_text()) | more
    path.write_text(json.dumps({key: value for key, value in index.items() if value != "gone"}))


def test_classes_are_diffusers_own(copy: Path) -> None:
    change_index(copy, _class_name="EvilPipeline")
    with pytest.raises(NotReadyError, match="has no EvilPipeline"):
        LargeGenerator("x", "X", copy)
    change_index(copy, _class_name="DDPMPipeline")
    with pytest.raises(InputError, match="does not generate from text"):
        LargeGenerator("x", "X", copy)
    change_index(copy, _class_name="StableDiffusionPipeline", unet=["stable_diffusion", "Evil"])
    with pytest.raises(InputError, match=r"stable_diffusion\.Evil"):
        LargeGenerator("x", "X", copy)
    change_index(copy, unet="gone")
    with pytest.raises(InputError, match="part “unet” of X is missing"):
        LargeGenerator("x", "X", copy)


def test_parts_that_do_not_fit_are_told(copy: Path) -> None:
    config = copy / "unet" / "config.json"
    wide = json.loads(config.read_text()) | {"cross_attention_dim": 48}
    config.write_text(json.dumps(wide))
    with pytest.raises(InputError, match="X cannot be opened"):
        LargeGenerator("x", "X", copy).generate(ask(), ignore)
    config.write_text("{")
    with pytest.raises(InputError, match="X cannot be opened"):
        LargeGenerator("x", "X", copy).generate(ask(), ignore)


def test_a_predicted_picture_by_hand() -> None:
    """Of x = sqrt(a) x0 + sqrt(1 - a) e, with the true noise e, the predicted x_0 is x0."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, PNDMScheduler

    clean, noise = torch.randn(2, 1, 4, 8, 8)
    for kind in ("epsilon", "v_prediction"):
        scheduler = PNDMScheduler(skip_prk_steps=True, prediction_type=kind)
        scheduler.set_timesteps(5)
        time = scheduler.timesteps[1]
        signal = scheduler.alphas_cumprod[int(time)]
        noisy = signal.sqrt() * clean + (1 - signal).sqrt() * noise
        velocity = signal.sqrt() * noise - (1 - signal).sqrt() * clean
        output = noise if kind == "epsilon" else velocity
        found = denoising.predict_x0(scheduler, (noisy,), output, time, noisy)
        assert torch.allclose(found, clean, atol=1e-4)
    flow = FlowMatchEulerDiscreteScheduler()
    flow.set_timesteps(5)
    share = flow.sigmas[0]
    noisy = (1 - share) * clean + share * noise
    made = flow.step(noise - clean, flow.timesteps[0], noisy, return_dict=False)
    found = denoising.predict_x0(flow, made, noise - clean, flow.timesteps[0], noisy)
    assert torch.allclose(found, clean, atol=1e-4)
