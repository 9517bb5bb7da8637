"""A shelf's file gives back what was packed, and refuses everything else with a reason."""

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
from core.shelf.file import ABOUT, MAX_BYTES, MAX_DIM, SUMS, VECTORS, pack, unpack
from core.shelf.shelf import MAX_KEPT, Kept, Shelf
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
        shelf.keep("minilm", row, f"made “{at}” 🦊", title="MiniLM", picture=small)
    return shelf.items


def same(found: list[Kept], items: list[Kept]) -> None:
    for one, other in zip(found, items, strict=True):
        assert one.vector.tobytes() == other.vector.tobytes()
        for field in ("name", "space", "title", "made", "picture", "key"):
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
    assert pack(unpack(data, "shelf.zip")) == data
    assert unpack(pack([]), "empty.zip") == []


def test_any_zip_program_may_have_packed_it_again() -> None:
    items = some()
    packed = rewritten(pack(items), lambda parts: None, compression=zipfile.ZIP_DEFLATED)
    same(unpack(packed, "shelf.zip"), items)


def test_a_full_shelf_of_wide_vectors_fits_in_a_file() -> None:
    items = some(MAX_KEPT, 4_096)
    data = pack(items)
    assert len(data) < MAX_BYTES
    same(unpack(data, "shelf.zip"), items)


WRONG: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "a part is missing": (lambda parts: parts.pop(VECTORS) and None, "it holds"),
    "another part": (lambda parts: parts.update({"../x": b""}), "it holds"),
    "no JSON": (lambda parts: parts.update({ABOUT: b"{"}), "no JSON"),
    "deep JSON": (lambda parts: parts.update({ABOUT: b"[" * 100_000}), "no JSON"),
    "other JSON": (lambda parts: parts.update({ABOUT: b"[1]"}), "not of a shelf"),
    "other version": (told(lambda about: about.update(version=2)), "version 2"),
    "no list": (told(lambda about: about.update(kept={"a": 1})), "lists no vectors"),
    "a list of numbers": (told(lambda about: about.update(kept=[1, 2, 3])), "lists no vectors"),
    "too many": (told(lambda about: about["kept"].extend([{}] * 200)), "203 vectors"),
    "equal names": (told(lambda about: about["kept"][0].update(name="made “1” 🦊")), "distinct"),
    "a name that is a number": (told(lambda about: about["kept"][0].update(name=5)), "distinct"),
    "an empty name": (told(lambda about: about["kept"][0].update(name="\u200b")), "no name"),
    "no space": (told(lambda about: about["kept"][0].pop("space")), "no space"),
    "a space that is a list": (told(lambda about: about["kept"][0].update(space=[])), "no text"),
    "a vector less": (told(lambda about: about["kept"].pop()), "2 are listed"),
    "no tensors": (lambda parts: parts.update({VECTORS: b"x" * 50}), "cannot be read"),
    "a huge header": (lambda parts: parts.update({VECTORS: b"\xff" * 50}), "cannot be read"),
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


@pytest.mark.parametrize("case", WRONG)
def test_what_no_shelf_holds_is_refused(case: str) -> None:
    change, why = WRONG[case]
    with pytest.raises(InputError, match=why):
        unpack(rewritten(pack(some()), change), "shelf.zip")


def test_what_was_changed_without_its_digest_is_refused() -> None:
    changed = told(lambda about: about["kept"][0].update(made="forged"))
    with pytest.raises(InputError, match=r"shelf\.json is not what was written"):
        unpack(rewritten(pack(some()), changed, sums=False), "shelf.zip")


def test_a_bomb_is_not_unpacked() -> None:
    bomb = rewritten(
        pack(some()),
        lambda parts: parts.update({VECTORS: bytes(50_000_000)}),
        compression=zipfile.ZIP_DEFLATED,
    )
    assert len(bomb) < 100_000
    with pytest.raises(InputError, match="larger than"):
        unpack(bomb, "shelf.zip")
    with pytest.raises(InputError, match="16,000,001 bytes"):
        unpack(bytes(MAX_BYTES + 1), "shelf.zip")


def test_names_and_texts_lose_what_could_deceive() -> None:
    change = told(
        lambda about: about["kept"][0].update(name="[x]\u202e\n", made="a\x00b\n" + "c" * 9_999)
    )
    item = unpack(rewritten(pack(some()), change), "shelf.zip")[0]
    assert item.name == "(x)"
    assert item.made.startswith("a b ccc")
    assert len(item.made) == 400


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        unpack(data, "shelf.zip")


_PACKED = pack(some())


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, len(_PACKED) - 1), to=st.integers(0, 255))
def test_a_changed_byte_changes_no_vector_unseen(at: int, to: int) -> None:
    data = bytearray(_PACKED)
    data[at] = to
    try:
        found = unpack(bytes(data), "shelf.zip")
    except InputError:
        return
    same(found, unpack(_PACKED, "shelf.zip"))


_TEXT = st.text(max_size=80)
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(
    fields=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("name", "space", "title", "made", "picture", "key"), _JSON)
    )
)
def test_any_description_is_taken_whole_or_refused(fields: dict[str, Any]) -> None:
    change = told(lambda about: about["kept"][1].update(fields))
    try:
        found = unpack(rewritten(_PACKED, change), "shelf.zip")
    except InputError:
        return
    assert all(item.name and item.space and len(item.name) <= 60 for item in found)


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
