"""The commands that train our networks, on little data: `... faults_training_work encoder OUT`.

They are the commands themselves with few pictures, few steps and a checkpoint every few of them;
each step is told in a line. With `short` after it there are half as many steps, on fewer pictures.
"""

from __future__ import annotations

import functools
import sys
from dataclasses import replace
from unittest import mock

import numpy as np

EVERY = 3  # steps from checkpoint to checkpoint
EMOJI = 12  # pictures that the generator learns from, beside their colours and places


def encoder(out: str, *, short: bool) -> int:
    """The picture encoder, from a few squares of one colour each and made-up captions."""
    import torch

    from core.training.picture_encoder import captions, train as pictures
    from core.training.picture_encoder.batches import Source
    from core.training.picture_encoder.loss import Texts
    from core.training.picture_encoder.rounds import ARTISTS, SECOND, Mix, Round
    from core.training.picture_encoder.teacher import DIM

    random, count = torch.Generator().manual_seed(1), 12

    def unit(*shape: int) -> torch.Tensor:
        return torch.nn.functional.normalize(torch.randn(*shape, generator=random), dim=-1)

    sources: list[Source] = []
    for name in SECOND.shares:
        depth = 4 if name in ARTISTS else 3
        colors = torch.randint(0, 200, (count, 1, 1, depth), generator=random)
        pixels = colors.expand(-1, 32, 32, -1).to(torch.uint8).clone()
        pixels[..., 3:] = 255
        free, named = torch.zeros(count, dtype=torch.bool), [np.array([at]) for at in range(count)]
        taught = unit(count, DIM) if not sources else None
        sources.append(Source(name, pixels, torch.ones(count, 2), free, named, taught))
    vectors = unit(len(captions.TEMPLATES), count, 384)
    texts = Texts(vectors, torch.nn.functional.normalize(vectors.mean(0), dim=1))
    mix = Mix(dict.fromkeys(SECOND.shares, 2 if short else 8), SECOND.looks)
    rounds = (Round(9 if short else 18, 1e-3, ((0.5, 32), (1.0, 48)), mix, warm_up=5),) * 2
    with mock.patch.multiple(
        pictures,
        load_sources=lambda _: (sources, None),
        as_texts=lambda _: texts,
        Settings=functools.partial(pictures.Settings, rounds),
        CHECKPOINT_EVERY=EVERY,
        LOG_EVERY=1,
    ):
        return pictures.main(["--out", out])


def generator(out: str, *, short: bool) -> int:
    """The small generator, both parts, from the first emoji."""
    from core.images import openmoji
    from core.training.generator import parts, train as training_train
    from core.training.generator.parts import Part

    few = openmoji.list_emoji()[: EMOJI // 4 if short else EMOJI]
    # In float32: where the processor has no bfloat16, a step in it took ten times as long.
    batch = 2 if short else 4
    coder = Part(6, 2e-3, batch, warm_up=5)
    flow = Part(9 if short else 30, 1e-3, batch, warm_up=5, decay=0.9)
    whole = training_train.RECIPES["emoji"]
    recipe = replace(whole, autoencoder=coder, flow=(flow,))
    with (
        mock.patch.object(openmoji, "list_emoji", lambda *_: few),
        mock.patch.multiple(
            training_train, held_out=lambda: (), TOLD=32, RECIPES={"emoji": recipe}
        ),
        mock.patch.multiple(parts, CHECKPOINT_EVERY=EVERY, LOG_EVERY=1),
    ):
        return training_train.main(["--out", out])


if __name__ == "__main__":
    kind, out, *more = sys.argv[1:]
    train = {"encoder": encoder, "generator": generator}[kind]
    sys.exit(train(out, short=more == ["short"]))
