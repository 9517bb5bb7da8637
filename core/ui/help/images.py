"""Help of the page Images."""

from __future__ import annotations

from core.ui.help.indexes import help_of
from core.ui.help.parts import Help, arxiv, doi

CLIP = ("Radford et al. 2021, CLIP", arxiv("2103.00020"))
IR = "https://nlp.stanford.edu/IR-book/"
PAGE = Help(
    "A **picture encoder** gives every picture a vector in the space of MiniLM, where words and "
    "sentences have theirs; near vectors mean like things, whether words or pictures. So one "
    "search takes words, pictures, and sums of both.",
    "The first model joins two experts: a small network of ours, trained on emoji, clothes and "
    "photos of some 110 kinds of things, and EfficientNet, which ImageNet taught a thousand kinds. "
    "It is **no CLIP**: of what neither has seen it tells what it looks like; its model card has "
    "figures. OpenMoji was trained on, so finding it says little; photos of yours say more.",
    (CLIP, ("Frome et al. 2013, DeViSE", "https://papers.nips.cc/paper/5204")),
)
TOOLS = {
    "Search": Help(
        "Ranks the pictures by the cosine with your query, half by the picture and half by its "
        "caption where there is one. “More like this” and “Less like this” move the query "
        "(Rocchio): + 0.75 × the mean of the one, − 0.15 × the mean of the other. **Why this "
        "result?** covers regions of the pictures and leaves out words, one at a time, and asks "
        "other models.",
        "Occlusion tells what an answer hangs on, not why: the patch is something to see itself. "
        "Captions can hide that a picture was not understood: move “Caption weight” to 0 to see "
        "what the pictures alone say. *not*, counting and places (*left of*) are hardly in "
        "these vectors.",
        (
            CLIP,
            ("Manning et al. 2008, Introduction to information retrieval, chapter 9", IR),
            ("Zeiler & Fergus 2014, Visualizing convolutional networks", arxiv("1311.2901")),
        ),
    ),
    "Identify": Help(
        "What a picture is, by a vote of its 24 nearest in the gallery for each column of the "
        "metadata; nearer ones count more. Each picture of the gallery is told by its others too: "
        "how often that was right is the accuracy, and how often votes as clear as this one were "
        "right is the certainty. Beside it the likeliest of ImageNet's 1,000 classes.",
        "A vote knows the values of this gallery alone. Where nothing is as near as the gallery's "
        "own pictures are to each other, it says so, and where no value has half of the weights it "
        "is not sure. The certainty holds for pictures like those "
        "of the gallery; copies among them make it look better. ImageNet's probabilities are not "
        "calibrated, and one of its classes always wins.",
        (
            (
                "Dudani 1976, The distance-weighted k-nearest-neighbor rule",
                doi("10.1109/TSMC.1976.5408784"),
            ),
            ("Tan & Le 2019, EfficientNet", arxiv("1905.11946")),
        ),
    ),
    "Subject, style, colour": Help(
        "Three kinds of nearness, weighed by you. Subject: what the chosen embedding model sees. "
        "Style: Gram matrices of an early layer of EfficientNet-lite0, which tell what textures "
        "occur together, wherever they are. Colour: a histogram in CIELAB, compared by Hellinger's "
        "distance. Each is standardised over the gallery before they are added.",
        "None of the three is blind to the others: a style has colours, and the subject's model "
        "knows a drawing from a photo. A score is relative to this gallery and says nothing of "
        "another one.",
        (
            (
                "Gatys, Ecker & Bethge 2016, Image style transfer using CNNs",
                doi("10.1109/CVPR.2016.265"),
            ),
        ),
    ),
    "Zero-shot classification": Help(
        "The label whose words are nearest to the picture; probabilities come of a softmax over "
        "the similarities.",
        "One of the labels always wins, also where none is right. A probability is not "
        "calibrated: it depends on which other labels you list and on the logit scale.",
        (CLIP,),
    ),
    "Few-shot": Help(
        "The mean vector of a few examples stands for a class (its prototype); the nearest "
        "prototype is the answer.",
        "With few examples the result hangs on which ones were sampled: the page samples several "
        "times and shows the deviation. A class of two unlike kinds has a mean that is near to "
        "neither.",
        (("Snell et al. 2017, Prototypical networks", arxiv("1703.05175")),),
    ),
    "Evaluation": Help(
        "How often the nearest of a picture have its label (precision at k), the confusion matrix "
        "of k-NN, and how far like and unlike pairs lie apart.",
        "Large classes have more chances to be near: look at each class too. Copies and "
        "pictures of one series make figures better than they are; labels can be wrong.",
        (
            ("Manning et al. 2008, Introduction to information retrieval, chapter 8", IR),
            ("Musgrave et al. 2020, A metric learning reality check", arxiv("2003.08505")),
        ),
    ),
    "Review": Help(
        "Advice for each picture: keep, drop or look. **Near-duplicates** are grouped around a "
        "medoid, by vectors or by a perceptual hash, so that nothing chains. **Outliers** have a "
        "mean similarity to their 10 nearest below Tukey's fence. **Labels** that the weighted "
        "neighbours contradict come by their margin. **Leaks** are duplicates in another split; "
        "the one in the larger split is dropped. A **subset** is representative (facility "
        "location) or diverse (k-center).",
        "It deletes nothing. What the model does not see, it cannot find: rare but right pictures "
        "are outliers too, and a label that most of the gallery has wrong looks right. The hash "
        "ignores colours and takes pictures of one flat colour for the same.",
        (
            (
                "Zauner 2010, Perceptual image hash functions",
                "https://www.phash.org/docs/pubs/thesis_zauner.pdf",
            ),
            ("Northcutt et al. 2021, Confident learning", arxiv("1911.00068")),
            ("Sener & Savarese 2018, Core-set selection (k-center)", arxiv("1708.00489")),
            (
                "Nemhauser, Wolsey & Fisher 1978, Maximizing submodular set functions",
                doi("10.1007/BF01588971"),
            ),
        ),
    ),
    "Keypoint matching": Help(
        "Small places that two pictures share, without a network, and the turn and scale that "
        "explains most of the matches.",
        "It finds the same thing, not a like one: another cat does not match. Repeated patterns "
        "match wrongly; flat, blurred and small pictures have hardly any points.",
        (
            ("Lowe 2004, SIFT", doi("10.1023/B:VISI.0000029664.99615.94")),
            ("Rublee et al. 2011, ORB", doi("10.1109/ICCV.2011.6126544")),
            ("Fischler & Bolles 1981, RANSAC", doi("10.1145/358669.358692")),
        ),
    ),
    "Index": help_of("gallery", "galleries"),
    "Datasets": Help(
        "Uploads pictures: files, a ZIP archive, a Parquet file, a folder of this computer, or a "
        "public set.",
        "Names of folders become labels, which may say where pictures came from, not what they "
        "show. What cannot be opened is left out and listed.",
        (("Hugging Face, Image datasets", "https://huggingface.co/docs/datasets/image_dataset"),),
    ),
    "Encoders": Help(
        "Which networks and classical features are here; adding networks from files.",
        "A network trained to tell the classes of ImageNet puts breeds of dogs apart and knows "
        "nothing of words: it cannot be asked in words. Histograms see colour or outline alone.",
        (
            CLIP,
            ("He et al. 2015, Deep residual learning", arxiv("1512.03385")),
            ("Dalal & Triggs 2005, Histograms of oriented gradients", doi("10.1109/CVPR.2005.177")),
        ),
    ),
}
