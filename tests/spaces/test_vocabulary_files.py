"""Vocabularies on disk: built in pieces, resumed, loaded whole, and never read when damaged."""

from pathlib import Path

import numpy as np
import pytest

from core.base.errors import Cancelled, InputError, StorageError
from core.spaces import vocabulary_files
from core.spaces.vocabulary import Vocabulary
from core.storage import data_home
from tests.conftest import SMALL, FakeEncoder

WORDS = [f"word{number}" for number in range(5_000)]


def test_what_is_built_loads_with_the_same_vectors_and_answers(tmp_path: Path) -> None:
    encoder = FakeEncoder()
    vocabulary_files.build(SMALL, WORDS, encoder, tmp_path / "v")
    vocabulary, index = vocabulary_files.load(tmp_path / "v")
    assert vocabulary.words == WORDS
    assert vocabulary.vectors == pytest.approx(encoder.encode(WORDS))
    assert vocabulary.space == SMALL
    assert index.search(vocabulary.vectors[[7]], 1)[1][0, 0] == 7
    assert [path.name for path in tmp_path.iterdir()] == ["v"]


def test_a_cancelled_build_goes_on_where_it_stopped(tmp_path: Path) -> None:
    def stop_late(done: int, total: int, note: str = "") -> None:
        if done >= 4_000:
            raise Cancelled("The build")

    first, second = FakeEncoder(), FakeEncoder()
    with pytest.raises(Cancelled):
        vocabulary_files.build(SMALL, WORDS, first, tmp_path / "v", stop_late)
    assert not (tmp_path / "v").exists()
    vocabulary_files.build(SMALL, WORDS, second, tmp_path / "v")
    assert first.asked + second.asked == WORDS


def test_what_was_finished_before_is_in_the_first_report_and_so_no_part_of_the_rate(
    tmp_path: Path,
) -> None:
    def stop_late(done: int, total: int, note: str = "") -> None:
        if done >= 4_000:
            raise Cancelled("The build")

    with pytest.raises(Cancelled):
        vocabulary_files.build(SMALL, WORDS, FakeEncoder(), tmp_path / "v", stop_late)
    reports: list[int] = []
    vocabulary_files.build(
        SMALL,
        WORDS,
        FakeEncoder(),
        tmp_path / "v",
        lambda done, total, note="": reports.append(done),
    )
    assert reports == [4_000, 5_000]


def test_what_is_finished_can_be_asked_before_the_rest(tmp_path: Path) -> None:
    counts: list[int] = []

    def ask(done: int, total: int, note: str = "") -> None:
        known = counts[-1] if counts else 0
        words = vocabulary_files.read_finished(SMALL, WORDS, tmp_path / "v", known)
        if words is None:
            assert done <= known or done == total
            return
        counts.append(len(words))
        assert words.words == WORDS[:done]
        np.testing.assert_allclose(words.vectors, FakeEncoder().encode(WORDS[:done]), atol=1e-6)

    vocabulary_files.build(SMALL, WORDS, FakeEncoder(), tmp_path / "v", ask)
    assert counts[:4] == [500, 1_000, 2_000, 4_000]
    assert vocabulary_files.read_finished(SMALL, WORDS, tmp_path / "v") is None  # they are whole


def test_a_half_written_piece_is_made_again(tmp_path: Path) -> None:
    parts = tmp_path / "v.parts"
    parts.mkdir()
    (parts / f"000000000.{'0' * 64}.npy").write_bytes(b"\x93NUMPY half")
    np.save(parts / "other.npy", np.zeros((3, 4), dtype=np.float32))
    data = (parts / "other.npy").read_bytes()  # whole, but of another shape
    (parts / f"000002000.{data_home.sha256(data)}.npy").write_bytes(data)
    encoder = FakeEncoder()
    vocabulary_files.build(SMALL, WORDS, encoder, tmp_path / "v")
    assert encoder.asked == WORDS


@pytest.mark.parametrize("name", ["vectors.npy", "words.json", "codes.faiss"])
def test_a_damaged_file_is_found_by_its_digest(tmp_path: Path, name: str) -> None:
    vocabulary_files.build(SMALL, WORDS, FakeEncoder(), tmp_path / "v")
    path = tmp_path / "v" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(StorageError, match="not what was written"):
        vocabulary_files.load(tmp_path / "v")
    path.unlink()
    with pytest.raises(StorageError, match="No such file"):
        vocabulary_files.load(tmp_path / "v")


@pytest.mark.parametrize("text", ["", "[]", '{"sha256": 3}', '{"sha256": {}}'])
def test_a_damaged_description_is_told(tmp_path: Path, text: str) -> None:
    vocabulary_files.save(SMALL, ["a"], np.ones((1, 4), dtype=np.float32), tmp_path / "v")
    (tmp_path / "v" / "about.json").write_text(text)
    with pytest.raises(StorageError, match="damaged"):
        vocabulary_files.read_about(tmp_path / "v")


def test_words_and_vectors_must_be_as_many() -> None:
    with pytest.raises(InputError, match="one vector for each"):
        Vocabulary(SMALL, ["a", "b"], np.ones((1, 4), dtype=np.float32), "x")


def test_vectors_are_read_only(royal: Vocabulary) -> None:
    with pytest.raises(ValueError, match="read-only"):
        royal.vectors[0, 0] = 5
