"""A trained head is a space: what is written is read, and its vectors are base, then head."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.base.errors import InputError, NotReadyError
from core.base.types import FloatArray, Modality
from core.base.vectors import normalize
from core.heads import export, store
from core.heads.measures import compare, verdict
from core.heads.training import train
from core.images.gallery import Gallery
from core.images.vectors import encode_gallery
from core.spaces import registry, text_vectors
from core.spaces.encoders import head as head_encoder
from core.spaces.encoders.head import Head
from core.spaces.entry import SpaceEntry
from core.spaces.sources import head as head_source
from core.spaces.sources.head import HeadFile
from core.storage import data_home
from tests.heads.test_training import SMALL, data


def drawn(inputs: int = 1956, seed: int = 0) -> Head:
    """A head with numbers by chance."""
    random = np.random.default_rng(seed)

    def array(*shape: int) -> FloatArray:
        return random.standard_normal(shape).astype(np.float32)

    return Head(array(inputs) / 50, ((array(12, inputs), array(12)), (array(5, 12), array(5))))


def by_hand(head: Head, vectors: FloatArray) -> FloatArray:
    (first, first_bias), (second, second_bias) = head.layers
    hidden = np.maximum((vectors - head.mean) @ first.T + first_bias, 0)
    return normalize((hidden @ second.T + second_bias).astype(np.float32))


def kept(head: Head, base: SpaceEntry, name: str = "mine") -> HeadFile:
    digests = head_source.digests_of(base)
    return HeadFile(name, head, base.space.name, digests, Modality.IMAGE, ("kind",))


def pictures(count: int = 6) -> Gallery:
    import pandas as pd

    drawn = [Image.new("RGB", (20, 20), (40 * at, 90, 10)) for at in range(count)]
    names = [f"{at}.png" for at in range(count)]
    digests = [bytes([at] * 16) for at in range(count)]
    return Gallery("six", names, digests, drawn.__getitem__, None, (), pd.DataFrame())


def test_what_is_written_is_read(own_home: Path) -> None:
    base = registry.find_space("colour-outline")
    written = replace(kept(drawn(), base), about={"data": "six", "figures": {"after": 0.5}})
    head_source.write(written, own_home / "some")
    found, _ = head_source.read(own_home / "some")
    assert found.about["figures"] == {"after": 0.5}
    assert (found.name, found.base, found.columns) == ("mine", "colour-outline", ("kind",))
    for one, other in zip(
        found.head.arrays().values(), written.head.arrays().values(), strict=True
    ):
        assert np.array_equal(one, other)


def test_a_head_is_a_space_whose_pictures_go_through_base_and_head(own_home: Path) -> None:
    base = registry.find_space("colour-outline")
    entry = store.keep(kept(drawn(), base))
    assert (entry.space.name, entry.space.dim, entry.ready) == ("mine", 5, True)
    assert "A head on Colours and outlines" in entry.about
    of_base = encode_gallery(pictures(), base, base.image_encoder(), None)
    found = encode_gallery(pictures(), entry, entry.image_encoder(), None)
    assert np.allclose(found.pictures, by_hand(drawn(), of_base.pictures), atol=1e-5)
    one = entry.image_encoder().encode_pictures([pictures().open(3)])
    assert np.allclose(one[0], found.pictures[3], atol=1e-5)
    assert entry.image_folder == base.image_folder  # they are encoded once
    assert not any("mine" in path.name for path in (own_home / "pictures").iterdir())
    with pytest.raises(InputError, match="already"):
        store.keep(kept(drawn(), base))
    entry.remove()
    assert "mine" not in {one.space.name for one in registry.list_spaces()}


def test_texts_go_through_the_head_of_a_base_that_takes_them(own_home: Path) -> None:
    base = registry.find_space("minilm")
    entry = store.keep(kept(drawn(384), base))
    assert entry.space.modalities == (Modality.TEXT, Modality.IMAGE)
    assert "Texts go through the same head, which has not seen any." in entry.about
    texts = ["a cat", "a dog on the street"]
    of_base = text_vectors.load_or_encode(texts, base.text_encoder(), base.text_folder)
    found = text_vectors.load_or_encode(texts, entry.text_encoder(), entry.text_folder)
    assert np.allclose(found.vectors, by_hand(drawn(384), of_base.vectors), atol=1e-5)
    asked = entry.text_encoder().encode_query("a cat")
    assert np.allclose(asked.vectors[0], found.vectors[0], atol=1e-4)


def test_a_head_can_stand_on_a_head(own_home: Path) -> None:
    first = store.keep(kept(drawn(), registry.find_space("colour-outline"), "z-first"))
    second = store.keep(kept(drawn(5, seed=1), first, "a-second"))
    found = encode_gallery(pictures(), second, second.image_encoder(), None)
    below = encode_gallery(pictures(), first, first.image_encoder(), None)
    assert np.allclose(found.pictures, by_hand(drawn(5, seed=1), below.pictures), atol=1e-5)


def test_a_head_whose_base_is_gone_or_has_changed_is_shown_as_such(own_home: Path) -> None:
    base = registry.find_space("colour-outline")
    gone = replace(kept(drawn(), base, "orphan"), base="not-here")
    other = replace(kept(drawn(), base, "stale"), base_digests={"image": "0" * 64})
    for one in (gone, other):
        head_source.write(one, head_source.head_folder(one.name))
    (head_source.head_folder("orphan").parent / "empty").mkdir()
    entries = {one.space.name: one for one in registry.list_spaces()}
    assert "“not-here”, is not here" in entries["orphan"].remedy
    assert "gives other vectors now" in entries["stale"].remedy
    assert entries["empty"].state == "damaged"
    for name in ("orphan", "stale", "empty"):
        assert not entries[name].ready
        with pytest.raises(NotReadyError):
            entries[name].image_encoder()


def test_weights_that_are_not_what_was_written_are_told(own_home: Path) -> None:
    store.keep(kept(drawn(), registry.find_space("colour-outline")))
    path = head_source.head_folder("mine") / head_source.WEIGHTS
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\1")
    [entry] = [one for one in registry.list_spaces() if one.space.name == "mine"]
    assert entry.state == "damaged"
    assert "not what was written" in entry.about


def test_exports_give_the_same_vectors() -> None:
    from onnx.reference import ReferenceEvaluator

    head = drawn(24)
    asked = normalize(np.random.default_rng(2).standard_normal((7, 24)).astype(np.float32))
    [by_onnx] = ReferenceEvaluator(export.onnx(head)).run(None, {"vectors": asked})
    assert np.allclose(by_onnx, head.apply(asked), atol=1e-5)
    network = torch.nn.Sequential(torch.nn.Linear(24, 12), torch.nn.ReLU(), torch.nn.Linear(12, 5))
    network.load_state_dict(torch.load(io.BytesIO(export.state_dict(head)), weights_only=True))
    by_torch = torch.nn.functional.normalize(network(torch.from_numpy(asked)), dim=1)
    assert np.allclose(by_torch.detach().numpy(), head.apply(asked), atol=1e-5)


def test_the_usage_of_pytorch_runs_as_it_is_written(tmp_path: Path) -> None:
    written = HeadFile("mine", drawn(24), "some", {}, Modality.TEXT, ("kind",))
    code = export.usage(written).split("```python\n")[1].split("```")[0]
    (tmp_path / export.STATE_DICT).write_bytes(export.state_dict(written.head))
    names = {"vectors": torch.eye(24)}
    exec(code.replace('"head.pt"', repr(str(tmp_path / "head.pt"))), names)
    made = names["embedding"].detach().numpy()
    assert np.allclose(made, written.head.apply(np.eye(24, dtype=np.float32)), atol=1e-5)


def test_no_head_is_read_from_other_bytes() -> None:
    arrays = drawn(24).arrays()
    from safetensors.numpy import save

    cut = np.ascontiguousarray(arrays["weight1"][:, :-1])
    for other in ({**arrays, "weight1": cut}, {"mean": arrays["mean"]}):
        with pytest.raises(data_home.StorageError, match="do not fit"):
            head_encoder.from_bytes(save(other))


def test_figures_before_and_after_and_where_a_head_does_not_help() -> None:
    trained = train(data(), SMALL)
    [compared] = compare(data(), trained.parts, trained.head)
    assert compared.after.mean > compared.before.mean + 0.1
    assert sum(count for _, count, _, _ in compared.per_class()) == len(trained.parts.held_out)
    risen, fallen = compared.moved(3)
    assert len(risen) == 3
    assert not set(risen) & set(fallen)
    mixed = replace(compared, before=compared.after, after=compared.before)
    assert "is worse than its base" in verdict((mixed,))[0]
    by_heart = replace(
        compared, learnt=1.0, after=replace(compared.after, precision=np.full(48, 0.5))
    )
    assert any("by heart" in one for one in verdict((by_heart,)))
    [told] = verdict((), ((0.8, 0.5), (0.79, 0.6)))
    assert "By augmented views the head is worse than its base" in told
    assert "0.790 of the pictures, after 0.800" in told
    assert verdict((), ((0.8, 0.5), (0.8, 0.5))) == ()
