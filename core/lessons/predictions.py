"""What a learner predicts before the model runs, and how that compares with what it gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Answer = str | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several options."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A number from ``low`` to ``high``, told to ``digits`` after the point.

    Attributes:
        tolerance: how far off a guess counts as close.
        unit: written after the number.
    """

    question: str
    low: float
    high: float
    tolerance: float
    digits: int = 2
    unit: str = ""

    def told(self, value: float) -> str:
        """A value as it is written in a sentence."""
        number = f"{value:,.{self.digits}f}".replace("-", "\N{MINUS SIGN}")
        return number + (self.unit if self.unit == "%" else f" {self.unit}".rstrip())


@dataclass(frozen=True, slots=True)
class Names:
    """Up to ``count`` names, separated by commas; ``kind`` says what they are a guess of."""

    question: str
    count: int
    kind: str


Prediction = Choice | Number | Names


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a prediction was right, and both told beside each other."""

    right: bool
    told: str


def judge(prediction: Prediction, guess: Answer, truth: Answer) -> Verdict:
    """Compares a guess with what was computed; both are of the prediction's kind.

    A choice is right where it is the same, a number where it lies within the tolerance, names
    where one of them is among the true ones, whatever its case.
    """
    if isinstance(prediction, Choice):
        if guess == truth:
            return Verdict(True, f"Right: {truth}.")
        return Verdict(False, f"You chose: {guess}. The model gives: {truth}.")
    if isinstance(prediction, Number):
        return _judge_number(prediction, float(str(guess)), float(str(truth)))
    return _judge_names(prediction, _listed(guess), _listed(truth))


def _judge_number(prediction: Number, guess: float, truth: float) -> Verdict:
    off = guess - truth
    if abs(off) < 1e-9:
        return Verdict(True, f"Right: it is {prediction.told(truth)}.")
    both = f"You said {prediction.told(guess)}; it is {prediction.told(truth)}"
    if abs(off) <= prediction.tolerance + 1e-9:
        return Verdict(True, f"Close. {both}.")
    side = "high" if off > 0 else "low"
    told = prediction.told(abs(off))
    if prediction.unit == "%":  # 3% is not 80% less than 83%
        told = f"{told.removesuffix('%')} percentage point{'' if told == '1%' else 's'}"
    return Verdict(False, f"{both}: your guess is {told} too {side}.")


def _judge_names(prediction: Names, guesses: Sequence[str], truth: Sequence[str]) -> Verdict:
    true = {name.casefold() for name in truth}
    hits = [name for name in guesses if name.casefold() in true]
    among = f"among the {len(truth)} {prediction.kind}"
    if len(guesses) == 1:
        return Verdict(bool(hits), f"{guesses[0]} is {'' if hits else 'not '}{among}.")
    listed = f": {', '.join(hits)}" if hits else ""
    verb = "is" if len(hits) == 1 else "are"
    return Verdict(
        bool(hits), f"{len(hits)} of your {len(guesses)} guesses {verb} {among}{listed}."
    )


def _listed(answer: Answer) -> tuple[str, ...]:
    return answer if isinstance(answer, tuple) else (str(answer),)
