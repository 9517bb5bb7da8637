"""Help of the page Graph."""

from __future__ import annotations

from core.ui.help.parts import Help, acl, arxiv

TRANSE = ("Bordes et al. 2013, Translating embeddings", "https://papers.nips.cc/paper/5071")
COMPLEX = ("Trouillon et al. 2016, Complex embeddings", arxiv("1606.06357"))
ROTATE = ("Sun et al. 2019, RotatE", arxiv("1902.10197"))
LEAK = ("Toutanova & Chen 2015, Observed versus latent features", acl("W15-4007"))
PYKEEN = ("Ali et al. 2021, PyKEEN", "https://jmlr.org/papers/v22/20-825.html")
PAGE = Help(
    "A knowledge graph is a set of triples (head, relation, tail). Each entity and relation "
    "gets a vector such that true triples score higher than false ones, and the scores then "
    "rank what is not in the graph yet.",
    "**A high score is no fact.** It says that a triple is like those that were seen. What the "
    "graph does not say may be false, or only missing.",
    (TRANSE, COMPLEX, ROTATE, PYKEEN),
)
TOOLS = {
    "Explore": Help(
        "Walks through the graph: the triples around an entity, expanded click by click, the whole "
        "graph, and the shortest paths between two entities. With a trained model its best new "
        "triples are drawn dashed, with what speaks for each.",
        "Where things stand is a force layout, which puts linked entities near each other; only "
        "links mean something, distances do not. Short paths often lead through entities that "
        "have links to almost all. What speaks for a prediction shows what pulls the model's "
        "vectors its way, not why it is true.",
        (
            (
                "Fruchterman & Reingold 1991, Force-directed placement",
                "https://doi.org/10.1002/spe.4380211102",
            ),
            ("Franz et al. 2016, Cytoscape.js", "https://doi.org/10.1093/bioinformatics/btv557"),
            ("Bhardwaj et al. 2021, Instance attribution", arxiv("2111.03120")),
        ),
    ),
    "Statistics": Help(
        "The kinds of relations, which test triples stand in training the other way round, and "
        "the entities with most triples.",
        "The kind of a relation is counted in this graph, not known.",
        (TRANSE, LEAK),
    ),
    "Train": Help(
        "**TransE**: head + relation lies near tail; relations are steps. **DistMult**: the sum "
        "of the products of all three. **ComplEx**: the same with complex numbers. **RotatE**: "
        "a relation turns each complex number of the head. **HolE**: a product with the circular "
        "correlation of head and tail. **TransH**: TransE on a plane of each relation. A weight of "
        "relation prediction asks for the relation between head and tail as well while it trains. "
        "**Search for settings** trains with others for some minutes and puts those into the "
        "boxes that were best on validation triples.",
        "TransE fails where one head has many tails. DistMult is the same both ways, so it "
        "cannot tell who is whose parent. Settings matter more than the model: compare after "
        "tuning both, on validation triples.",
        (
            TRANSE,
            ("Yang et al. 2014, DistMult", arxiv("1412.6575")),
            COMPLEX,
            ROTATE,
            ("Nickel et al. 2016, HolE", arxiv("1510.04935")),
            ("Wang et al. 2014, TransH", "https://doi.org/10.1609/aaai.v28i1.8870"),
            ("Lacroix et al. 2018, Canonical tensor decomposition", arxiv("1806.07297")),
            ("Chen et al. 2021, Relation prediction", arxiv("2110.02834")),
            (
                "Ruffinelli et al. 2020, You can teach an old dog new tricks",
                "https://openreview.net/forum?id=BkxSmlBFvr",
            ),
        ),
    ),
    "Link prediction": Help(
        "Ranks all entities (or relations) for a triple with a gap, and shows the known triples "
        "that are most like a prediction. **Ask in a sentence** matches your words to names, by "
        "letters and by vectors, and offers the queries that may be meant; a click takes one.",
        "Which end a sentence asks for is read from its word order alone (English): look at the "
        "triple before you take it. Scores of different queries do not compare. There is a "
        "prediction for every query, also where none is true. The triples beside it show "
        "what is alike, not a proof.",
        (PYKEEN, ROTATE),
    ),
    "Entities": Help(
        "Finds entities by their names, then by text embeddings of the names. A formula such as "
        "paris - france + germany adds the entities' own vectors of the model at hand. Beside it: "
        "what is near to one in the graph, by its name and, with a gallery of pictures, by its "
        "picture, in one table with the agreement.",
        "Only TransE is trained so that steps mean something; with other models a formula is an "
        "experiment. Input entities are left out of the results, which makes analogies look "
        "better than they are.",
        (
            TRANSE,
            ("Mikolov et al. 2013, Linguistic regularities", acl("N13-1090")),
            ("Linzen 2016, Issues in evaluating analogies", acl("W16-2503")),
        ),
    ),
    "Unseen entity": Help(
        "Link prediction for an entity that the graph does not have, from its text: a linear map "
        "(ridge regression, its penalty chosen on held-out entities) from text embeddings of "
        "names and descriptions to the entities' vectors places it, and the model is asked from "
        "there. Beside it: how entities held out of the fit are ranked, against frequency.",
        "The other vectors were trained beside those held out, so a graph that was trained "
        "without them would give lower figures. Where “text alone” is no better than frequency, "
        "the predictions are those of the relation, whatever the text says. It works for TransE, "
        "DistMult, ComplEx and RotatE alike; complex vectors are mapped as real and imaginary "
        "parts.",
        (
            (
                "Hoerl & Kennard 1970, Ridge regression",
                "https://doi.org/10.1080/00401706.1970.10488634",
            ),
            ("Xie et al. 2016, DKRL", "https://doi.org/10.1609/aaai.v30i1.10329"),
            ("Daza et al. 2021, Inductive entity representations from text", arxiv("2010.03496")),
        ),
    ),
    "Evaluation": Help(
        "MRR and Hits@k: how high the true entity is ranked, other true ones left out (filtered), "
        "beside two baselines: random ranks and the frequency of entities.",
        "They depend on the split, on filtering and on how ties are counted; compare figures of "
        "one graph taken in one way. Inverse and symmetric relations leak test answers into "
        "training.",
        (
            ("Berrendorf et al. 2020, Ambiguity of rank-based evaluation", arxiv("2002.06914")),
            ("Akrami et al. 2020, Realistic re-evaluation", arxiv("2003.08001")),
            LEAK,
        ),
    ),
    "Review": Help(
        "**Suspicious triples**: each triple among its corruptions (another head, another tail); "
        "the percentile is the share of them that the model finds more plausible. **Missing "
        "triples**: the highest scored ones that are not in training, by relation; those of "
        "validation and test among them tell how far the list can be trusted.",
        "A model has learnt its training triples, wrong ones too, so errors hide there: "
        "**Cross-validate** ranks each by a model that was trained without it. What is rare "
        "looks suspicious whether it is wrong or not. Scores of two relations do not compare. "
        "Nothing is changed in the graph: look things up before you do that.",
        (
            (
                "Paulheim 2017, Knowledge graph refinement",
                "https://www.semantic-web-journal.net/content/knowledge-graph-refinement-survey-approaches-and-evaluation-methods",
            ),
            ("Northcutt et al. 2021, Confident learning", arxiv("1911.00068")),
            ("Krompaß et al. 2015, Type-constrained representation learning", arxiv("1508.02593")),
        ),
    ),
    "Map": Help(
        "Entities on a map with a relation's arrows, how parallel these are, and by how much "
        "RotatE turns. Complex vectors are shown as real numbers: all real parts, then all "
        "imaginary parts.",
        "Only TransE makes arrows parallel, in its own space; a map bends them. Arrows of any two "
        "groups that lie apart look parallel: compare with chance, which is told.",
        (TRANSE, ROTATE, ("McInnes et al. 2018, UMAP", arxiv("1802.03426"))),
    ),
    "Compare with text embeddings": Help(
        "The neighbours of an entity by the graph's vectors beside those of its name by a model "
        "of texts.",
        "A graph puts together what plays the same part, a text model what is spoken of together; "
        "both are right. Names that are codes mean nothing to a text model.",
        (
            PYKEEN,
            ("Reimers & Gurevych 2019, Sentence-BERT", arxiv("1908.10084")),
            (
                "Wendlandt et al. 2018, The surprising instability of embeddings",
                arxiv("1804.09692"),
            ),
        ),
    ),
    "Datasets": Help(
        "Reads triples from TSV and CSV files, alone, in an archive, or already split.",
        "What comes unsplit is split at random, so a reverse triple may land in the test part. "
        "Entities and relations that are in no training triple are left out, and told.",
        (
            ("PyKEEN, documentation", "https://pykeen.readthedocs.io/"),
            LEAK,
        ),
    ),
}
