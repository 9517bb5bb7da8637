"""Files of triples as people have them: each row is a triple of the right columns, or is told."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.base.errors import InputError
from core.graphs import sources
from core.graphs.graph import Graph, Triple
from core.graphs.names import read_names
from core.graphs.openke import is_openke, read_openke
from core.graphs.triples import LINKED, ReadAs, Reading, read_triples

CASES = Path(__file__).parent.parent / "cases" / "graphs"
# What most files of the cases hold.
CITIES: list[Triple] = [
    ("berlin", "capital_of", "germany"),
    ("paris", "capital_of", "france"),
    ("rome", "capital_of", "italy"),
    ("vienna", "capital_of", "austria"),
    ("madrid", "capital_of", "spain"),
    ("germany", "in", "europe"),
    ("france", "in", "europe"),
    ("italy", "in", "europe"),
    ("austria", "in", "europe"),
    ("spain", "in", "europe"),
    ("germany", "borders", "france"),
    ("germany", "borders", "austria"),
    ("france", "borders", "spain"),
    ("france", "borders", "italy"),
    ("italy", "borders", "austria"),
    ("france", "borders", "germany"),
    ("austria", "borders", "germany"),
]


def read(text: str | bytes, name: str = "t.csv", **how: object) -> Reading:
    data = text.encode() if isinstance(text, str) else text
    return read_triples(name, data, ReadAs(**how))  # type: ignore[arg-type]


def rows(header: str, line: str, mark: str = ",") -> str:
    """A table of the cities with a header and lines in which h, r, t and i are filled in."""
    lines = [
        line.format(h=head, r=relation, t=tail, i=i)
        for i, (head, relation, tail) in enumerate(CITIES)
    ]
    return "\n".join([*([header] if header else []), *lines]).replace(",", mark) + "\n"


@pytest.mark.parametrize(
    "file", ["htr.csv", "other_header.csv", "index.csv", "weight.csv", "jsonl.jsonl"]
)
def test_the_members_come_from_their_columns(file: str) -> None:
    reading = read_triples(file, (CASES / file).read_bytes())
    assert reading.parts["train"] == CITIES
    assert (reading.rows, reading.taken) == (17, 17)


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("subject,predicate,object", "{h},{r},{t}"),
        ("s,p,o", "{h},{r},{t}"),
        ("object,subject,predicate", "{t},{h},{r}"),
        ("from,to,relation", "{h},{t},{r}"),
        ("source,target,label", "{h},{t},{r}"),
        ("Source,Target,Type,Id,Label,Weight", "{h},{t},Directed,{i},{r},1.0"),
        ("r,h,t", "{r},{h},{t}"),
        ("source_id,target_id,edge_type", "{h},{t},{r}"),
        (":START_ID,:END_ID,:TYPE", "{h},{t},{r}"),
        ("node_1,node_2,relationship", "{h},{t},{r}"),
        ("Head Entity,Tail Entity,Relation Type", "{h},{t},{r}"),
        ("headLabel,relationLabel,tailLabel", "{h},{r},{t}"),
        ("subject,subject_type,predicate,object,object_type", "{h},thing,{r},{t},thing"),
        ("id,from,rel,to", "{i},{h},{r},{t}"),
        ("Unnamed: 0,subject,verb,object,score", "{i},{h},{r},{t},0.5"),
        ("subject,verb_used,object", "{h},{r},{t}"),
        ("person_a,how,person_b", "{h},{r},{t}"),  # names that no list has
        ("", "{h},{t},{r}"),  # no header, and the relation last
        ("", "{i},{h},{r},{t}"),
        ("", "{h},{r},{t},0.25"),
        ("", "{i},{h},{r},{t},0.25"),
    ],
)
@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_columns_are_found_in_any_order(header: str, line: str, mark: str) -> None:
    reading = read(rows(header, line, mark))
    assert reading.parts["train"] == CITIES
    assert reading.rows == 17
    if header not in ("subject,predicate,object", "s,p,o", "headLabel,relationLabel,tailLabel"):
        told = " ".join(reading.notes)
        assert (
            "by their names" in told
            or "set aside" in told
            or "Read as a header" in told
            or ("has few names" in told)
            or header == "subject,verb_used,object"
        )


def test_an_edge_list_without_relations_gets_one_and_says_so() -> None:
    reading = read("source,target\na,b\nb,c\n")
    assert reading.parts["train"] == [("a", LINKED, "b"), ("b", LINKED, "c")]
    assert "No column names the relation" in reading.notes[-1]


def test_columns_can_be_chosen_by_name_and_by_number() -> None:
    text = "who;whom;how\nanna;ben;knows\nben;cora;likes\n"
    expected = [("anna", "knows", "ben"), ("ben", "likes", "cora")]
    assert read(text, columns="who,how,whom").parts["train"] == expected
    assert read(text, columns="1,3,2", header=True).parts["train"] == expected
    without = read(text.partition("\n")[2], columns="1,3,2").parts["train"]
    assert without == expected
    for wrong in ("who,how", "who,who,how", "who,how,where", "1,3,9"):
        with pytest.raises(InputError):
            read(text, columns=wrong)


def test_a_header_can_be_told_to_be_none() -> None:
    text = "head,relation,tail\na,r,b\n"
    assert read(text, header=False).parts["train"] == [
        ("head", "relation", "tail"),
        ("a", "r", "b"),
    ]
    assert read("x1,x2,x3\na,r,b\n", header=True).parts["train"] == [("a", "r", "b")]


def test_columns_that_cannot_be_told_apart_are_asked_for() -> None:
    with pytest.raises(InputError, match=r"Which of 5 columns.*--columns"):
        read("a,b,c,d,e\nf,g,h,i,j\n")


def test_quotation_marks_hold_separators_and_line_ends() -> None:
    reading = read_triples("newline.csv", (CASES / "newline.csv").read_bytes())
    assert reading.parts["train"][0] == ("berlin (city)", "capital_of", "germany")
    assert (reading.rows, reading.taken) == (17, 17)
    for mark in ",;\t|":
        text = f'"a{mark} ""b""\nc"{mark}r{mark}d\nd{mark}r{mark}e\n'
        assert read(text).parts["train"] == [(f'a{mark} "b" c'.replace("\t ", " "), "r", "d"), (
            "d", "r", "e"
        )]  # fmt: skip


def test_a_quotation_mark_that_is_a_sign_stays_one() -> None:
    text = '7" single\tmade by\t"Weird Al" Yankovic\na\tr\tb\n"x\tr\ty\nb\tr\tz"\n'
    assert read(text, "t.tsv").parts["train"] == [
        ('7" single', "made by", '"Weird Al" Yankovic'),
        ("a", "r", "b"),
        ('"x', "r", "y"),
        ("b", "r", 'z"'),
    ]


@pytest.mark.parametrize("codec", ["cp1251", "utf-16", "utf-16-le", "utf-8-sig", "koi8_r"])
def test_names_are_read_in_their_encoding(codec: str) -> None:
    text = (CASES / "cp1251.tsv").read_bytes().decode("cp1251")
    reading = read(text.encode(codec), "t.tsv")
    assert reading.parts["train"] == [
        ("москва", "столица", "россия"),
        ("киев", "столица", "украина"),
        ("минск", "столица", "беларусь"),
        ("россия", "граничит", "украина"),
    ]
    assert read(text.encode("cp1251"), "t.tsv", encoding="cp1251").taken == 4


def test_western_names_in_windows_1252() -> None:
    text = "Köln\tliegt in\tNRW\nMünchen\tliegt in\tBayern\n"
    assert read(text.encode("cp1252"), "t.tsv").parts["train"][1][0] == "München"


def test_numbers_that_become_entities_are_told() -> None:
    reading = read_triples("literals.tsv", (CASES / "literals.tsv").read_bytes())
    assert reading.taken == 20
    assert reading.parts["train"][17] == ("berlin", "population", "3.7e6")
    assert "each became an entity: 3 triples (such as “3.7e6”)" in reading.notes[-1]
    assert read("1\t0\t2\n2\t0\t3\n3\t1\t1\n").notes == []  # a graph of numbers throughout


def test_rows_that_are_taken_and_left_out_add_up() -> None:
    text = "head,relation,tail\na,r,b\n\nb,r\n# a remark\nc,,d\nd,r,e,f,g\n"
    reading = read(text)
    assert reading.parts["train"] == [("a", "r", "b")]
    assert reading.rows == 4
    told = " ".join(reading.notes)
    assert "3 lines (4, 6, 7)" in told
    assert "1 blank line" in told
    assert "1 line with a comment" in told


# JSON

KEYS = [
    ("head", "relation", "tail"),
    ("subject", "predicate", "object"),
    ("from", "label", "to"),
    ("source", "type", "target"),
    ("h", "r", "t"),
]


@pytest.mark.parametrize(("head", "relation", "tail"), KEYS)
def test_json_is_read_by_its_keys(head: str, relation: str, tail: str) -> None:
    items = [{tail: t, "weight": 0.5, head: h, "note": None, relation: r} for h, r, t in CITIES]
    lines = "\n".join(map(json.dumps, items))
    whole = [
        json.dumps(items),
        json.dumps(items, indent=1),
        json.dumps({"name": "cities", "triples": items}),
        json.dumps({"data": {"edges": items}}),
        json.dumps({key: [item[key] for item in items] for key in (head, relation, tail)}),
        json.dumps({key: {str(i): item[key] for i, item in enumerate(items)} for key in items[0]}),
        lines,
        "\ufeff" + lines,
    ]
    for text in whole:
        for name in ("t.json", "t.txt"):
            reading = read(text, name)
            assert reading.parts["train"] == CITIES, text[:80]
            assert reading.rows == 17


@pytest.mark.parametrize("orient", ["records", "columns", "index", "split", "table"])
def test_json_as_pandas_writes_it_is_read_by_its_columns(orient: Any) -> None:
    frame = pd.DataFrame(CITIES, columns=["head", "relation", "tail"])
    text = frame[["tail", "head", "relation"]].to_json(orient=orient)
    assert read(text, "t.json").parts["train"] == CITIES


def test_json_of_lists_and_of_a_node_link_graph() -> None:
    assert read(json.dumps(CITIES), "t.json").parts["train"] == CITIES
    linked = {
        "nodes": [{"id": "a"}, {"id": "b"}],
        "links": [{"source": "a", "target": "b", "key": "likes"}],
    }
    assert read(json.dumps(linked), "t.json").parts["train"] == [("a", LINKED, "b")]
    nested = [{"head": {"id": "Q64", "label": "Berlin"}, "relation": "in", "tail": {"id": "Q183"}}]
    assert read(json.dumps(nested), "t.json").parts["train"] == [("Q64", "in", "Q183")]


def test_json_lines_that_are_broken_are_counted_or_refused() -> None:
    text = '{"head": "a", "relation": "r", "tail": "b"}\n{broken\n{"head": "b", "relation": "r"}\n'
    reading = read(text, "t.jsonl")
    assert reading.parts["train"] == [("a", "r", "b")]
    assert reading.rows == 3
    assert "2 lines (2, 3)" in reading.notes[-1]
    for wrong in ('{"head": "a"', "[1, 2", '{"a": 1}', "[]", "{}", '[{"text": "x"}]'):
        with pytest.raises(InputError):
            read(wrong, "t.json")


# RDF

TURTLE = """@prefix ex: <http://ex.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
# a remark
ex:berlin ex:capital_of ex:germany ; rdfs:label "Berlin"@de, "Berlin (city)"@en ; ex:size 891.7 .
ex:germany rdfs:label "Deutschland"@de, "Germany"@en, "Allemagne"@fr .
ex:capital_of rdfs:label "capital of"@en .
ex:berlin ex:near [ ex:near ex:potsdam ] .
"""


def test_n_triples_give_triples_names_and_what_is_left_out() -> None:
    reading = read_triples("cities.nt", (CASES / "cities.nt").read_bytes())
    train = reading.parts["train"]
    assert [tuple(part.rpartition("/")[2] for part in triple) for triple in train] == CITIES
    assert reading.labels["http://ex.org/berlin"] == "Berlin"
    assert reading.labels["http://ex.org/germany"] == "germany"
    assert (reading.rows, reading.taken) == (19, 17)
    told = " ".join(reading.notes)
    assert "1 label" in told
    assert "no entity: 1 statement (population 1)" in told


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Germany"), ("de", "Deutschland"), ("pl", "Germany")]
)
def test_turtle_is_read_with_names_in_the_wished_language(language: str, name: str) -> None:
    for file in ("t.ttl", "t.txt"):
        reading = read(TURTLE, file, language=language)
        assert reading.labels["http://ex.org/germany"] == name
        assert reading.parts["train"][0][:2] == ("http://ex.org/berlin", "capital of")
        assert [triple[1] for triple in reading.parts["train"]] == ["capital of", "near", "near"]
        assert (reading.rows, reading.taken) == (10, 3)
        assert "no name (_:…): 2 triples" in " ".join(reading.notes)


def test_n_quads_and_other_kinds_of_rdf() -> None:
    quads = (
        "<http://e/a> <http://e/r> <http://e/b> <http://e/g1> .\n"
        "<http://e/b> <http://e/r> <http://e/c> <http://e/g2> .\n"
    )
    expected = [("http://e/a", "r", "http://e/b"), ("http://e/b", "r", "http://e/c")]
    for name in ("t.nq", "t.txt", "t.nt"):
        reading = read(quads, name)
        assert reading.parts["train"] == expected
        assert "Triples of 2 named graphs" in " ".join(reading.notes)
    trig = "@prefix e: <http://e/> .\ne:g { e:a e:r e:b . e:b e:r e:c }\n"
    assert read(trig, "t.trig").parts["train"] == expected
    xml = (
        '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:e="http://e/"><rdf:Description rdf:about="http://e/a">'
        '<e:r rdf:resource="http://e/b"/></rdf:Description></rdf:RDF>'
    )
    assert read(xml, "t.rdf").parts["train"] == expected[:1]
    linked = {"@context": {"e": "http://e/"}, "@id": "e:a", "e:r": {"@id": "e:b"}}
    assert read(json.dumps(linked), "t.jsonld").parts["train"] == expected[:1]


def test_rdf_lines_that_are_no_statement_are_counted_and_turtle_is_refused_whole() -> None:
    text = "<http://e/a> <http://e/r> <http://e/b> .\n<http://e/a> oops\n"
    reading = read(text, "t.nt")
    assert (reading.rows, reading.taken) == (2, 1)
    assert "no statement: 1 line (2)" in reading.notes[-1]
    with pytest.raises(InputError, match="not whole Turtle"):
        read(TURTLE.replace("] .", "]"), "t.ttl")
    with pytest.raises(InputError, match="holds no triple between two things"):
        read('<http://e/a> <http://e/r> "only text" .\n', "t.nt")


def test_relations_with_one_name_keep_their_iris() -> None:
    text = "<http://e/a> <http://e/r> <http://e/b> .\n<http://e/a> <http://f/r> <http://e/b> .\n"
    assert {r for _, r, _ in read(text, "t.nt").parts["train"]} == {"http://e/r", "http://f/r"}


# OpenKE


def openke() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((CASES / "openke").iterdir())}


def test_openke_is_head_tail_relation_by_number() -> None:
    files = openke()
    assert is_openke(files)
    parts, notes, count = read_openke(files)
    assert parts["train"] == CITIES[:14]
    assert parts["valid"] == [("italy", "borders", "austria")]
    assert parts["test"] == CITIES[15:]
    assert (notes, count) == ([], 17)


def test_openke_counts_that_are_wrong_or_missing_are_told() -> None:
    files = openke()
    first = files["train2id.txt"].split(b"\n", 1)
    assert read_openke(files | {"train2id.txt": first[1]})[0]["train"] == CITIES[:14]
    parts, notes, _ = read_openke(files | {"train2id.txt": b"99\n" + first[1]})
    assert parts["train"] == CITIES[:14]
    assert notes == ["train2id.txt: its first line says 99, and 14 lines follow."]
    broken = files | {"train2id.txt": first[1] + b"0 77 0\n1 2\n", "type_constrain.txt": b"x"}
    parts, notes, count = read_openke(broken)
    assert parts["train"] == CITIES[:14]
    assert count == 19
    assert notes == [
        "Left out beside the files of OpenKE: type_constrain.txt.",
        "train2id.txt: left out, since they are not three numbers that the lists have: 2 lines "
        "(15, 16).",
    ]


def test_openke_names_with_blanks_numbers_first_and_names_that_repeat() -> None:
    files = openke()
    lines = files["entity2id.txt"].decode().splitlines()[1:]
    spaced = "\n".join(f"The {line}" for line in lines)
    assert read_openke(files | {"entity2id.txt": spaced.encode()})[0]["train"][0][0] == "The berlin"
    turned = "\n".join("\t".join(reversed(line.split("\t"))) for line in lines)
    assert read_openke(files | {"entity2id.txt": turned.encode()})[0]["train"] == CITIES[:14]
    alike = files["entity2id.txt"].replace(b"paris", b"berlin")
    parts, notes, _ = read_openke(files | {"entity2id.txt": alike})
    assert parts["train"][:2] == [
        ("berlin (0)", "capital_of", "germany"),
        ("berlin (2)", "capital_of", "france"),
    ]
    assert "told apart by them: berlin" in notes[0]


# Where they are read


def test_no_file_is_taken_apart_in_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file is read in this process")

    monkeypatch.setattr(sources, "read_parts", refuse)
    files = {
        "a.nt": "<u:a> <u:r> <u:b> .\n<u:b> <u:r> <u:c> .\n",
        "a.json": '[["a", "r", "b"], ["b", "r", "c"]]',
        "a.tsv": "a\tr\tb\nb\tr\tc\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        graph = graph_of(tmp_path / name)
        assert len(graph.triples) == 2, name
        assert len(graph.entities) == 3, name


def test_what_rdf_is_told_by_takes_a_time_that_goes_with_the_size(tmp_path: Path) -> None:
    """In a child, which 60 seconds of computing end; it was quadratic in the blank lines."""
    path = tmp_path / "a.txt"
    path.write_text(
        "@prefix u: <u:> .\n" + "\n" * 100_000 + "u:a u:r u:b .\nGRAPH u:g { u:b u:r u:c }\n"
    )
    graph = graph_of(path)
    assert named(graph, "train") == [("u:a", "u:r", "u:b"), ("u:b", "u:r", "u:c")]
    assert any(note.startswith("Triples of 1 named graph") for note in graph.notes)


# Folders, archives and what comes with them


def graph_of(source: Path, **how: object) -> Graph:
    return sources.load_graph(str(source), read_as=ReadAs(**how))  # type: ignore[arg-type]


def named(graph: Graph, part: str) -> list[Triple]:
    return [
        (graph.entities[h], graph.relations[r], graph.entities[t])
        for h, r, t in graph.parts[part].tolist()
    ]


def test_a_folder_of_openke_is_a_graph_and_so_is_its_archive(tmp_path: Path) -> None:
    packed = tmp_path / "openke.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in openke().items():
            archive.writestr(f"data/{name}", data)
    for source in (CASES / "openke", packed):
        graph = graph_of(source)
        assert (len(graph.entities), len(graph.relations)) == (11, 3)
        assert named(graph, "train") == CITIES[:14]
        assert named(graph, "valid") == [("italy", "borders", "austria")]
        assert named(graph, "test") == CITIES[15:]
        assert graph.notes == ("Rows: 17; triples taken: 17; left out: 0.",)


def test_files_of_negatives_are_left_out_and_told(tmp_path: Path) -> None:
    graph = graph_of(CASES / "negatives")
    assert named(graph, "train") == CITIES[:14]
    assert named(graph, "valid") == [("italy", "borders", "austria")]
    assert named(graph, "test") == CITIES[15:]
    assert graph.notes == (
        "Left out, since negatives are no facts: train_negatives.txt.",
        "Left out for an entity or relation that is in no training triple: 1 triple.",
        "Rows: 18; triples taken: 17; left out: 1.",
    )
    for name in ("neg_test.tsv", "test-neg.tsv", "corrupted_valid.tsv", "validNegatives.tsv"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "train.tsv").write_text("a\tr\tb\nb\tr\ta\n")
        (folder / name).write_text("a\tr\ta\n")
        (folder / "latest.tsv").write_text("a\tr\ta\n")
        graph = graph_of(folder)
        assert len(graph.triples) == 2
        assert f"negatives are no facts: {name}." in graph.notes[0]
        assert "neither train, valid nor test: latest.tsv." in graph.notes[1]


def test_packed_tables_are_read_whatever_packed_them(tmp_path: Path) -> None:
    plain = gzip.decompress((CASES / "ok.tsv.gz").read_bytes())
    nt = (CASES / "cities.nt").read_bytes()
    files = {
        "ok.tsv.gz": (CASES / "ok.tsv.gz").read_bytes(),
        "ok.csv.bz2": bz2.compress(plain.replace(b"\t", b",")),
        "ok.tsv.xz": lzma.compress(plain),
        "ok.nt.gz": gzip.compress(nt),
        "ok.jsonl.gz": gzip.compress((CASES / "jsonl.jsonl").read_bytes()),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        graph = graph_of(tmp_path / name)
        assert (len(graph.entities), len(graph.relations), len(graph.train)) == (11, 3, 17), name
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "train.tsv.gz").write_bytes(files["ok.tsv.gz"])
    (folder / "test.tsv").write_text("berlin\tin\teurope\n")
    (folder / "README.md").write_text("what it is")
    graph = graph_of(folder)
    assert named(graph, "train") == CITIES
    assert named(graph, "test") == [("berlin", "in", "europe")]
    assert graph.notes == (
        "Left out, since they are no triples: README.md.",
        "Rows: 18; triples taken: 18; left out: 0.",
    )


@pytest.mark.slow
def test_a_packed_table_that_is_damaged_or_unpacks_to_too_much_is_told(
    tmp_path: Path,
) -> None:
    whole = bz2.compress(b"a\tr\tb\n" * 1_000)
    (tmp_path / "half.tsv.bz2").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="could not be unpacked"):
        graph_of(tmp_path / "half.tsv.bz2")
    (tmp_path / "large.tsv.xz").write_bytes(lzma.compress(b"a\tr\tb\n" * 80_000_000, preset=0))
    with pytest.raises(InputError, match="unpacks to"):
        graph_of(tmp_path / "large.tsv.xz")


def test_rows_that_are_given_twice_or_left_out_add_up(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    path.write_text("head,relation,tail\na,r,b\na,r,b\nb,r,c\nonly,two\n")
    assert graph_of(path).notes[-1] == "Rows: 4; triples taken: 2; left out: 2."
    graph = graph_of(CASES / "cities.nt")
    assert graph.notes[-1] == "Rows: 19; triples taken: 17; left out: 2."
    assert graph.label(graph.entity("http://ex.org/berlin")) == "Berlin"
    assert graph.entity("Berlin") == graph.entity("http://ex.org/berlin")


def test_names_of_entities_and_relations_from_tables_and_lists_of_numbers(tmp_path: Path) -> None:
    path = tmp_path / "g.tsv"
    path.write_text("Q64\tP36\tQ183\nQ90\tP36\tQ142\nQ64\tP31\tQ515\n")
    names = tmp_path / "names.csv"
    names.write_text('id,label\nQ64,"Berlin, city"\nP36,capital of\nP31,is a\nQ1,universe\n')
    graph = sources.load_graph(str(path), names)
    assert graph.relations == ["capital of", "is a"]
    assert graph.label(graph.entity("Q64")) == "Berlin, city"
    assert "given: 2 relations" in " ".join(graph.notes)
    ids = ["0", "1", "Q64"]
    assert read_names("n", b"3\nberlin\t0\nparis\t1\nrome\t2\n", ids) == {
        "0": "berlin",
        "1": "paris",
    }
    assert read_names("n", b"0 berlin city\n1 paris\n", ids) == {"0": "berlin city", "1": "paris"}
    assert read_names("n", "Q64;Köln\n".encode("cp1252"), ids) == {"Q64": "Köln"}
    as_list = json.dumps([{"id": "Q64", "name": "Berlin"}]).encode()
    assert read_names("n", as_list, ids) == {"Q64": "Berlin"}
    alike = tmp_path / "alike.csv"
    alike.write_text("P36,part of\nP31,part of\n")
    assert sources.load_graph(str(path), alike).relations == ["part of (P31)", "part of (P36)"]
