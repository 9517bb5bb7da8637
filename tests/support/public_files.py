"""What the sources of public sets have, in small, for the server on loopback."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.images.public.catalog import PublicSet, find_set
from tests.support.hub_server import FakeHub
from tests.support.picture_files import encoded

HEADER = (
    "AUTHOR",
    "BORN-DIED",
    "TITLE",
    "DATE",
    "TECHNIQUE",
    "LOCATION",
    "URL",
    "FORM",
    "TYPE",
    "SCHOOL",
    "TIMEFRAME",
)
PAINTER = "BRUEGEL, Pieter"


def known_set(name: str) -> PublicSet:
    found = find_set(name)
    assert found is not None
    return found


def noise(seed: int, side: int = 64) -> bytes:
    """A picture that packs badly, so that its file has some size."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def table(
    pictures: Sequence[bytes], classes: Sequence[str] | None, **columns: Sequence[Any]
) -> bytes:
    """A Parquet file as the library ``datasets`` writes it, with names of classes or without."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"bytes": data, "path": None} for data in pictures]
    made = pa.table({"img": rows, **columns})
    if classes is not None:
        label = {"_type": "ClassLabel", "names": list(classes)}
        features = {"info": {"features": {"img": {"_type": "Image"}, "label": label}}}
        made = made.replace_schema_metadata({"huggingface": json.dumps(features)})
    stream = io.BytesIO()
    pq.write_table(made, stream)
    return stream.getvalue()


def add_cifar(hub: FakeHub, count: int = 6) -> bytes:
    """Both parts of a small CIFAR-10 on the hub; the bytes of the test part."""
    known = known_set("cifar10")
    pictures = [noise(at) for at in range(count)]
    labels = [at % 10 for at in range(count)]
    test = table(pictures, known.classes, label=labels)
    hub.datasets[known.source] = {
        "README.md": b"# CIFAR-10",
        "plain_text/test-00000-of-00001.parquet": test,
        "plain_text/train-00000-of-00001.parquet": table([encoded("red")], None, label=[9]),
    }
    return test


def add_flowers(hub: FakeHub) -> PublicSet:
    """A small tf_flowers, at an address of the server."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as packed:
        for name, data in {
            "flower_photos/LICENSE.txt": b"daisy/1.jpg CC-BY by Someone",
            "flower_photos/daisy/1.jpg": noise(1),
            "flower_photos/roses/2.jpg": noise(2),
            "flower_photos/roses/._2.jpg": b"junk",
            "flower_photos/../../evil.jpg": noise(3),
            "/etc/evil.jpg": noise(4),
            "flower_photos/notes.md": b"no picture",
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("flower_photos/roses/link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
    data = stream.getvalue()
    hub.plain["/flower_photos.tgz"] = data
    return replace(
        known_set("tf-flowers"),
        pictures=2,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        source=f"{hub.url}/flower_photos.tgz",
    )


def catalogue(rows: Sequence[Sequence[str]], *, header: Sequence[str] = HEADER) -> bytes:
    """A catalogue as the Web Gallery of Art has it: semicolons, Windows-1252."""
    lines = io.StringIO(newline="")
    csv.writer(lines, delimiter=";").writerows([list(header), *map(list, rows)])
    return lines.getvalue().encode("cp1252")


def work(url: str, title: str = "Still-Life", school: str = "Flemish", kind: str = "genre") -> Any:
    """A row of the catalogue."""
    return (
        PAINTER,
        "(1525-69)",
        title,
        "1565",
        "Oil on panel",
        "Musée",
        url,
        "painting",
        kind,
        school,
        "1551-1600",
    )


def packed(data: bytes, name: str = "catalog.csv") -> bytes:
    """The catalogue's archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def add_web_gallery(hub: FakeHub, count: int = 5) -> list[str]:
    """A small Web Gallery of Art on the server; the paths of its pictures."""
    paths = [f"b/bruegel/pieter_e/{at:02}pic.jpg" for at in range(count)]
    rows = [
        work(
            f"https://www.wga.hu/html/{path.removesuffix('.jpg')}.html",
            f"Title {at}\nin two lines",
            "Italian" if at % 2 else "Flemish",
        )
        for at, path in enumerate(paths)
    ]
    hub.plain["/database/download/data_txt.zip"] = packed(catalogue(rows))
    for at, path in enumerate(paths):
        hub.plain[f"/art/{path}"] = noise(100 + at, 16)
    return paths


def kept(home: Path) -> list[str]:
    """What lies below the data home of downloads, without locks and empty folders."""
    found = [path for top in ("hub", "downloads") for path in (home / top).rglob("*")]
    return sorted(path.name for path in found if path.is_file() and path.name != ".lock")
