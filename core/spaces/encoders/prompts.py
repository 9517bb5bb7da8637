"""What is put before a query and before a text: by the model's files, else by its family's card.

Models that were trained with such prompts lose without them. Newer ones have them in their files;
of the older families below they stand on the model's card alone.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import NOT_AS_WRITTEN
from core.spaces.settings import NONE, Settings

_SEARCH = "Represent this sentence for searching relevant passages: "
_TASK = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
)
# How a model's name goes on where it is of a family, then what is put before a query and a text.
_FAMILIES = (
    (r"e5-[\w.]*-?instruct|e5-mistral", _TASK, ""),
    (r"(multilingual-)?e5-(small|base|large)", "query: ", "passage: "),
    (r"bge-(small|base|large)-zh", "为这个句子生成表示以用于检索相关文章：", ""),
    (r"bge-(small|base|large)-en", _SEARCH, ""),
    (r"mxbai-embed-(large|xsmall)|mdbr-leaf-ir|snowflake-arctic-embed-(xs|s|m|l)\b", _SEARCH, ""),
    (r"nomic-embed-text|modernbert-embed", "search_query: ", "search_document: "),
    (r"qwen3-embedding", _TASK.rstrip(" "), ""),
    (r"gte-qwen", _TASK, ""),
    (r"embeddinggemma", "task: search result | query: ", "title: none | text: "),
)
OWN_FILES = "by its own files"
_TEXT_NAMES = ("document", "passage", "corpus")  # as sentence-transformers looks for them


@dataclass(frozen=True, slots=True)
class Prompts:
    """What is put before a query and before a text, and where that stands."""

    query: str = ""
    text: str = ""
    source: str = ""

    def told(self) -> str:
        """A sentence for a person; ``""`` where nothing is put before either."""
        if not self.query and not self.text:
            return ""
        return (
            f"Put before a query: {_shown(self.query)}; before a text: {_shown(self.text)} "
            f"({self.source})."
        )


def find(folder: Path, name: str = "", wanted: Settings = NONE) -> Prompts:
    """The prompts of the model in ``folder``.

    Args:
        name: what the hub calls it; else the folder's name tells the family.
        wanted: a person's own prompts go first.
    """
    query, text = _from_files(folder)
    source = OWN_FILES
    if query is None and text is None:
        for pattern, query_prompt, text_prompt in _FAMILIES:
            if re.search(rf"(^|[/_-]){pattern}", f"{name or folder.name}".lower()):
                query, text, source = query_prompt, text_prompt, "as its family's card has it"
                break
    if wanted.query is not None or wanted.text is not None:
        source = "as you chose"
        query = query if wanted.query is None else wanted.query
        text = text if wanted.text is None else wanted.text
    return Prompts(query or "", text or "", source)


def lacks_pooling(folder: Path) -> bool:
    """Whether a model says nothing of how its tokens become one vector: then it is their mean."""
    return folder.is_dir() and not (folder / "modules.json").is_file()


def _from_files(folder: Path) -> tuple[str | None, str | None]:
    try:
        told = json.loads((folder / "config_sentence_transformers.json").read_bytes())
        prompts = {str(key): str(value) for key, value in (told.get("prompts") or {}).items()}
        standard = prompts.get(str(told.get("default_prompt_name")))
    except (OSError, *NOT_AS_WRITTEN):
        return None, None
    query = prompts.get("query", standard)
    text = next((prompts[name] for name in _TEXT_NAMES if name in prompts), standard)
    return (query, text) if query or text else (None, None)


def _shown(prompt: str) -> str:
    return f"“{prompt}”".replace("\n", "\\n") if prompt else "nothing"
