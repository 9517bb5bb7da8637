"""Help of the page Learn, and which lessons there are, by the tools that lead to them."""

from __future__ import annotations

from dataclasses import dataclass

from core.ui.help.parts import Help, acl, arxiv

WORD2VEC = ("Mikolov et al. 2013, Efficient estimation of word representations", arxiv("1301.3781"))
SLP = (
    "Jurafsky & Martin, Speech and language processing",
    "https://web.stanford.edu/%7Ejurafsky/slp3/",
)


@dataclass(frozen=True, slots=True)
class Title:
    """A lesson as it is listed.

    Attributes:
        about: what it teaches, in one line.
        tools: the page and the tool (all tools where it is "") whose help leads to it.
    """

    title: str
    about: str
    tools: tuple[tuple[str, str], ...] = ()


LESSONS = {  # by the name that stands in the address, in the order of the course
    "words": Title(
        "Words as numbers",
        "Vectors, the dot product, the cosine, and why scale does not matter",
        (
            *(("words", "Vectors"), ("words", "Compare")),
            *(("sentences", "Nearest neighbours"), ("sentences", "Similarity matrix")),
        ),
    ),
    "context": Title(
        "Context",
        "A window over your text, skip-gram with negatives, and one gradient step by hand",
        (("train", "Word vectors"), ("words", "Upload embeddings")),
    ),
    "arithmetic": Title(
        "Arithmetic with words",
        "King − man + woman, when it fails, and the bias along he → she",
        (("words", "Formula"), ("words", "Semantic axis"), ("words", "Analogy test")),
    ),
    "dimensions": Title(
        "Dimensions",
        "Keep k principal components or prefixes: what is lost of the neighbours",
        (("sentences", "Models"), ("map", "Projection")),
    ),
    "network": Title(
        "Pictures through a network",
        "Your picture as pixels, through every stage of a network, down to its vector",
        (("images", "Encoders"), ("images", "Identify"), ("images", "Search")),
    ),
    "encoders": Title(
        "Two encoders, one space",
        "Tokens and pixels through two towers, similarities, temperature, zero-shot",
        (
            ("images", "Zero-shot classification"),
            ("images", "Search"),
            ("images", "Encoders"),
            ("sentences", "Semantic search"),
        ),
    ),
    "contrast": Title(
        "Learning by contrast",
        "Positives and negatives, InfoNCE by hand, a head that forms, and classes or contrast",
        (
            *(("train", "Head"), ("train", "From clicks")),
            *(("images", "Few-shot"), ("images", "Evaluation")),
        ),
    ),
    "reduction": Title(
        "From 384 to 2",
        "Principal components, t-SNE and UMAP on toy sets and your words, and what a map loses",
        (("map", ""),),
    ),
    "finding": Title(
        "Finding fast",
        "Comparing with all, cells, HNSW hop by hop, codes, buckets, and what each of them misses",
        (("images", "Index"),),
    ),
    "denoising": Title(
        "Pictures out of noise",
        "The noise schedule, denoising step by step, two kinds of guidance, and latents",
        (("generate", "Image"), ("generate", "Denoising steps"), ("generate", "Grid")),
    ),
    "facts": Title(
        "Facts as vectors",
        "TransE as a step in the plane, made-up falsehoods, filtered ranks, and both ways",
        (
            *(("graph", "Explore"), ("graph", "Train"), ("graph", "Link prediction")),
            *(("graph", "Evaluation"), ("graph", "Map")),
        ),
    ),
}
PAGE = Help(
    "A course in steps. Each step explains one thing, asks for your **prediction**, and only then "
    "runs the real model on your own words or picture. What it says about your answer is worked "
    "out from the result; nothing is prepared.",
    "What you see holds for the embedding model that is named, and for your input: another model "
    "can answer otherwise, and one example proves no rule. Try others before you believe it.",
    (
        WORD2VEC,
        SLP,
        ("Pennington et al. 2014, GloVe", acl("D14-1162")),
    ),
)
TOOLS = {
    "Lessons": Help(
        "The address names the lesson, the step and your input, so a link opens exactly what you "
        "see; it does not hold your prediction. Steps you have done are marked, for this browser.",
        "A guess that was right by chance counts as right. Bounds such as *close* are ours: 0.1 "
        "of a cosine, for example.",
        (WORD2VEC,),
    ),
    "Look inside": Help(
        "A text or a picture on its way through the model that comes along: tokens with ids and "
        "mask, or pixels after preprocessing, the shape of what each stage makes, the vector's "
        "length before it is taken to 1, its numbers as a strip, and the nearest words and emoji.",
        "It is MiniLM and its picture encoder that are shown, whatever model you work with "
        "elsewhere. That a stage can be drawn does not mean it can be understood.",
        (
            ("Wang et al. 2020, MiniLM", arxiv("2002.10957")),
            ("Devlin et al. 2018, BERT", arxiv("1810.04805")),
        ),
    ),
    "Reading list": Help(
        "What the lessons are built on, lesson by lesson: the papers that brought each method, and "
        "texts that explain it.",
        "A paper reports what its authors measured, on their data and often with the settings that "
        "suited their method best. Later work, listed beside it where we know of it, disagrees at "
        "times.",
        (SLP,),
    ),
}


def lessons_of(page: str, tool: str) -> list[str]:
    """The names of the lessons that explain a tool, or a page as a whole where ``tool`` is ""."""
    return [
        name
        for name, lesson in LESSONS.items()
        if (page, tool) in lesson.tools or (page, "") in lesson.tools
    ]
