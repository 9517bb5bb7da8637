"""``python -m core images``: what each of its questions answers, as plain data."""

from __future__ import annotations

import argparse
from typing import Any

from core.base.errors import InputError
from core.base.filters import parse_filter
from core.base.types import FloatArray
from core.cli import (
    images_aspects,
    images_gallery,
    images_index,
    images_question,
    images_review,
    images_verdict,
    images_why,
)
from core.cli.images_output import notes
from core.cli.progress import StderrProgress
from core.images import (
    filters as image_filters,
    report as image_report,
    vectors as gallery_vectors,
    verdict as image_verdict,
    zero_shot,
)
from core.images.gallery import Gallery
from core.images.vectors import EncodedGallery
from core.spaces import own_vectors

SPLITS = ("all", "validation")
CONFUSED = 20  # pairs of classes that are told


class Work:
    """One run of the verb."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.gallery = self._gallery()
        self.entry = images_gallery.open_space(self.gallery, options.vectors, options.space)
        self.model = images_question.open_model(self.entry)

    def search(self) -> dict[str, Any]:
        """The pictures nearest to words, a picture or a formula."""
        options, gallery = self.options, self.gallery
        alone = images_question.resolve_alone(options, self.model)
        only_pictures = self.model.texts is None and options.blend is None
        blend = 0.0 if only_pictures else gallery_vectors.choose_blend(gallery, options.blend)
        encoded = self._encode(gallery, blend)
        vectors = encoded.blend(blend)
        query = alone or images_question.resolve(options, self.model, encoded, vectors)
        known = {
            "gallery": encoded.gallery.name,
            "count": len(encoded.gallery),
            "space": own_vectors.known_name(self.entry),
            "blend": blend,
        }
        if options.aspects is not None:
            cosines: FloatArray = vectors @ query.vector
            nearest = images_aspects.nearest(
                encoded, cosines, options.image, options.aspects, options.k
            )
            return known | nearest | notes(encoded)
        if options.why is not None:
            asked = images_why.Asked(options, self.model, blend)
            return known | images_why.answer(asked, encoded, query) | notes(encoded)
        hits, told = images_index.search(encoded.gallery, vectors, query.vector, options, known)
        known |= told
        captions = encoded.gallery.captions
        return (
            known
            | {
                "neighbors": [
                    {"id": hit.id, "score": hit.score}
                    | ({} if captions is None else {"caption": captions[hit.row]})
                    for hit in hits
                ],
            }
            | notes(encoded)
        )

    def zero_shot(self) -> dict[str, Any]:
        """Accuracy of the nearest label.

        Raises:
            InputError: the model takes pictures only.
        """
        template = self.options.zero_shot
        if self.model.texts is None:
            what = f"{self.entry.space.title} takes pictures only."
            raise InputError(what, "Zero-shot compares pictures with texts.", "Choose minilm.")
        encoded, labels, blend = self._labelled()
        found = zero_shot.classify(encoded.blend(blend), labels, template, self.model.texts)
        return {
            "gallery": encoded.gallery.name,
            "space": own_vectors.known_name(self.entry),
            "split": self.options.split,
            "blend": blend,
            "accuracy": found.accuracy,
            "count": found.count,
            "classes": len(found.per_class),
            "per_class": found.per_class,
        } | notes(encoded)

    def report(self) -> dict[str, Any]:
        """Precision at k of every class, and what is taken for what."""
        encoded, labels, blend = self._labelled()
        found = image_report.report(encoded.blend(blend), labels, self.options.k, StderrProgress())
        return {
            "gallery": encoded.gallery.name,
            "space": own_vectors.known_name(self.entry),
            "split": self.options.split,
            "blend": blend,
            "k": found.k,
            "count": len(labels),
            "classes": len(found.classes),
            "precision_at_k": found.mean_precision,
            "accuracy": found.accuracy,
            "per_class": dict(zip(found.classes, found.per_class().tolist(), strict=True)),
            "confusion": [
                {"class": one, "taken_for": other, "count": count}
                for one, other, count in found.confused()[:CONFUSED]
            ],
        } | notes(encoded)

    def verdict(self) -> dict[str, Any]:
        """What the picture is, by the gallery's columns and by ImageNet's classes."""
        gallery, options = self.gallery, self.options
        blend = gallery_vectors.choose_blend(gallery, options.blend or 0.0)
        query = self.model.picture(options.image)
        encoded = self._encode(gallery, blend)
        leave = image_verdict.leave_one_out(
            encoded.gallery, encoded.blend(blend), progress=StderrProgress()
        )
        found = image_verdict.judge(encoded.gallery, leave, query)
        return (
            {
                "gallery": encoded.gallery.name,
                "count": len(encoded.gallery),
                "space": own_vectors.known_name(self.entry),
                "blend": blend,
            }
            | images_verdict.told(found, encoded.gallery, options.image)
            | notes(encoded)
        )

    def review(self) -> dict[str, Any]:
        """What to do with each picture, and why."""
        blend = gallery_vectors.choose_blend(self.gallery, self.options.blend or 0.0)
        encoded = self._encode(self.gallery, blend)
        return (
            {
                "gallery": encoded.gallery.name,
                "count": len(encoded.gallery),
                "space": own_vectors.known_name(self.entry),
                "blend": blend,
            }
            | images_review.answer(encoded.gallery, encoded.blend(blend), self.options)
            | notes(encoded)
        )

    def _labelled(self) -> tuple[EncodedGallery, list[str], float]:
        """The gallery with a label for each picture; captions, which may tell the labels, count
        only where that is asked for."""
        column, gallery = self.options.label_column, self.gallery
        zero_shot.class_names(gallery.labels(column))
        blend = gallery_vectors.choose_blend(gallery, self.options.blend or 0.0)
        encoded = self._encode(gallery, blend)
        return encoded, encoded.gallery.labels(column), blend

    def _gallery(self) -> Gallery:
        options = self.options
        filters = [parse_filter(text) for text in options.filter]
        gallery = images_gallery.open_gallery(options)
        if options.split != SPLITS[0]:
            gallery = gallery.held_out()
        if not filters:
            return gallery
        return gallery.take(image_filters.apply_filters(gallery.name, gallery.frame, filters))

    def _encode(self, gallery: Gallery, blend: float) -> EncodedGallery:
        texts = self.model.texts if blend else None
        return gallery_vectors.encode_gallery(
            gallery, self.entry, self.model.pictures, texts, StderrProgress()
        )
