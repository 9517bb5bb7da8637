"""What the tests of all layers ask of colours (Web Content Accessibility Guidelines 2.2, AA)."""

from __future__ import annotations

TEXT, SHAPES = 4.5, 3.0  # the least contrast of text, and of shapes that tell something
LIGHT, DARK = "#ffffff", "#171614"  # the page's grounds, as Streamlit has them
