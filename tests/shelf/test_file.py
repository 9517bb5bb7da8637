"""A shelf's file gives back what was packed; what no shelf holds is refused, one by one, or all."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image
from safetensors.numpy import save

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray
from core.images import thumbnails
from core.readers import isolated
from core.shelf import file as shelf_file
from core.shelf.file import ABOUT, MAX_BYTES, SUMS, VECTORS, Contents, pack, salvage, unpack
from core.shelf.kept import MAX_DIM, MAX_NAME, MAX_TEXT, UNIT, Kept, checked
from core.shelf.shelf import MAX_KEPT, Shelf
from core.storage import data_home


def picture(side: int = 200, form: str = "PNG") -> bytes:
    stream = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(stream, form)
    return stream.getvalue()


def some(count: int = 3, dim: int = 4) -> list[Kept]:
    shelf = Shelf()
    rows = vec.normalize(np.random.default_rng(2).normal(size=(count, dim)).astype(np.float32))
    for at, row in enumerate(rows):
        small = thumbnails.mark(picture()) if at == 0 else b""
        formula = "king - man + woman" if at == 1 else ""
        shelf.keep("minilm", row, f"made “{at}” 🦊", title="MiniLM", picture=small, formula=formula)
    return shelf.items


def same(contents: Contents, items: list[Kept]) -> None:
    """``contents`` are these items, to the bit, and nothing was left out."""
    assert (contents.left_out, contents.changed) == ((), ())
    same_items(contents.items, items)


def same_items(found: list[Kept], items: list[Kept]) -> None:
    for one, other in zip(found, items, strict=True):
        assert one.vector.tobytes() == other.vector.tobytes()
        for field in ("name", "space", "title", "made", "picture", "key", "formula"):
            assert getattr(one, field) == getattr(other, field)


def rewritten(
    data: bytes, change: Callable[[dict[str, bytes]], None], *, sums: bool = True, **kind: Any
) -> bytes:
    """The file with other parts; ``sums`` gives it their digests, as a forger would."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    if sums and SUMS in parts:
        lines = [
            f"{data_home.sha256(parts[one])}  {one}\n" for one in (ABOUT, VECTORS) if one in parts
        ]
        parts[SUMS] = "".join(lines).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", **kind) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


def told(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, bytes]], None]:
    def apply(parts: dict[str, bytes]) -> None:
        about = json.loads(parts[ABOUT])
        change(about)
        parts[ABOUT] = json.dumps(about).encode()

    return apply


def with_vector(vector: Any) -> Callable[[dict[str, bytes]], None]:
    def apply(parts: dict[str, bytes]) -> None:
        rows: dict[str, Any] = {str(at): item.vector for at, item in enumerate(some())}
        parts[VECTORS] = save(rows | {"0": vector})

    return apply


def test_what_was_packed_comes_back_to_the_bit() -> None:
    items = some()
    data = pack(items)
    same(unpack(data, "shelf.zip"), items)
    assert pack(unpack(data, "shelf.zip").items) == data
    same(unpack(pack([]), "empty.zip"), [])


def test_of_a_file_that_is_brought_this_process_reads_what_a_child_wrote(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = some()
    lost = Kept("lost", " ", items[0].vector, "made")
    data = rewritten(pack([*items, lost]), lambda parts: None, compression=zipfile.ZIP_DEFLATED)
    seen = []

    def noted(given_data: bytes, name: str) -> Contents:
        seen.append(given_data)
        return unpack(given_data, name)

    monkeypatch.setattr(shelf_file, "unpack", noted)
    monkeypatch.setattr(isolated, "TICK", 0)  # a child that waits for work may answer within it
    reports: list[tuple[int, int, str]] = []
    found = shelf_file.unpack_given(data, "s.zip", lambda *state: reports.append(state))
    assert found.left_out == ("[lost] names no embedding model.",)
    same(Contents(found.items), items)
    assert seen == [pack(items)]
    assert reports


def test_any_zip_program_may_have_packed_it_again() -> None:
    items = some()
    packed = rewritten(pack(items), lambda parts: None, compression=zipfile.ZIP_DEFLATED)
    same(unpack(packed, "shelf.zip"), items)


def test_a_full_shelf_of_wide_vectors_fits_in_a_file() -> None:
    items = some(MAX_KEPT, MAX_DIM)
    data = pack(items)
    assert len(data) < MAX_BYTES
    same(unpack(data, "shelf.zip"), items)


WRONG_FILE: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "a part is missing": (lambda parts: parts.pop(VECTORS) and None, "it holds"),
    "another part": (lambda parts: parts.update({"../x": b""}), "it holds"),
    "no JSON": (lambda parts: parts.update({ABOUT: b"{"}), "no JSON"),
    "deep JSON": (lambda parts: parts.update({ABOUT: b"[" * 100_000}), "no JSON"),
    "other JSON": (lambda parts: parts.update({ABOUT: b"[1]"}), "not of saved vectors"),
    "other version": (told(lambda about: about.update(version=2)), "version 2"),
    "no list": (told(lambda about: about.update(kept={"a": 1})), "lists no vectors"),
    "a list of numbers": (told(lambda about: about.update(kept=[1, 2, 3])), "lists no vectors"),
    "no tensors": (lambda parts: parts.update({VECTORS: b"x" * 50}), "cannot be read"),
    "a huge header": (lambda parts: parts.update({VECTORS: b"\xff" * 50}), "cannot be read"),
}
# Each costs the first vector alone.
WRONG_ITEM: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "a name that is a number": (
        told(lambda about: about["kept"][0].update(name=5)),
        "Vector 1 has a “name” that is no text",
    ),
    "an empty name": (told(lambda about: about["kept"][0].update(name="\u200b")), "1 has no name"),
    "no space": (told(lambda about: about["kept"][0].pop("space")), "no embedding model"),
    "a blank space": (
        told(lambda about: about["kept"][0].update(space=" \u200b ")),
        "no embedding model",
    ),
    "a space that is a list": (told(lambda about: about["kept"][0].update(space=[])), "no text"),
    "no vector": (
        lambda parts: parts.update(
            {VECTORS: save({str(at): item.vector for at, item in enumerate(some()) if at})}
        ),
        "has no vector in vectors.safetensors",
    ),
    "NaN": (with_vector(np.full(4, np.nan, np.float32)), "length nan"),
    "infinite": (with_vector(np.full(4, np.inf, np.float32)), "length inf"),
    "zero": (with_vector(np.zeros(4, np.float32)), "length 0"),
    "twice as long": (with_vector(np.array([2, 0, 0, 0], np.float32)), "length 2"),
    "64 bits": (with_vector(np.array([1.0, 0])), "float32"),
    "a matrix": (with_vector(np.eye(2, dtype=np.float32)), "float32"),
    "too wide": (with_vector(np.eye(1, MAX_DIM + 1, dtype=np.float32)[0]), "float32"),
    "no picture": (told(lambda about: about["kept"][0].update(picture="AAAA")), "picture"),
    "no base64": (told(lambda about: about["kept"][0].update(picture="?")), "picture"),
    "a picture of 200 KB": (
        told(lambda about: about["kept"][0].update(picture="A" * 200_000)),
        "larger than",
    ),
    "a large picture": (
        told(
            lambda about: about["kept"][0].update(
                picture=base64.b64encode(thumbnails.shrink(Image.new("RGB", (150, 150)))).decode()
            )
        ),
        "picture",
    ),
    "another format": (
        told(
            lambda about: about["kept"][0].update(
                picture=base64.b64encode(picture(20, "GIF")).decode()
            )
        ),
        "picture",
    ),
}


@pytest.mark.parametrize("case", WRONG_FILE)
def test_what_is_no_shelf_is_refused(case: str) -> None:
    change, why = WRONG_FILE[case]
    data = rewritten(pack(some()), change)
    for read in (unpack, salvage):
        with pytest.raises(InputError, match=why):
            read(data, "shelf.zip")


@pytest.mark.parametrize("case", WRONG_ITEM)
def test_what_no_shelf_holds_costs_itself_alone(case: str) -> None:
    change, why = WRONG_ITEM[case]
    found = unpack(rewritten(pack(some()), change), "shelf.zip")
    assert len(found.left_out) == 1
    assert why in found.left_out[0]
    assert [item.name for item in found.items] == ["made “1” 🦊", "made “2” 🦊"]


def test_equal_names_and_keys_are_made_distinct() -> None:
    items = some()
    change = told(
        lambda about: about["kept"][0].update(name="made “1” 🦊", key=about["kept"][1]["key"])
    )
    found = unpack(rewritten(pack(items), change), "shelf.zip")
    assert [item.name for item in found.items] == ["made “1” 🦊", "made “1” 🦊 (2)", "made “2” 🦊"]
    assert len({item.key for item in found.items}) == 3
    assert found.left_out == ()


def test_more_than_a_shelf_holds_are_left_out_and_counted() -> None:
    change = told(lambda about: about["kept"].extend([about["kept"][0]] * 200))
    found = unpack(rewritten(pack(some()), change), "shelf.zip")
    assert len(found.items) == 3
    assert "has no vector" in found.left_out[0]
    assert found.left_out[-1] == "More than can be saved: 3 vectors."
    unnamed = unpack(rewritten(pack(some()), told(lambda about: about["kept"].pop())), "shelf.zip")
    assert len(unnamed.items) == 2
    assert unnamed.left_out == ("Without a name and an embedding model: 1 vector.",)


def test_what_was_changed_without_its_digest_is_refused() -> None:
    changed = told(lambda about: about["kept"][0].update(made="forged"))
    data = rewritten(pack(some()), changed, sums=False)
    with pytest.raises(InputError, match=r"shelf\.json is not what was written"):
        unpack(data, "shelf.zip")
    assert salvage(data, "shelf.zip").changed == (ABOUT,)
    assert salvage(data, "shelf.zip").items[0].made == "forged"


def test_of_a_file_with_a_changed_byte_all_other_vectors_can_be_saved() -> None:
    items = some(5, 64)
    data = bytearray(pack(items))
    at = bytes(data).index(items[2].vector.tobytes()) + 3  # sign and exponent of its first number
    data[at] ^= 0x40
    with pytest.raises(InputError, match="is not what was written"):
        unpack(bytes(data), "shelf.zip")
    found = salvage(bytes(data), "shelf.zip")
    assert found.changed == (VECTORS,)
    assert "length" in found.left_out[0]
    same_items(found.items, [*items[:2], *items[3:]])


def test_a_bomb_is_not_unpacked() -> None:
    bomb = rewritten(
        pack(some()),
        lambda parts: parts.update({VECTORS: bytes(MAX_BYTES + 1)}),
        compression=zipfile.ZIP_DEFLATED,
    )
    assert len(bomb) < 100_000
    with pytest.raises(InputError, match="larger than"):
        unpack(bomb, "shelf.zip")
    with pytest.raises(InputError, match=f"{MAX_BYTES + 1:,} bytes"):
        unpack(bytes(MAX_BYTES + 1), "shelf.zip")


def test_names_and_texts_lose_what_could_deceive() -> None:
    change = told(
        lambda about: about["kept"][0].update(name="[x]\u202e\n", made="a\x00b\n" + "c" * 9_999)
    )
    item = unpack(rewritten(pack(some()), change), "shelf.zip").items[0]
    assert item.name == "(x)"
    assert item.made.startswith("a b ccc")
    assert len(item.made) == 400


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        unpack(data, "shelf.zip")


_ITEMS = some()
_PACKED = pack(_ITEMS)
_PICTURE = picture(20)


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, len(_PACKED) - 1), to=st.integers(0, 255))
def test_a_changed_byte_changes_no_vector_unseen(at: int, to: int) -> None:
    data = bytearray(_PACKED)
    data[at] = to
    try:
        found = unpack(bytes(data), "shelf.zip")
    except InputError:
        return
    same(found, unpack(_PACKED, "shelf.zip").items)


_TEXT = st.text(max_size=80)
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(
    fields=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("name", "space", "title", "made", "picture", "key", "formula"), _JSON
        ),
    )
)
def test_any_description_costs_one_item_at_most(fields: dict[str, Any]) -> None:
    change = told(lambda about: about["kept"][1].update(fields))
    found = unpack(rewritten(_PACKED, change), "shelf.zip")
    assert len(found.items) + len(found.left_out) == 3
    assert len(found.items) >= 2
    same_items([found.items[0], found.items[-1]], [_ITEMS[0], _ITEMS[2]])
    assert all(item.name and item.space and len(item.name) <= 60 for item in found.items)
    same(unpack(pack(found.items), "again.zip"), found.items)


# Whatever can be kept is read back equal.

_ANY_TEXT = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("[]\ud800\udfff\u200b\u202e\u2028\x00\x85\x1c \n\u0301e\u00a0"),
    ),
    max_size=MAX_TEXT + 5,
)


@st.composite
def vectors(draw: st.DrawFn) -> Any:
    """Unit vectors, and others, of few numbers and of many, at the edges of what is of length 1."""
    dim = draw(st.sampled_from([1, 2, 384, 20_000, MAX_DIM, MAX_DIM + 1]))
    length = draw(
        st.sampled_from([1.0, 1 + UNIT, 1 - UNIT, 1 + 1.01 * UNIT, 0.0, 1e30, np.nan])
        | st.floats(1 - 2 * UNIT, 1 + 2 * UNIT)
    )
    if draw(st.booleans()):  # equal numbers lose most digits where they are summed in float32
        row = np.full(dim, length / np.sqrt(dim))
    else:
        row = np.random.default_rng(draw(st.integers(0, 9))).normal(size=dim)
        row *= length / np.linalg.norm(row)
    return row.astype(draw(st.sampled_from([np.float32, np.float64, np.dtype(">f4")])))


@settings(max_examples=100, deadline=None)
@given(
    given_items=st.lists(
        st.tuples(_ANY_TEXT, vectors(), _ANY_TEXT, _ANY_TEXT, _ANY_TEXT, st.booleans()),
        max_size=3,
    )
)
def test_whatever_can_be_kept_is_read_back_equal(given_items: list[tuple[Any, ...]]) -> None:
    shelf = Shelf()
    for space, vector, made, name, title, pictured in given_items:
        picture = thumbnails.mark(_PICTURE) if pictured else b""
        before = list(shelf.items)
        try:
            shelf.keep(space, vector, made, name, title=title, picture=picture)
        except InputError:
            assert shelf.items == before
    same(unpack(pack(shelf.items), "shelf.zip"), shelf.items)
    for item in shelf.items:
        same_items([checked(item)], [item])


@pytest.mark.parametrize(
    ("space", "vector", "picture", "why"),
    [
        (" \u200b", np.eye(3)[0], b"", "names no embedding model"),
        ("a", np.eye(1, MAX_DIM + 1)[0], b"", "no float32 row of 1 to 65,536 numbers"),
        ("a", np.zeros(3), b"", "has length 0"),
        ("a", np.array([1e300, 0]), b"", "has length inf"),
        ("a", np.array([np.nan]), b"", "has length nan"),
        ("a", np.eye(3), b"", "no float32 row"),
        ("a", np.array(1.0), b"", "no float32 row"),
        ("a", np.eye(3)[0], b"no picture", "picture that cannot be read"),
    ],
)
def test_what_could_not_be_read_again_is_not_kept(
    space: str, vector: Any, picture: bytes, why: str
) -> None:
    shelf = Shelf()
    with pytest.raises(InputError, match=why):
        shelf.keep(space, vector, "made", picture=picture)
    assert shelf.items == []


def test_names_that_are_made_distinct_stay_short_and_come_back() -> None:
    shelf = Shelf()
    for at in range(12):
        shelf.keep("a", np.eye(12)[at], "n" * 80)
    names = [item.name for item in shelf.items]
    assert len(set(names)) == 12
    assert max(map(len, names)) == MAX_NAME
    assert names[1].endswith("n (2)")
    assert names[11].endswith("n (12)")
    same(unpack(pack(shelf.items), "shelf.zip"), shelf.items)


@settings(deadline=None)
@given(
    st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=8).filter(
        lambda row: sum(x * x for x in row) > 1e-6
    )
)
def test_any_unit_vector_survives(row: list[float]) -> None:
    vector: FloatArray = vec.unit(np.array(row, dtype=np.float32))
    item = Kept("x", "a", vector, "made")
    same(unpack(pack([item]), "shelf.zip"), [item])
