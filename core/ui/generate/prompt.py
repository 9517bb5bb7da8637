"""Generate: what to draw and how. The prompt, its settings, and the vector it stands for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

import streamlit as st

from core.base.errors import ExplorerError
from core.base.types import FloatArray
from core.base.validation import tells_number
from core.cache import (
    generation as generation_cache,
    spaces as spaces_cache,
)
from core.generation import generators, known
from core.generation.large import autoencoders
from core.generation.prompts import resolve_prompt
from core.generation.request import (
    MAX_GUIDANCE,
    MAX_SEED,
    MAX_SIDE,
    MAX_STEPS,
    PRECISIONS,
    Generator,
    Request,
)
from core.generation.small.models import EMOJI, OWN
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.ui.choosers import query_bar
from core.ui.common import frame, page, spaces
from core.ui.common.markdown import plain
from core.ui.generate import init_image
from core.ui.session import names as session_names, page_state

AUTO = "auto"
PROMPT, NEGATIVE, SEED, RESTORED = "prompt", "negative", "seed", "restored"
PRESETS = {"Quick": (10, 2.5), "Balanced": (20, 3.0), "High guidance": (40, 5.0)}
HELP = (
    "Words: **a red apple**. Where the generator takes vectors, also a formula: "
    "**king - man + woman**, **[photo.jpg] + snow**. Names in square brackets stand for dropped "
    "pictures, saved vectors, emoji by their id, and generated images of the history."
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All that is chosen beside the prompts."""

    steps: int
    guidance: float
    seed: int
    random: bool
    count: int
    scheduler: str
    width: int
    height: int
    precision: str
    vae: str


def choose_generator() -> Generator | None:
    """A generator by name, kept in the URL; ``None`` where it cannot be opened."""
    names = generators.names()
    name = st.selectbox(
        "Generator",
        names,
        key="generator",
        bind="query-params",
        format_func=generators.title,
        on_change=_take_own,
        help="Ours is here at once; others under “Models”.",
    )
    try:
        return generation_cache.generator(str(name))
    except ExplorerError as error:
        page.show_error(error)
        return None


def ask(generator: Generator) -> tuple[str, bool]:
    """The prompt, and whether its button was clicked just now."""
    entry = registry.find_space(DEFAULT_SPACE) if generator.takes_vectors else None
    if entry is not None:
        spaces.page_uses(entry.space)
    own = OWN.get(generator.name)
    examples = own.examples if own else EMOJI.examples[:2]
    bar = query_bar.Bar(
        PROMPT,
        "Prompt",
        button="Generate",
        icon=":material/brush:",
        placeholder=examples[0],
        help=HELP,
        examples=examples,
        surprise=_surprise if own else None,
    )
    prompt, clicked = query_bar.ask(bar, entry)
    return prompt.strip(), clicked


def tell(generator: Generator, prompt: str) -> None:
    """How the prompt was read, and a link to it and its settings; below what came of it."""
    asked = [prompt, str(st.session_state.get(NEGATIVE) or "")] if generator.takes_vectors else []
    if generator.takes_vectors:
        session_names.tell_reading(prompt)
    session_names.tell(asked)
    session_names.link(asked, registry.find_space(DEFAULT_SPACE))


def choose_settings(generator: Generator) -> Settings:
    """Steps, guidance, seed and the rest, all kept in the URL."""
    own = generators.defaults(generator.name)
    for name, most in (("steps", MAX_STEPS), ("guidance", MAX_GUIDANCE)):
        asked = st.query_params.get(name)  # a link decides, where it names what can be
        if asked is not None and not tells_number(asked, 0, most):
            st.session_state[name] = own[name]
    with frame.settings():
        st.text_input(
            "Negative prompt",
            key=NEGATIVE,
            bind="query-params",
            help="Guidance leads away from it. Needs a guidance other than 1.",
        )
        with st.container(horizontal=True, gap="xsmall"):
            for label, (steps, guidance) in PRESETS.items():
                st.button(label, type="tertiary", on_click=_set, args=(steps, guidance))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            steps = st.number_input(
                "Steps",
                1,
                MAX_STEPS,
                own["steps"],  # a browser that is slow to hear of a state shows this
                key="steps",
                bind="query-params",
                width=105,
                help="Denoising steps. More are finer and take longer.",
            )
            guidance = st.number_input(
                "Guidance",
                0.0,
                MAX_GUIDANCE,
                float(own["guidance"]),
                step=0.5,
                key="guidance",
                bind="query-params",
                width=105,
                help="Classifier-free guidance (CFG) scale: 1 is no guidance; high values "
                "follow the prompt more, exaggerate and lose variety.",
            )
        random = st.toggle(
            "Random seed",
            True,
            key="random",
            bind="query-params",
            help="Off: the seed below, so that the same settings give the same picture.",
        )
        seed = st.number_input(
            "Seed",
            0,
            MAX_SEED,
            0,
            key=SEED,
            bind="query-params",
            disabled=random,
            help="Of the initial noise.",
        )
        count = st.number_input(
            "Images",
            1,
            16,
            generators.images(generator.name),
            key="count",
            bind="query-params",
            help="Each has a seed of its own, one more than the one before.",
        )
    with frame.group("Scheduler and size"):
        scheduler = st.selectbox(
            "Scheduler",
            list(generator.schedulers),
            bind="query-params",
            key=f"scheduler-{generator.name}",
            help="The sampler: how a step is made of what the network predicts.",
        )
        width, height = _choose_size(generator)
        precision = "" if generator.square else _choose_precision()
        vae = "" if generator.square else _choose_vae()
    chosen = (int(steps), float(guidance), int(seed), random, int(count), str(scheduler))
    return Settings(*chosen, width, height, precision, vae)


def _choose_size(generator: Generator) -> tuple[int, int]:
    """Width and height in pixels; 0 for what suits the initial image, or the generator."""
    if generator.square:
        sides = [side for side in generators.SIDES if side % generator.multiple == 0]
        side = st.selectbox(
            "Size",
            sides,
            sides.index(generator.side),
            bind="query-params",
            key=f"side-{generator.name}",
            help=f"Width and height in pixels. {generator.multiple} are generated and enlarged; "
            "an initial image of another form is padded, and the padding cut off.",
        )
        return int(side), int(side)
    with st.container(horizontal=True, gap="xsmall"):
        width, height = (
            st.number_input(
                label,
                generator.multiple,
                MAX_SIDE,
                None,
                generator.multiple,
                key=f"{label.lower()}-{generator.name}",
                placeholder="auto",
                width=120,
            )
            for label in ("Width", "Height")
        )
    own = f"{generator.side} × {generator.side}"
    st.caption(
        f"In pixels, multiples of {generator.multiple}. Auto: the initial image's form, nothing "
        f"cropped, as many pixels as {own}; without one {own}."
    )
    return int(width or 0), int(height or 0)


def _choose_precision() -> str:
    """Of a large model's numbers; "" for what suits this computer."""
    chosen = st.selectbox(
        "Precision",
        (AUTO, *PRECISIONS),
        key="precision",
        bind="query-params",
        help="Of the networks' numbers. Half precision (bfloat16, float16) takes half the memory; "
        "where a picture is black or has no numbers (NaN), float32 often helps.",
    )
    return "" if chosen == AUTO else str(chosen)


def _choose_vae() -> str:
    """The file of another autoencoder for a large model; "" for its own."""
    here = autoencoders.FOLDER.names()
    asked = str(st.session_state.get("vae") or "")
    if not here and not asked:
        return ""
    return str(
        st.selectbox(
            "VAE",
            ["", *here, *([asked] if asked and asked not in here else [])],
            key="vae",
            format_func=lambda name: name or "the model's own",
            help="The autoencoder that decodes the picture, from a file in the folder `vaes` of "
            "the data home. It must be made for the family of the model.",
        )
    )


def requests(
    generator: Generator, prompt: str, settings: Settings, again: str | None = None
) -> list[Request]:
    """One request a picture; ``again`` asks for a new seed whatever the settings say.

    Raises:
        ExplorerError: the prompt or a setting cannot be used.
    """
    seed = secrets.randbelow(MAX_SEED) if settings.random or again else settings.seed
    negative = str(st.session_state.get(NEGATIVE, "")).strip()
    first = Request(
        generator.name,
        prompt,
        negative,
        settings.steps,
        settings.guidance,
        seed,
        settings.scheduler,
        settings.width,
        settings.height,
        source=init_image.chosen(),
        control=init_image.chosen_control(),
        precision=settings.precision,
        vae=settings.vae,
    ).checked()
    if generator.takes_vectors:
        with st.spinner("Reading the prompt …"):  # the encoder is opened when first used
            vector = _vector(prompt)
            unwanted = _vector(negative) if negative else None
        first = replace(first, vector=vector, negative_vector=unwanted)
    return [replace(first, seed=(seed + at) % (MAX_SEED + 1)) for at in range(settings.count)]


def resolve(prompt: str) -> FloatArray:
    """The vector ``(dim,)`` of a prompt, with the names this session knows.

    Raises:
        ExplorerError: it cannot be read, or a name stands for nothing.
    """
    entry = registry.find_space(DEFAULT_SPACE)
    find = session_names.finder(entry, generation_cache.emoji_vector)

    return resolve_prompt(prompt, spaces_cache.text_encoder(entry), find)


def restore(request: Request) -> None:
    """Has the page show a request's settings; to be called before its widgets are drawn.

    Its vectors are kept with it: a name in its prompt may stand for nothing here.
    """
    st.session_state.update(
        {
            PROMPT: request.prompt,
            NEGATIVE: request.negative,
            SEED: request.seed,
            "steps": request.steps,
            "guidance": float(request.guidance),
            "random": False,
            "count": 1,
            "precision": request.precision or AUTO,
            "vae": request.vae,
            "tool": "Image",
            RESTORED: request,
        }
    )
    if request.generator in generators.names():
        st.session_state["generator"] = request.generator
    if request.scheduler:
        st.session_state[f"scheduler-{request.generator}"] = request.scheduler
    for name in ("width", "height"):
        st.session_state[f"{name}-{request.generator}"] = getattr(request, name) or None
    if request.width:
        st.session_state[f"side-{request.generator}"] = request.width


def _vector(prompt: str) -> FloatArray:
    """The vector of a prompt; that which was restored with it, where it is as it was."""
    restored: Request | None = st.session_state.get(RESTORED)
    if restored is not None:
        for text, vector in (
            (restored.prompt, restored.vector),
            (restored.negative, restored.negative_vector),
        ):
            if text == prompt and vector is not None:
                return vector
    return resolve(prompt)


def _surprise() -> None:
    """Writes a caption that our generator was trained on, and has it drawn with a new seed."""
    try:
        learnt = known.LEARNT[str(st.session_state["generator"])]
        caption = secrets.choice(learnt.captions())
    except ExplorerError as error:
        st.toast(plain(str(error)))
        return
    page_state.write(PROMPT, caption)
    if st.session_state.get("tool") in (None, "Image"):
        st.session_state["draw-now"] = "surprise"


def _take_own() -> None:
    name = str(st.session_state["generator"])
    st.session_state.update(generators.defaults(name), count=generators.images(name))


def _set(steps: int, guidance: float) -> None:
    st.session_state.update(steps=steps, guidance=guidance)
