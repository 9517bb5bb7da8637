"""CLIP and SigLIP as Transformers saves them: the library's own vectors, refusals, the page."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import (
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    PreTrainedTokenizerFast,
    SiglipConfig,
    SiglipImageProcessor,
    SiglipModel,
)

from core.base.errors import InputError
from core.base.types import Modality, Space, no_progress
from core.readers.pictures import to_rgb
from core.spaces import added, registry
from core.spaces.encoders.transformers_clip import TransformersClipEncoder, kind_of
from core.spaces.sources.transformers_clip import TRANSFORMERS_CLIP
from core.storage import hub
from tests.support.picture_files import five_pictures

DIM = 16
LENGTH = 8
SPACE = Space("tiny", "Tiny", DIM, (Modality.TEXT, Modality.IMAGE))
TEXTS = ["a cat", "red fish", "cat " * 20]
TEXT = {
    "vocab_size": 12,
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": LENGTH,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "bos_token_id": 1,
}
VISION = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
}


def tokenizer() -> PreTrainedTokenizerFast:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    words = ["<pad>", "<bos>", "<eos>", "<unk>", "a", "cat", "dog", "red", "fish", "blue"]
    made = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, "<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="<bos> $A <eos>", special_tokens=[("<bos>", 1), ("<eos>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>"
    )


@pytest.fixture(scope="module", params=["clip", "siglip"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model drawn by chance with its tokenizer and image processor, as the library saves them."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("models") / f"tiny-{request.param}"
    size = {"height": 32, "width": 32}
    if request.param == "clip":
        model = CLIPModel(CLIPConfig(text_config=TEXT, vision_config=VISION, projection_dim=DIM))
        processor = CLIPImageProcessor(size=size, crop_size=size)
    else:
        model = SiglipModel(SiglipConfig(text_config=TEXT, vision_config=VISION))
        processor = SiglipImageProcessor(size=size)
    model.eval().save_pretrained(path)
    processor.save_pretrained(path)
    tokenizer().save_pretrained(path)
    return path


def library(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors of texts and pictures as the model's own forward pass has them."""
    from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained(folder).eval()
    inputs = dict(
        AutoTokenizer.from_pretrained(folder)(
            TEXTS, padding="max_length", max_length=LENGTH, truncation=True, return_tensors="pt"
        )
    )
    inputs.pop("token_type_ids", None)
    pictures = [to_rgb(picture) for picture in five_pictures()]
    inputs |= AutoImageProcessor.from_pretrained(folder)(images=pictures, return_tensors="pt")
    with torch.inference_mode():
        found = model(**inputs)
    return found.text_embeds.numpy(), found.image_embeds.numpy()


def test_vectors_are_those_of_the_library_itself(folder: Path) -> None:
    texts, pictures = library(folder)
    encoder = TransformersClipEncoder(SPACE, folder)
    found = encoder.encode_texts(TEXTS)
    np.testing.assert_allclose(found.vectors, texts, atol=1e-5)
    assert found.cut.tolist() == [False, False, True]
    np.testing.assert_allclose(encoder.encode_pictures(five_pictures()), pictures, atol=1e-5)
    np.testing.assert_allclose(encoder.encode_query(TEXTS[0]).vectors, texts[:1], atol=1e-5)
    assert encoder.encode([]).shape == encoder.encode_pictures([]).shape == (0, DIM)
    assert encoder.measure() == DIM


@pytest.mark.slow
def test_a_folder_becomes_a_model_of_texts_and_pictures(folder: Path, own_home: Path) -> None:
    name = added.add(TRANSFORMERS_CLIP.probe(folder, no_progress))
    assert name == folder.name
    entry = registry.find_space(name, Modality.IMAGE)
    assert entry == registry.find_space(name, Modality.TEXT)
    assert (entry.source, entry.space.dim, entry.state) == (TRANSFORMERS_CLIP, DIM, "ready")
    texts, pictures = library(folder)
    np.testing.assert_allclose(entry.text_encoder().encode(TEXTS), texts, atol=1e-5)
    found = entry.image_encoder().encode_pictures(five_pictures())
    np.testing.assert_allclose(found, pictures, atol=1e-5)


def test_what_is_no_such_model_is_told(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "preprocessor_config.json").unlink(missing_ok=True)
    (copy / "processor_config.json").unlink(missing_ok=True)
    with pytest.raises(InputError, match="cannot be used"):
        TransformersClipEncoder(SPACE, copy).measure()
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(InputError, match="pickled ones are never opened"):
        TransformersClipEncoder(SPACE, copy).measure()
    (copy / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(InputError, match="names no CLIP or SigLIP"):
        TransformersClipEncoder(SPACE, copy).measure()
    (copy / "config.json").write_text("{")
    assert kind_of(copy) == kind_of(tmp_path / "gone") == ""


def test_what_lies_in_the_hubs_cache_is_listed(
    folder: Path, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    commit = "a" * 40
    place = tmp_path / "models--openai--clip-tiny"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text(commit)
    shutil.copytree(folder, place / "snapshots" / commit)
    (tmp_path / "models--org--half" / "refs").mkdir(parents=True)
    assert hub.list_cached() == {"openai/clip-tiny": place / "snapshots" / commit}
    assert kind_of(place / "snapshots" / commit) == folder.name.removeprefix("tiny-")
