"""Checkpoints of guided-diffusion: told by their tensors, and the same numbers by diffusers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.base.errors import InputError
from core.generation import generators
from core.generation.large import checkpoints, guided_diffusion, pixel_diffusion, registry
from core.generation.large.guided_classifier import AttentionPool, NoisyClassifier
from core.generation.large.guided_diffusion import (
    PUBLISHED,
    Network,
    read_architecture,
    recognize,
)
from core.generation.large.guided_unet import Architecture, Heads, converted, make_unet
from core.generation.request import Request
from core.images import imagenet
from core.images.imagenet import ImageNetClass
from tests.generation.large.guided_reference import GuidedUNet

TINY = Architecture((32, 64), 1, (False, True), 5)


def reference(of: Architecture, heads: Heads) -> GuidedUNet:
    """With random weights, also where training begins at zero."""
    torch.manual_seed(0)
    return GuidedUNet(of, heads).eval()


@pytest.mark.parametrize(
    ("of", "heads"),
    [
        (TINY, Heads(width=16, split_first=True)),
        (TINY, Heads(width=32)),
        (Architecture((32, 32, 64), 2, (False, True, True), 0), Heads(count=2)),
    ],
)
@torch.inference_mode()
def test_the_converted_network_gives_the_same_numbers(of: Architecture, heads: Heads) -> None:
    plain = reference(of, heads)
    unet = make_unet(of, heads).eval()
    unet.load_state_dict(converted(plain.state_dict(), of, heads))
    x, times = torch.randn(2, 3, 16, 16), torch.tensor([3, 870])
    labels = torch.tensor([1, 4]) if of.classes else None
    wanted = plain(x, times, labels)
    found = unet(x, times, class_labels=labels).sample
    assert wanted.std() > 0.05
    assert torch.allclose(found, wanted, atol=1e-5)


def test_heads_in_the_other_order_give_other_numbers() -> None:
    plain = reference(TINY, Heads(width=16, split_first=True)).state_dict()
    first, second = (
        converted(plain, TINY, Heads(width=16, split_first=split)) for split in (True, False)
    )
    name = "mid_block.attentions.0.to_k.weight"
    assert first.keys() == second.keys()
    assert not torch.equal(first[name], second[name])


@pytest.mark.parametrize("network", PUBLISHED, ids=lambda one: one.title)
def test_published_networks_are_recognized_by_their_shapes(network: Network) -> None:
    with torch.device("meta"):
        made = GuidedUNet(network.architecture, network.heads).state_dict()
    shapes = {name: tuple(one.shape) for name, one in made.items()}
    assert read_architecture(shapes) == network.architecture
    assert recognize(shapes, "a.pt") is network


def test_a_file_is_read_without_running_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = Network("tiny", 16, TINY, Heads(width=16), "linear")
    monkeypatch.setattr(guided_diffusion, "PUBLISHED", (tiny,))
    state = reference(TINY, tiny.heads).state_dict()
    torch.save(state, tmp_path / "a.pt")
    assert checkpoints.recognize_file(tmp_path / "a.pt") is tiny
    unet = guided_diffusion.read_network(tmp_path / "a.pt")
    assert torch.equal(unet.conv_in.weight, state["input_blocks.0.0.weight"])
    torch.save({"program": pytest.raises}, tmp_path / "b.pt")
    with pytest.raises(InputError, match="more or other than tensors"):
        guided_diffusion.read_network(tmp_path / "b.pt")


def test_what_is_no_published_network_is_told() -> None:
    state = reference(TINY, Heads(width=16)).state_dict()
    shapes = {name: tuple(one.shape) for name, one in state.items()}
    with pytest.raises(InputError, match="widths 32, 64"):
        recognize(shapes, "a.pt")
    with pytest.raises(InputError, match="no U-Net of guided-diffusion"):
        recognize({"a.weight": (3, 3)}, "a.pt")
    with pytest.raises(InputError, match="classifier of noisy pictures"):
        recognize({"out.2.positional_embedding": (512, 65)}, "a.pt")


@pytest.mark.parametrize("name", list(pixel_diffusion.SCHEDULERS))
@pytest.mark.parametrize("schedule", ["linear", "squaredcos_cap_v2"])
def test_where_noise_is_foreseen_rightly_the_picture_comes_out(name: str, schedule: str) -> None:
    random = torch.Generator().manual_seed(0)
    picture = torch.rand(1, 3, 8, 8, generator=random) * 1.8 - 0.9
    scheduler = pixel_diffusion.make_scheduler(name, schedule)

    def foresee(noisy: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
        signal = scheduler.alphas_cumprod[int(at)]
        noise = (noisy - signal.sqrt() * picture) / (1 - signal).sqrt()
        return torch.cat([noise, torch.full_like(noise, 0.3)], 1)

    told: list[torch.Tensor] = []
    noise = torch.randn(1, 3, 8, 8, generator=random)
    found = pixel_diffusion.sample(foresee, scheduler, noise, 10, None, told.append, random)
    assert len(told) == 10
    assert torch.allclose(told[5], picture, atol=1e-3)
    assert torch.allclose(found, picture, atol=0.02)


def test_a_checkpoint_is_listed_and_draws_the_class_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    tiny = Network("tiny", 16, TINY, Heads(width=16), "linear")
    names = ("tench", "goldfish", "teapot", "castle", "banana")
    classes = tuple(ImageNetClass("", name, "") for name in names)
    monkeypatch.setattr(guided_diffusion, "PUBLISHED", (tiny,))
    monkeypatch.setattr(imagenet, "classes", lambda: classes)
    path = tmp_path / "tiny.pt"
    torch.save(reference(TINY, tiny.heads).state_dict(), path)
    name = registry.add_folder(path)
    entry = registry.find_large(name)
    assert (entry.ready, entry.title) == (True, "tiny (tiny.pt)")
    generator = generators.open_generator(name)
    request = Request(name, "a small orange fish", steps=2, seed=4, width=32, height=32, guidance=1)
    made, again = (generator.generate(request, lambda step: None) for _ in range(2))
    assert "goldfish" in made.notes[0]
    assert made.image.size == (32, 32)
    assert made.image.tobytes() == again.image.tobytes()
    led = generator.generate(replace(request, guidance=4.0), lambda step: None)
    assert led.image.tobytes() != made.image.tobytes()
    generator.close()
    path.unlink()
    assert registry.find_large(name).state == "missing"
    with pytest.raises(InputError, match="multiple of 16"):
        generator.generate(replace(request, width=40, height=40), lambda step: None)


def test_the_classifier_gives_the_same_numbers_and_its_slope_leads_to_the_class() -> None:
    of, heads, width = Architecture((32, 64), 2, (False, True), 0), Heads(width=32), 64
    plain = reference(of, heads)
    pool = AttentionPool(width, 8, 2, 5)
    tensors = {
        name: one
        for name, one in plain.state_dict().items()
        if name.startswith(("input_blocks", "middle_block", "time_embed"))
    }
    norm = torch.nn.GroupNorm(32, width)
    tensors |= {f"out.0.{name}": one for name, one in norm.state_dict().items()}
    tensors |= {f"out.2.{name}": one for name, one in pool.state_dict().items()}
    found = NoisyClassifier(of, heads, 16, 5).eval()
    found.load(tensors)
    x, times = torch.randn(2, 3, 16, 16), torch.tensor([40, 700])
    slope = found.slope(x, times, 3)
    with torch.no_grad():
        flat = torch.nn.functional.silu(norm(plain.encode(x, times))).flatten(2)
        flat = torch.cat([flat.mean(2, keepdim=True), flat], 2) + pool.positional_embedding
        # Of the pooling only the mean's own place is asked for.
        query, key, value = pool.qkv_proj(flat).reshape(2, 3, 2, 32, -1).unbind(1)
        weight = (torch.einsum("nhc,nhct->nht", query[..., 0], key) / 32**0.5).softmax(-1)
        mixed = torch.einsum("nht,nhct->nhc", weight, value).reshape(2, width)
        wanted = mixed @ pool.c_proj.weight[:, :, 0].T + pool.c_proj.bias
        assert torch.allclose(found(x, times), wanted, atol=1e-5)
        nearer = found(x + 0.01 * slope / slope.std(), times).log_softmax(1)[:, 3]
        assert (nearer > wanted.log_softmax(1)[:, 3]).all()
    with pytest.raises(RuntimeError):
        found.load(tensors | {"out.2.c_proj.bias": torch.zeros(7)})
