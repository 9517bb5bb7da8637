"""``python -m core generate``: words or a formula to a picture, and the gallery's nearest to it."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.base.errors import InputError, shorten
from core.base.types import FloatArray, Modality
from core.cli import files, generate_source
from core.cli.progress import StderrProgress
from core.generation import (
    generators,
    known,
    other_tools,
    png_metadata,
    prompts,
)
from core.generation.fill import fill
from core.generation.large import lora, registry as large_models
from core.generation.request import (
    MAX_SEED,
    PRECISIONS,
    Generated,
    Generator,
    Request,
    Source,
    Step,
)
from core.generation.small.generator import asked_vector
from core.generation.small.models import OWN
from core.images import vectors as gallery_vectors
from core.images.sources import load_gallery
from core.readers.pictures import open_picture
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.storage import data_home

HELP = "A picture from words or a formula, with its settings inside, and what is nearest to it."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is drawn, how, and where to."""
    parser.add_argument(
        "prompt",
        nargs="?",
        default="",
        help="words, or for our generator a formula: king - man + woman; in square brackets the "
        "path of a picture, which stands for its vector: [photo.jpg] + snow",
    )
    parser.add_argument(
        "--to",
        metavar="PROMPT",
        help="interpolation: leads from the prompt's vector to this one's, such as [other.jpg]",
    )
    parser.add_argument(
        "--share", type=float, help="how far --to leads, from 0 to 1 (default: 0.5)"
    )
    parser.add_argument("--out", metavar="FILE", required=True, help="the PNG to write")
    parser.add_argument(
        "--generator",
        help="a name, or the path of a folder or single file with a model (default: "
        f"{generators.DEFAULT}, or that of --from-png)",
    )
    parser.add_argument(
        "--from-png",
        metavar="FILE",
        help="a PNG with settings, of this app, AUTOMATIC1111, ComfyUI, InvokeAI or Fooocus; "
        "options that are given count before them",
    )
    parser.add_argument("--steps", type=int, help="default: the generator's own")
    parser.add_argument("--guidance", type=float, help="how far the prompt counts; 1 is plainly")
    parser.add_argument("--seed", type=int, help="of the noise; random where none is given")
    parser.add_argument("--negative", default="", metavar="TEXT", help="what to lead away from")
    parser.add_argument("--scheduler", default="", help="default: the generator's own")
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        default="",
        help="of a large model's numbers; default: what suits this computer",
    )
    parser.add_argument(
        "--vae",
        default="",
        metavar="NAME",
        help="a large model's autoencoder, a file in “vaes” of the data home; default: its own",
    )
    parser.add_argument("--size", type=int, default=0, help="both sides of the picture in pixels")
    parser.add_argument(
        "--width", type=int, default=0, help="in pixels; default: --size, or as --image is formed"
    )
    parser.add_argument("--height", type=int, default=0, help="as --width")
    generate_source.add_arguments(parser)
    parser.add_argument("-k", type=int, default=10, help="nearest pictures (default: %(default)s)")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Draws, writes, and searches, in the form that the docs state."""
    out = files.out_file(options.out, ".png")
    control = generate_source.read_control(options)
    source, readings = (None, []) if control else generate_source.read(options)
    generator, base, told = _begin(options)
    request = replace(_request(options, source, base), control=control).checked()
    vector, negative = _vectors(options, generator, request)
    request = replace(request, vector=vector, negative_vector=negative)
    progress = StderrProgress()
    recalled = _recall(options, request) if generator.name in known.LEARNT else {}

    def tell(step: Step) -> None:
        progress(step.done, step.total, "steps")

    made = generator.generate(request, tell)
    files.write_out(out, png_metadata.to_png(made))
    result = {
        "generator": generator.name,
        "seed": request.seed,
        "seconds": round(made.seconds, 3),
        "steps": made.steps,
        "width": made.image.width,
        "height": made.image.height,
        "file": str(out),
        **recalled,
        "nearest": _nearest(made, options.k),
    }
    notes = [*told, *readings, *made.notes]
    return result | ({"notes": notes} if notes else {})


def _begin(options: argparse.Namespace) -> tuple[Generator, Request, Sequence[str]]:
    """The generator, and what is asked of it before options count; what a PNG's settings lack."""
    record = found = None
    if options.from_png is not None:
        data, name = files.read_picture(options.from_png)
        record = png_metadata.read_record(data, name)
        found = None if record else other_tools.read_settings(data, name)
        if record is None and found is None:
            raise InputError(
                f"{shorten(name)} holds no settings that can be read.",
                "A PNG of this app, AUTOMATIC1111, ComfyUI, InvokeAI or Fooocus holds some.",
                "Give that file as its program wrote it, or leave --from-png out.",
            )
    own = generators.DEFAULT if record is None else record.request.generator
    generator = _open(own if options.generator is None else options.generator)
    if record is not None:
        base = replace(record.request, generator=generator.name)
        if generator.name != own:
            base = replace(base, vector=None, negative_vector=None)
        lost = f"It was made from {record.lost}, which is not in the PNG: name it with --image."
        return generator, base, [lost] if record.lost and not options.image else []
    settings = generators.defaults_of(generator)
    base = Request(generator.name, "", seed=secrets.randbelow(MAX_SEED), **settings)
    if found is None:
        return generator, base, []
    titles = {one: generators.title(one) for one in generators.names()}
    filled = fill(found, generator, settings, titles, lora.FOLDER.names())
    seed = filled.request.seed if filled.has_seed else base.seed
    return generator, replace(filled.request, seed=seed), filled.notes


def _open(name: str) -> Generator:
    """A generator by its name, or from a folder that need not be listed."""
    listed = [entry.name for entry in large_models.list_large()]
    if name in {*OWN, *listed}:
        return generators.open_generator(name)
    path = data_home.given_path(name.removeprefix(large_models.FOLDER))
    if name.startswith(large_models.FOLDER) or path.exists():
        return large_models.open_folder(path)
    return generators.open_generator(name)


def _vectors(
    options: argparse.Namespace, generator: Generator, request: Request
) -> tuple[FloatArray | None, FloatArray | None]:
    """What prompt and negative prompt stand for, where pictures or another prompt take part."""
    vector, negative = request.vector, request.negative_vector  # that a PNG held
    unread = "" if vector is not None else request.prompt
    unread += "" if negative is not None else request.negative
    share = 0.5 if options.share is None else options.share
    if options.to is None and options.share is not None:
        raise InputError(
            f"--share {options.share:g} was given without --to.",
            "It says how far to lead from the prompt to that of --to.",
            "Give --to, or leave --share out.",
        )
    if options.to is None and "[" not in unread:
        return vector, negative  # the generator reads words by itself
    if not generator.takes_vectors:
        if options.to is None:
            return vector, negative  # brackets are characters like others
        raise InputError(
            f"{generator.title} takes prompts as text, not as vectors.",
            "Interpolation needs vectors.",
            "Leave --to out, or take our own generator.",
        )
    if not 0 <= share <= 1:
        raise InputError(f"--share is {share:g}.", "It is from 0 to 1.", "Change --share.")
    texts = prompts.text_encoder()
    if vector is None:
        vector = prompts.resolve_prompt(request.prompt, texts, _picture_vector)
    if options.to is not None:
        last = prompts.resolve_prompt(options.to, texts, _picture_vector)
        vector = prompts.between(vector, last, np.array([share], np.float32))[0]
    if negative is None and request.negative.strip():
        negative = prompts.resolve_prompt(request.negative, texts, _picture_vector)
    return vector, negative


def _recall(options: argparse.Namespace, request: Request) -> dict[str, Any]:
    """What our generator knows of the prompt; where that is little, stderr says it at once."""
    captions = known.encode_captions(request.generator, prompts.text_encoder(), StderrProgress())
    vector = asked_vector(request)
    if vector.shape != captions.plain.shape[1:]:
        return {}  # a PNG's, of another embedding model: the generator says so
    names = any(known.holds_names(text) for text in (request.prompt, options.to) if text)
    found = known.look_up(vector, captions, of_pictures=names)
    if found.below:
        print(found.told, file=sys.stderr)
    nearest = [{"caption": caption, "score": score} for caption, score in found.nearest]
    return {
        "known": {"nearest": nearest, "similarity": found.similarity, "below": found.below},
    }


def _picture_vector(name: str) -> FloatArray | None:
    """The vector of a picture's file; ``None`` where a name in brackets is no path of one."""
    if not files.is_file(name):
        return None
    encoder = registry.find_space(DEFAULT_SPACE, Modality.IMAGE).image_encoder()
    vector: FloatArray = encoder.encode_pictures([open_picture(*files.read_picture(name))])[0]
    return vector


def _request(options: argparse.Namespace, source: Source | None, base: Request) -> Request:
    """``base`` with what the options name."""
    if not 1 <= options.k <= 1000:
        raise InputError(f"-k is {options.k}.", "It is a number from 1 to 1,000.", "Change -k.")
    given = {"prompt": options.prompt.strip(), "negative": options.negative}
    given |= {"scheduler": options.scheduler, "precision": options.precision, "vae": options.vae}
    given |= {"width": options.width or options.size, "height": options.height or options.size}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value}
    numbers = {name: getattr(options, name) for name in ("steps", "guidance", "seed")}
    changes |= {name: value for name, value in numbers.items() if value is not None}
    if "prompt" in changes:  # a vector stands for the words it came with
        changes["vector"] = None
    if "negative" in changes:
        changes["negative_vector"] = None
    return replace(base, source=source, **changes)


def _nearest(made: Generated, k: int) -> list[dict[str, Any]]:
    """The emoji nearest to the picture, by picture and caption in equal parts."""
    entry = registry.find_space(DEFAULT_SPACE, Modality.IMAGE)
    encoder = entry.image_encoder()
    gallery = load_gallery("openmoji")
    encoded = gallery_vectors.encode_gallery(
        gallery, entry, encoder, entry.text_encoder(), StderrProgress()
    )
    vector = encoder.encode_pictures([made.image])[0]
    vectors = encoded.blend(gallery_vectors.DEFAULT_BLEND)
    captions = encoded.gallery.captions or []
    hits = gallery_vectors.rank_pictures(vectors, encoded.gallery.ids, vector, k)
    return [{"id": hit.id, "score": hit.score, "caption": captions[hit.row]} for hit in hits]


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    lines = [f"({note})" for note in result.get("notes", ())]
    lines += [f"{one['score']:.4f}  {one['caption']}" for one in result["nearest"]]
    told = f"generated in {result['seconds']:.1f} s, seed {result['seed']}, wrote {result['file']}"
    return "\n".join([*lines, told])
