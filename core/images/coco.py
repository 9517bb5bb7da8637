"""Pictures with boxes of COCO: the class of the largest box as label, or each box a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from core.base.errors import InputError, PictureError, counted, shorten
from core.images.gallery import Gallery
from core.readers.coco import Annotations, Box
from core.readers.tables import Table
from core.spaces.vector_store import item_digest

if TYPE_CHECKING:
    import pandas as pd
    from PIL import Image

FILE, LABEL = "file_name", "label"


def as_table(found: Annotations) -> tuple[Table, list[tuple[Box, ...]]]:
    """Annotations as a table with a row a picture, and the boxes of each row.

    Its columns: the file's name, the class of the largest box, all classes, how many boxes, and
    captions where there are any.
    """
    import pandas as pd

    boxes = [one.boxes for one in found.pictures]
    columns: dict[str, object] = {
        FILE: [one.path for one in found.pictures],
        LABEL: [max(held, key=lambda box: box.area).label if held else "" for held in boxes],
        "labels": [", ".join(sorted({box.label for box in held})) for held in boxes],
        "boxes": [len(held) for held in boxes],
    }
    if any(one.caption for one in found.pictures):
        columns["caption"] = [one.caption for one in found.pictures]
    if not any(boxes):
        columns = {name: columns[name] for name in (FILE, "caption") if name in columns}
    return Table(pd.DataFrame(columns), ()), boxes


def crops(gallery: Gallery, boxes: Sequence[Sequence[Box]]) -> Gallery:
    """Each box of a gallery's pictures as a picture of its own, called ``picture#box``.

    Args:
        boxes: those of each picture.

    Raises:
        InputError: there are none.
    """
    places = [(row, box) for row, held in enumerate(boxes) for box in held]
    if not places:
        raise InputError(
            f"{counted(len(gallery), 'picture')} of {shorten(gallery.name)} have no box.",
            "Annotations with “bbox” are needed for crops.",
            "Leave the boxes out, or name another file.",
        )
    opened = lru_cache(maxsize=2)(gallery.open)  # boxes of one picture follow each other

    def cut(number: int) -> Image.Image:
        row, box = places[number]
        picture = opened(row)
        left, upper, right, lower = box.corners
        right, lower = min(right, picture.width), min(lower, picture.height)
        if left >= right or upper >= lower:
            raise PictureError(
                f"The box {box.name} is outside “{shorten(gallery.ids[row])}”.",
                f"That has {picture.width:,} x {picture.height:,} pixels.",
                "Check the annotations.",
            )
        return picture.crop((left, upper, right, lower))

    rows = [row for row, _ in places]
    captions = gallery.captions
    return replace(
        gallery,
        ids=[f"{gallery.ids[row]}#{box.name}" for row, box in places],
        digests=[
            item_digest(gallery.digests[row] + repr(box.corners).encode()) for row, box in places
        ],
        open=cut,
        captions=None if captions is None else [captions[row] for row in rows],
        texts=tuple([column[row] for row in rows] for column in gallery.texts),
        frame=_frame(gallery, rows, [box for _, box in places]),
        own=None,
        places=(),
    )


def _frame(gallery: Gallery, rows: Sequence[int], boxes: Sequence[Box]) -> pd.DataFrame:
    """What is known of each box: its class and size in place of the picture's."""
    frame = gallery.frame.iloc[list(rows)].reset_index(drop=True)
    frame = frame.drop(columns=[name for name in ("labels", "boxes") if name in frame])
    frame[LABEL] = [box.label for box in boxes]
    frame["picture"] = [gallery.ids[row] for row in rows]
    frame["box width"] = [box.corners[2] - box.corners[0] for box in boxes]
    frame["box height"] = [box.corners[3] - box.corners[1] for box in boxes]
    return frame
