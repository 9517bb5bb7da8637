"""Files that components fetch: an address for each content."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from core.ui.common import media


@pytest.mark.parametrize("count", [10, 600_000])
def test_files_that_differ_anywhere_have_addresses_of_their_own(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    storage = MemoryMediaFileStorage("/media")
    runtime = SimpleNamespace(media_file_mgr=MediaFileManager(storage))
    monkeypatch.setattr(media, "get_instance", lambda: runtime)
    codes = np.zeros(count, dtype="<u2")
    kind = "application/octet-stream"
    before = media.address(codes.tobytes(), kind, "colours")
    assert media.address(codes.tobytes(), kind, "filter") == before
    codes[count // 5] = 1  # as one tag of one point
    after = media.address(codes.tobytes(), kind, "colours")
    assert after != before
    held = storage.get_file(after.removeprefix("/media/"))
    np.testing.assert_array_equal(np.frombuffer(held.content, "<u2"), codes)
