"""What two texts have otherwise, by hand and for any text."""

from hypothesis import given, strategies as st

from core.sentences.differences import mark_differences


@given(st.text(max_size=60), st.text(max_size=60))
def test_marked_pieces_are_the_text(text: str, other: str) -> None:
    marked = mark_differences(text, other)
    assert "".join(piece for piece, _ in marked) == text
    assert not any(differs for _, differs in mark_differences(text, text))


def test_differences_by_hand() -> None:
    assert mark_differences("A blue cat sleeps", "a red cat sleeps") == [
        ("A ", False),
        ("blue", True),
        (" cat sleeps", False),
    ]
