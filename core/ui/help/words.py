"""Help of the page Words."""

from __future__ import annotations

from core.ui.help.parts import Help, acl, arxiv

MIKOLOV = ("Mikolov et al. 2013, Linguistic regularities in word representations", acl("N13-1090"))
PAGE = Help(
    "Every word is a **vector**: an arrow in a space of some hundred dimensions, learned so "
    "that words used alike point alike. A formula adds and subtracts these arrows, and the "
    "answer lists the words whose arrows point most nearly the same way (**cosine similarity**, "
    "1 for the same direction, 0 for unrelated).",
    "The space holds the habits of the texts it was learned from, stereotypes included. One "
    "vector stands for all meanings of a word: *bank* is a river's and a robber's.",
    (
        MIKOLOV,
        ("Bolukbasi et al. 2016, Man is to computer programmer …", arxiv("1607.06520")),
        ("Reimers & Gurevych 2019, Sentence-BERT", arxiv("1908.10084")),
    ),
)
TOOLS = {
    "Formula": Help(
        "Reads a formula, adds up its vectors and ranks all words by their cosine with the sum.",
        "The nearest words to *a − b + c* are nearly always *a* and *c* themselves; they are left "
        "out, which flatters the method. Try the formula without *− b*: often the answer stays.",
        (
            MIKOLOV,
            ("Linzen 2016, Issues in evaluating semantic spaces", arxiv("1606.07736")),
            ("Rogers et al. 2017, (Too many) problems of analogies", acl("S17-1017")),
        ),
    ),
    "Compare": Help(
        "The cosine of each two words of a list, and the word that is least like the others.",
        "With few words, or words of two groups, the odd one out is little more than a guess. A "
        "cosine of 0.4 is much in one space and little in another: compare within one space only.",
        (("Mu & Viswanath 2018, All-but-the-top", arxiv("1702.01417")), MIKOLOV),
    ),
    "Vectors": Help(
        "The numbers of each word's vector, one column a dimension, as colours: blue below zero, "
        "red above.",
        "Single dimensions of such models rarely mean something one can name, and a rotation of "
        "all vectors would change every strip and no similarity.",
        (
            (
                "Şenel et al. 2018, Semantic structure and interpretability of word embeddings",
                arxiv("1711.00331"),
            ),
        ),
    ),
    "Semantic axis": Help(
        "Takes the mean of the one group of words from that of the other and measures how far "
        "along this line each word lies; the two means stand at −1 and +1.",
        "A place on the line is an association found in texts, not a property of things or "
        "people. It shifts with the words that mark the ends: use several, and exchange some.",
        (
            ("An et al. 2018, SemAxis", arxiv("1806.05521")),
            ("Bolukbasi et al. 2016, Man is to computer programmer …", arxiv("1607.06520")),
        ),
    ),
    "Analogy test": Help(
        "Asks many questions *a is to b as c is to what* and counts how often the nearest word, "
        "the three left out, is the right one.",
        "Forms of words (*big, bigger*) are easy and make up much of the usual tests; a high "
        "share says little of other uses. Words that the space does not have are left out and "
        "counted.",
        (
            MIKOLOV,
            (
                "Gladkova et al. 2016, Analogy-based detection …: what works and what doesn't",
                acl("N16-2002"),
            ),
        ),
    ),
    "Upload embeddings": Help(
        "Reads vectors of words from files of word2vec, GloVe, fastText, NumPy and safetensors.",
        "Vectors are taken to unit length, and of a large file only the first words are read, as "
        "many as you say. Two files are two spaces, even when they come from the same texts: their "
        "vectors do not compare.",
        (
            ("Pennington et al. 2014, GloVe", acl("D14-1162")),
            ("Bojanowski et al. 2017, fastText", arxiv("1607.04606")),
        ),
    ),
}
