"""Downloads are safe to open."""

import math

from core.base.columns import export_columns, join_columns, to_csv


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


def test_what_an_export_added_is_not_added_again() -> None:
    known = {"id": [1, 2], "x": [0.1, 0.7], "text": ["a", "b"], "y": [3, 4]}
    single = 0.10000000149011612  # 0.1 in single precision
    joined = export_columns({"id": ["1", "2"], "x": [single, 0.7], "y": [3.0, 5.0]}, known)
    assert joined == {
        "id": ["1", "2"],
        "x": [0.1, 0.7],
        "y": [3.0, 5.0],
        "text": ["a", "b"],
        "y (2)": [3, 4],
    }
