"""Killed trainings of our networks go on from the last checkpoint, to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import faults_training
from benchmarks.faults_training import Found


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "kills"), [("encoder", 2), ("generator", 1)])
def test_a_killed_training_goes_on_and_gives_the_same_weights(kind: str, kills: int) -> None:
    found = faults_training.run(kind, kills, seed=1, short=True)
    assert found.wrong == []
    assert found.kills == kills


def test_what_would_be_wrong_is_found(tmp_path: Path) -> None:
    training = tmp_path / "training"
    training.mkdir()
    (training / "pixels.safetensors").write_bytes(b"half of it")
    assert len(faults_training.damaged(tmp_path)) == 1
    found = Found()
    before = {"pictures-checkpoint": 6, "generator-flow": 3}
    faults_training.look(before, ["step 7 of 9, ...", "flow: step 4 of 9", "other"], found)
    assert (found.wrong, found.went_on) == ([], ["checkpoint 6", "flow 3"])
    faults_training.look(before, ["step 1 of 9", "step 2 of 9"], found)
    faults_training.look(before, ["step 7 of 9", "step 9 of 9"], found)
    assert len(found.wrong) == 2
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "weights").write_bytes(b"1")
    faults_training.compare(tmp_path / "a", tmp_path / "b", found)
    faults_training.compare(tmp_path / "b", tmp_path / "b", found)
    assert len(found.wrong) == 4
    faults_training.compare(tmp_path / "a", tmp_path / "a", found)
    assert len(found.wrong) == 4
