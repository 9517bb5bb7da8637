"""What the small generator knows: nearest captions, colours as sums, thresholds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.base.errors import InputError
from core.generation import known, prompts
from core.generation.known import Captions, Known, Learnt
from core.images import openmoji
from core.training.generator import pictures
from core.training.generator.texts import held_out


def learnt(captions: tuple[str, ...], painted: tuple[str, ...]) -> Learnt:
    return replace(known.LEARNT["small"], captions=lambda: captions, painted=lambda: painted)


@pytest.fixture
def two() -> Captions:
    """Two captions and a thing on the first three axes, every colour on axes of its own."""
    axes = np.eye(3 + len(openmoji.COLORS), dtype=np.float32)
    return Captions(learnt(("cat", "ship"), ("house",)), axes[:2], axes[2:3], axes[3:])


def test_the_nearest_captions_come_best_first_with_their_cosines(two: Captions) -> None:
    vector = np.zeros(13, np.float32)
    vector[:2] = 0.6, 0.8
    found = known.look_up(vector, two)
    assert [caption for caption, _ in found.nearest] == ["ship", "cat", "red house"]
    assert [cosine for _, cosine in found.nearest] == pytest.approx([0.8, 0.6, 0.0])
    assert found.similarity == pytest.approx(0.8)
    assert not found.below


def test_a_thing_in_a_colour_is_their_weighted_sum(two: Captions) -> None:
    yellow = openmoji.COLORS.index("yellow")
    vector = two.things[0] + known.COLOR_WEIGHT * two.colors[yellow]
    found = known.look_up(vector / np.linalg.norm(vector), two)
    assert found.nearest[0][0] == "yellow house"
    assert found.similarity == pytest.approx(1.0)
    alone = known.look_up(two.things[0], two)
    assert alone.similarity == pytest.approx(1 / np.sqrt(1 + known.COLOR_WEIGHT**2))


def test_words_and_pictures_have_thresholds_of_their_own(two: Captions) -> None:
    vector = np.zeros(13, np.float32)
    vector[[0, 12]] = 0.6, 0.8  # the last axis is a colour's alone
    assert known.look_up(vector, two).below
    assert not known.look_up(vector, two, of_pictures=True).below
    assert known.holds_names("[photo.jpg] + snow")
    assert not known.holds_names("king - man + woman")
    with pytest.raises(InputError):
        known.holds_names("  ")


def test_what_is_below_is_told_with_the_nearest() -> None:
    told = Known("emoji", (("ship", 0.4), ("wave", 0.35)), 0.66).told
    assert "trained on emoji, and nothing close to this prompt was among them" in told
    assert "nearest: ship (0.40), wave (0.35)." in told
    assert "nothing" not in Known("emoji", (("cat", 0.7),), 0.66).told


def test_only_what_it_was_trained_on_counts() -> None:
    names = {item.caption for item in openmoji.list_emoji()}
    unseen = {openmoji.list_emoji()[one.emoji].caption for one in held_out() if not one.change}
    assert set(known.captions()) == names - unseen
    assert len(known.captions()) == 1864
    assert tuple(pictures.COLORS) == openmoji.COLORS
    assert "flower" in known.painted() and "white flower" not in known.painted()
    assert "person" in known.captions() and "person" not in known.painted()


def test_a_yellow_house_is_known_and_a_ship_in_a_storm_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = learnt(("ship", "cloud with rain", "red apple"), ("house", "flower"))
    monkeypatch.setattr(known, "LEARNT", {"small": few})
    texts = prompts.text_encoder()
    captions = known.encode_captions("small", texts)

    def below(prompt: str) -> bool:
        return known.look_up(prompts.resolve_prompt(prompt, texts), captions).below

    assert not any(map(below, ("a red apple", "a yellow house", "a small yellow flower", "ship")))
    assert all(map(below, ("an oil painting of a ship in a storm", "a quiet mountain lake")))


def test_the_generator_of_photos_knows_its_classes_and_products() -> None:
    captions = known.LEARNT["photos"].captions()
    assert len(set(captions)) == len(captions) == 876
    assert {"sunflower", "airplane", "navy blue shirts", "sunglasses"} <= set(captions)
    assert all(caption == caption.strip() for caption in captions)
