"""Queries to try fit the gallery that is open."""

from __future__ import annotations

import pytest

from core.images import galleries
from core.images.examples import OPENMOJI, example_queries


@pytest.mark.parametrize(
    ("gallery", "labels", "names", "takes_texts", "expected"),
    [
        (galleries.OPENMOJI, ["animals"], ["1F600"], True, OPENMOJI),
        (galleries.OPENMOJI, ["animals"], ["1F600", "1F603"], False, ("[1F600]", "[1F603]")),
        (
            "flowers",
            ["bird_of_paradise", "rose"],
            ["a.jpg", "b.jpg"],
            True,
            ("bird of paradise", "rose", "[a.jpg] + (rose)"),
        ),
        ("photos", [], ["a.jpg", "b.jpg"], True, ("[a.jpg]",)),
        ("empty", [], [], True, ()),
    ],
)
def test_examples_name_what_is_there(
    gallery: str, labels: list[str], names: list[str], takes_texts: bool, expected: tuple[str, ...]
) -> None:
    assert example_queries(gallery, labels, names, takes_texts=takes_texts) == expected
