"""The lock with hashes and the table of licences hold all that is required, as it is pinned."""

from __future__ import annotations

import re

import pytest

from benchmarks.common import ROOT
from benchmarks.licences import SAYS_NOTHING, named, pinned


def versions(name: str) -> set[tuple[str, str]]:
    """Names and versions; a package may have several, for several systems."""
    return {(one.name, str(one.specifier).removeprefix("==")) for one in pinned(name)}


def test_the_lock_pins_all_that_running_needs_with_hashes_and_names_no_index() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert versions("requirements.txt") <= versions("requirements.lock")
    assert versions("requirements.lock") <= versions("constraints.txt")
    assert "://" not in text
    assert "index-url" not in text
    packages = re.split(r"\n(?=\w)", text.strip())
    assert len(packages) == len(pinned("requirements.lock"))
    for package in packages:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", package), package


def test_the_table_of_licences_lists_all_that_is_required() -> None:
    text = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+) \| (\d\S*) \| (.+?) \| (tests|) \|$", text, re.MULTILINE)
    assert {(name, version) for name, version, *_ in rows} == versions("constraints.txt")
    needed = {name for name, *_, use in rows if not use}
    assert needed == {name for name, _ in versions("requirements.lock")}
    silent = {name for name, _, licence, _ in rows if licence == SAYS_NOTHING}
    assert silent <= {"cuda-toolkit"}  # NVIDIA's, which holds no files


@pytest.mark.parametrize(
    ("expressions", "classifiers", "own", "title", "licence"),
    [
        (["MIT"], ["License :: OSI Approved :: BSD License"], ["BSD"], "GPL", "MIT"),
        ([], ["License :: OSI Approved :: BSD License"], ["whole text"], "", "BSD License"),
        ([], ["License :: OSI Approved"], ["BSD"], "", "BSD"),
        ([], ["Topic :: Software"], ["MIT License\n\nCopyright"], "", "MIT License"),
        ([], [], ["Copyright (c) 2001 " + 70 * "x"], "The Unlicense", "The Unlicense"),
        ([], ["License :: Other/Proprietary License"], [], "MIT License", "MIT License"),
        ([], [], [], "", SAYS_NOTHING),
    ],
)
def test_a_licence_is_named_by_the_clearest_field(
    expressions: list[str], classifiers: list[str], own: list[str], title: str, licence: str
) -> None:
    assert named(expressions, classifiers, own, title) == licence
