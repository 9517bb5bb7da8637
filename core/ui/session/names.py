"""What names in square brackets stand for on every page, and links that carry it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.base.errors import ExplorerError, InputError, shorten
from core.base.types import FloatArray, Modality, TermKind
from core.cache import images as images_cache, spaces as spaces_cache
from core.formula.formula import format_formula, parse_formula
from core.formula.question import read_query, resolve_query
from core.formula.resolve import resolve
from core.shelf import link_vectors as shelf_link_vectors
from core.shelf.link_vectors import SharedTerm
from core.spaces import registry
from core.spaces.entry import SpaceEntry
from core.ui.common import keep, page as common_page
from core.ui.common.markdown import plain
from core.ui.session import link_vectors as session_link_vectors, own_pictures

More = tuple[dict[str, str], list[str]]  # parameters of an address, and what is not in it


def find(name: str, entry: SpaceEntry) -> FloatArray | None:
    """The unit vector ``(dim,)`` that a name stands for in a space, ``None`` for nothing.

    What came with a link goes before the session's pictures, those of the history, and the shelf.
    A kept formula of words is evaluated again where it was kept in another model.

    Raises:
        InputError: it is a picture or a vector that this space does not take.
        StorageError: it is a picture of the history that cannot be read.
        UnknownTermError: it is a kept formula, and the model does not know its words.
    """
    if (term := session_link_vectors.held().get(name)) is not None:
        return shelf_link_vectors.fit(term, entry)
    data = own_pictures.find(name)
    if data is None:
        return _kept(name, entry)
    if Modality.IMAGE not in entry.space.modalities:
        raise InputError(
            f"[{shorten(name)}] is a picture, and this embedding model takes none.",
            "An embedding model that takes pictures is needed.",
            "Choose another model, such as minilm.",
        )
    return images_cache.picture_vector(entry, data)


def _kept(name: str, entry: SpaceEntry) -> FloatArray | None:
    """A kept vector; one of another model by its formula, where the model knows the words.

    Raises:
        UnknownTermError: the model has no encoder, and not all of the words.
        FormulaError: the words add up to nothing there.
    """
    item = keep.shelf().find(name)
    if item is None or item.fits(entry.space):
        return None if item is None else item.vector
    if not (item.formula and entry.ready) or entry.source.is_service:
        return None
    terms = parse_formula(item.formula)
    if Modality.TEXT in entry.space.modalities:
        return resolve_query(terms, spaces_cache.text_encoder(entry), lambda _: None).vector
    if Modality.WORD in entry.space.modalities and entry.built:
        return resolve(terms, spaces_cache.vocabulary(entry)[0]).vector
    return None


def finder(
    entry: SpaceEntry, here: Callable[[str], FloatArray | None]
) -> Callable[[str], FloatArray | None]:
    """What finds vectors ``(dim,)`` by name: as ``find``, then ``here``, the page's own names.

    It raises ``InputError`` for a kept vector of another space, and gives ``None`` for nothing.
    """

    def look(name: str) -> FloatArray | None:
        vector = find(name, entry)
        vector = here(name) if vector is None else vector
        if vector is None:
            keep.shelf().refuse(name, entry.space)
        return vector

    return look


def names_in(questions: Sequence[str]) -> list[str]:
    """The names in square brackets in some questions, each once; unreadable ones have none."""
    found: dict[str, None] = {}
    for question in questions:
        try:
            terms = read_query(question)
        except ExplorerError:
            continue  # the page tells what is wrong with it
        found |= {term.text: None for term in terms if term.kind is TermKind.ITEM}
    return list(found)


def model_of(question: str) -> str | None:
    """The embedding model that all vectors named in a question are of, where it is one model's.

    A kept formula of words counts for none: it is evaluated in any model.
    """
    models = set()
    for name in names_in([question]):
        item = keep.shelf().find(name)
        if (term := session_link_vectors.held().get(name)) is not None:
            models.add(term.space)
        elif own_pictures.find(name) is not None:
            models.add(registry.default_of_pictures())
        elif item is not None and not item.formula:
            models.add(item.space)
    return models.pop() if len(models) == 1 else None


def tell_reading(question: str) -> None:
    """How a formula was read; words alone are taken whole."""
    try:
        terms = read_query(question)
    except ExplorerError:
        return  # told where it is drawn
    if len(terms) > 1 or any(term.weight != 1 for term in terms):
        st.caption(f"Read as a formula: {plain(shorten(format_formula(terms), 400))}")


def tell(questions: Sequence[str]) -> None:
    """Says which names in some questions are vectors that came with a link."""
    session_link_vectors.tell(names_in(questions))


def link(
    questions: Sequence[str],
    entry: SpaceEntry | None,
    *,
    more: Callable[[], More] = lambda: ({}, []),
    own: Sequence[str] = (),
    key: str = "link",
) -> None:
    """A button that shows a link to what is seen, with all that only this session knows.

    Args:
        questions: what stands in the boxes of the page where names may be used.
        entry: the space that the names are of; ``None`` where there can be none.
        more: further parameters of the address, and what is not in it.
        own: the names of all parameters that ``more`` may have.
    """
    if st.button(
        "Link",
        key=key,
        icon=":material/link:",
        help="An address that shows this in any session, with the vectors of your pictures and of "
        "what you saved.",
    ):
        _show_link(names_in(questions) if entry else [], entry, more(), {*own})


@st.dialog("Link to this", width="large")
def _show_link(
    asked: Sequence[str], entry: SpaceEntry | None, more: More, own: Collection[str]
) -> None:
    parameters, left = more
    try:
        terms = [] if entry is None else _terms(asked, entry)
        packed = shelf_link_vectors.pack(terms)
    except ExplorerError as error:
        common_page.show_error(error)
        return
    told = [*parameters.items(), *((shelf_link_vectors.PARAMETER, one) for one in packed)]
    address = _address(told, {shelf_link_vectors.PARAMETER, *own})
    st.code(address, language=None, wrap_lines=True, height=200)
    if left:
        st.warning(f"Not in the link: {', '.join(left)}. The downloads have it.")
    if terms:
        names = ", ".join(f"**{plain(one.name)}**" for one in terms)
        st.caption(
            f"{len(address):,} characters. It holds the vector of {names} ({terms[0].vector.size} "
            "numbers), which tells what it means or shows, not the picture itself."
        )
    elif parameters:
        st.caption(f"{len(address):,} characters.")
    else:
        st.caption("The same as the address of this page: nothing in it is known here alone.")
    st.caption(
        "Who opens it needs this app at this address, with the same data and models, and sees the "
        "same answer in the same order."
    )


def _terms(asked: Sequence[str], entry: SpaceEntry) -> list[SharedTerm]:
    """What the names stand for that only this session knows."""
    return [
        SharedTerm(name, entry.space.name, vector)
        for name in asked
        if (vector := find(name, entry)) is not None
    ]


def _address(told: Sequence[tuple[str, str]], own: Collection[str]) -> str:
    """The address in the browser's bar, with ``told`` for all parameters of the names ``own``.

    ``st.query_params`` is not renewed while the page stays the same; a click brings the bar's own.
    """
    context = get_script_run_ctx()
    shown = "" if context is None else context.query_string
    pairs = parse_qsl(shown.lstrip("?"), keep_blank_values=True)
    query = urlencode([*(pair for pair in pairs if pair[0] not in own), *told])
    page = str(st.context.url or "").rstrip("/")
    return f"{page}?{query}" if query else page
