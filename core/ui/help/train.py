"""Help of the page Train."""

from __future__ import annotations

from core.ui.help.parts import Help, acl, arxiv, doi

HADSELL = ("Hadsell et al. 2006, Contrastive loss", doi("10.1109/CVPR.2006.100"))
TRIPLET = ("Schroff et al. 2015, FaceNet", arxiv("1503.03832"))
SIMCLR = ("Chen et al. 2020, SimCLR", arxiv("2002.05709"))
SUPCON = ("Khosla et al. 2020, Supervised contrastive learning", arxiv("2004.11362"))
MUSGRAVE = ("Musgrave et al. 2020, A metric learning reality check", arxiv("2003.08505"))
WORD2VEC = ("Mikolov et al. 2013, word2vec", arxiv("1310.4546"))
FASTTEXT = ("Bojanowski et al. 2017, fastText", arxiv("1607.04606"))
LEVY = ("Levy & Goldberg 2014, Dependency-based word embeddings", acl("P14-2050"))
HYPERPARAMETERS = ("Levy et al. 2015, Lessons learned from word embeddings", acl("Q15-1016"))
XING = (
    "Xing et al. 2002, Distance metric learning with side-information",
    "https://papers.nips.cc/paper/2164-distance-metric-learning-with-application-to-clustering-with-side-information",
)
NCA = (
    "Goldberger et al. 2004, Neighbourhood components analysis",
    "https://papers.nips.cc/paper/2566-neighbourhood-components-analysis",
)
ITML = (
    "Davis et al. 2007, Information-theoretic metric learning",
    doi("10.1145/1273496.1273523"),
)
KARAYEV = ("Karayev et al. 2014, Recognizing image style", arxiv("1311.3715"))
PAGE = Help(
    "An embedding of your own: vectors that a model gives are changed so that items which you "
    "call alike lie near each other. The model itself stays as it is, so this takes seconds.",
    "A trained space knows what it was told and little else: what the labels leave out is "
    "squeezed together. Figures count only on items that training did not see.",
    (SUPCON, MUSGRAVE),
)
TOOLS = {
    "Head": Help(
        "A head is a small network that takes a frozen vector and gives another. It is trained "
        "on **characteristics**, columns of labels: ideal positives share all of them, ideal "
        "negatives none, and what agrees in part counts in part. Some items are held out and "
        "tell how good it is. Where the base takes texts, a head for texts is trained along with "
        "that of pictures, by the names of the classes and by captions. **SimCLR** takes no "
        "labels: each picture is encoded in several augmented views (parts of it, mirrored, in "
        "other colours, grey, blurred), and two of one picture shall lie near each other.",
        "With few items a class it learns these by heart; the held-out figures then fall behind. "
        "It cannot bring back what the base model does not see. A class that it was not trained "
        "on may lie anywhere, and so may words: frequent ones are held where they were, which "
        "keeps part of what the base knows. SimCLR makes a space blind to what its views change: "
        "where colour or the whole shape matter, neighbours become worse.",
        (HADSELL, TRIPLET, SIMCLR, SUPCON, MUSGRAVE),
    ),
    "From clicks": Help(
        "You mark pairs as alike or not alike, and a **linear metric** is learnt from the marks at "
        "once: what is alike shall be as near as neighbours are, what is not as far as items by "
        "chance, and the map is kept near the one that changes nothing, so that a few clicks do "
        "not wreck the space. What no marked item points to stays as it was. Neighbours stand "
        "before and after side by side; marks can be undone, and stay with the dataset. Kept, the "
        "metric is an embedding model of its own: a head of one layer.",
        "A few marks change little beyond what they are of: see whether **held-out marks** are "
        "told right more often than before, and the neighbours of items without a mark. Marks "
        "that contradict one another, or that ask for what the base does not see, teach nothing. "
        "Marks around one query speak of that query.",
        (XING, NCA, ITML),
    ),
    "A painting of mine": Help(
        "A way through the app in five steps: pictures with a catalogue, their features, a head on "
        "style, school and period, the map before and after, and a painting of your own, of which "
        "the neighbours tell each of these with how certain that is. Each step leads to its tool "
        "with your choices set, and says what is done already.",
        "What is told is what the neighbours in the catalogue are: a school that it lacks is never "
        "told. Without a split by artist the figures praise the head for knowing the artists. The "
        "rows of a catalogue alone know what is written of a painting, not how it looks.",
        (SUPCON, KARAYEV),
    ),
    "Word vectors": Help(
        "word2vec or fastText (by gensim) on the words of your texts: each word gets a vector from "
        "which the words around it can be told from words drawn by chance. The **window** says how "
        "far around counts: a small one gathers words of the same use (*detective*, *doctor*), a "
        "large one words of the same topic (*detective*, *private*). Texts are read in small "
        "letters; a word is a run of letters, marks and digits of any script, with apostrophes and "
        "hyphens inside; scripts without spaces are cut into pairs of characters. The loss is the "
        "mean negative-sampling loss of pairs that are chosen once; epoch 0 is chance.",
        "Neighbours are sensible from some hundred thousand words of text; analogies need far "
        "more, and seldom words are placed by a few sentences. The loss of one window cannot be "
        "compared with that of another. With one thread the same seed gives the same vectors; "
        "more threads are faster and do not. fastText's vectors of words that are not in the "
        "texts are not kept.",
        (WORD2VEC, FASTTEXT, LEVY, HYPERPARAMETERS),
    ),
}
