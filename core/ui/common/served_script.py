"""Scripts of components, which the browser fetches once and no run sends anew."""

from __future__ import annotations

import json
from functools import cache

from core.base.paths import ASSETS
from core.ui.common import media

KEY = "script"  # of a component's data


@cache
def loader() -> str:
    """The component's own script: it imports the one whose address is ``data.script``."""
    return (ASSETS / "component.js").read_text(encoding="utf-8")


def address(script: bytes, name: str) -> str:
    """Where the browser fetches a script; the address names its content."""
    return media.address(script, "text/javascript", name)


def with_style(script: str, style: str) -> bytes:
    """A script that brings its style sheet into the page once it is imported."""
    sheet = f'document.createElement("style"), {{ textContent: {json.dumps(style)} }}'
    return f"{script}\ndocument.head.append(Object.assign({sheet}));\n".encode()
