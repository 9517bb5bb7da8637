"""``encode`` of pictures and tables in an object store: rows in are those taken and left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.cli.main import main
from core.images import galleries, sources
from core.spaces import registry
from tests.cli.test_encode import _asked
from tests.support.picture_files import encoded
from tests.support.s3_server import Bucket, bucket

Capture = pytest.CaptureFixture[str]
COLORS = {"red": (255, 0, 0), "sky blue": (90, 160, 255), "é": (0, 90, 0), "black": (0, 0, 0)}


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-4711")


@pytest.fixture(name="shop")
def _shop() -> Iterator[Bucket]:
    pictures = {f"photos/{name}.png": encoded(color) for name, color in COLORS.items()}
    others = {
        "photos/broken.jpg": b"\xff\xd8\xff no picture",
        "photos/notes/read me.txt": b"text",
        "photos/secret.png": encoded("white"),
        "photos/twice.png": encoded(COLORS["red"]),
        "texts.csv": f"text\nnobody wrote this {uuid4().hex}\nnor that\n".encode(),
    }
    with bucket(pictures | others) as shop:
        shop.forbidden.add("photos/secret.png")
        yield shop


def _left_out(answer: dict[str, Any]) -> dict[str, str]:
    told = (one["reason"].partition(": ") for one in answer["left_out"] if one["count"] == 1)
    return {name: why for name, _, why in told}


@pytest.mark.usefixtures("own_home")
def test_pictures_of_a_store_become_a_gallery_and_none_is_lost(
    capsys: Capture, tmp_path: Path, shop: Bucket
) -> None:
    out = tmp_path / "shop.parquet"
    asked = ("encode", shop.address("photos"), "--space", "colours", "--out", str(out))
    answer = _asked(capsys, *asked, "--with-pictures")
    assert {*_left_out(answer)} == {"broken.jpg", "secret.png", "notes/read me.txt"}
    assert answer["count"] + len(answer["left_out"]) == len(shop.objects) - 1
    # the two that are equal have one vector; the two that cannot be opened have none
    assert (answer["count"], answer["encoded"]) == (5, 4)
    gallery = galleries.link_folder(str(out))
    opened = galleries.load(gallery)
    assert opened.ids == [*sorted([*(f"{name}.png" for name in COLORS), "twice.png"])]
    at = opened.ids.index("sky blue.png")
    assert opened.open(at).getpixel((1, 1)) == COLORS["sky blue"]
    assert opened.own is not None
    assert opened.own.stated == "colours"
    [entry] = [one for one in registry.list_spaces() if one.space.name == "colours"]
    true = entry.image_encoder().encode_pictures([opened.open(at)])[0]
    np.testing.assert_allclose(opened.own.vectors[at], true, atol=1e-5)
    again = _asked(capsys, *asked)
    assert (again["encoded"], again["from_store"]) == (0, 5)
    assert "image" not in pq.read_table(out).column_names


def test_a_table_of_a_store_is_encoded(capsys: Capture, tmp_path: Path, shop: Bucket) -> None:
    out = tmp_path / "texts.parquet"
    answer = _asked(capsys, "encode", shop.address("texts.csv"), "--out", str(out))
    assert (answer["count"], answer["rows"]) == (2, 2)
    assert pq.read_table(out)["text"].to_pylist()[1] == "nor that"


@pytest.mark.parametrize(
    ("user", "path", "told"),
    [
        ("key:secret-4711@", "photos", "A key stands in the address"),
        ("", "nothing/", "Nothing lies at"),
    ],
)
def test_addresses_that_cannot_be_used_are_told(
    capsys: Capture, tmp_path: Path, shop: Bucket, user: str, path: str, told: str
) -> None:
    given = ["encode", shop.address(path, user), "--out", str(tmp_path / "e.npy")]
    assert main(given) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "secret-4711" not in error
    assert not (tmp_path / "e.npy").exists()


@pytest.mark.usefixtures("own_home")
def test_pictures_of_an_archive_are_not_encoded_elsewhere(capsys: Capture, tmp_path: Path) -> None:
    out = str(tmp_path / "e.npy")
    assert main(["encode", "openmoji", "--out", out, "--engine", "ray", "--space", "colours"]) == 2
    assert "no files of their own" in capsys.readouterr().err


@pytest.mark.usefixtures("own_home")
def test_what_is_everybody_s_needs_no_key(shop: Bucket) -> None:
    shop.signed.clear()
    found = sources.load_gallery(shop.address("photos", "anonymous@"))
    assert len(found) == 7  # with two that cannot be opened
    assert shop.signed and not any(shop.signed)
