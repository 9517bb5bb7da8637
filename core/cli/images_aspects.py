"""What ``python -m core images --image FILE --aspects subject=1,style=0.5`` answers."""

from __future__ import annotations

from typing import Any

from core.base.types import FloatArray
from core.cli import files
from core.cli.progress import StderrProgress
from core.images import aspects, vectors as gallery_vectors
from core.images.vectors import EncodedGallery
from core.readers.pictures import open_picture
from core.spaces import registry


def nearest(
    encoded: EncodedGallery, by_subject: FloatArray, image: str, weights: str, k: int
) -> dict[str, Any]:
    """The ``k`` pictures nearest by weighed aspects, with the cosine in each.

    Args:
        by_subject: the cosine ``(n,)`` of each with the picture in the chosen space.
        image: the picture's file.

    Raises:
        InputError: a weight is wrong.
    """
    weighed = aspects.read_weights(weights)
    picture = open_picture(*files.read_picture(image))
    found = {aspects.SUBJECT: by_subject}
    for aspect, name in aspects.SPACES.items():
        if not weighed.get(aspect):
            continue
        entry = registry.find_space(name)
        encoder = entry.image_encoder()
        vector = encoder.encode_pictures([picture])[0]
        other = gallery_vectors.encode_gallery(
            encoded.gallery, entry, encoder, None, StderrProgress()
        )
        rows = aspects.rows_of(encoded.gallery.ids, other.gallery.ids)
        found[aspect] = (other.pictures @ vector)[rows]
    scores = aspects.combine(found, weighed)
    captions = encoded.gallery.captions
    return {
        "aspects": weighed,
        "neighbors": [
            {"id": encoded.gallery.ids[row], "score": float(scores[row])}
            | {name: float(one[row]) for name, one in found.items()}
            | ({} if captions is None else {"caption": captions[row]})
            for row in aspects.best(scores, k)
        ],
    }
