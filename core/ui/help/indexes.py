"""Help of the tool Index, which pages share."""

from __future__ import annotations

from core.ui.help.parts import Help, arxiv, doi


def help_of(kind: str, kinds: str) -> Help:
    """The help where an index is over a ``kind``, as a gallery; ``kinds`` are several."""
    return Help(
        f"Builds FAISS's approximate indexes on this {kind} and measures what each finds of the "
        "true nearest (recall), how fast, and how large it is. One of them can serve the search, "
        "and be exported with its ids.",
        f"At the size of most {kinds} comparing with all is fast enough; what an index gains "
        "shows from some hundred thousand vectors on. Times hang on what else the computer does.",
        (
            ("Johnson et al. 2017, Billion-scale similarity search (FAISS)", arxiv("1702.08734")),
            ("Jégou et al. 2011, Product quantization", doi("10.1109/TPAMI.2010.57")),
            ("Malkov & Yashunin 2016, HNSW", arxiv("1603.09320")),
        ),
    )
