"""Tables of triples are told by their cells, and nothing else is taken for one."""

from __future__ import annotations

import pandas as pd
import pytest

from core.readers import table_triples
from core.readers.table_roles import Role, find_roles
from core.readers.tables import read_table

CYRILLIC = (
    "москва столица россия|киев столица украина|минск столица беларусь|россия граничит украина"
)
PLACES = (
    "berlin capital_of germany|paris capital_of france|germany in europe|france in europe|"
    "berlin population 3.7e6|paris population 2.1e6"
)


def table(rows: str, *names: str, sign: str = " ") -> pd.DataFrame:
    cells = [row.split(sign) for row in rows.split("|")]
    return pd.DataFrame(cells, columns=list(names or ("column 1", "column 2", "column 3")))


@pytest.mark.parametrize(
    "frame",
    [
        table(CYRILLIC),
        table(PLACES),
        table(PLACES, "one", "middle", "other"),
        table("http://x/a http://x/p http://x/b|http://x/b http://x/p http://x/c|a p b|b p c"),
    ],
)
def test_triples_are_told_by_their_cells(frame: pd.DataFrame) -> None:
    found = find_roles(frame, {})
    assert [one.role for one in found] == [Role.HEAD, Role.RELATION, Role.TAIL]
    assert {one.why for one in found} == {table_triples.WHY}


def test_their_encoding_and_separator_are_found_too() -> None:
    data = CYRILLIC.replace(" ", "\t").replace("|", "\n").encode("cp1251")
    read = read_table("a.tsv", data)
    assert read.frame.iloc[0].tolist() == ["москва", "столица", "россия"]
    assert table_triples.find_triple(read.frame) == [*read.frame.columns]


SENTENCES = (
    "A man plays a guitar on stage~entails~Somebody is making music there|"
    "Somebody is making music there~neutral~The concert hall is full of people|"
    "The concert hall is full of people~entails~A man plays a guitar on stage|"
    "A dog runs over the green field~neutral~Somebody is making music there"
)


@pytest.mark.parametrize(
    "frame",
    [
        table(SENTENCES, "premise", "label", "hypothesis", sign="~"),
        table("dogs NOUN dog|dog NOUN dog|ran VERB run|run VERB run|cats NOUN cat|cat NOUN cat"),
        table("anna teacher berlin|ben teacher paris|cleo baker rome|dan baker berlin"),
        table("yes male no|no male yes|yes female no|no female yes|yes male no|no male yes"),
        table("lyon 2-1 nice|nice 2-1 metz|metz 0-0 lyon|nice 0-0 lyon"),
        table("1 in 2|2 in 3|3 in 1|2 in 1"),
        table("a in b|b in c|c in |c in a"),
        table("a in b|b in c"),
        table("a in b 1|b in c 1|c in a 1|a in c 1", "w", "x", "y", "z"),
        table("a near near|near is b|b is a|a is c"),
    ],
)
def test_other_tables_are_none(frame: pd.DataFrame) -> None:
    assert not table_triples.find_triple(frame)
