"""Contrast of colours, as the Web Content Accessibility Guidelines 2.2 define it."""

from __future__ import annotations

# What Streamlit puts its darkest grey for on the light page and its lightest on the dark one, and
# the page's ground. Words in space are drawn by WebGL, where no style sheet reaches them.
INK, GROUND = "#000037", "#000038"


def luminance(color: str) -> float:
    """Relative luminance of ``#rrggbb``, from 0 for black to 1 for white."""
    parts = [int(color.lstrip("#")[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours ``#rrggbb``, from 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def text_on(ground: str) -> str:
    """Black or white, whichever is read better on ``ground``; its contrast is above 4.5."""
    return max(("#000000", "#ffffff"), key=lambda color: contrast(color, ground))
