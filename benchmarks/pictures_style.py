"""Styles told apart: photos in five renderings, and how many of the ten nearest share one's own.

The same photos as they are, as outlines, smoothed to flat areas, as a mosaic, and with grain. What
they show is the same in all, so that a model of subjects finds the photo and not the rendering.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from core.images import sources
from core.images.report import report
from core.readers.pictures import to_rgb
from core.spaces import registry
from core.training.picture_encoder.train import DATA

COUNT, SEED, K = 120, 0, 10
SPACES = ("minilm", "efficientnet-lite0", "colour-outline", "colours", "style")


def outlines(picture: Image.Image) -> Image.Image:
    """Dark lines on white."""
    edges = ImageOps.grayscale(picture).filter(ImageFilter.FIND_EDGES)
    return ImageOps.invert(edges).convert("RGB")


def flat(picture: Image.Image) -> Image.Image:
    """Areas of one colour (total variation, Chambolle 2004), as if painted."""
    from skimage.restoration import denoise_tv_chambolle

    smooth = denoise_tv_chambolle(np.asarray(picture) / 255, weight=0.25, channel_axis=2)
    return Image.fromarray((smooth * 255).astype(np.uint8)).filter(ImageFilter.ModeFilter(5))


def mosaic(picture: Image.Image) -> Image.Image:
    """Squares of eight pixels."""
    small = (max(1, picture.width // 8), max(1, picture.height // 8))
    nearest = Image.Resampling.NEAREST
    return picture.resize(small, nearest).resize(picture.size, nearest)


def grain(picture: Image.Image) -> Image.Image:
    """Noise in brightness, as of a fast film."""
    noise = np.random.default_rng(picture.width).normal(0, 35, (picture.height, picture.width, 1))
    return Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))


def main() -> int:
    """Prints P@10 of the rendering by each model as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    gallery = sources.from_path(parser.parse_args().data / "images" / "caltech101.parquet")
    rows = np.random.default_rng(SEED).choice(len(gallery), COUNT, replace=False)
    photos = [to_rgb(gallery.open(int(row))) for row in rows]
    renderings = {"photo": Image.Image.copy} | {
        one.__name__: one for one in (outlines, flat, mosaic, grain)
    }
    pictures = [render(photo) for render in renderings.values() for photo in photos]
    labels = [name for name in renderings for _ in photos]
    found = {}
    for name in SPACES:
        vectors = registry.find_space(name).image_encoder().encode_pictures(pictures)
        found[name] = report(vectors, labels, K).mean_precision
    print(json.dumps({"photos": COUNT, "renderings": list(renderings), "P@10": found}, indent=1))
    return 0


if __name__ == "__main__":
    main()
