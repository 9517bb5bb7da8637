"""Help of the pages Home and Storage, which have no tools."""

from __future__ import annotations

from core.ui.help.parts import Help, arxiv

HOME = Help(
    "An **embedding** is a vector, a list of some hundred numbers, that a network gives to a "
    "word, a sentence or a picture, such that like things get near vectors. Every page shows, "
    "searches or uses such vectors; those of one embedding model can go from page to page.",
    "Near is not true: vectors hold the habits of what they were learned from. What is *installed* "
    "was found on this computer; sizes of what is not here are as its publishers state them.",
    (
        ("Mikolov et al. 2013, Efficient estimation of word representations", arxiv("1301.3781")),
        ("Reimers & Gurevych 2019, Sentence-BERT", arxiv("1908.10084")),
        ("Radford et al. 2021, CLIP", arxiv("2103.00020")),
    ),
)
STORAGE = Help(
    "Lists the jobs that run on this server, of all sessions, and what the data folder holds, by "
    "kind, with sizes: what was built, downloaded, imported and generated.",
    "A job stops at its next report, which of some libraries comes late. Sizes count each file "
    "once, also where the disk keeps it more tightly. What is computed again "
    "costs time, what is downloaded again costs a download, and what is yours has no other copy "
    "here.",
    (
        ("platformdirs, where systems keep such data", "https://platformdirs.readthedocs.io/"),
        (
            "Hugging Face, Manage the cache",
            "https://huggingface.co/docs/huggingface_hub/guides/manage-cache",
        ),
    ),
)
