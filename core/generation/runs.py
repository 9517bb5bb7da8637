"""Pictures being drawn for a session: several in a row, watched, stopped, kept in the history."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.base import queue as base_queue
from core.base.errors import StorageError
from core.base.queue import Queue
from core.base.types import Progress
from core.generation import history
from core.generation.history import Item
from core.generation.request import Generated, Generator, Request, Step, Stop

if TYPE_CHECKING:
    from PIL import Image

ALIKE = 4.0  # of 255: pictures that differ by less cannot be told apart at a glance
KEPT_STEPS = 320  # of all pictures of a drawing that can be looked at afterwards
# Previews may take this share of the time; a picture is never slowed more by being watched.
PREVIEW_SHARE = 0.3


def almost_the_same(pictures: Sequence[Image.Image]) -> bool:
    """Whether several pictures differ by less than ``ALIKE`` a pixel, each from the first."""
    import numpy as np

    small = [np.asarray(one.convert("RGB").resize((64, 64)), np.float32) for one in pictures]
    return len(small) > 1 and all(abs(one - small[0]).mean() < ALIKE for one in small[1:])


class Drawing:
    """Requests, and what has become of them so far. One thread draws, others look.

    Attributes:
        requests: one a picture.
        done: pictures that are finished, with where each is in the history.
        steps: those of the picture that is being drawn, or was last.
        past: the steps of each finished picture, so that it can be seen coming out of the noise;
            none where ``KEPT_STEPS`` came before.
        preview: how the last picture looked at one of its last steps.
    """

    def __init__(self, requests: Sequence[Request], queue: Queue) -> None:
        self.requests = list(requests)
        self.queue = queue
        self.done: list[tuple[Generated, Item]] = []
        self.steps: list[Step] = []
        self.past: list[list[Step]] = []
        self.preview: Image.Image | None = None
        self.stopped = False
        self._spent = 0.0
        self._alike = (0, False)  # of how many pictures, and whether they are

    def stop(self) -> None:
        """Ends at the next step and keeps what there is."""
        self.stopped = True

    @property
    def alike(self) -> bool:
        """Whether those that are finished are ``almost_the_same``; looked at once for each."""
        if self._alike[0] != len(self.done):
            done = list(self.done)
            self._alike = (len(done), almost_the_same([one.image for one, _ in done]))
        return self._alike[1]

    @property
    def step(self) -> Step | None:
        """The last step of the picture being drawn."""
        return self.steps[-1] if self.steps else None

    @property
    def place(self) -> int:
        """How many drawings are before this one; 0 once it is being drawn."""
        return self.queue.place(self)

    def run(self, opened: Callable[[], Generator], progress: Progress) -> list[Item]:
        """Draws them all; the work of a job.

        Args:
            opened: gives the generator; may load it.
            progress: told the place in the queue, then the steps of all pictures.

        Raises:
            Cancelled: by ``progress``; what is finished is kept.
            ExplorerError: as ``Generator.generate``.
        """
        with self.queue.turn(self, lambda place: progress(0, 0, base_queue.place_note(place))):
            generator = opened()
            began = time.monotonic()
            total = sum(request.steps for request in self.requests)
            for request in self.requests:
                if self.stopped:
                    break
                before = sum(one.request.steps for one, _ in self.done)
                self.steps = []
                watch = self._watcher(progress, before, total, began)
                made = generator.generate(request, watch)
                self.past.append(self.steps if sum(map(len, self.past)) < KEPT_STEPS else [])
                self.done.append(_kept(made))
        return [item for _, item in self.done]

    def _watcher(
        self, progress: Progress, before: int, total: int, began: float
    ) -> Callable[[Step], None]:
        def watch(step: Step) -> None:
            progress(before + step.done, total, "steps")
            self.steps.append(step)
            now = time.monotonic()
            if self._spent <= PREVIEW_SHARE * (now - began):
                self.preview = step.preview()
                self._spent += time.monotonic() - now
            if self.stopped:
                raise Stop

        return watch


def _kept(made: Generated) -> tuple[Generated, Item]:
    """A picture in the history; where that cannot be written the picture says so, and is shown."""
    try:
        return made, history.keep(made)
    except StorageError as error:
        note = f"It is not in the history. {error}"
        return replace(made, notes=(*made.notes, note)), history.place(made)
