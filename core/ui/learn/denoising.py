"""Lesson 10, Pictures out of noise: schedule, steps, guidance and latents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.base.types import FloatArray
from core.cache import generation as generation_cache
from core.charts import generation as charts
from core.charts.lesson_maps import curves
from core.generation import generators
from core.generation.request import Request
from core.generation.small.models import OWN
from core.generation.trace import CLASSIFIER, WITH, WITHOUT, Trace, small
from core.lessons import noise
from core.lessons.predictions import Choice, Number
from core.ui.common import denoising_step
from core.ui.help.parts import arxiv
from core.ui.learn import boxes
from core.ui.learn.boxes import Symbol, number, quoted
from core.ui.learn.lesson import Lesson, Reveal, Step, ToolLink

PROMPT, SHARE, STEPS, GUIDANCE = "to-draw", "draw-noise", "draw-steps", "draw-guidance"  # boxes
FIRST = "a red apple"
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
COUNTS = (5, 10, 20, 40)
WEIGHTS = (1.5, 3.0, 5.0, 8.0)
CELL = denoising_step.WIDTH
SHOWN = 7  # steps side by side, as many as a line holds
LITTLE = 0.05  # of a cosine: the picture is of the same thing
SETTLED = 0.9  # of the way from the first step's similarity to the last one's


@dataclass(frozen=True, slots=True)
class Drawing:
    """A prompt, with a number where one is asked for."""

    prompt: str
    number: float = 0.0

    def request(self, steps: int = 20, guidance: float = 3.0) -> Request:
        """What the small generator is asked for."""
        name = generators.names()[0]
        return Request(name, self.prompt, steps=steps, guidance=guidance)


def _ask() -> Drawing | None:
    typed = boxes.text("Draw", FIRST, key=PROMPT, width=420, max_chars=200)
    prompt = " ".join(typed.split())
    if not prompt:
        st.info("Type what is to be drawn.")
        return None
    return Drawing(prompt)


def _with_number(label: str, key: str, options: Sequence[float], first: float) -> Drawing | None:
    given = _ask()
    chosen = boxes.pick(label, options, first, key=key)
    return None if given is None else Drawing(given.prompt, chosen)


def _trace(given: Drawing, kind: str, *, steps: int = 20, guidance: float = 3.0) -> Trace:
    return generation_cache.trace(given.request(steps, guidance), kind)


def _row(trace: Trace, name: str) -> None:
    """Some steps side by side: what they began with, and the picture predicted there."""
    places = np.linspace(0, len(trace.steps) - 1, min(SHOWN, len(trace.steps)))
    with st.container(horizontal=True, gap="xsmall"):
        for at in places.round().astype(int).tolist():
            predicted = ("predicted", "the picture predicted")
            denoising_step.show(trace.steps[at], at + 1, name, predicted)


# 1: adding noise


def _predict_noise(given: Drawing) -> Number:
    return Number(
        f"A picture is mixed with noise, {given.number:g} of it noise and "
        f"{1 - given.number:g} picture. What is the correlation of the mixture with the picture "
        "(1: the same, 0: nothing is left)?",
        0,
        1,
        0.1,
    )


def _reveal_noise(given: Drawing) -> Reveal:
    pixels = _trace(given, WITH).steps[-1].clean
    picture = noise.standardized(pixels)
    drawn = np.random.default_rng(0).normal(size=picture.shape)
    mixed = noise.mix(picture, drawn, given.number)
    correlation = float(np.corrcoef(picture.ravel(), mixed.ravel())[0, 1])
    expected = noise.left_of_picture(given.number)

    def show() -> None:
        with st.container(horizontal=True, gap="xsmall"):
            for share in SHARES:
                seen = noise.mix(picture, drawn, share)
                st.image(
                    _as_pixels(seen),
                    width=CELL,
                    caption=f"{share:g} noise",
                    alt=f"The picture with a share of {share:g} of noise",
                )
        boxes.equation(
            r"\mathbf{x}_s = (1 - s)\,\mathbf{x} + s\,\boldsymbol{\epsilon}, \qquad "
            r"\rho = \frac{1 - s}{\sqrt{(1 - s)^2 + s^2}}",
            [
                Symbol("s", f"{given.number:g}", "the share of noise"),
                Symbol(r"\rho", number(expected), "the correlation that the formula gives"),
                Symbol(
                    r"\hat{\rho}",
                    number(correlation),
                    f"that of the {picture.size:,} numbers above",
                ),
            ],
        )
        shares = np.linspace(0, 1, 101)
        straight = np.array([noise.left_of_picture(float(one)) for one in shares])
        kept = noise.kept_by_ddpm(noise.ddpm_betas())
        drawn_curves = {
            "flow matching": (shares, straight),
            "DDPM": (np.linspace(0, 1, len(kept)), kept),
        }
        st.plotly_chart(
            curves(drawn_curves, "share of the way to noise", "correlation with the picture"),
            key="learn-schedules",
            alt="What two noise schedules leave of a picture",
        )

    return Reveal(
        correlation,
        "Noise and picture are independent and have the same variance here, so their variances "
        f"add: the mixture's standard deviation is {number(float(mixed.std()))}, and the "
        f"correlation {number(correlation)}. A network learns to undo this at every share; which "
        "shares it goes through is the **noise schedule**. The first of these models, *DDPM* (Ho "
        "et al. 2020), has a thousand small steps along a curve; the small generator here takes "
        "the straight way between picture and noise, called *flow matching*.",
        show,
    )


def _as_pixels(values: noise.Doubles) -> FloatArray:
    low, high = float(values.min()), float(values.max())
    return ((values - low) / ((high - low) or 1.0)).astype(np.float32)


# 2: steps


def _predict_steps(given: Drawing) -> Number:
    steps = int(given.number)
    return Number(
        "Each predicted picture has a similarity to the prompt, a cosine. From the first step to "
        f"the last it goes some way. From which of the {steps} steps on are nine tenths of that "
        "way behind it for good?",
        1,
        steps,
        max(1, steps // 10),
        0,
    )


def when_decided(likeness: Sequence[float], settled: int) -> str:
    """What similarities, one a step, say of when it was decided what the picture is of.

    ``settled`` is the step, from 1, from which on they are as at the end.
    """
    moved = abs(likeness[-1] - likeness[0])
    if moved < LITTLE:
        return (
            f"From the first step to the last it moves by {number(moved)} only: what the picture "
            "is of stood from the beginning, and edges and shades came later."
        )
    if settled <= len(likeness) / 2:
        return "What the picture is of was decided in the first half; what came then are details."
    return "Here the picture went on changing until late."


def _reveal_steps(given: Drawing) -> Reveal:
    trace = _trace(given, WITH, steps=int(given.number))
    likeness = [step.likeness for step in trace.steps]
    settled = noise.first_within(likeness, SETTLED)
    step = trace.steps[settled - 1]

    def show() -> None:
        _row(trace, given.prompt)
        left, right = st.columns(2)
        left.plotly_chart(
            charts.schedule(trace.shares), key="learn-shares", alt="The share of noise at each step"
        )
        right.plotly_chart(
            charts.likeness({WITH: likeness}),
            key="learn-likeness",
            alt="Similarity of the predicted picture and the prompt at each step",
        )

    return Reveal(
        float(settled),
        f"It began with noise alone. At step {settled} the share of noise is still "
        f"{step.share:.0%}, and the picture predicted there has a cosine of "
        f"{number(step.likeness)} with {quoted(given.prompt)}; at the end it is "
        f"{number(likeness[-1])}, at the first step {number(likeness[0])}. "
        f"{when_decided(likeness, settled)} Compare the first predicted picture with the last: "
        "it is the network's guess from nothing but noise and the prompt.",
        show,
    )


# 3: guidance

HIGHER, LOWER, SAME = "higher", "lower", "the same within 0.01"


def _predict_guidance(given: Drawing) -> Choice:
    return Choice(
        f"With guidance of {given.number:g} in place of none, the similarity of the picture to "
        "the prompt is …",
        (HIGHER, LOWER, SAME),
    )


def compared(before: float, after: float) -> str:
    """Which of the options holds for two similarities."""
    if abs(after - before) <= 0.01:
        return SAME
    return HIGHER if after > before else LOWER


def why_changed(before: float, after: float) -> str:
    """What the similarity without guidance and that with it tell together."""
    if compared(before, after) == LOWER:
        return (
            "A likely reason that it falls: this generator is asked by the very vector that the "
            "similarity is measured with, so it comes near unguided, and guidance goes beyond. "
            "Large models, asked by text, mostly gain by it (Nichol et al. 2021)."
        )
    return (
        "The similarity is judged by the encoder whose vectors the generator was trained on, so "
        "it flatters it."
    )


def _reveal_guidance(given: Drawing) -> Reveal:
    traces = {
        1.0: _trace(given, WITHOUT),
        **{one: _trace(given, WITH, guidance=one) for one in sorted({*WEIGHTS, given.number})},
    }
    likeness = {weight: trace.steps[-1].likeness for weight, trace in traces.items()}
    before, after = likeness[1.0], likeness[given.number]
    latents = _sides(_own_sizes()[1])

    def show() -> None:
        with st.container(horizontal=True, gap="xsmall"):
            for weight, trace in traces.items():
                st.image(
                    trace.steps[-1].clean,
                    width=CELL,
                    caption=f"{weight:g}: {likeness[weight]:.2f}",
                    alt=f"{given.prompt} with guidance {weight:g}",
                )
        boxes.equation(
            r"\mathbf{v} = \mathbf{v}_\varnothing + w\,(\mathbf{v}_c - \mathbf{v}_\varnothing)",
            [
                Symbol("w", f"{given.number:g}", "the guidance; 1 is none"),
                Symbol(
                    r"\mathbf{v}_c",
                    latents,
                    f"what the network gives for {quoted(given.prompt)}: the way to noise",
                ),
                Symbol(r"\mathbf{v}_\varnothing", latents, "the same when nothing is asked for"),
                Symbol(
                    r"\mathbf{v}",
                    latents,
                    r"what is used: the predicted picture is $\mathbf{x}_s - s\,\mathbf{v}$",
                ),
                Symbol(r"\cos_{w=1}", number(before), "similarity without guidance"),
                Symbol(rf"\cos_{{w={given.number:g}}}", number(after), "similarity with it"),
            ],
        )

    best = max(likeness, key=lambda weight: likeness[weight])
    return Reveal(
        compared(before, after),
        f"The similarity goes from {number(before)} to {number(after)}. The network is asked "
        "twice at each step, with the prompt and without, and goes further along the difference: "
        f"**classifier-free guidance**. Of the weights tried here {best:g} is most similar"
        f"{', which is no guidance' if best == 1 else ''}. {why_changed(before, after)} High "
        "weights make colours harsh and shapes coarse.",
        show,
    )


# 4: classifier guidance


def _predict_classifier(given: Drawing) -> Choice:
    return Choice(
        "Which picture is most similar to the prompt, as the picture encoder sees it?",
        (WITHOUT, WITH, CLASSIFIER),
    )


PROVES_LITTLE = (
    "What is judged is then what was climbed, so a high figure proves little: look at the picture."
)
NOT_ASKED = (
    "Although each step climbs this very similarity, it ends lower here: the network itself is "
    "not told what is asked for, only pushed."
)


def _reveal_classifier(given: Drawing) -> Reveal:
    traces = {kind: _trace(given, kind) for kind in (WITHOUT, WITH, CLASSIFIER)}
    likeness = {kind: trace.steps[-1].likeness for kind, trace in traces.items()}
    best = max(likeness, key=lambda kind: likeness[kind])

    def show() -> None:
        for kind, trace in traces.items():
            st.markdown(f"**{kind.capitalize()}**: {number(likeness[kind])} at the end")
            _row(trace, kind)
        st.plotly_chart(
            charts.likeness({k: [one.likeness for one in t.steps] for k, t in traces.items()}),
            key="learn-kinds",
            alt="Similarity to the prompt at each step for three kinds of guidance",
        )

    told = ", ".join(f"{kind} {number(value)}" for kind, value in likeness.items())
    return Reveal(
        best,
        f"{told}. **Classifier guidance** asks nothing of the network itself: at each step the "
        "predicted picture is moved so that a second model, here the picture encoder, finds it "
        "more similar to the prompt. "
        f"{PROVES_LITTLE if best == CLASSIFIER else NOT_ASKED} Guided diffusion used a classifier "
        "trained on noisy pictures; GLIDE compared CLIP's guidance with the classifier-free kind, "
        "and people preferred the latter.",
        show,
    )


# 5: latents

# What each added, the numbers from the papers: side and channels of picture, and of what the
# network works on.
MODELS: Mapping[str, tuple[str, str, tuple[int, int], tuple[int, int]]] = {
    "Guided diffusion (Dhariwal & Nichol 2021)": (
        "classifier guidance; better than GANs on ImageNet",
        "a class",
        (256, 3),
        (256, 3),
    ),
    "GLIDE (Nichol et al. 2021)": (
        "text, classifier-free guidance, inpainting; a second network enlarges",
        "text, by a transformer trained along",
        (256, 3),
        (64, 3),
    ),
    "Latent diffusion (Rombach et al. 2022)": (
        "diffusion in an autoencoder's latents; cross-attention to the text",
        "text, by a transformer",
        (256, 3),
        (32, 4),
    ),
    "Stable Diffusion 1 (2022)": (
        "latent diffusion at scale, with CLIP's text encoder",
        "text, by CLIP",
        (512, 3),
        (64, 4),
    ),
}


def numbers_of(side_and_channels: tuple[int, int]) -> int:
    """How many numbers a square of this side and so many channels has."""
    side, channels = side_and_channels
    return side * side * channels


def _own_sizes() -> tuple[tuple[int, int], tuple[int, int]]:
    """Side and channels of the small generator's picture, and of its latents."""
    from core.generation.small.generator import OWN_SIDE
    from core.generation.small.network import GRID

    pipeline = small(generation_cache.generator(generators.names()[0])).pipeline
    return (OWN_SIDE, 3), (GRID, pipeline.unet.channels)


def _sides(side_and_channels: tuple[int, int]) -> str:
    return "{0} × {0} × {1}".format(*side_and_channels)


def _predict_latents(given: Drawing) -> Choice:
    return Choice(
        "The small generator's picture has 64 × 64 pixels of three colours. How many times fewer "
        "numbers are its latents, which its network works on?",
        ("as many", "4 times", "12 times", "48 times"),
    )


def _reveal_latents(given: Drawing) -> Reveal:
    picture, latents = _own_sizes()
    ratio = numbers_of(picture) / numbers_of(latents)
    drawn = _trace(given, WITH).steps[-1].clean

    def show() -> None:
        st.image(drawn, width=2 * CELL, caption=given.prompt, alt=f"{given.prompt}, drawn here")
        rows = {
            **MODELS,
            "The small generator here": (
                "it draws from a vector",
                "a vector of minilm",
                picture,
                latents,
            ),
        }
        st.dataframe(
            {
                "model": list(rows),
                "picture": [_sides(row[2]) for row in rows.values()],
                "network works on": [_sides(row[3]) for row in rows.values()],
                "times fewer": [
                    f"{numbers_of(row[2]) / numbers_of(row[3]):.3g}" for row in rows.values()
                ],
                "what it added": [row[0] for row in rows.values()],
                "is asked by": [row[1] for row in rows.values()],
            },
            hide_index=True,
            height="content",
            alt="What each model of the papers added",
        )
        others = [generators.title(name) for name in generators.names() if name not in OWN]
        st.caption(
            f"Here on this computer besides: {', '.join(others)}."
            if others
            else "No large model is on this computer. With one (Generate, Models) the same prompt "
            "is drawn at 512 pixels and more, in minutes without a GPU."
        )

    return Reveal(
        "as many" if ratio == 1 else f"{ratio:g} times",
        f"{_sides(picture)} = {numbers_of(picture):,} numbers become "
        f"{_sides(latents)} = {numbers_of(latents):,} **latents**: "
        f"{ratio:g} times fewer. The autoencoder was trained first; noise is added and taken away "
        "among latents, and only the last ones are decoded. That is what made large pictures "
        "affordable. The table says what each of the models added.",
        show,
    )


def _tools() -> Sequence[ToolLink]:
    prompt = str(boxes.kept(PROMPT, FIRST))
    drawn = {
        "prompt": prompt,
        "steps": f"{boxes.kept(STEPS, 20):g}",
        "guidance": f"{boxes.kept(GUIDANCE, 3.0):g}",
    }
    return (
        ToolLink("generate", "All steps of your picture", {"tool": "Denoising steps", **drawn}),
        ToolLink(
            "generate", "Guidance against steps, as a grid", {"tool": "Grid", "prompt": prompt}
        ),
        ToolLink("generate", "Draw it", drawn),
    )


LESSON = Lesson(
    "denoising",
    (
        Step(
            "Adding noise",
            "A **diffusion model** makes pictures out of noise. It learns that from pictures mixed "
            "with noise, a little or a lot: **noise** is a random number for each number of the "
            "picture. First the small generator draws a picture of yours, then noise is added to "
            "it.",
            lambda: _with_number("Share of noise", SHARE, SHARES, 0.5),
            _predict_noise,
            _reveal_noise,
        ),
        Step(
            "Step by step",
            "To draw, the generator begins with noise alone. At each step its network **predicts** "
            "the whole picture without noise (*x0* in the papers), and goes a little of the way "
            "there.",
            lambda: _with_number("Steps", STEPS, COUNTS, 20),
            _predict_steps,
            _reveal_steps,
        ),
        Step(
            "Guidance",
            "Left alone, a network draws what is likely, and follows the prompt loosely. "
            "**Guidance** pushes it towards the prompt; the number says how hard, and 1 is no "
            "guidance.",
            lambda: _with_number("Guidance", GUIDANCE, WEIGHTS, 3.0),
            _predict_guidance,
            _reveal_guidance,
        ),
        Step(
            "Guided by another model",
            "Before classifier-free guidance, a second model led the way: a **classifier** that "
            "knows what is asked for. Its gradient (lesson 2) says how to change the picture so "
            "that it finds more of that in it.",
            _ask,
            _predict_classifier,
            _reveal_classifier,
        ),
        Step(
            "In latents",
            "An **autoencoder** is a network that makes fewer numbers of a picture, its "
            "**latents**, and the picture out of them again. Nearly all of the well-known models "
            "draw latents and not pixels. The small generator's are a square of 8 × 8 with 16 "
            "channels.",
            _ask,
            _predict_latents,
            _reveal_latents,
        ),
    ),
    _tools,
    (
        ("Ho et al. 2020, DDPM", arxiv("2006.11239")),
        ("Dhariwal & Nichol 2021, Diffusion models beat GANs", arxiv("2105.05233")),
        ("Nichol et al. 2021, GLIDE", arxiv("2112.10741")),
        ("Rombach et al. 2022, Latent diffusion", arxiv("2112.10752")),
        ("Ho & Salimans 2022, Classifier-free guidance", arxiv("2207.12598")),
        ("Lipman et al. 2022, Flow matching", arxiv("2210.02747")),
    ),
)
