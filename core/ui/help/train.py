"""Help of the page Train."""

from __future__ import annotations

from core.ui.help.parts import Help, arxiv, doi

HADSELL = ("Hadsell et al. 2006, Contrastive loss", doi("10.1109/CVPR.2006.100"))
TRIPLET = ("Schroff et al. 2015, FaceNet", arxiv("1503.03832"))
SIMCLR = ("Chen et al. 2020, SimCLR", arxiv("2002.05709"))
SUPCON = ("Khosla et al. 2020, Supervised contrastive learning", arxiv("2004.11362"))
MUSGRAVE = ("Musgrave et al. 2020, A metric learning reality check", arxiv("2003.08505"))
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
        "tell how good it is.",
        "With few items a class it learns these by heart; the held-out figures then fall behind. "
        "It cannot bring back what the base model does not see. A class that it was not trained "
        "on may lie anywhere.",
        (HADSELL, TRIPLET, SIMCLR, SUPCON, MUSGRAVE),
    ),
}
