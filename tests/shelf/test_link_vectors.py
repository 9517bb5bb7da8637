"""Terms in links: what is packed reads back bit for bit, and what anybody else wrote is refused."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray, TermKind
from core.formula.names import bracket_name
from core.formula.question import read_query
from core.shelf import link_vectors
from core.shelf.kept import UNIT, Kept, checked, clean_text
from core.shelf.link_vectors import MAX_CHARACTERS, MAX_DIM, MAX_TERMS, SharedTerm
from core.spaces import registry


def unit(seed: int, dim: int = 384) -> FloatArray:
    drawn = np.random.default_rng(seed).normal(size=(1, dim)).astype(np.float32)
    return vec.normalize(drawn)[0]


def entry(vector: FloatArray, space: str = "minilm", name: str = "a.jpg") -> str:
    """An entry as anybody could write it."""
    packed = base64.urlsafe_b64encode(vector.astype("<f4").tobytes()).decode().rstrip("=")
    return f"{packed}~{space}~{name}"


NAMES = st.text(min_size=1, max_size=200).map(bracket_name).filter(bool)
SPACES = st.text(min_size=1, max_size=60).map(clean_text).filter(bool)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(NAMES, SPACES, st.integers(1, 512)),
        unique_by=lambda one: one[0],
        max_size=MAX_TERMS,
    )
)
def test_what_is_packed_reads_back_bit_for_bit(given_terms: list[tuple[str, str, int]]) -> None:
    terms = [SharedTerm(name, space, unit(dim, dim)) for name, space, dim in given_terms]
    back = link_vectors.read(link_vectors.pack(terms))
    assert [(one.name, one.space) for one in back] == [(one.name, one.space) for one in terms]
    for one, other in zip(terms, back, strict=True):
        assert one.vector.tobytes() == other.vector.tobytes()
        assert not other.vector.flags.writeable


def test_a_vector_of_minilm_takes_2_048_characters() -> None:
    [packed] = link_vectors.pack([SharedTerm("photo.jpg", "minilm", unit(0))])
    assert packed.endswith("~minilm~photo.jpg")
    assert len(packed.split("~")[0]) == 2_048


def test_half_precision_would_change_the_order_of_some_answers() -> None:
    """Why the numbers are whole: at half the characters some questions are answered otherwise."""
    gallery = np.stack([unit(seed) for seed in range(2_000)])
    questions = np.stack([unit(seed) for seed in range(5_000, 5_050)])
    halved = vec.normalize(questions.astype(np.float16).astype(np.float32))
    orders = [np.argsort(-(gallery @ q), kind="stable")[:24] for q in questions]
    others = [np.argsort(-(gallery @ q), kind="stable")[:24] for q in halved]
    assert any((one != other).any() for one, other in zip(orders, others, strict=True))


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=300),
            st.from_regex(
                r"[A-Za-z0-9_=-]{0,40}~[a-z%~\x00 ]{0,10}~[\[\]a-z~ ]{0,10}", fullmatch=True
            ),
        ),
        max_size=10,
    )
)
def test_whatever_stands_in_a_link_is_read_or_refused(entries: list[str]) -> None:
    try:
        found = link_vectors.read(entries)
    except InputError as error:
        assert "link" in error.given
        return
    for one in found:
        assert np.isfinite(one.vector).all()
        assert float(np.linalg.norm(one.vector)) == pytest.approx(1, abs=1e-3)
        [term] = read_query(f"[{one.name}]")
        assert (term.text, term.kind) == (one.name, TermKind.ITEM)
        checked(Kept(one.name, one.space, one.vector, "a vector from a link"))  # one click keeps it


@settings(deadline=None)
@given(st.binary(min_size=4, max_size=64).map(lambda data: data[: len(data) // 4 * 4]))
def test_any_bytes_as_numbers_are_a_unit_vector_or_refused(data: bytes) -> None:
    packed = base64.urlsafe_b64encode(data).decode().rstrip("=")
    try:
        [found] = link_vectors.read([f"{packed}~minilm~x"])
    except InputError:
        return
    assert float(np.linalg.norm(found.vector)) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("damaged", "told"),
    [
        (entry(unit(0))[1:], "cut or changed|other numbers|not of length 1"),
        (entry(unit(0)).replace("~", "", 1), "lacks its embedding model"),
        (entry(unit(0) * np.float32(2)), "not of length 1"),
        (entry(unit(0) * np.float32(1e30)), "not of length 1"),
        (entry(np.full(384, np.nan, np.float32)), "other numbers"),
        (entry(np.full(384, np.inf, np.float32)), "other numbers"),
        (entry(np.zeros(384, np.float32)), "not of length 1"),
        (entry(unit(0, MAX_DIM + 1)), "other numbers"),
        ("~minilm~x", "cut or changed"),
        ("a*b~minilm~x", "cut or changed"),
        (entry(unit(0), name="a] - [b"), "square brackets"),
        (entry(unit(0), name=""), "square brackets"),
        (entry(unit(0), name="x" * 201), "square brackets"),
        (entry(unit(0), name="\u202egpj.x"), "square brackets"),
        (entry(unit(0), space=""), "names no embedding model"),
        (entry(unit(0), space="%00"), "names no embedding model"),
        (entry(unit(0), space="%20"), "names no embedding model"),
        (entry(unit(0), space="%E2%80%8B"), "names no embedding model"),
    ],
)
def test_a_damaged_term_is_refused_and_told(damaged: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        link_vectors.read([damaged])


def test_two_terms_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="one name"):
        link_vectors.read([entry(unit(0)), entry(unit(1))])


@pytest.mark.parametrize(
    ("term", "why"),
    [
        (SharedTerm("x" * 201, "minilm", unit(0)), "cannot stand in square brackets"),
        (SharedTerm("x", " ", unit(0)), "names no embedding model"),
        (SharedTerm("x", "wide", unit(0, MAX_DIM + 1)), "other numbers"),
        (SharedTerm("x", "minilm", unit(0) * np.float32(1 + 2 * UNIT)), "not of length 1"),
    ],
)
def test_what_could_not_be_read_again_goes_into_no_link(term: SharedTerm, why: str) -> None:
    with pytest.raises(InputError, match=why):
        link_vectors.pack([term])


def test_a_length_is_told_the_same_in_a_link_and_on_the_shelf() -> None:
    # In float32 the sum of these squares has a length near enough to 1, in float64 not.
    for seed in range(300):
        dim = 4_000
        vector = unit(seed, dim).astype(np.float64) * (1 + UNIT * (0.9999 + seed * 1e-6))
        [packed] = [entry(vector.astype(np.float32))]
        try:
            [term] = link_vectors.read([packed])
        except InputError:
            continue
        checked(Kept(term.name, term.space, term.vector, "a vector from a link"))


def test_too_many_and_too_long_terms_are_refused_with_what_to_do() -> None:
    many = [SharedTerm(str(at), "minilm", unit(at)) for at in range(MAX_TERMS + 1)]
    with pytest.raises(InputError, match=f"9 vectors.*At most {MAX_TERMS}.*Save the result"):
        link_vectors.pack(many)
    assert len(link_vectors.read(link_vectors.pack(many[:MAX_TERMS]))) == MAX_TERMS
    long = [SharedTerm(str(at), "big", unit(at, 3_072)) for at in range(2)]
    with pytest.raises(InputError, match="longer addresses"):
        link_vectors.pack(long)
    with pytest.raises(InputError, match="longer addresses"):
        link_vectors.read(["x" * (MAX_CHARACTERS + 1)])


def test_a_term_fits_only_its_own_space() -> None:
    space = registry.find_space("minilm")
    term = SharedTerm("photo.jpg", "minilm", unit(0))
    assert link_vectors.fit(term, space) is term.vector
    with pytest.raises(InputError, match=r"of the embedding model “clip”.*two embedding models"):
        link_vectors.fit(SharedTerm("photo.jpg", "clip", unit(0)), space)
    with pytest.raises(InputError, match=r"with 8 numbers.*another model"):
        link_vectors.fit(SharedTerm("photo.jpg", "minilm", unit(0, 8)), space)
