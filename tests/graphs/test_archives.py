"""Archives of triples are unpacked within limits."""

from __future__ import annotations

import gzip

import pytest

from core.base.errors import InputError
from core.graphs import archives
from tests.support.packed_files import as_tar


def packed(**files: bytes) -> bytes:
    return gzip.compress(as_tar({name.replace("_", "."): data for name, data in files.items()}))


def test_what_a_tar_archive_hides_behind_its_triples_counts_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = packed(a_tsv=b"a\tr\tb\n", b_bin=bytes(5_000_000))
    assert archives.unpack("a.tgz", data) == {"a.tsv": b"a\tr\tb\n"}
    monkeypatch.setattr(archives, "MAX_UNPACKED", 4_000_000)
    with pytest.raises(InputError, match=r"unpacks to 5\.0 MB"):
        archives.unpack("a.tgz", data)
