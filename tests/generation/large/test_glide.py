"""GLIDE's checkpoints: told by their tensors, the same numbers by diffusers, GPT-2's tokens."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.base.errors import InputError, NotReadyError
from core.generation import generators
from core.generation.large import (
    checkpoints,
    glide,
    glide_sampling,
    glide_words,
    guided_diffusion,
    pixel_diffusion,
    registry,
)
from core.generation.large.glide import GlideNetwork, Reader
from core.generation.large.glide_unet import GlideUNet, read_network
from core.generation.large.guided_unet import Architecture, Heads
from core.generation.request import Request, Source, Step, Stop
from tests.generation.large.glide_reference import GlideReference

# The first merges of GPT-2, which make the tokens 256 to 262.
MERGES = ["Ġ t", "Ġ a", "h e", "i n", "r e", "o n", "Ġt he"]
SIZE = 256 + len(MERGES) + 1
READER = Reader(SIZE, 9, 32, 2, 4)
SMALL = Architecture((32, 64), 1, (False, True), 0)
TINY = GlideNetwork("tiny", 16, SMALL, Heads(width=16), "squaredcos_cap_v2", reader=READER)
LARGE = replace(TINY, title="large", side=32, architecture=replace(SMALL, takes=6))


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks of a few numbers in place of those that were published."""
    filling = replace(TINY, title="filling", architecture=replace(SMALL, takes=7))
    filled = replace(LARGE, title="filled", architecture=replace(SMALL, takes=10))
    monkeypatch.setattr(glide, "PUBLISHED", (TINY, filling))
    monkeypatch.setattr(
        glide, "ENLARGING", {3: (LARGE, "upsample.pt"), 7: (filled, "upsample_inpaint.pt")}
    )


def reference(of: GlideNetwork) -> GlideReference:
    """With random weights, also where training begins at zero."""
    torch.manual_seed(0)
    return GlideReference(of).eval()


def save(of: GlideNetwork, path: Path) -> Path:
    torch.save(reference(of).state_dict(), path)
    return path


def write_merges(folder: Path) -> None:
    (folder / "vocab.bpe").write_text("\n".join(["#version: 0.2", *MERGES, ""]), "utf-8")


@torch.inference_mode()
def test_the_converted_network_gives_the_same_numbers() -> None:
    of = replace(TINY, architecture=Architecture((32, 32, 64), 2, (False, True, True), 0, takes=6))
    plain, found = reference(of), GlideUNet(of).eval()
    found.load(plain.state_dict())
    x, times = torch.randn(2, 6, 16, 16), torch.tensor([3, 870])
    tokens = torch.randint(SIZE, (2, 9))
    given = torch.arange(9) < torch.tensor([[4], [9]])
    wanted = plain.told(x, times, tokens, given)
    other = plain.told(x, times, tokens.flip(0), given)
    assert (wanted - other).std() > 0.01
    assert torch.allclose(found(x, times, found.read(tokens, given)), wanted, atol=1e-5)


@pytest.mark.parametrize("takes", [3, 7])
def test_published_networks_are_recognized_by_their_shapes(takes: int) -> None:
    base = next(one for one in glide.PUBLISHED if one.architecture.takes == takes)
    enlarging, name = glide.ENLARGING[takes]
    with torch.device("meta"):
        shapes = guided_diffusion.shapes_of(GlideReference(base).state_dict())
        larger = guided_diffusion.shapes_of(GlideReference(enlarging).state_dict())
    assert glide.reads_text(shapes)
    assert glide.drawing(shapes, "a.pt") is base
    with pytest.raises(InputError, match=f"from beside itself as {name}"):
        glide.drawing(larger, "a.pt")
    with pytest.raises(InputError, match="reader of prompts is another"):
        glide.drawing(shapes | {"token_embedding.weight": (49_408, 512)}, "a.pt")


@pytest.mark.parametrize("name", glide_words.NAMES)
def test_tokens_are_those_of_gpt_2(name: str, tmp_path: Path) -> None:
    text = "\n".join(["#version: 0.2", *MERGES, ""])
    if name == "tokenizer.json":
        text = json.dumps({"model": {"merges": [one.split() for one in MERGES]}})
    data = text.encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    found = glide_words.find(tmp_path)
    assert found is not None
    tokenizer = glide_words.read_tokenizer(found, SIZE)
    # GPT-2: ! is 0, o 78, n 77, q 80, the space 220; " the" is 262, " a" 257, "in" 259, "on" 261.
    tokens, given, lost = glide_words.encode(tokenizer, "On the A in!", 9)
    assert tokens == [261, 262, 257, 220, 259, 0, *[SIZE - 1] * 3]
    assert (given, lost) == ([True] * 6 + [False] * 3, "")
    assert glide_words.encode(tokenizer, "on the ship", 2) == ([261, 262], [True] * 2, "ship")
    assert glide_words.encode(tokenizer, "", 2) == ([SIZE - 1] * 2, [False] * 2, "")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("vocab.bpe", "#version: 0.2\nh e\n", "258 tokens"),
        ("vocab.bpe", "\n".join(["Ġt he", *MERGES[:-1]]), "“Ġt he” merges what is no token"),
        ("merges.txt", "a b c\n", "not every line"),
        ("tokenizer.json", "{}", "cannot be read as such"),
        ("vocab.bpe.gz", "no gzip file", "cannot be read as such"),
    ],
)
def test_another_vocabulary_is_told(name: str, text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(InputError, match=told) as raised:
        glide_words.read_tokenizer(tmp_path / name, SIZE)
    assert "glide_text2im/tokenizer" in raised.value.remedy


def test_steps_of_ddpm_are_those_of_the_paper_with_learned_variance() -> None:
    """Nichol & Dhariwal 2021 (arXiv:2102.09672), eq. 9 to 15, over a few of all times."""
    steps, random = 6, torch.Generator().manual_seed(3)
    outputs = torch.randn(steps, 1, 6, 8, 8, generator=random)
    noisy = noise = torch.randn(1, 3, 8, 8, generator=random)
    times = np.linspace(0, 999, steps).round().astype(int)
    angles = (np.arange(1001) / 1000 + 0.008) / 1.008 * np.pi / 2
    betas = np.minimum(1 - np.cos(angles[1:]) ** 2 / np.cos(angles[:-1]) ** 2, 0.999)
    kept = np.concatenate([[1.0], np.cumprod(1 - betas)[times]])
    state = random.get_state()
    for at, output in zip(range(steps, 0, -1), outputs, strict=True):
        now, before = kept[at], kept[at - 1]
        beta = 1 - now / before
        clean = (noisy - (1 - now) ** 0.5 * output[:, :3]) / now**0.5
        mean = before**0.5 * beta / (1 - now) * clean.clamp(-1, 1)
        mean += (now / before) ** 0.5 * (1 - before) / (1 - now) * noisy
        least = max((1 - before) / (1 - now) * beta, 1e-20)
        share = (output[:, 3:] + 1) / 2
        spread = torch.exp((share * np.log(beta) + (1 - share) * np.log(least)) / 2)
        drawn = torch.randn(1, 3, 8, 8, generator=random) if at > 1 else 0
        noisy = (mean + spread * drawn).float()
    random.set_state(state)
    seen: list[int] = []

    def foresee(_: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
        seen.append(int(at))
        return outputs[len(seen) - 1]

    scheduler = pixel_diffusion.make_scheduler("DDPM", "squaredcos_cap_v2")
    found = pixel_diffusion.sample(
        foresee, scheduler, noise, steps, None, lambda clean: None, random
    )
    assert seen == times[::-1].tolist()
    assert torch.allclose(found, noisy.clamp(-1, 1), atol=1e-4)


def test_times_of_enlarging_are_those_of_openai() -> None:
    fifth = [0, 22, 44, 66, 88, 111, 133, 155, 177, 199]
    later = [200 + time for time in fifth]
    wanted = [*fifth, *later, 400, 500, 599, 600, 799, 800, 997]
    assert glide_sampling.enlarging_times() == wanted[::-1]


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
def test_a_checkpoint_is_listed_and_draws_what_is_asked_for(tmp_path: Path, own_home: Path) -> None:
    path = save(TINY, tmp_path / "base.pt")
    name = registry.add_folder(path)
    entry = registry.find_large(name)
    assert (entry.state, entry.steps, entry.guidance) == ("needs its vocabulary", 100, 3.0)
    assert "vocab.bpe" in entry.remedy
    request = Request(name, "the ship", steps=3, seed=4)
    lone = registry.open_folder(path)
    with pytest.raises(NotReadyError, match="without its vocabulary"):
        lone.generate(request, lambda step: None)
    write_merges(tmp_path)
    assert registry.find_large(name).ready
    assert lone.generate(request, lambda step: None).image.size == (16, 16)
    before = generators.digest(name)
    save(LARGE, tmp_path / "upsample.pt")
    assert generators.digest(name) != before

    generator = generators.open_generator(name)
    seen: list[Step] = []
    made = generator.generate(request, seen.append)
    again = generator.generate(request, lambda step: None)
    assert (made.image.size, made.steps) == ((32, 32), 3)
    assert (len(seen), seen[-1].done, seen[-1].total) == (3 + 27, 3, 3)
    assert made.image.tobytes() == again.image.tobytes()
    assert "enlarged by upsample.pt" in made.notes[-1]
    others = (
        replace(request, prompt="another ship"),
        replace(request, guidance=1.0),
        replace(request, negative="rain"),
        replace(request, scheduler="DDIM"),
    )
    pictures = [generator.generate(one, lambda step: None).image.tobytes() for one in others]
    assert len({made.image.tobytes(), *pictures}) == 5
    long = generator.generate(replace(request, prompt="in the " * 9), lambda step: None)
    assert "reads 9 tokens" in long.notes[0]

    def stop(step: Step) -> None:
        if step.done == 1:
            raise Stop

    early = generator.generate(request, stop)
    assert (early.stopped, early.steps, early.image.size) == (True, 1, (32, 32))
    with pytest.raises(InputError, match="multiple of 32"):
        generator.generate(replace(request, width=40, height=40), lambda step: None)
    with pytest.raises(InputError, match="does not begin from a picture"):
        generator.generate(replace(request, source=Source(Image.new("RGB", (8, 8)))), seen.append)
    generator.close()


@pytest.mark.usefixtures("tiny")
def test_inpainting_changes_the_white_of_the_mask_alone(tmp_path: Path) -> None:
    path = save(glide.PUBLISHED[1], tmp_path / "base_inpaint.pt")
    save(glide.ENLARGING[7][0], tmp_path / "upsample_inpaint.pt")
    write_merges(tmp_path)
    generator = registry.open_folder(path)
    photo = Image.effect_noise((64, 32), 90).convert("RGB")
    mask = Image.new("L", photo.size)
    mask.paste(255, (32, 0, 64, 32))
    source = Source(photo, mask=mask)
    request = Request("x", "the ship", steps=2, source=source)
    made = generator.generate(request, lambda step: None)
    assert made.image.size == (32, 16)
    small = np.asarray(photo.resize((32, 16), Image.Resampling.BICUBIC, reducing_gap=3.0), int)
    changed = np.abs(np.asarray(made.image) - small).max(2)
    assert changed[:, :15].max() == 0
    assert changed[:, 17:].mean() > 20
    with pytest.raises(InputError, match="no mask was given"):
        generator.generate(replace(request, source=Source(photo)), lambda step: None)
    assert generator.generate(replace(request, source=None), lambda step: None).image.size == (
        32,
        32,
    )


@pytest.mark.usefixtures("tiny")
def test_what_is_known_stays_as_each_step_foresees_it() -> None:
    from core.generation.placement import contained, lay

    photo = Image.effect_noise((32, 32), 90).convert("RGB")
    mask = Image.new("L", photo.size)
    mask.putpixel((5, 9), 255)
    known = glide_sampling.known_part(lay(photo, mask, contained(photo.size, 32)), 32, 16)
    assert known.mask[0, 0, 8:10, 4:6].sum() == 0
    assert known.mask.sum() == 32 * 32 - 4  # a cell of the base
    foreseen = known.put_in(torch.full((1, 3, 32, 32), 0.5))
    wanted = torch.from_numpy(np.array(photo)).permute(2, 0, 1) / 127.5 - 1
    wanted[:, 8:10, 4:6] = 0.5
    assert torch.allclose(foreseen[0], wanted, atol=1e-6)


@pytest.mark.usefixtures("tiny")
def test_a_damaged_checkpoint_is_told(tmp_path: Path) -> None:
    state = reference(TINY).state_dict()
    del state["final_ln.bias"]
    torch.save(state, tmp_path / "base.pt")
    network = checkpoints.recognize_file(tmp_path / "base.pt")
    assert isinstance(network, GlideNetwork)
    with pytest.raises(InputError, match="not whole"):
        read_network(tmp_path / "base.pt", network)
