"""The dataset openmoji: which emoji, their captions and groups, their drawings."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, features

from core.base.errors import InputError
from core.images import emoji_font, openmoji


def test_there_are_1914_emoji_with_ids_captions_groups_and_keywords() -> None:
    emoji = openmoji.list_emoji()
    assert len(emoji) == len({item.id for item in emoji}) == 1_914
    apple = next(item for item in emoji if item.id == "1F34E")
    assert (apple.text, apple.caption) == ("🍎", "red apple")
    assert (apple.group, apple.subgroup) == ("food-drink", "food-fruit")
    assert "fruit" in apple.keywords
    assert all(item.caption and item.group and item.subgroup for item in emoji)


def test_no_emoji_has_a_skin_tone() -> None:
    tones = {f"{point:X}" for point in range(0x1F3FB, 0x1F400)}
    assert not [item for item in openmoji.list_emoji() if tones & set(item.id.split("-"))]


def test_captions_come_in_the_language_asked_for() -> None:
    apple = next(item for item in openmoji.list_emoji("de") if item.id == "1F34E")
    assert apple.caption == "roter apfel"
    assert {"en", "de", "fr", "es"} <= set(openmoji.languages())
    with pytest.raises(InputError, match="tlh"):
        openmoji.list_emoji("tlh")


def test_a_red_apple_is_red_and_stands_on_transparent_ground() -> None:
    pixels = np.asarray(openmoji.draw("1F34E", 96)).astype(int)
    assert pixels.shape == (96, 96, 4)
    assert pixels[0, 0, 3] == 0
    solid = pixels[pixels[..., 3] > 250]
    assert solid[:, 0].mean() > solid[:, 1].mean() + 60


def test_a_sequence_is_one_drawing_and_every_emoji_is_drawn_inside_its_square() -> None:
    family = next(item.id for item in openmoji.list_emoji() if item.caption == "health worker")
    assert "-200D-" in family
    for item in openmoji.list_emoji():
        box = openmoji.draw(item.id, 48).getbbox()
        assert box is not None, item.id
        assert box[2] - box[0] < 47, item.id  # a second drawing beside it would fill the square


def laid_out(text: str, size: int) -> Image.Image:
    """The emoji as Pillow's Raqm lays its code points out, which needs FriBiDi of the system."""
    font = ImageFont.truetype(
        str(openmoji._font_file()),
        round(size * openmoji._FILL / 1.29),
        layout_engine=ImageFont.Layout.RAQM,
    )
    picture = Image.new("RGBA", (size, size))
    place = (size / 2, size / 2)
    ImageDraw.Draw(picture).text(place, text, font=font, anchor="mm", embedded_color=True)
    return picture


@pytest.mark.skipif(not features.check("raqm"), reason="FriBiDi is not installed here")
@pytest.mark.parametrize("size", [31, 72, 160, 192])
def test_drawings_are_those_of_a_layout_of_text_to_the_pixel(size: int) -> None:
    for item in openmoji.list_emoji()[::13]:
        drawn = openmoji.draw(item.id, size)
        assert drawn.tobytes() == laid_out(item.text, size).tobytes(), item.id


def test_drawing_needs_no_library_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    flag = next(item for item in openmoji.list_emoji() if item.caption == "Kenya")
    before = openmoji.draw(flag.id, 72).tobytes()
    monkeypatch.setattr(ImageFont.core, "HAVE_RAQM", False)
    emoji_font._sized.cache_clear()
    assert openmoji.draw(flag.id, 72).tobytes() == before
    monkeypatch.undo()
    emoji_font._sized.cache_clear()


def test_what_the_font_does_not_draw_is_told() -> None:
    with pytest.raises(InputError, match=r"no drawing of “A”.*1,914 drawings"):
        openmoji.draw("41", 72)


def test_few_emoji_look_the_same_and_those_are_known() -> None:
    drawn: dict[bytes, list[str]] = {}
    for item in openmoji.list_emoji():
        drawn.setdefault(openmoji.draw(item.id, 64).tobytes(), []).append(item.caption)
    same = [set(captions) for captions in drawn.values() if len(captions) > 1]
    assert len(same) == 17
    assert {"Romania", "Chad"} in same
    assert {"man curly hair", "person curly hair"} in same
