"""Help of the page Sentences."""

from __future__ import annotations

from core.ui.help.indexes import help_of
from core.ui.help.parts import Help, arxiv, doi

SBERT = ("Reimers & Gurevych 2019, Sentence-BERT", arxiv("1908.10084"))
OTSU = (
    "Otsu 1979, A threshold selection method from gray-level histograms",
    doi("10.1109/TSMC.1979.4310076"),
)
STABILITY = ("Wendlandt et al. 2018, The surprising instability of embeddings", arxiv("1804.09692"))
PAGE = Help(
    "A **sentence encoder** reads a text and gives a vector for the whole of it, learned so that "
    "texts of like meaning lie near each other. **Cosine similarity** compares the directions of "
    "two vectors, **Euclidean distance** their end points; for vectors of length 1 the two always "
    "agree.",
    "A similarity of 0.6 means nothing by itself: how high *similar* is differs from model to "
    "model. Negation and numbers weigh little: *I like it* and *I do not like it* lie near each "
    "other. A model reads only the beginning of a long text; the page says which rows were cut.",
    (SBERT, ("Cer et al. 2017, SemEval: semantic textual similarity", arxiv("1708.00055"))),
)
TOOLS = {
    "Nearest neighbours": Help(
        "For each row the rows with the nearest vectors, every pair compared.",
        "There is always a nearest row, also where nothing is alike: look at the similarity. Rows "
        "that are near to very many others (hubs) come up too often.",
        (
            SBERT,
            (
                "Radovanović et al. 2010, Hubs in space",
                "https://www.jmlr.org/papers/v11/radovanovic10a.html",
            ),
        ),
    ),
    "Semantic search": Help(
        "Ranks rows by cosine similarity with a query, by BM25, or by both (hybrid: reciprocal "
        "rank fusion). **Why this result?** leaves out each word of the query and of the row once, "
        "and asks other models. A collection of a vector database is ranked and filtered there.",
        "Semantic search often misses exact names and codes; BM25 misses what is said in other "
        "words. Scores of BM25 and cosines do not compare, only ranks do. Whether a database's "
        "vectors are of the model is not checked, and its index may be approximate: both are told "
        "below the rows.",
        (
            ("Robertson & Zaragoza 2009, BM25 and beyond", doi("10.1561/1500000019")),
            ("Cormack et al. 2009, Reciprocal rank fusion", doi("10.1145/1571941.1572114")),
            ("Li, Monroe & Jurafsky 2016, Representation erasure", arxiv("1612.08220")),
        ),
    ),
    "Similarity matrix": Help(
        "The cosine of each two of your sentences.",
        "Sentences about one subject look alike whatever they say of it, their opposites too.",
        (SBERT, ("Cer et al. 2017, SemEval: semantic textual similarity", arxiv("1708.00055"))),
    ),
    "Near-duplicates": Help(
        "Groups of rows around a medoid, the row with the most others near: each is at least as "
        "alike it as the threshold says. The threshold that is set at first parts rows with a near "
        "twin from those without.",
        "Texts that differ in a number, a name or a *not* count as the same: the words that differ "
        "are marked, read before you drop.",
        (("Abbas et al. 2023, SemDeDup", arxiv("2303.09540")), SBERT, OTSU),
    ),
    "Review": Help(
        "Advice for each row: keep, drop or look. **Near-duplicates** are grouped around a medoid. "
        "**Outliers** have a mean similarity to their 10 nearest below Tukey's fence. **Labels** "
        "that the weighted neighbours contradict come by their margin. **Leaks** are duplicates in "
        "another split; the one in the larger split is dropped. A **subset** is representative "
        "(facility location) or diverse (k-center).",
        "It deletes nothing. Texts that differ in a number, a name or a *not* count as the same. "
        "Rare but right rows are outliers too, and a label that most rows have wrong looks right.",
        (
            ("Northcutt et al. 2021, Confident learning", arxiv("1911.00068")),
            ("Abbas et al. 2023, SemDeDup", arxiv("2303.09540")),
            ("Sener & Savarese 2018, Core-set selection (k-center)", arxiv("1708.00489")),
            OTSU,
        ),
    ),
    "Compare models": Help(
        "How many of a row's nearest are the same by two embedding models, and for which rows "
        "fewest are.",
        "Little overlap does not say which model is right, nor does much. It falls with fewer "
        "neighbours and with more rows.",
        (STABILITY, ("Kornblith et al. 2019, Similarity of representations", arxiv("1905.00414"))),
    ),
    "Index": help_of("dataset", "datasets"),
    "Export": Help(
        "Files for the Embedding Projector (TensorBoard), Parquet with the vectors, and rows sent "
        "to a vector database.",
        "The projector's box “Spherize data” changes the vectors, and its PCA and t-SNE see "
        "only a part of many points. `metadata.tsv` holds texts as they are: it is not for "
        "spreadsheets. A database gets unit vectors, replaces rows by their ids and deletes none.",
        (
            ("Smilkov et al. 2016, Embedding Projector", arxiv("1611.05469")),
            ("pgvector, vector search in PostgreSQL", "https://github.com/pgvector/pgvector"),
            ("Milvus", "https://milvus.io/docs"),
        ),
    ),
    "Datasets": Help(
        "Reads tables and texts and guesses the kind, the encoding, the header and the text "
        "column; opens collections of vector databases.",
        "A guess can be wrong: the page says what it took. Rows without a text keep their numbers "
        "and have no neighbours; of a collection, rows without a whole vector are left out.",
        (
            ("RFC 4180, Common format for CSV files", "https://www.rfc-editor.org/rfc/rfc4180"),
            ("Apache Parquet", "https://parquet.apache.org/docs/"),
        ),
    ),
    "Models": Help(
        "Models of sentences: what they are, which are here, and adding others.",
        "A model's place on a leaderboard is a mean over tasks and languages that may not be "
        "yours: measure on pairs of your own.",
        (("Muennighoff et al. 2023, MTEB", arxiv("2210.07316")), SBERT),
    ),
}
