"""Reading triples: separators, line ends, damage, limits; splitting; known graphs; archives."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given, settings, strategies as some

from core.base.errors import DamagedError, InputError, NotReadyError, UnknownTermError
from core.graphs import sources, store, training
from core.graphs.archives import unpack
from core.graphs.columns import Columns, find_columns
from core.graphs.graph import Graph, build_graph, split
from core.graphs.names import read_names
from core.graphs.settings import Settings
from core.graphs.triples import read_triples
from tests.support.graph_fixtures import FAMILY, family

NAMES = some.text(
    some.characters(exclude_categories=("C", "Z"), exclude_characters='\t,;|"'),
    min_size=1,
    max_size=12,
)
AS_THEY_STAND = Columns((0, 1, 2), -1, False, ("column 1", "column 2", "column 3"))
TRIPLES = some.lists(some.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=20)


@settings(deadline=None)
@example([("[1]", "r", "[2]")], ",", "\n")
@example([("{a}", "r", "b")], "\t", "\n")
@given(TRIPLES, some.sampled_from("\t,;|"), some.sampled_from(["\n", "\r\n", "\r"]))
def test_what_was_written_is_read(rows: list[tuple[str, str, str]], mark: str, end: str) -> None:
    if find_columns(rows) not in (None, AS_THEY_STAND):
        return  # its first row reads as a header by its names, or the relation as the last
    text = end.join(mark.join(row) for row in rows) + end
    assume(not text.startswith(("[[", "[{")))  # then it is damaged JSON
    reading = read_triples("t.txt", text.encode())
    assert reading.parts["train"] == rows
    assert [note for note in reading.notes if "Numbers or dates" not in note] == []


@settings(deadline=None)
@given(some.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    try:
        reading = read_triples("t.txt", data)
    except InputError as error:
        assert error.given and error.expected and error.remedy
    else:
        assert all(all(cell and "\n" not in cell for cell in row) for row in reading.parts["train"])
        assert reading.rows >= reading.taken


def test_header_quotes_and_a_column_with_the_part() -> None:
    text = 'Head,Relation,Tail,split\n"Berlin, Mitte",in,Berlin,train\na,in,b,dev\nc,in,d,Test\n'
    reading = read_triples("t.csv", b"\xef\xbb\xbf" + text.encode())
    parts = reading.parts
    assert parts["train"] == [("Berlin, Mitte", "in", "Berlin")]
    assert parts["valid"] == [("a", "in", "b")]
    assert parts["test"] == [("c", "in", "d")]
    assert reading.notes == []


def test_what_cannot_be_used_is_left_out_and_told() -> None:
    lines = [
        "a\tr\tb",
        "",
        "only\ttwo",
        "a,r,c",
        "x\t\ty",
        "a\tr\t" + "z" * 2_000,
        "   ",
        "a\tr\td\tnowhere",
        "b\tr\tc\t\t",
    ]
    reading = read_triples("t.tsv", "\r\n".join(lines).encode())
    assert reading.parts["train"] == [("a", "r", "b"), ("a", "r", "c"), ("b", "r", "c")]
    told = "\n".join(reading.notes)
    assert "Skipped: 2 blank lines" in told
    assert "3 lines (3, 5, 8)" in told
    assert "another separator than the rest: 1 line" in told
    assert "more than 1,000 characters: 1 line" in told


def test_latin_1_is_read_where_it_is_no_utf_8() -> None:
    reading = read_triples("t.tsv", "Köln\tin\tNRW".encode("cp1252"))
    assert reading.parts["train"] == [("Köln", "in", "NRW")]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"a\tb\n", b"head,relation,tail\n"])
def test_a_file_without_a_triple_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="holds no triple"):
        read_triples("t.tsv", data)


def test_too_many_lines_are_refused_with_the_limit() -> None:
    with pytest.raises(InputError, match=r"10,000,000 lines.*At most 2,000,000 lines"):
        read_triples("t.tsv", b"\n" * 10_000_000)


def test_one_triple_is_read_and_too_few_to_train(tmp_path: Path) -> None:
    path = tmp_path / "one.tsv"
    path.write_text("a\tr\tb\n")
    graph = sources.load_graph(str(path))
    assert graph.triples.tolist() == [[0, 0, 1]]
    with pytest.raises(InputError, match=r"has 1 training triple.*Training needs 2 or more"):
        training.train(graph, Settings())


def test_doubles_and_what_is_only_in_test_are_left_out() -> None:
    graph = family()
    assert (len(graph.train), len(graph.valid), len(graph.test)) == (7, 1, 1)
    assert graph.entities == ["anna", "ben", "cora", "dora", "emil"]
    assert "in no training triple: 1 triple" in graph.notes[0]
    double = build_graph("d", {"train": [*FAMILY["train"]] * 2, "test": FAMILY["train"][:1]})
    assert (len(double.train), len(double.test)) == (7, 0)
    assert "given twice: 8 triples" in double.notes[0]


@settings(deadline=None)
@given(some.integers(20, 80), some.integers(2, 12), some.integers(0, 2**32 - 1))
def test_a_split_keeps_every_entity_and_relation_in_training(
    count: int, names: int, seed: int
) -> None:
    drawn = np.random.default_rng(seed).integers(0, names, size=(count, 3))
    whole = np.unique(drawn, axis=0)
    rows = [tuple(row) for row in whole.tolist()]
    parts = split(whole)
    assert sorted(map(tuple, np.concatenate(list(parts.values())).tolist())) == sorted(rows)
    for columns in ([0, 2], [1]):
        assert set(whole[:, columns].ravel()) == set(parts["train"][:, columns].ravel())
    again = split(whole)
    assert all((parts[name] == again[name]).all() for name in parts)


def test_a_name_is_found_as_typed_and_near_ones_are_offered() -> None:
    graph = sources.load_graph("nations")
    usa = graph.entity("usa")
    assert graph.entities[usa] == "usa"
    assert graph.entity(" USA ") == usa
    with pytest.raises(UnknownTermError, match=r"Did you mean.*netherlands"):
        graph.entity("netherland")
    with pytest.raises(UnknownTermError, match=r"Did you mean.*embassy"):
        graph.relation("embasy")
    labelled = build_graph("l", FAMILY, labels={"anna": "Anna Smith"})
    assert labelled.label(labelled.entity("anna smith")) == "Anna Smith"


@pytest.mark.parametrize(
    ("name", "counts", "parts"),
    [
        ("nations", (14, 55), (1_592, 199, 201)),
        ("Kinship", (104, 25), (8_544, 1_068, 1_074)),
        ("UMLS", (135, 46), (5_216, 652, 661)),
    ],
)
def test_the_bundled_graphs_are_pykeens_with_its_split(
    name: str, counts: tuple[int, int], parts: tuple[int, int, int]
) -> None:
    graph = sources.load_graph(name)
    assert (len(graph.entities), len(graph.relations)) == counts
    assert tuple(len(part) for part in graph.parts.values()) == parts
    assert graph.notes == ()


@pytest.mark.slow
def test_fb15k_237_is_read_from_its_archive_with_crlf_and_labels(
    shared_data: Callable[[str], Path],
) -> None:
    archive = shared_data("graphs/FB15k-237.tar.gz")
    labels = shared_data("graphs/fb15k_237_entity_labels.json")
    graph = sources.load_graph(str(archive), labels)
    assert (len(graph.entities), len(graph.relations)) == (14_505, 237)
    assert [len(part) for part in graph.parts.values()] == [272_115, 17_526, 20_438]
    assert "in no training triple: 37 triples" in graph.notes[0]
    assert not any("\r" in name for name in (*graph.entities, *graph.relations))
    assert graph.label(graph.entity("/m/010016")) == "Denton"
    assert graph.entity("Denton") == graph.entity("/m/010016")


def packed(kind: str, files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return out.getvalue()
    with tarfile.open(fileobj=out, mode="w:gz") as held:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            held.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


FILES = {
    "kg/train.tsv": "a\tr\tb\nb\tr\tc\n",
    "kg/dev.tsv": "a\tr\tc\n",
    "kg/test.tsv": "c\tr\ta\n",
    "kg/notes.md": "no triples",
    "__MACOSX/train.tsv": "x",
}


@pytest.mark.parametrize(("kind", "name"), [("zip", "kg.zip"), ("tar", "kg.tar.gz")])
def test_an_archive_and_a_folder_hold_the_parts(tmp_path: Path, kind: str, name: str) -> None:
    (tmp_path / name).write_bytes(packed(kind, FILES))
    graph = sources.load_graph(str(tmp_path / name))
    assert [len(part) for part in graph.parts.values()] == [2, 1, 1]
    folder = tmp_path / "folder"
    folder.mkdir()
    for part in ("train", "dev", "test"):
        (folder / f"{part}.tsv").write_text(FILES[f"kg/{part}.tsv"])
    assert sources.load_graph(str(folder)).digest == graph.digest


@pytest.mark.parametrize("name", ["kg.zip", "kg.tar.gz"])
def test_a_damaged_archive_is_told(tmp_path: Path, name: str) -> None:
    whole = packed("zip" if name.endswith("zip") else "tar", FILES)
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError):
        sources.load_graph(str(tmp_path / name))


@pytest.mark.parametrize(("at", "value"), [(8, 1), (10, 99)])  # a password; an unknown method
def test_an_archive_that_is_packed_otherwise_is_told(at: int, value: int) -> None:
    data = bytearray(packed("zip", {"train.tsv": FILES["kg/train.tsv"]}))
    for mark, gap in ((b"PK\x01\x02", 0), (b"PK\x03\x04", -2)):
        data[data.index(mark) + at + gap] = value
    with pytest.raises(InputError, match="could not be unpacked"):
        unpack("kg.zip", bytes(data))


def test_a_graph_that_was_brought_is_opened_by_its_name_whatever_lies_beside(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    triples = b"a\tr\tb\nb\tr\tc\nc\tr\ta\na\tr\tc\n"
    name = sources.keep_own("docs", {"docs.tsv": triples})
    (tmp_path / name).mkdir()
    (tmp_path / name / "train.tsv").write_bytes(triples.replace(b"a", b"other"))
    assert sources.load_named(name).entities == ["a", "b", "c"]
    assert "other" in sources.load_graph(name).entities  # a path goes first for a verb
    for wrong in ("../docs", str(tmp_path / name), "nothing", ""):
        with pytest.raises(InputError, match="no graph called"):
            sources.load_named(wrong)
    assert sources.keep_own("docs.tsv", {"docs.tsv": triples}) == name  # it is kept already
    assert sources.keep_own("docs", {"docs.tsv": triples + b"c\tr\tb\n"}) == f"{name}-2"
    assert sources.list_own() == [name, f"{name}-2"]
    alike = sources.keep_own("FB15k-237.tsv", {"x.tsv": triples})  # and not that known graph
    assert sources.load_named(alike).entities == ["a", "b", "c"]
    assert sources.load_named("nations").name == "nations"


def test_what_is_not_there_is_told(own_home: Path) -> None:
    with pytest.raises(InputError, match="Did you mean nations"):
        sources.load_graph("nation1")
    with pytest.raises(NotReadyError, match="FB15k-237 is not on this computer"):
        sources.load_graph("fb15k-237")


def test_labels_are_read_from_json_and_tsv_or_refused() -> None:
    names = ["a", "b"]
    as_json = json.dumps({"a": {"label": "Anna "}, "b": "Ben", "c": 3}).encode()
    assert read_names("l.json", as_json, names) == {"a": "Anna", "b": "Ben"}
    assert read_names("l.tsv", b"a\tAnna\nz\tZoe\n", names) == {"a": "Anna"}
    for wrong in (b"{broken", b"", b"x\ty\n", b"{}"):
        with pytest.raises(InputError, match="names none of the 2 entities"):
            read_names("l", wrong, names)


def written(graph: Graph, folder: Path) -> Path:
    folder.mkdir()
    store.write_graph(graph, folder)
    return folder


def test_a_graph_on_disk_is_the_same_and_damage_is_told(tmp_path: Path) -> None:
    graph = build_graph("family", FAMILY, labels={"anna": "Anna Smith"})
    folder = written(graph, tmp_path / "g")
    again = store.read_graph(folder)
    assert again.digest == graph.digest
    assert again.labels == graph.labels
    assert again.notes == graph.notes
    table = folder / store.TRIPLES
    table.write_bytes(table.read_bytes() + b"x\ty\tz\ttrain\n")
    with pytest.raises(DamagedError, match="not what was written"):
        sources.load_graph(str(folder))
    table.unlink()
    with pytest.raises(DamagedError, match="missing"):
        sources.load_graph(str(folder))


def test_names_are_found_by_any_blanks_and_none_by_an_empty_one() -> None:
    graph = build_graph("g", {"train": [("new york", "lies_in", "usa"), ("usa", "has", "x")]})
    assert graph.entity(" new\n york ") == graph.entity("New_York") == graph.entity("new york")
    for text in ("", " \n"):
        with pytest.raises(UnknownTermError, match="“” is not an entity of g"):
            graph.entity(text)
        with pytest.raises(UnknownTermError, match="“” is not a relation of g"):
            graph.relation(text)
