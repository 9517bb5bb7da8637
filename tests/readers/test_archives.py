"""Packed files from strangers: what is in them comes out, and nothing beyond the limits."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as some

from core.base.errors import InputError
from core.readers import archives
from core.readers.archives import PackedError, TooLargeError, Zip, gunzip, tar_files
from tests.support.packed_files import as_tar, as_zip

CONTENT = {"a.tsv": b"a\tr\tb\n" * 500, "b/c.bin": bytes(range(256)) * 40, "empty": b""}


def from_tar(data: bytes, limit: int = 1_000_000) -> dict[str, bytes]:
    return {one.name: one.read() for one in tar_files(data, limit)}


def from_zip(data: bytes | Path, limit: int | None = None) -> dict[str, bytes]:
    with Zip(data, limit) as archive:
        return {member.filename: archive.read(member) for member in archive.members}


@pytest.mark.parametrize("method", archives.METHODS)
def test_what_a_zip_holds_comes_out(tmp_path: Path, method: int) -> None:
    data = as_zip(CONTENT, method=method)
    (tmp_path / "a.zip").write_bytes(data)
    assert from_zip(data) == from_zip(tmp_path / "a.zip") == CONTENT


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_cannot_be_unpacked_piece_by_piece_are_refused(method: int) -> None:
    with pytest.raises(PackedError, match="another method than Deflate"):
        from_zip(as_zip(CONTENT, method=method))


def test_each_file_and_all_together_keep_to_their_limits() -> None:
    total = sum(map(len, CONTENT.values()))
    assert from_zip(as_zip(CONTENT), total) == CONTENT
    with pytest.raises(TooLargeError):
        from_zip(as_zip(CONTENT), total - 1)  # together
    with Zip(as_zip(CONTENT)) as archive, pytest.raises(TooLargeError) as caught:
        archive.read(archive.members[1], 10_239)
    assert (caught.value.size, caught.value.limit) == (10_240, 10_239)
    told = archives.unusable(InputError, "a.zip", caught.value)
    assert (
        str(told)
        == "“a.zip” unpacks to more than 10 kB. At most 10 kB are read. Take a part of it."
    )


def with_size(data: bytes, size: int) -> bytes:
    """A ZIP whose one file states another size, in both places."""
    found = bytearray(data)
    for sign, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", found, found.index(sign) + offset, size)
    return bytes(found)


@pytest.mark.parametrize("size", [10, 1_000_001])
def test_a_file_of_another_size_than_stated_is_damaged(size: int) -> None:
    with pytest.raises(PackedError):
        from_zip(with_size(as_zip({"a": bytes(1_000_000)}), size))


def test_entries_and_locks_are_looked_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    locked = bytearray(as_zip({"a": b"text"}))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(PackedError, match="password"):
        from_zip(bytes(locked))
    monkeypatch.setattr(archives, "MAX_ENTRIES", 5)
    assert from_zip(as_zip({str(at): b"" for at in range(5)}))
    with pytest.raises(PackedError, match="it has 6 entries"):
        from_zip(as_zip({str(at): b"" for at in range(6)}))
    with pytest.raises(PackedError, match="more than 5 entries"):
        from_tar(as_tar({str(at): b"" for at in range(6)}))


@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_what_a_tar_holds_comes_out(kind: int) -> None:
    names = {} if kind == tarfile.USTAR_FORMAT else {"long/" * 60 + "ü.txt": b"long name"}
    data = as_tar({**CONTENT, **names}, kind)
    assert from_tar(data) == from_tar(gzip.compress(data)) == {**CONTENT, **names}


def test_a_name_in_no_utf8_can_be_written_elsewhere() -> None:
    data = as_tar({"name.txt": b"content"}, tarfile.USTAR_FORMAT)
    start = bytearray(data.replace(b"name.txt", b"n\xe4me.txt", 1))
    start[148:156] = b"        "
    start[148:156] = b"%06o\0 " % sum(start[:512])
    assert from_tar(bytes(start)) == {"n?me.txt": b"content"}


def test_links_and_folders_are_no_files() -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, kind in (("f", tarfile.DIRTYPE), ("l", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    assert from_tar(stream.getvalue()) == {}


def test_a_tar_that_unpacks_to_too_much_is_refused_whatever_it_holds() -> None:
    data = gzip.compress(as_tar({"a.tsv": b"a", "b.bin": bytes(5_000_000)}))
    with pytest.raises(TooLargeError) as caught:
        from_tar(data, 4_000_000)
    assert caught.value.size == 5_000_001
    hidden = gzip.compress(as_tar({"a.tsv": b"a"}) + bytes(5_000_000))
    assert from_tar(hidden, 4_000_000) == {"a.tsv": b"a"}


def test_long_headers_of_a_tar_are_refused_before_they_are_read() -> None:
    with pytest.raises(PackedError, match="a header of it has"):
        from_tar(as_tar({"x" * 20_000: b""}, tarfile.GNU_FORMAT))
    assert from_tar(as_tar({"x" * 2_000: b""}, tarfile.GNU_FORMAT)) == {"x" * 2_000: b""}


@pytest.mark.parametrize("at", [700, 1030, 4096])
def test_a_tar_that_is_damaged_or_cut_in_the_middle_loses_nothing_in_silence(at: int) -> None:
    data = as_tar({"a": b"first", "b": b"second", "c": b"third"}, tarfile.USTAR_FORMAT)
    cut = data[:at]
    if at < len(data) // 4:
        with pytest.raises(PackedError):
            from_tar(cut)
    spoiled = bytearray(data)
    spoiled[1024 + 3] ^= 0xFF  # in the second file's header
    with pytest.raises(PackedError):
        from_tar(bytes(spoiled))


def test_what_is_gzipped_comes_out_within_its_limit(tmp_path: Path) -> None:
    plain = b"text\n" * 1_000
    packed = gzip.compress(plain[:2_000]) + gzip.compress(plain[2_000:])
    (tmp_path / "a.gz").write_bytes(packed)
    assert b"".join(gunzip(packed, 5_000)) == b"".join(gunzip(tmp_path / "a.gz", 5_000)) == plain
    with pytest.raises(TooLargeError):
        b"".join(gunzip(packed, 4_999))
    for damaged in (packed[:-5], packed[:20] + b"\xff" + packed[21:], b"\x1f\x8bno"):
        with pytest.raises(PackedError):
            b"".join(gunzip(damaged, 5_000))


WHOLE = (
    (from_zip, as_zip(CONTENT)),
    (from_zip, as_zip(CONTENT, method=zipfile.ZIP_STORED)),
    (from_tar, as_tar(CONTENT)),
    (from_tar, as_tar(CONTENT, kind=tarfile.GNU_FORMAT)),
    (lambda data: b"".join(gunzip(data, 10**6)), gzip.compress(CONTENT["b/c.bin"])),
    (from_tar, gzip.compress(as_tar(CONTENT))),
)


CHANGES = some.lists(some.tuples(some.integers(0), some.binary(max_size=4)))


@given(some.integers(0, len(WHOLE) - 1), CHANGES)
@settings(max_examples=400, deadline=None)
def test_whatever_is_changed_is_read_or_refused(
    which: int, changes: list[tuple[int, bytes]]
) -> None:
    read, whole = WHOLE[which]
    data = bytearray(whole)
    for at, change in changes:
        place = at % len(data)
        data[place : place + len(change)] = change
    try:
        read(bytes(data))
    except PackedError as error:
        assert str(error)


def test_checksums_are_checked() -> None:
    data = bytearray(as_zip({"a": b"text"}, zipfile.ZIP_STORED))
    data[data.index(b"text")] ^= 1
    with pytest.raises(PackedError, match="CRC"):
        from_zip(bytes(data))
