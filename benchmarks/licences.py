"""Writes docs/licences.md: the licences of what is shipped, and of every package that is installed.

Packages say their licence themselves, in their metadata or a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.common import ROOT, table

LICENCES = ROOT / "docs" / "licences.md"
LONGEST = 60  # letters of a licence's name; more is its text
ELSEWHERE = "not installed here"
SAYS_NOTHING = "does not say"
VAGUE = ("License :: OSI Approved", "License :: Other/Proprietary License")
SHIPPED = (
    ("what", "licence"),
    ("the code, `assets/descriptions`, `assets/splits`, `assets/icon.png`", "MIT (`LICENSE`)"),
    ("`assets/analogies/pairs.txt`", "CC0"),
    ("`assets/graph_view/cytoscape.esm.min.mjs`: Cytoscape.js 3.35.0", "MIT"),
    (
        "`assets/openmoji/emoji.tsv`: names, groups and keywords",
        "MIT (emojibase-data), Unicode License v3",
    ),
    (
        "`assets/models`: weights trained here",
        "MIT; the pictures they were trained on are in [their](../assets/models/pictures.md) "
        "[cards](../assets/models/generator.md) and [these](../assets/models/generator-photos.md)",
    ),
    (
        "`assets/models/imagenet-head.safetensors`: in it, all-MiniLM-L6-v2's vectors of names and "
        "definitions",
        "Apache-2.0 (the model), WordNet 3.0 licence (names and definitions)",
    ),
    (
        "`assets/models/emoji-vectors.safetensors`: vectors of OpenMoji's drawings",
        "MIT; the drawings CC BY-SA 4.0",
    ),
    (
        "`assets/models/emoji-captions.safetensors`: all-MiniLM-L6-v2's vectors of their names",
        "Apache-2.0 (the model); MIT (emojibase-data), Unicode License v3 (the names)",
    ),
)
INTRODUCTION = """# Licences

Made by `python3 run.py bench licences`; do not edit. Models, galleries and graphs that you download
are none of these: their licences are told where they are offered ([data](data.md),
[models](models.md)).

## Shipped

"""
PACKAGES = """

## Packages

What `constraints.txt` pins, on whatever system, with the licence that each package's metadata or
its licence file names; nobody checked that it is true.
*Tests* marks what only testing and the benchmarks need.

"""


def main() -> None:
    """Writes the file."""
    LICENCES.write_text(document(), encoding="utf-8")


def document() -> str:
    """The whole file."""
    running = {one.name for one in pinned("requirements.lock")}
    rows = [("package", "version", "licence", "for")]
    for one in pinned("constraints.txt"):
        use = "" if one.name in running else "tests"
        rows.append((one.name, str(one.specifier).removeprefix("=="), licence(one.name), use))
    return f"{INTRODUCTION}{table(SHIPPED)}{PACKAGES}{table(rows)}\n"


def pinned(name: str) -> list[Requirement]:
    """What a file of requirements pins, by canonical names."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line.rstrip(" \\")) for line in lines if line[:1].isalnum()]
    for one in found:
        one.name = canonicalize_name(one.name)
    return found


def licence(package: str) -> str:
    """The licence that an installed package names."""
    try:
        found = distribution(package)
    except PackageNotFoundError:
        return ELSEWHERE

    def field(name: str) -> list[str]:
        return found.metadata.get_all(name) or []

    return named(field("License-Expression"), field("Classifier"), field("License"), _title(found))


def named(
    expressions: Sequence[str], classifiers: Sequence[str], own: Sequence[str], title: str
) -> str:
    """The licence in metadata: its expression, else its classifiers, else a short name.

    Args:
        own: the old field, which may hold a name or the whole text.
        title: the first line of the licence's file.
    """
    if expressions:
        return expressions[0]
    known = [
        one.rpartition(" :: ")[2]
        for one in classifiers
        if one.startswith("License :: ") and one not in VAGUE
    ]
    if known:
        return ", ".join(sorted(known))
    lines = "".join(own).strip().splitlines()
    for line in (*lines[:1], title):
        if 0 < len(line) <= LONGEST and line != "UNKNOWN":  # setuptools' word for none
            return line.replace("|", "/")
    return SAYS_NOTHING


def _title(found: Distribution) -> str:
    """The first line of a package's licence file; "" where it has none."""
    for file in found.files or ():
        if "licen" in file.name.lower() and ".dist-info" in str(file):
            lines = file.read_text(encoding="utf-8").strip().splitlines()
            return lines[0].strip() if lines else ""
    return ""


if __name__ == "__main__":
    main()
