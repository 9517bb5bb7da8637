"""Data as text in Markdown, which nothing of it is read as."""

from __future__ import annotations

import re

# What remark-gfm makes links of: addresses of pages and of mail.
_ADDRESS = re.compile(r"https?:(?=//)|www(?=\.)|(?=@)", re.IGNORECASE)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$&])")


def plain(text: str) -> str:
    """``text`` as Markdown that shows it unchanged: data is never read as markup.

    Addresses would become links, whatever stands before their signs, so a character that is not
    seen parts them.
    """
    parted = _ADDRESS.sub("\\g<0>\N{WORD JOINER}", " ".join(text.split()))
    return _MARKDOWN.sub(r"\\\1", parted)
