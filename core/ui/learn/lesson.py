"""What a lesson is made of: steps that explain, ask, have the learner predict, and reveal.

A step is four functions. Its input is a value that can be compared with ``==`` (a string, a tuple,
a frozen dataclass): where it changes, the prediction is asked for anew. Everything that a step
reveals is computed from the input by the model; the arithmetic stands in ``core.lessons``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from core.lessons.predictions import Answer, Prediction
from core.ui.help.learn import LESSONS

Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Reveal:
    """What the model gave.

    Attributes:
        truth: what the prediction is compared with.
        because: Markdown that explains the truth by the numbers that were computed.
        show: draws the evidence below it: charts, equations, tables.
    """

    truth: Answer
    because: str
    show: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Step(Generic[Given]):
    """One step of a lesson.

    Attributes:
        text: what is explained first, as Markdown; short.
        ask: shows the boxes for the learner's input and gives it; ``None`` where it cannot be used,
            which ``ask`` has then said.
        predict: the prediction to ask for.
        reveal: runs the model; called only after the learner has predicted. Its errors are shown.
    """

    title: str
    text: str
    ask: Callable[[], Given | None]
    predict: Callable[[Given], Prediction]
    reveal: Callable[[Given], Reveal]


@dataclass(frozen=True, slots=True)
class ToolLink:
    """A way into a tool with what the learner worked on.

    Attributes:
        page: its name, as of ``pages/``.
        params: what its address holds.
    """

    page: str
    label: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson.

    Attributes:
        name: stands in the address, and in ``core.ui.help.learn.LESSONS``.
        tools: where the lesson leads, made when it is shown, from the learner's input.
        more: where to read more: titles with their addresses.
    """

    name: str
    steps: Sequence[Step[Any]]
    tools: Callable[[], Sequence[ToolLink]]
    more: Sequence[tuple[str, str]] = ()

    @property
    def title(self) -> str:
        """Its name for people."""
        return LESSONS[self.name].title
