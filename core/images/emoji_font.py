"""Emoji drawn by Pillow alone: each sequence of code points under one character of its own.

Most emoji are sequences of code points that a font joins to one drawing (ligatures, its table
GSUB). Pillow joins them by Raqm, whose FriBiDi no wheel brings along: without that system library,
as on Windows, macOS and slim containers, a flag would be drawn as two letters. So the font is read
here, and each drawing is given a character of Unicode's private use area.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import InputError, shorten

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont
    from PIL import Image, ImageFont

_PRIVATE = 0xF0000  # where Supplementary Private Use Area-A begins
_VARIATION = 0xFE0F  # asks for an emoji's coloured form, which is all that such a font has
_PIXEL = 64  # FreeType counts in 64ths of a pixel
_ALL_OF_UNICODE = 12  # the format of a table of characters that reaches beyond 0xFFFF


@dataclass(frozen=True, slots=True)
class EmojiFont:
    """A font in which each of some texts is one character.

    Attributes:
        characters: of each text, its character.
        advances: of each text, the width of its drawing in parts of the font's size.
    """

    file: bytes
    characters: dict[str, str]
    advances: dict[str, float]

    def draw(self, text: str, size: int, font_size: int) -> Image.Image:
        """A text in the middle of a picture of ``size`` by ``size`` pixels, RGBA, transparent.

        Raises:
            InputError: the font has no drawing of this text.
        """
        from PIL import Image, ImageDraw

        if text not in self.characters:
            raise InputError(
                f"There is no drawing of “{shorten(text)}”.",
                f"The font has {len(self.characters):,} drawings.",
                "Choose one of these.",
            )
        picture = Image.new("RGBA", (size, size))
        width = round(self.advances[text] * font_size * _PIXEL)
        half = (width // 2 + _PIXEL // 2) // _PIXEL
        ImageDraw.Draw(picture).text(
            (size / 2 - half, size / 2),
            self.characters[text],
            font=_sized(self.file, font_size),
            anchor="lm",
            embedded_color=True,
        )
        return picture


def open_font(path: Path, texts: Iterable[str]) -> EmojiFont:
    """The font of a file, with a character for each of ``texts`` that it has one drawing of."""
    from fontTools.ttLib import TTFont

    with TTFont(str(path), lazy=True) as font:
        glyphs = _glyphs(font, texts)
        characters = {text: chr(_PRIVATE + place) for place, text in enumerate(glyphs)}
        for table in font["cmap"].tables:
            if table.format == _ALL_OF_UNICODE:
                table.cmap |= {ord(characters[text]): glyph for text, glyph in glyphs.items()}
        widths, em = font["hmtx"], font["head"].unitsPerEm
        advances = {text: widths[glyph][0] / em for text, glyph in glyphs.items()}
        file = io.BytesIO()
        font.save(file, reorderTables=None)
    return EmojiFont(file.getvalue(), characters, advances)


def _glyphs(font: TTFont, texts: Iterable[str]) -> dict[str, str]:
    """The glyph of each text that is one glyph."""
    glyph_of = font.getBestCmap()
    joined = {
        (first, *ligature.Component): ligature.LigGlyph
        for lookup in font["GSUB"].table.LookupList.Lookup
        for table in lookup.SubTable
        for first, ligatures in table.ligatures.items()
        for ligature in ligatures
    }
    found = {}
    for text in texts:
        for form in (text, text.replace(chr(_VARIATION), "")):
            names = tuple(glyph_of.get(ord(character), "") for character in form)
            glyph = names[0] if len(names) == 1 else joined.get(names)
            if glyph:
                found[text] = glyph
                break
    return found


@lru_cache(maxsize=8)
def _sized(file: bytes, size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(io.BytesIO(file), size, layout_engine=ImageFont.Layout.BASIC)
