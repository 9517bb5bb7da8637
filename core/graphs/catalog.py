"""Known knowledge graphs, as plain data: what they are, how large, where from, under what licence.

Nations, Kinships and UMLS come inside the package pykeen. The others are fetched from the
repositories of those who published them, at a fixed commit, so that what is there cannot change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.base.memory import format_bytes

RAW = "https://raw.githubusercontent.com"


@dataclass(frozen=True, slots=True)
class RemoteTable:
    """A file to fetch. ``size`` and ``sha256`` are stated where they are known for certain."""

    name: str
    url: str
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class KnownGraph:
    """A graph that is known by name.

    Attributes:
        counts: entities, relations, triples.
        bytes_told: about how much is fetched; 0 for what comes with the package pykeen.
        labels: a file with readable names of entities, where there is one.
    """

    name: str
    title: str
    about: str
    counts: tuple[int, int, int]
    licence: str
    page: str
    bytes_told: int = 0
    files: tuple[RemoteTable, ...] = ()
    labels: RemoteTable | None = None

    @property
    def bundled(self) -> bool:
        """Whether it needs no download."""
        return not self.files

    @property
    def size_told(self) -> str:
        """What a download takes, for a person."""
        return format_bytes(self.bytes_told)


_CODEX = f"{RAW}/tsafavi/codex/e805ea2f512d7f0f8e44f213bc4db51dac0de118/data/triples/codex-s"
_WORDS = (
    f"{RAW}/villmow/datasets_knowledge_embedding/045a868edc0b18d7083b14e80715e82d92938fff"
    "/WN18RR/text"
)
_CONVE = f"{RAW}/TimDettmers/ConvE/9e3ad48b3f7bdf1f512dca1723b77bce500508e1"
_LABELS = f"{RAW}/villmow/datasets_knowledge_embedding/master/FB15k-237/entity2wikidata.json"
_KEMP = "none stated; Kemp et al. 2006, as the package pykeen (MIT) has it"

_ALL = (
    KnownGraph(
        "nations",
        "Nations",
        "14 states in 1950 to 1965 and how they treat each other.",
        (14, 55, 1_992),
        _KEMP,
        "https://pykeen.readthedocs.io/en/stable/reference/datasets.html",
    ),
    KnownGraph(
        "kinships",
        "Kinships",
        "104 Alyawarra people of Australia and their terms of kinship.",
        (104, 25, 10_686),
        _KEMP,
        "https://pykeen.readthedocs.io/en/stable/reference/datasets.html",
    ),
    KnownGraph(
        "umls",
        "UMLS",
        "135 kinds of things in medicine and how they are related.",
        (135, 46, 6_529),
        _KEMP,
        "https://pykeen.readthedocs.io/en/stable/reference/datasets.html",
    ),
    KnownGraph(
        "codexsmall",
        "CoDEx-small",
        "2,034 people, places and things of Wikidata; the ids are Wikidata's.",
        (2_034, 42, 36_543),
        "MIT",
        "https://github.com/tsafavi/codex",
        684_003,
        tuple(
            RemoteTable(f"{part}.txt", f"{_CODEX}/{part}.txt")
            for part in ("train", "valid", "test")
        ),
    ),
    KnownGraph(
        "wn18rr",
        "WN18RR",
        "40,943 meanings of English words in WordNet, and 11 relations.",
        (40_943, 11, 93_003),
        "MIT; WordNet's own licence for its content",
        "https://github.com/villmow/datasets_knowledge_embedding",
        4_382_369,
        tuple(
            RemoteTable(f"{part}.txt", f"{_WORDS}/{part}.txt")
            for part in ("train", "valid", "test")
        ),
    ),
    KnownGraph(
        "fb15k237",
        "FB15k-237",
        "14,541 things of Freebase, 237 relations, without inverse pairs.",
        (14_541, 237, 310_116),
        "MIT as packed; Freebase's data are CC BY 2.5",
        "https://github.com/TimDettmers/ConvE",
        7_606_534,
        (
            RemoteTable(
                "FB15k-237.tar.gz",
                f"{_CONVE}/FB15k-237.tar.gz",
                3_678_603,
                "311df7930f842a02979eaa7a802484a6afe62303c07f915f1e6edbc30cbe05e8",
            ),
        ),
        RemoteTable("entity2wikidata.json", _LABELS),
    ),
)
KNOWN: Mapping[str, KnownGraph] = MappingProxyType({known.name: known for known in _ALL})
# Other spellings, without hyphens, underscores and spaces.
ALIASES = {"kinship": "kinships", "codexs": "codexsmall", "wn18": "wn18rr", "nation": "nations"}
