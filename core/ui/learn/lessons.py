"""The lessons in the order of the course."""

from __future__ import annotations

from core.ui.help.learn import LESSONS as ORDER
from core.ui.learn import (
    arithmetic,
    context,
    contrast,
    denoising,
    dimensions,
    encoders,
    facts,
    finding,
    network,
    reduction,
    words,
)
from core.ui.learn.lesson import Lesson

_ALL = (
    arithmetic.LESSON,
    context.LESSON,
    denoising.LESSON,
    dimensions.LESSON,
    encoders.LESSON,
    facts.LESSON,
    finding.LESSON,
    network.LESSON,
    words.LESSON,
    contrast.LESSON,
    reduction.LESSON,
)
LESSONS: dict[str, Lesson] = {
    name: lesson for name in ORDER for lesson in _ALL if lesson.name == name
}
