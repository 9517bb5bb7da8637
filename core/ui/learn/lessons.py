"""The lessons in the order of the course."""

from __future__ import annotations

from core.ui.help.learn import LESSONS as ORDER
<<<<<<< HEAD
from core.ui.learn import (
    arithmetic,
    context,
    dimensions,
    encoders,
    finding,
    network,
    words,
)
=======
from core.ui.learn import arithmetic, context, denoising, dimensions, finding, words
>>>>>>> 35cf2c7 (Learn: lesson 10, Pictures out of noise: schedule, steps, two kinds of guidance and latents, drawn by the small generator from the learner's prompt)
from core.ui.learn.lesson import Lesson

_ALL = (
    arithmetic.LESSON,
    context.LESSON,
    dimensions.LESSON,
    encoders.LESSON,
    finding.LESSON,
<<<<<<< HEAD
    network.LESSON,
    words.LESSON,
=======
    denoising.LESSON,
>>>>>>> 35cf2c7 (Learn: lesson 10, Pictures out of noise: schedule, steps, two kinds of guidance and latents, drawn by the small generator from the learner's prompt)
)
LESSONS: dict[str, Lesson] = {
    name: lesson for name in ORDER for lesson in _ALL if lesson.name == name
}
