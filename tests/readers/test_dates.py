"""Dates in tables of text are dates, as those of Parquet are."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
import pytest

from core.maps.colors import color_by
from core.readers.dates import to_dates
from core.readers.table_columns import cell_text
from core.readers.tables import read_table
from core.sentences import datasets

DAY, NIGHT = dt.datetime(2024, 1, 31), dt.datetime(2023, 12, 24, 18, 30)


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-01-31", "2023-12-24 18:30"],
        ["2024/01/31", "2023/12/24T18:30:00"],
        ["31.1.2024", "24.12.2023 18:30"],
        ["31/01/2024", "24/12/2023 18:30:00.000"],
        ["1/31/2024", "12/24/2023 18:30"],
    ],
)
def test_the_usual_forms_are_dates(cells: list[str]) -> None:
    assert to_dates([*cells, ""]) == [DAY, NIGHT, ""]


def test_times_of_zones_become_those_of_utc() -> None:
    utc = NIGHT.replace(tzinfo=dt.UTC)
    assert to_dates(["2023-12-24T18:30Z", "2023-12-24 20:30:00+02:00"]) == [utc, utc]


@pytest.mark.parametrize(
    "cells",
    [
        ["01/02/2024", "03/04/2024"],  # which is the day?
        ["13/12/2024", "12/13/2024"],
        ["2024-02-30"],
        ["2024-01-31", "soon"],
        ["2024-01-31", "31.1.2024"],
        ["2024-01-31T10:00Z", "2024-01-31T10:00"],
        ["2024", "2025"],
        ["1.2.3"],
        ["", ""],
        ["2024-01-31", 7],
    ],
)
def test_what_may_be_something_else_stays_as_it_is(cells: list[str | int]) -> None:
    assert to_dates(cells) == cells


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.json"])
def test_a_column_of_dates_is_one_of_times(name: str, own_home: object) -> None:
    rows = [("one thing", "2024-01-31"), ("another thing", "2023-12-24"), ("the last", "")]
    if "json" in name:
        items = [{"text": text, "day": day or None} for text, day in rows]
        text = "\n".join(map(json.dumps, items)) if name.endswith("l") else json.dumps(items)
    else:
        mark = "\t" if name == "a.tsv" else ","
        text = "\n".join([f"text{mark}day", *(mark.join(row) for row in rows)])
    table = read_table(name, text.encode())
    assert table.frame["day"].tolist()[:2] == [pd.Timestamp(DAY), pd.Timestamp(2023, 12, 24)]
    assert table.frame["day"].isna().tolist() == [False, False, True]
    kept = datasets.load_texts(datasets.keep_table(name, table))
    assert kept.metadata["day"].dtype.kind == "M"
    assert [cell_text(day) for day in kept.metadata["day"]] == ["2024-01-31", "2023-12-24", ""]
    coloring = color_by("day", kept.metadata["day"])
    assert coloring.numbers is not None
    assert coloring.numbers[0] > coloring.numbers[1]
