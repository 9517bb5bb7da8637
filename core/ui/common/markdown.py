"""Data as text in Markdown, which nothing of it is read as."""

from __future__ import annotations

import re

# What remark-gfm makes links of: addresses of pages and of mail. Signs that end a sentence, and our
# own quotation marks, are not of an address.
_ADDRESS = re.compile(
    r"((?:https?://|www\.)(?:[^\s“”]*[^\s“”.,;:!?)\]}'\"])?|(?<![-.\w+])[-.\w+]+@[-\w]+(?:\.[-\w]+)+)",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$&])")


def plain(text: str) -> str:
    """``text`` as Markdown that shows it unchanged: data is never read as markup.

    Addresses stand as code, since they would become links whatever is written before their signs,
    and a sign that is not seen would be copied along with them.
    """
    parts = _ADDRESS.split(" ".join(text.split()))
    return "".join(
        _as_code(part) if at % 2 else _MARKDOWN.sub(r"\\\1", part) for at, part in enumerate(parts)
    )


def _as_code(text: str) -> str:
    """Between more signs than it has in a row, which is how it may have them itself."""
    marks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{marks} {text} {marks}" if text.endswith("`") else f"{marks}{text}{marks}"
