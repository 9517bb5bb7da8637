"""Texts that an English model cannot read are told by their script and their words."""

from __future__ import annotations

import pytest

from core.spaces.languages import not_english

ENGLISH = ["The soup was lovely and the waiter told us about every dish", "We will come back soon"]
GERMAN = [
    "Das Essen war hervorragend und die Bedienung ausgesprochen freundlich",
    "Leider mussten wir lange warten, der Kaffee schmeckte trotzdem ausgezeichnet",
]


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (ENGLISH, ""),
        (["king - man + woman"], ""),
        (["", "12 345", "?!"], ""),
        (["café naïve Zürich"], ""),
        (["Очень вкусный суп"], "are mostly written in Cyrillic"),
        (["这家餐厅的面条非常好吃"], "are mostly written in Chinese characters"),
        (["อาหารอร่อย"], "are mostly written in Thai"),
        (["мама + tea"], "are mostly written in Cyrillic"),
        (["one Russian word: суп, and more English"], ""),
        (GERMAN, "words that English hardly has"),
    ],
)
def test_what_is_hardly_english_is_told(texts: list[str], says: str) -> None:
    found = not_english(texts)
    assert says in found
    assert bool(found) == bool(says)
