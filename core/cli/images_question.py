"""What ``python -m core images`` ranks pictures by: words, a picture or a formula, in any model."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from core.base.types import FloatArray, Modality, Term, TermKind, TextEncoder
from core.cli import files
from core.formula import names as formula_names, question
from core.formula.resolve import ResolvedQuery
from core.images.vectors import EncodedGallery
from core.readers.pictures import ImageEncoder, open_picture
from core.spaces import own_vectors
from core.spaces.entry import SpaceEntry


@dataclass(frozen=True, slots=True)
class Model:
    """An embedding model with what encodes pictures in it, and texts where it takes them."""

    entry: SpaceEntry
    pictures: ImageEncoder
    texts: TextEncoder | None

    def picture(self, name: str) -> FloatArray:
        """The unit vector ``(dim,)`` of a picture's file.

        Raises:
            PictureError: it cannot be opened.
        """
        opened = open_picture(*files.read_picture(name))
        vector: FloatArray = self.pictures.encode_pictures([opened])[0]
        return vector

    def words(self) -> TextEncoder | None:
        """What encodes a query's words, or says why these vectors cannot be asked in words."""
        return own_vectors.question_encoder(self.entry) if self.texts is None else self.texts


def open_model(entry: SpaceEntry) -> Model:
    """The encoders of a space that takes pictures.

    Raises:
        NotReadyError: it must be downloaded first.
    """
    takes_texts = Modality.TEXT in entry.space.modalities
    return Model(entry, entry.image_encoder(), entry.text_encoder() if takes_texts else None)


def terms_of(options: argparse.Namespace) -> tuple[Term, ...]:
    """What was asked, as terms.

    Raises:
        InputError: the formula cannot be read.
    """
    if options.image is not None:
        return (Term(1.0, options.image, TermKind.ITEM),)
    if options.text is not None:
        return (Term(1.0, options.text.strip()),)
    return question.read_query(options.query)


def resolve_alone(options: argparse.Namespace, model: Model) -> ResolvedQuery | None:
    """The query of words or of one file, which needs no gallery; ``None`` for a formula.

    Raises:
        InputError, PictureError: it cannot be encoded.
    """
    if options.query is not None:
        return None
    return question.resolve_query(terms_of(options), model.words(), model.picture)


def resolve(
    options: argparse.Namespace, model: Model, encoded: EncodedGallery, vectors: FloatArray
) -> ResolvedQuery:
    """The query in a model whose vectors of the gallery are ``(n, dim)``.

    Raises:
        InputError: a name stands for nothing, or the model does not take what is asked.
        PictureError: a picture's file cannot be opened.
    """
    alone = resolve_alone(options, model)
    if alone is not None:
        return alone
    names = formula_names.name_pictures(encoded.gallery.ids)

    def find(name: str) -> FloatArray | None:
        row = names.find(name)
        if row is not None:
            own: FloatArray = vectors[row]
            return own
        return model.picture(name) if files.is_file(name) else None

    return question.resolve_query(terms_of(options), model.words(), find)
