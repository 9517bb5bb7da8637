"""``python -m core graph path`` and ``graph around``: their JSON and their errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.main import main
from tests.cli.test_main import call
from tests.support.graph_fixtures import FAMILY

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def family(tmp_path: Path) -> str:
    file = tmp_path / "family.tsv"
    file.write_text("".join("\t".join(triple) + "\n" for triple in FAMILY["train"]))
    return str(file)


def test_paths_are_told_with_their_triples(family: str, capsys: Capture) -> None:
    status, answer, _ = call(capsys, "graph", "path", family, "anna", "Ben", "-k", "2")
    assert status == 0
    assert (answer["from"], answer["to"], answer["directed"]) == (
        {"id": "anna"},
        {"id": "ben"},
        False,
    )
    assert [path["length"] for path in answer["paths"]] == [1, 2]
    assert answer["paths"][0]["links"] == [
        [
            {"head": "anna", "relation": "parent of", "tail": "ben", "part": "train"},
            {"head": "ben", "relation": "child of", "tail": "anna", "part": "train"},
        ]
    ]
    assert answer["paths"][0]["text"] == "anna —parent of→ / ←child of— ben"
    assert [one["id"] for one in answer["paths"][1]["entities"]] == ["anna", "cora", "ben"]
    asked = ("graph", "path", family, "ben", "dora", "--directed")
    assert call(capsys, *asked)[1]["paths"] == []
    assert main(["graph", "path", family, "ben", "dora"]) == 0
    assert capsys.readouterr().out == "There is no path.\n"


def test_what_is_around_an_entity(family: str, capsys: Capture) -> None:
    _, answer, _ = call(capsys, "graph", "around", family, "ben", "--relation", "sibling of")
    assert {one["relation"] for one in answer["triples"]} == {"sibling of"}
    assert [one["id"] for one in answer["entities"]] == ["ben", "cora"]
    _, near, _ = call(capsys, "graph", "around", family, "ben", "--limit", "1")
    assert (len(near["triples"]), near["left_out"]) == (2, 2)
    _, far, _ = call(capsys, "graph", "around", family, "ben", "--depth", "2")
    assert len(far["triples"]) == 6
    assert (far["left_out"], far["depth"]) == (0, 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("path", "nations", "usa", "usa"), "begins and ends at one entity"),
        (("path", "nations", "usa", "chna"), "Did you mean china"),
        (("path", "nations", " ", "usa"), "“” is not an entity of nations"),
        (("around", "nations", "usa", "--relation", ""), "“” is not a relation"),
        (("around", "nations", "usa", "--depth", "0"), "--depth is 0. From 1 to 6."),
        (("around", "nations", "usa", "--relation", "embasy"), "Did you mean embassy"),
    ],
)
def test_what_cannot_be_done_is_told(
    arguments: tuple[str, ...], said: str, capsys: Capture
) -> None:
    assert main(["graph", *arguments]) == 2
    assert said in capsys.readouterr().err
