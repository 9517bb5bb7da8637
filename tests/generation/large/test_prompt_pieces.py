"""Long prompts are read in pieces, and embeddings stand where they are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from core.base.errors import InputError
from core.generation.large import embeddings, prompt_pieces
from core.generation.large.generator import LargeGenerator
from core.generation.request import Generated, Request
from tests.support import tiny_diffusers

pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning")
# A letter is a token here.
FIRST, SECOND = " ".join("ab" * 75)[: 2 * 75], "c d e"


@pytest.fixture(scope="module", params=["sd", "sdxl"])
def generator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    build = getattr(tiny_diffusers, f"build_{request.param}")
    made = LargeGenerator("x", "X", build(tmp_path_factory.mktemp("pieces") / "model"))
    draw(made, "a fox")  # it is open
    return made


def draw(generator: LargeGenerator, prompt: str, **more: Any) -> Generated:
    request = Request("x", prompt, steps=1, seed=3, width=64, height=64, guidance=3.0, **more)
    return generator.generate(request, lambda step: None)


def given(generator: LargeGenerator, notes: list[str], prompt: str, negative: str = "") -> Any:
    request = Request("x", prompt, negative, guidance=3.0)
    return prompt_pieces.arguments(generator._pipes[""], request, notes)


def by_diffusers(generator: LargeGenerator, prompt: str) -> list[Any]:
    """States, and with SDXL the pooled vector, of a short prompt by the pipeline's own code."""
    pipe = generator._pipes[""]
    with torch.no_grad():
        found = pipe.encode_prompt(
            prompt=prompt, device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=False
        )
    return [one for one in (found[0], *found[2:3]) if one is not None]


def same(first: Any, second: Any) -> bool:
    return bool(torch.allclose(first, second, atol=1e-5))


def test_a_long_prompt_is_read_as_its_pieces_are(generator: LargeGenerator) -> None:
    notes: list[str] = []
    found = given(generator, notes, f"{FIRST} {SECOND}", "f")
    parts = [by_diffusers(generator, text) for text in (FIRST, SECOND, "f", "")]
    assert same(found["prompt_embeds"], torch.cat([parts[0][0], parts[1][0]], 1))
    assert same(found["negative_prompt_embeds"], torch.cat([parts[2][0], parts[3][0]], 1))
    if len(parts[0]) > 1:
        assert same(found["pooled_prompt_embeds"], parts[0][1])
        assert same(found["negative_pooled_prompt_embeds"], parts[2][1])
        unsaid = given(generator, [], f"{FIRST} {SECOND}")  # SDXL takes zeros for nothing
        assert not unsaid["negative_prompt_embeds"].any()
        assert not unsaid["negative_pooled_prompt_embeds"].any()
    assert notes == [
        "Tokens of the prompt: 78, read in 2 pieces of 75.",
        "Tokens of the negative prompt: 1, read in 2 pieces of 75.",
    ]
    assert not given(generator, notes, FIRST, FIRST)  # 75 have room in one
    notes.clear()
    assert given(generator, notes, "a", FIRST + " g")["prompt_embeds"].shape[1] == 2 * 77
    unguided = Request("x", "a", FIRST + " g", guidance=1.0)
    assert not prompt_pieces.arguments(generator._pipes[""], unguided, [])


def test_what_stands_late_in_a_long_prompt_changes_the_picture(generator: LargeGenerator) -> None:
    made = draw(generator, f"{FIRST} {SECOND}", negative="f")
    assert "Tokens of the prompt: 78, read in 2 pieces of 75." in made.notes
    assert draw(generator, f"{FIRST} {SECOND}", negative="f").image == made.image
    assert draw(generator, f"{FIRST} c d f", negative="f").image != made.image
    assert not draw(generator, FIRST).notes


def write(name: str, tensors: dict[str, Any]) -> None:
    embeddings.FOLDER.path.mkdir(parents=True, exist_ok=True)
    save_file(tensors, embeddings.FOLDER.path / f"{name}.safetensors")


def rows(generator: LargeGenerator, letters: str) -> dict[str, Any]:
    """An embedding with the vectors of letters, in the form of the model's family."""
    pipe = generator._pipes[""]
    ids = pipe.tokenizer(" ".join(letters), add_special_tokens=False).input_ids
    readers = [pipe.text_encoder, getattr(pipe, "text_encoder_2", None)]
    found = [one.get_input_embeddings().weight[ids].detach().clone() for one in readers if one]
    if len(found) == 2:
        return dict(zip(("clip_l", "clip_g"), found, strict=True))
    return {"emb_params": found[0]}


def test_an_embedding_reads_as_the_words_whose_vectors_it_has(
    generator: LargeGenerator, own_home: Path
) -> None:
    write("Ink.v2", rows(generator, "xyz"))
    before = generator._pipes[""].text_encoder.get_input_embeddings().weight.clone()
    notes: list[str] = []
    found = given(generator, notes, "a b <embedding:Ink.v2>, d", "embedding:Ink.v2")
    words, unwanted = (by_diffusers(generator, text) for text in ("a b x y z , d", "x y z"))
    assert same(found["prompt_embeds"], words[0])
    assert same(found["negative_prompt_embeds"], unwanted[0])
    if len(words) > 1:
        assert same(found["pooled_prompt_embeds"], words[1])
    assert notes == [
        "Of the 7 tokens of the prompt, embeddings take: “Ink.v2” 3.",
        "Of the 3 tokens of the negative prompt, embeddings take: “Ink.v2” 3.",
    ]
    made = draw(generator, "a b <embedding:Ink.v2>, d")
    assert made.request.prompt == "a b <embedding:Ink.v2>, d"
    assert made.image == draw(generator, "a b x y z , d").image
    after = generator._pipes[""].text_encoder.get_input_embeddings().weight
    assert torch.equal(before, after)
    # 73 tokens before it: its three vectors are not divided among two pieces.
    found = given(generator, notes, f"{FIRST[: 2 * 73]} <embedding:Ink.v2>")
    whole = [by_diffusers(generator, text)[0] for text in (FIRST[: 2 * 73], "x y z")]
    assert same(found["prompt_embeds"], torch.cat(whole, 1))


def test_what_cannot_be_used_as_an_embedding_is_told(
    generator: LargeGenerator, own_home: Path
) -> None:
    widths = " and ".join("32" for _ in rows(generator, "a"))
    for name, tensors, told in (
        ("wide", {"<wide>": torch.zeros(768)}, f"have 768 numbers, this model's words {widths}"),
        ("lora", {"a": torch.zeros(1), "b": torch.zeros(1)}, "it holds 2 tensors"),
        ("nan", {k: v * torch.nan for k, v in rows(generator, "a").items()}, "are finite"),
        ("long", rows(generator, "a" * 76), "has 76(?: and 76)? vectors, where 1 to 75"),
    ):
        write(name, tensors)
        with pytest.raises(InputError, match=told):
            draw(generator, f"a <embedding:{name}>")
    (embeddings.FOLDER.path / "damaged.safetensors").write_bytes(b"\xff" * 99)
    with pytest.raises(InputError, match="cannot be read"):
        draw(generator, "a <embedding:damaged>")
    (embeddings.FOLDER.path / "old.pt").write_bytes(b"\x80\x04")
    with pytest.raises(InputError, match=r"“old\.pt” is a pickled file") as caught:
        draw(generator, "a embedding:old")
    assert "torch.load(…, weights_only=True)" in caught.value.remedy
    with pytest.raises(InputError, match="no embedding “pen” here") as caught:
        draw(generator, "a", negative="<embedding:pen>")
    assert "Known: damaged, long, lora" in caught.value.expected
    bare = draw(generator, "a wide b").notes
    assert bare == (
        "“wide” is read as plain words: the embedding of that name is <embedding:wide>.",
    )


def test_one_vector_in_the_form_of_diffusers_is_read(own_home: Path) -> None:
    write("cat", {"<cat-toy>": torch.arange(4.0)})
    [one] = [part for part in embeddings.parse("x <embedding:cat>") if not isinstance(part, str)]
    [vectors] = embeddings.read(one, [4])
    assert vectors.tolist() == [[0, 1, 2, 3]]
    assert embeddings.parse("a <3 (embedding: b)") == ["a <3 (embedding: b)"]


def test_other_models_take_no_embeddings(tmp_path: Path, own_home: Path) -> None:
    write("ink", {"emb_params": torch.zeros(1, 32)})
    generator = LargeGenerator("x", "X", tiny_diffusers.build_sd3(tmp_path / "sd3"))
    with pytest.raises(InputError, match="cannot be used with StableDiffusion3Pipeline"):
        draw(generator, "a <embedding:ink>")
