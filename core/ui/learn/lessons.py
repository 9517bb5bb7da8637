"""The lessons in the order of the course."""

from __future__ import annotations

from core.ui.help.learn import LESSONS as ORDER
from core.ui.learn import arithmetic, context, dimensions, finding, words
from core.ui.learn.lesson import Lesson

_ALL = (
    words.LESSON,
    context.LESSON,
    arithmetic.LESSON,
    dimensions.LESSON,
    finding.LESSON,
)
LESSONS: dict[str, Lesson] = {
    name: lesson for name in ORDER for lesson in _ALL if lesson.name == name
}
