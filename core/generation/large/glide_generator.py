"""A GLIDE checkpoint as a generator: pixels from noise and a prompt, enlarged by a second network.

Guidance is classifier-free, with the empty prompt, or the negative one, in place of the prompt
(Nichol et al. 2021, arXiv:2112.10741, section 2.3). A network for inpainting is given the known
part of a picture and its mask, and what it foresees there is set right at each step.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from core.base.errors import InputError, NotReadyError, shorten
from core.generation.device import machine
from core.generation.large import denoising, glide, glide_words, pixel_diffusion
from core.generation.large.glide import GlideNetwork
from core.generation.placement import Laid, contained, lay, plain
from core.generation.request import Generated, OnStep, Request, Source

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

    from core.generation.large.glide_unet import GlideUNet


class GlideGenerator:
    """A checkpoint in a file; ``Generator`` of ``core.generation.request``.

    Args:
        name: in the list of generators.
        path: of the file, which is read when it first draws.
        network: which of those published it is, as ``glide`` recognized it.
    """

    square = True
    takes_vectors = takes_control = False
    schedulers: tuple[str, ...] = ("DDPM", "DDIM")

    def __init__(self, name: str, path: Path, network: GlideNetwork) -> None:
        self.name, self.path, self.network = name, path, network
        self.title = f"{network.title} ({path.name})"
        self.takes_picture = self.takes_mask = network.inpaints
        self.enlarging_path = glide.enlarging(path, network)
        enlarging = glide.ENLARGING[network.architecture.takes][0]
        self.side = self.multiple = enlarging.side if self.enlarging_path else network.side
        self.lock = threading.Lock()

    @cached_property
    def base(self) -> GlideUNet:
        """The network that draws, on the device where it computes.

        Raises:
            InputError: the file is not there any more, or holds no such network.
            OutOfMemoryError: it has no room.
        """
        from core.generation.large.glide_unet import read_network

        return read_network(self.path, self.network).to(machine().device)

    @cached_property
    def enlarging(self) -> GlideUNet | None:
        """The network that enlarges; the same errors."""
        if self.enlarging_path is None:
            return None
        from core.generation.large.glide_unet import read_network

        known = glide.ENLARGING[self.network.architecture.takes][0]
        return read_network(self.enlarging_path, known).to(machine().device)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """What makes tokens of a prompt.

        Raises:
            NotReadyError: its vocabulary does not lie beside the checkpoint.
            InputError: that is another.
        """
        path = glide_words.find(self.path.parent)
        if path is None:
            raise NotReadyError(
                f"{self.title} cannot read prompts without its vocabulary.",
                "It is in no checkpoint.",
                glide_words.REMEDY,
            )
        return glide_words.read_tokenizer(path, self.network.reader.vocabulary)

    def close(self) -> None:
        """Frees its memory; it opens again when it draws."""
        with self.lock:
            for name in ("base", "enlarging"):
                self.__dict__.pop(name, None)

    def generate(self, request: Request, on_step: OnStep) -> Generated:
        """Draws one picture; see the protocol.

        Raises:
            NotReadyError: its vocabulary is not there.
        """
        from core.generation.large.glide_sampling import SECTIONS

        source, request, laid = request.source, request.checked(), None
        if self.takes_mask and source is not None:
            laid = self._laid(source)
            source = replace(source, strength=1.0)  # what is white is drawn from noise alone
            request = replace(request, source=None)
        request = pixel_diffusion.complete(
            request, self.title, self.side, self.schedulers, begins="noise and a prompt"
        )
        request = replace(request, source=source)
        words, notes = self._words(request)
        passes = request.steps + (sum(SECTIONS) if self.enlarging_path else 0)
        began = time.monotonic()
        with self.lock:
            pixels, done = pixel_diffusion.followed(
                lambda tell: self._draw(request, words, laid, tell), request, on_step, passes
            )
        image = denoising.as_picture(pixels)
        size = (request.width, request.height) if laid is None else laid.picture.size
        if image.size != size:
            image = image.resize(size, Image.Resampling.BICUBIC)
        if laid is not None:
            image = laid.finish(image)
        spent, stopped = time.monotonic() - began, done < request.steps
        return Generated(image, request, done, spent, tuple(notes), stopped)

    def _laid(self, source: Source) -> Laid:
        if source.mask is None:
            raise InputError(
                f"{self.title} changes a part of a picture, and no mask was given.",
                "The mask is white where the picture may change.",
                "Draw a mask, or take the picture away.",
            )
        photo = plain(source.image)
        where = contained(photo.size, self.side)
        return lay(photo, source.mask, where, Image.Resampling.BICUBIC)

    def _words(self, request: Request) -> tuple[list[tuple[list[int], list[bool]]], list[str]]:
        """Tokens of the prompt, and with guidance those to lead away from; what is told."""
        length, notes, words = self.network.reader.length, [], []
        for text in (request.prompt, request.negative)[: 1 + (request.guidance > 1)]:
            tokens, given, lost = glide_words.encode(self.tokenizer, text, length)
            words.append((tokens, given))
            if lost:
                notes.append(
                    f"The end was not read, from “{shorten(lost, 60)}” on: this model reads "
                    f"{length} tokens."
                )
        if request.negative and request.guidance <= 1:
            notes.append("Without guidance the negative prompt has no effect.")
        notes.append(self._size_note())
        return words, notes

    def _size_note(self) -> str:
        side, (known, name) = self.network.side, glide.ENLARGING[self.network.architecture.takes]
        if self.enlarging_path:
            return f"Drawn at {side} x {side} pixels, and enlarged by {name}."
        return f"{name}, which enlarges to {known.side} x {known.side} pixels, is not beside it."

    def _draw(
        self,
        request: Request,
        words: list[tuple[list[int], list[bool]]],
        laid: Laid | None,
        tell: Callable[[Tensor], None],
    ) -> Tensor:
        import torch

        from core.generation.large.glide_sampling import enlarge, foresee, known_part

        random = torch.Generator().manual_seed(request.seed)
        device = machine().device
        tokens, given = (torch.tensor(one, device=device) for one in zip(*words, strict=True))
        side = self.network.side
        known, known_large = (
            None if laid is None else known_part(laid, size, side) for size in (side, self.side)
        )
        with torch.inference_mode():
            text = self.base.read(tokens, given)
            found = pixel_diffusion.sample(
                lambda noisy, at: foresee(
                    self.base, noisy, at, text, guidance=request.guidance, known=known
                ),
                pixel_diffusion.make_scheduler(request.scheduler, self.network.schedule),
                torch.randn(1, 3, side, side, generator=random),
                request.steps,
                None if known is None else known.put_in,
                tell,
                random,
            )
            if self.enlarging is None:
                return found
            text = self.enlarging.read(tokens[:1], given[:1])
            return enlarge(self.enlarging, found, text, known_large, tell, random)
