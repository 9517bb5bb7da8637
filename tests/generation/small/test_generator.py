"""The small generator: same seed same bytes, guidance, stopping, beginning from a picture."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageChops

from core.base.errors import InputError, StorageError
from core.base.types import FloatArray
from core.cli import generate
from core.cli.main import main
from core.formula.question import read_query
from core.generation import classifier_guidance, generators, prompts, trace as generation_trace
from core.generation.png_metadata import read_record
from core.generation.request import Generated, Request, Source, Step, Stop
from core.generation.small import weights as small_weights
from core.generation.small.autoencoder import PictureAutoencoder
from core.generation.small.generator import SCHEDULERS, SmallGenerator
from core.generation.small.network import make_unet
from core.generation.small.pipeline import grid_mask
from core.generation.small.upscale import enlarge, extremes
from core.images import openmoji
from core.spaces.encoders.minilm_pictures import PictureEncoder
from tests.cli.test_main import call
from tests.support import boxed_photos

BICUBIC = Image.Resampling.BICUBIC
APPLE = Request("small", "a red apple", steps=6, seed=1, width=64, height=64)


@pytest.fixture(scope="module")
def small() -> SmallGenerator:
    return SmallGenerator()


def draw(small: SmallGenerator, request: Request = APPLE) -> Generated:
    return small.generate(request, lambda step: None)


def same(first: Generated, second: Generated) -> bool:
    return first.image.tobytes() == second.image.tobytes()


def test_the_same_seed_gives_the_same_bytes_and_another_another_picture(
    small: SmallGenerator,
) -> None:
    assert same(draw(small), draw(small))
    assert not same(draw(small), draw(small, replace(APPLE, seed=2)))


def test_guidance_1_is_no_guidance(small: SmallGenerator) -> None:
    plain = replace(APPLE, guidance=1.0)
    assert same(draw(small, plain), draw(small, replace(plain, negative="fog and rain")))
    assert not same(draw(small, plain), draw(small, replace(plain, guidance=4.0)))
    assert not same(draw(small), draw(small, replace(APPLE, negative="fog and rain")))


@torch.inference_mode()
def test_guidance_is_the_formula(small: SmallGenerator) -> None:
    random = torch.Generator().manual_seed(0)
    noisy = torch.randn(1, 16, 8, 8, generator=random)
    asked = torch.nn.functional.normalize(torch.randn(1, 384, generator=random))
    time, nothing = torch.tensor(500.0), torch.zeros(1, 384)
    towards = small.pipeline.foresee(noisy, time, asked)
    away = small.pipeline.foresee(noisy, time, nothing)
    found = small.pipeline.guided(noisy, time, asked, nothing, 3.0)
    assert torch.allclose(found, away + 3 * (towards - away), atol=1e-4)


@pytest.mark.parametrize("scheduler", list(SCHEDULERS))
def test_every_scheduler_draws_an_apple_that_finds_apples(
    small: SmallGenerator, scheduler: str
) -> None:
    found = draw(small, replace(APPLE, scheduler=scheduler, steps=10))
    encoder = PictureEncoder(prompts.text_encoder().space)
    items = {item.caption: item.id for item in openmoji.list_emoji()}
    names = ["red apple", "guitar", "horse", "airplane", "books"]
    own = encoder.encode_pictures(openmoji.draw(items[name], 128) for name in names)
    assert int(np.argmax(own @ encoder.encode_pictures([found.image])[0])) == 0


def test_a_formula_is_drawn_from_its_vector(small: SmallGenerator) -> None:
    vector = prompts.resolve_prompt("a red apple", prompts.text_encoder())
    named = replace(APPLE, prompt="whatever", vector=vector)
    assert same(draw(small), draw(small, named))
    for wrong in (np.ones(3, np.float32), np.full(384, np.nan, np.float32)):
        with pytest.raises(InputError, match="384"):
            draw(small, replace(APPLE, vector=wrong))


def test_stop_keeps_the_picture_so_far_and_tells_its_steps(small: SmallGenerator) -> None:
    seen: list[Step] = []

    def stop_at_three(step: Step) -> None:
        seen.append(step)
        if step.done == 3:
            raise Stop

    found = small.generate(APPLE, stop_at_three)
    assert found.steps == 3
    assert found.stopped
    assert not draw(small).stopped
    begun = replace(APPLE, source=Source(found.image, 0.5))
    assert (draw(small, begun).steps, draw(small, begun).stopped) == (3, False)
    assert [step.done for step in seen] == [1, 2, 3]
    assert not same(found, draw(small))
    assert seen[0].preview().size == (256, 256)
    assert seen[0].preview().tobytes() != seen[2].preview().tobytes()


def test_little_strength_keeps_the_picture_and_a_mask_keeps_the_rest(
    small: SmallGenerator,
) -> None:
    fox = openmoji.draw("1F98A", 128)
    asked = replace(APPLE, prompt="a blue fox", steps=10)

    def distance(
        strength: float, mask: Image.Image | None = None, box: tuple[int, ...] = ()
    ) -> float:
        request = replace(asked, source=Source(fox, strength, mask))
        white = Image.new("RGB", fox.size, "white")
        white.paste(fox, mask=fox.getchannel("A"))
        kept = white.resize((64, 64), Image.Resampling.BOX)
        wrong = ImageChops.difference(kept, draw(small, request).image)
        return float(np.asarray(wrong.crop(box or (0, 0, 64, 64))).mean())

    near, far = distance(0.1), distance(1.0)
    assert near < far / 2
    half = Image.new("L", (64, 64))
    half.paste(255, (0, 0, 64, 32))
    assert distance(1.0, half, (0, 40, 64, 64)) < 2
    assert distance(1.0, None, (0, 40, 64, 64)) > 5


@pytest.mark.parametrize("form", boxed_photos.FORMS)
def test_only_the_box_of_a_photo_changes_whatever_its_form(
    small: SmallGenerator, form: str
) -> None:
    photo, upright = boxed_photos.photo(form)
    box = boxed_photos.box_in(upright)
    mask = boxed_photos.mask_of(upright, box)
    for size in (upright.size, (upright.width // 2, upright.height // 2)):
        source = Source(photo, 1.0, mask.resize(size, Image.Resampling.NEAREST))
        made = draw(small, replace(APPLE, width=256, height=256, source=source)).image
        assert max(made.size) == 256
        form_of = made.width / made.height / (upright.width / upright.height)
        assert form_of == pytest.approx(1, abs=0.02)  # nothing cropped, nothing padded
        assert boxed_photos.changed(made, upright, BICUBIC) == pytest.approx(box, abs=2)


def test_a_mask_opens_each_cell_it_touches() -> None:
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., 17, 33] = 1
    found = grid_mask(mask)
    assert found.sum() == 1
    assert found[0, 0, 2, 4] == 1


@pytest.mark.parametrize(("width", "height"), [(100, 100), (64, 128), (2048, 2048), (72, 72)])
def test_sizes_it_cannot_draw_are_told(small: SmallGenerator, width: int, height: int) -> None:
    with pytest.raises(InputError):
        draw(small, replace(APPLE, width=width, height=height))


def test_an_unknown_scheduler_is_told(small: SmallGenerator) -> None:
    with pytest.raises(InputError, match="It has Euler"):
        draw(small, replace(APPLE, scheduler="Magic"))


def test_enlarging_keeps_flat_colours_and_makes_none() -> None:
    pixels = np.full((8, 8, 3), 200, np.uint8)
    pixels[:, 4:] = (10, 60, 90)
    found = np.asarray(enlarge(pixels, 8))
    assert found.shape == (64, 64, 3)
    assert (found[:, :24] == 200).all()
    assert (found[:, 40:] == (10, 60, 90)).all()
    assert found.min() == 10
    between = ((found[32] != 200) & (found[32] != pixels[0, 7])).any(1).sum()
    assert between <= 8  # interpolation alone has 16 such columns


@pytest.mark.parametrize("reach", [1, 4, 8])
def test_extremes_of_surroundings_are_those_within_reach(reach: int) -> None:
    pixels = np.random.default_rng(0).random((9, 13, 3), np.float32)

    def near(y: int, x: int) -> FloatArray:
        return pixels[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]

    for pick in (np.minimum, np.maximum):
        wanted = [[pick.reduce(near(y, x), (0, 1)) for x in range(13)] for y in range(9)]
        assert np.array_equal(extremes(pixels, reach, pick), wanted)


def test_a_walk_goes_in_equal_angles_from_one_to_the_other() -> None:
    first, last = (np.eye(3, dtype=np.float32)[at] for at in (0, 1))
    path = prompts.walk(first, last, 5)
    assert np.allclose(path[[0, -1]], [first, last], atol=1e-6)
    angles = np.degrees(np.arccos(np.clip((path[:-1] * path[1:]).sum(1), -1, 1)))
    assert np.allclose(angles, 22.5, atol=0.1)
    with pytest.raises(InputError, match="opposite"):
        prompts.walk(first, -first, 5)
    with pytest.raises(InputError, match="2 to 32"):
        prompts.walk(first, last, 1)


def test_a_classifier_leads_the_foreseen_picture_uphill(small: SmallGenerator) -> None:
    texts = prompts.text_encoder()
    vector = prompts.resolve_prompt("a red apple", texts)
    encoder = PictureEncoder(texts.space)
    coder = small.pipeline.autoencoder
    lead = classifier_guidance.steer(encoder.network, coder.decode, torch.from_numpy(vector), 0.3)
    clean = small.pipeline.encode(torch.zeros(1, 3, 64, 64))

    def likeness(latents: torch.Tensor) -> float:
        image = Image.fromarray(small.pixels(latents))
        own: FloatArray = encoder.encode_pictures([image])[0]
        return float(own @ vector)

    assert likeness(lead(clean, 1.0)) > likeness(clean)
    still = classifier_guidance.steer(encoder.network, coder.decode, torch.from_numpy(vector), 0.0)
    assert torch.equal(still(clean, 1.0), clean)


def test_inside_every_step_is_seen_and_noise_falls(small: SmallGenerator) -> None:
    request = replace(APPLE, steps=4)
    traces = {
        kind: generation_trace.trace(small, request, kind)
        for kind in (generation_trace.WITH, generation_trace.WITHOUT, generation_trace.CLASSIFIER)
    }
    for trace in traces.values():
        assert trace.shares == pytest.approx([1, 0.75, 0.5, 0.25], abs=0.01)
    last = [trace.steps[-1].clean.tobytes() for trace in traces.values()]
    assert len(set(last)) == 3
    assert same_pixels(
        traces[generation_trace.WITH].steps[0].noisy,
        traces[generation_trace.WITHOUT].steps[0].noisy,
    )


@pytest.mark.slow
@pytest.mark.parametrize("scheduler", list(SCHEDULERS))
@pytest.mark.parametrize("negative", ["", "fog and rain"])
def test_inside_draws_what_the_generator_draws(
    small: SmallGenerator, scheduler: str, negative: str
) -> None:
    request = replace(APPLE, scheduler=scheduler, negative=negative)
    foreseen = generation_trace.trace(small, request, generation_trace.WITH).steps[-1].clean
    drawn = np.asarray(draw(small, request).image)
    assert np.abs(foreseen.astype(int) - drawn).max() <= 1  # rounding alone


def test_inside_leads_away_from_a_vector_that_a_name_stands_for(small: SmallGenerator) -> None:
    unwanted = prompts.resolve_prompt("fog and rain", prompts.text_encoder())
    named = replace(APPLE, steps=3, negative="[weather]", negative_vector=unwanted)
    foreseen = generation_trace.trace(small, named, generation_trace.WITH).steps[-1].clean
    typed = replace(APPLE, steps=3, negative="fog and rain")
    assert same_pixels(
        foreseen, generation_trace.trace(small, typed, generation_trace.WITH).steps[-1].clean
    )


def same_pixels(first: np.ndarray, second: np.ndarray) -> bool:
    return bool(np.array_equal(first, second))


def test_files_are_written_whole_read_back_and_damage_is_told(tmp_path: Path) -> None:
    torch.manual_seed(0)
    unet, coder = make_unet().eval(), PictureAutoencoder().eval()
    small_weights.write_generator(tmp_path, unet, coder)
    again = small_weights.open_pipeline(tmp_path)
    wanted = {name: value.half().float() for name, value in unet.state_dict().items()}
    assert all(torch.equal(wanted[name], value) for name, value in again.unet.state_dict().items())
    about = json.loads((tmp_path / "model_index.json").read_text())
    assert about["unet"] == ["diffusers", "UNet2DConditionModel"]
    weights = tmp_path / "unet" / small_weights.WEIGHTS
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(StorageError, match="SHA-256"):
        small_weights.open_pipeline(tmp_path)
    weights.unlink()
    with pytest.raises(StorageError, match="damaged"):
        small_weights.open_pipeline(tmp_path)
    (tmp_path / "model_index.json").write_text("[]")
    with pytest.raises(StorageError, match="no JSON object"):
        small_weights.read_digest(tmp_path)


def test_the_weights_in_the_project_are_within_25_megabytes() -> None:
    total = sum(path.stat().st_size for path in small_weights.FOLDER.rglob("*.safetensors"))
    assert total <= 25_000_000
    assert len(small_weights.read_digest()) == 64


def test_the_verb_draws_a_red_apple_and_its_nearest_are_apples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "apple.png"
    status, answer, _ = call(capsys, "generate", "a red apple", "--seed", "1", "--out", str(out))
    assert status == 0
    assert list(answer)[:3] == ["generator", "seed", "seconds"]
    assert (answer["generator"], answer["seed"]) == ("small", 1)
    assert "apple" in answer["nearest"][0]["caption"]
    assert answer["known"]["nearest"][0]["caption"] == "red apple"
    assert answer["known"]["similarity"] == pytest.approx(0.941, abs=0.002)
    assert answer["known"]["below"] is False
    with Image.open(out) as picture:
        assert picture.size == (512, 512)
    copy = tmp_path / "again.png"
    call(capsys, "generate", "a red apple", "--seed", "1", "--out", str(copy))
    with Image.open(copy) as second, Image.open(out) as first:
        assert second.tobytes() == first.tobytes()


def test_the_verb_draws_from_pictures_and_between_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "_nearest", lambda made, k: [])
    monkeypatch.chdir(tmp_path)
    encoder = PictureEncoder(prompts.text_encoder().space)
    pictures = [Image.new("RGB", (64, 64), color) for color in ("red", "blue")]
    for name, picture in zip(("a.png", "b.png"), pictures, strict=True):
        picture.save(tmp_path / name)
    first, last = encoder.encode_pictures(pictures)

    def vector(*arguments: str) -> FloatArray:
        asked = ["generate", *arguments, "--steps", "1", "--seed", "1", "--out", "out.png"]
        assert call(capsys, *asked)[0] == 0
        record = read_record((tmp_path / "out.png").read_bytes(), "out.png")
        assert record is not None
        assert record.request.vector is not None
        return record.request.vector

    assert np.allclose(vector("[a.png]"), first, atol=1e-5)
    assert np.allclose(vector("[a.png]", "--to", "[b.png]", "--share", "1"), last, atol=1e-5)
    middle = vector("[a.png]", "--to", "[b.png]")
    assert np.allclose(middle, (first + last) / np.linalg.norm(first + last), atol=1e-5)


def test_the_verb_changes_what_a_mask_marks_or_all_but_that_and_new_edges(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "_nearest", lambda made, k: [])
    _, upright = boxed_photos.photo("3:2")
    upright.save(tmp_path / "photo.png")
    box = boxed_photos.box_in(upright)
    holes = upright.convert("RGBA")
    holes.putalpha(Image.eval(boxed_photos.mask_of(upright, box), lambda white: 255 - white))
    holes.save(tmp_path / "holes.png")
    common = ["generate", "a red apple", "--size", "256", "--steps", "2", "--seed", "1"]
    common += ["--image", str(tmp_path / "photo.png"), "--out", str(tmp_path / "out.png")]

    def made(*more: str) -> Image.Image:
        status, answer, _ = call(capsys, *common, *more)
        assert status == 0
        with Image.open(tmp_path / "out.png") as picture:
            assert picture.size == (answer["width"], answer["height"])
            notes.extend(answer.get("notes", []))
            return picture.convert("RGB")

    notes: list[str] = []
    mask = ["--mask", str(tmp_path / "holes.png")]
    changed = boxed_photos.changed(made(*mask), upright, BICUBIC)
    assert changed == pytest.approx(box, abs=2)
    assert "a hole" in notes[0] and "7% of the picture" in notes[0]
    other = np.asarray(made(*mask, "--invert-mask"), int)
    inside = upright.resize(other.shape[1::-1], Image.Resampling.BICUBIC)
    scale = other.shape[1] / upright.width
    kept = tuple(round(side * scale) for side in box)
    cut = slice(kept[1] + 3, kept[3] - 3), slice(kept[0] + 3, kept[2] - 3)
    assert np.abs(other[cut] - np.asarray(inside, int)[cut]).mean() < 25
    assert np.abs(other - np.asarray(inside, int)).mean() > 30
    larger = made("--extend", "50,0,50,0")
    assert larger.size == (256, 84)  # 300 x 100 on a grid of 64
    middle = np.asarray(larger.crop((64, 0, 192, 84)), int)
    own = np.asarray(upright.resize((128, 84), Image.Resampling.BICUBIC), int)
    assert np.abs(middle - own)[:, 4:-4].mean() < 25


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["", "--out", "a.png"], "prompt is empty"),
        (["cat", "--out", "a.gif"], "ends in .png"),
        (["cat", "--out", "a.png", "--generator", "dall-e"], "Known: small"),
        (["cat", "--out", "a.png", "--steps", "0"], "Steps"),
        (["cat", "--out", "a.png", "--strength", "0.5"], "without a picture"),
        (["cat", "--out", "a.png", "--mask", "m.png"], "without a picture"),
        (["cat", "--out", "a.png", "--extend", "9,9,9,9"], "without a picture"),
        (["cat", "--out", "a.png", "--image", "a.jpg", "--invert-mask"], "without a mask"),
        (["cat", "--out", "a.png", "--invert-mask"], "without a mask"),
        (["cat", "--out", "a.png", "--width", "128", "--height", "64"], "squares"),
        (["cat", "--out", "a.png", "--image", "none.png"], "could not be read"),
        (["cat", "--out", "a.png", "--seed", "-1"], "seed"),
        (["cat", "--out", "a.png", "--size", "100"], "multiple of"),
        (["[nobody]", "--out", "a.png"], "nobody"),
        (["cat", "--to", "dog", "--share", "2", "--out", "a.png"], "from 0 to 1"),
        (["cat", "--share", "0.3", "--out", "a.png"], "without --to"),
    ],
)
def test_the_verb_tells_what_is_wrong(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["generate", *arguments]) == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.glob("*.png"))


def test_a_folder_without_weights_is_told(tmp_path: Path) -> None:
    shutil.copy(small_weights.FOLDER / "model_index.json", tmp_path)
    with pytest.raises(StorageError):
        draw(SmallGenerator(folder=tmp_path))


def test_real_prompts_are_one_vector_each_and_are_drawn(
    small: SmallGenerator, shared_data: Callable[[str], Path]
) -> None:
    lines = shared_data("text/PartiPrompts.tsv").read_text(encoding="utf-8").splitlines()[1:]
    asked = [line.split("\t")[0] for line in lines]
    assert len(asked) > 1_600
    for text in asked:
        assert read_query(text)
        replace(APPLE, prompt=text).checked()
    for text in asked[::100]:
        found = draw(small, replace(APPLE, prompt=text, steps=1))
        assert found.image.size == (64, 64)


def test_photos_draws_a_dark_shirt_on_white() -> None:
    photos = generators.open_generator("photos")
    assert generators.title("photos") == "Photos (ours)"
    request = replace(APPLE, generator="photos", prompt="black tshirts", steps=10)
    made = photos.generate(request, lambda step: None)
    pixels = np.asarray(made.image.convert("L"), dtype=float)
    assert pixels[:8, :8].mean() > 225
    assert pixels[24:48, 24:40].mean() < 110
    again = photos.generate(request, lambda step: None)
    assert same(made, again)
    large = photos.generate(replace(request, width=128, height=128), lambda step: None)
    plain = made.image.resize((128, 128), BICUBIC)
    assert large.image.tobytes() == plain.tobytes()  # no clean edges, as drawings have
