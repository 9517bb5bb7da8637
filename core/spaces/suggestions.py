"""Models of texts on the hub that are worth a try, as plain data from their cards.

Dimensions and licences were compared with the cards, or with what others tell of them, in November
2026; sizes with the files or with the numbers of weights. What begins with “about” was not.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A sentence-transformers model with safetensors weights and no code of its own.

    Attributes:
        name: what the hub calls it.
        size: of what is downloaded.
        dim: numbers in a vector.
        languages: those that its card names.
        kind: what makes it different from others.
    """

    name: str
    size: str
    dim: int
    languages: str
    licence: str
    kind: str


SUGGESTIONS = (
    Suggestion(
        "minishlab/potion-base-8M", "30 MB", 256, "English", "MIT", "static: a vector a token, fast"
    ),
    Suggestion(
        "minishlab/potion-multilingual-128M",
        "512 MB",
        256,
        "101 languages",
        "MIT",
        "static: a vector a token, fast",
    ),
    Suggestion(
        "sentence-transformers/static-retrieval-mrl-en-v1",
        "125 MB",
        1024,
        "English",
        "Apache-2.0",
        "static, for search; its first 256 numbers do nearly as well (Matryoshka)",
    ),
    Suggestion(
        "sentence-transformers/static-similarity-mrl-multilingual-v1",
        "434 MB",
        1024,
        "about 50 languages",
        "Apache-2.0",
        "static, for similarity (Matryoshka)",
    ),
    Suggestion("BAAI/bge-small-en-v1.5", "about 133 MB", 384, "English", "MIT", "for search"),
    Suggestion(
        "thenlper/gte-small", "about 67 MB", 384, "English", "MIT", "for search and similarity"
    ),
    Suggestion(
        "MongoDB/mdbr-leaf-ir",
        "about 92 MB",
        768,
        "English",
        "Apache-2.0",
        "for search (Matryoshka)",
    ),
    Suggestion(
        "intfloat/multilingual-e5-small",
        "471 MB",
        384,
        "94 languages",
        "MIT",
        "for search, with prompts",
    ),
    Suggestion(
        "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        "471 MB",
        384,
        "50 languages",
        "Apache-2.0",
        "for similarity, translations lie near each other",
    ),
    Suggestion(
        "Qwen/Qwen3-Embedding-0.6B",
        "1.2 GB",
        1024,
        "more than 100 languages",
        "Apache-2.0",
        "for search, with instructions (Matryoshka)",
    ),
)
