"""Children that read strangers' files, kept for the next file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from core.readers import isolated

OWN = "tests.support"  # functions by which the children themselves are tested


def keep_children(patch: pytest.MonkeyPatch) -> None:
    """Files are read in children as ever, but the next file by the same one, also where the app
    starts another: that takes longer than to read a small file.

    Not where libraries are imported first: the limits of the file before would count for them.
    """
    original = isolated.run

    def run(function: str, arguments: Mapping[str, Any], **options: Any) -> Any:
        if not function.startswith(OWN) and not options.get("libraries"):
            options["keep"] = True
        return original(function, arguments, **options)

    patch.setattr(isolated, "run", run)
