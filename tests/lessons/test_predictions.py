"""Predictions beside what was computed."""

from __future__ import annotations

import pytest

from core.lessons.predictions import Choice, Names, Number, judge


def test_a_choice_is_right_where_it_is_the_same() -> None:
    asked = Choice("Which?", ("queen", "apple"))
    assert judge(asked, "queen", "queen").right
    wrong = judge(asked, "apple", "queen")
    assert not wrong.right
    assert wrong.told == "You chose: apple. The model gives: queen."


@pytest.mark.parametrize(
    ("guess", "right", "told"),
    [
        (0.6, True, "Close. You said 0.60; it is 0.68."),
        (0.5, False, "You said 0.50; it is 0.68: your guess is 0.18 too low."),
        (1.0, False, "You said 1.00; it is 0.68: your guess is 0.32 too high."),
    ],
)
def test_a_number_is_close_within_its_tolerance(guess: float, right: bool, told: str) -> None:
    verdict = judge(Number("Cosine?", -1, 1, 0.1), guess, 0.68)
    assert (verdict.right, verdict.told) == (right, told)


def test_shares_differ_by_percentage_points() -> None:
    asked = Number("What share?", 0, 100, 0, 0, "%")
    assert judge(asked, 3.0, 28.0).told.endswith(
        "it is 28%: your guess is 25 percentage points too low."
    )
    assert judge(asked, 29.0, 28.0).told.endswith("your guess is 1 percentage point too high.")


def test_a_number_at_the_bound_is_close_and_minus_is_a_minus() -> None:
    verdict = judge(Number("Cosine?", -1, 1, 0.1), -0.1, -0.2)
    assert verdict.right
    assert "\N{MINUS SIGN}0.10" in verdict.told


def test_names_are_counted_whatever_their_case() -> None:
    asked = Names("Which?", 3, "nearest words")
    verdict = judge(asked, ("Queen", "apple"), ("queen", "kings", "prince"))
    assert verdict.right
    assert verdict.told == "1 of your 2 guesses is among the 3 nearest words: Queen."
    alone = judge(asked, ("apple",), ("queen", "king"))
    assert not alone.right
    assert alone.told == "apple is not among the 2 nearest words."
