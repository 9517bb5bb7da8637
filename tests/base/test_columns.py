"""Downloads are safe to open."""

import math

from core.base.columns import join_columns, to_csv


def test_csv_is_quoted_and_cannot_run_in_a_spreadsheet() -> None:
    data = to_csv({"word": ['say "hi", you', "=1+1", "@x", "-king", "über"], "score": [1] * 5})
    assert data.decode("utf-8-sig").splitlines() == [
        "word,score",
        '"say ""hi"", you",1',
        "'=1+1,1",
        "'@x,1",
        "'-king,1",
        "über,1",
    ]


def test_a_text_that_is_missing_is_no_word() -> None:
    missing = float("nan")
    joined = join_columns({"note": ["a", missing], "share": [0.5, missing]})
    assert joined["note"] == ["a", None]
    assert math.isnan(joined["share"][1])
