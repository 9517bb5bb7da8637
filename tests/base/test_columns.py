"""Downloads are safe to open."""

from core.base.columns import to_csv


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
