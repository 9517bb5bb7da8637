"""Help of the page Map."""

from __future__ import annotations

from core.ui.help.parts import Help, arxiv, doi

TSNE = (
    "van der Maaten & Hinton 2008, Visualizing data using t-SNE",
    "https://www.jmlr.org/papers/v9/vandermaaten08a.html",
)
UMAP = ("McInnes et al. 2018, UMAP", arxiv("1802.03426"))
DISTILL = ("Wattenberg et al. 2016, How to use t-SNE effectively", doi("10.23915/distill.00002"))
PAGE = Help(
    "A map lays vectors of many numbers on a plane, or in space, so that near vectors come to lie "
    "near each other. That cannot be done without loss; the figures say how much is lost. **PCA** "
    "turns the vectors so that the first axes show as much of their variance as can be. **t-SNE** "
    "and **UMAP** keep neighbourhoods: by our own code, or by **umap-learn**, the original, which "
    "takes longer and has more metrics, densMAP and supervision (under Parameters). **densMAP** "
    "also keeps where points lie dense and where sparse. **PaCMAP** weighs near, middling and far "
    "pairs in turn, and keeps more of how clusters lie to each other. **Supervised by** a column, "
    "UMAP pulls rows of one kind, or of near numbers, together.",
    "By t-SNE and UMAP, how large a cluster looks, how far apart two clusters lie, and where "
    "they stand mean little (by densMAP alone does the size of a cluster say how spread its "
    "vectors are); small clusters can come of chance. Run it again with another seed: "
    "what is not there both times, do not believe. Neighbours are best asked for, not seen: "
    "click a point, and lines lead to its nearest by the vectors, wherever they lie. A supervised "
    "map was told its groups: even labels drawn by lot come to stand apart on it, so it is no "
    "sign that the vectors know them. The figures compare with the vectors alone, by cosine or "
    "Euclidean distance, whatever metric made the map, and so tell what supervision cost.",
    (
        TSNE,
        UMAP,
        ("Wang et al. 2021, PaCMAP", "https://jmlr.org/papers/v22/20-1061.html"),
        ("Narayan, Berger & Cho 2021, densMAP", doi("10.1038/s41587-020-00801-7")),
        (
            "umap-learn, Supervised dimension reduction and metric learning",
            "https://umap-learn.readthedocs.io/en/latest/supervised.html",
        ),
        (
            "Kobak & Linderman 2021, Initialization is critical for preserving global structure",
            doi("10.1038/s41587-020-00809-z"),
        ),
        DISTILL,
    ),
)
TOOLS = {
    "Projection": Help(
        "One set of vectors by one method, with its quality: trustworthiness (false neighbours "
        "cost), continuity (lost ones cost) and k-NN preservation (recall of the nearest). Points "
        "are selected with the mouse, or by “Find on the map” and the table. What is selected, "
        "filtered or found stands below; a click on a row there marks its point. Back undoes a "
        "selection as any other step. The button beside a column's name colours by it. Tags name a "
        "selection for good, and can be added to another, intersected with it and subtracted. "
        "Under “New rows” a dataset or gallery that has grown is placed on the map, whose points "
        "stay.",
        "PCA's distances mean something, but much stays unseen. Colours by clusters show what an "
        "algorithm found, which always finds something; where it looked (map or vectors) matters. "
        "Names on the map are those of HDBSCAN's tree: how fine they are says how far you zoomed, "
        "not how sure a cluster is.",
        (
            (
                "scikit-learn, Trustworthiness",
                "https://scikit-learn.org/stable/modules/generated/"
                "sklearn.manifold.trustworthiness.html",
            ),
            ("McInnes et al. 2017, hdbscan", doi("10.21105/joss.00205")),
            ("Grootendorst 2022, BERTopic (c-TF-IDF)", arxiv("2203.05794")),
        ),
    ),
    "Compare projections": Help(
        "The same items by two methods or of two embedding models, the second turned, mirrored "
        "and scaled onto the first (Procrustes), and which items moved most.",
        "Two maps may differ by chance alone: set the same method with another seed beside it "
        "first. The overlap of true neighbours compares the vectors, not the maps.",
        (("Schönemann 1966, Orthogonal Procrustes problem", doi("10.1007/BF02289451")), DISTILL),
    ),
    "Parameter sweep": Help(
        "The same items by several values of a method's parameters side by side: neighbours and "
        "least distance of UMAP, perplexities of t-SNE, with trustworthiness, continuity and k-NN "
        "preservation under each. “Use these settings” opens one of them.",
        "Choosing the map that shows what one hoped for is no finding: what holds is there on most "
        "of them. Figures of maps by different parameters may be compared, since all are judged by "
        "the same neighbours of the vectors.",
        (
            DISTILL,
            ("Venna & Kaski 2001, Neighborhood preservation", doi("10.1007/3-540-44668-0_68")),
        ),
    ),
    "Semantic axes": Help(
        "Two axes that you name by words, each the difference of two means, and how far along "
        "them everything lies. Nothing else of the vectors is shown.",
        "Axes need not be independent: the page tells their angle. What has nothing to do with an "
        "axis lies somewhere on it all the same.",
        (("An et al. 2018, SemAxis", arxiv("1806.05521")),),
    ),
}
