"""Lesson 7, Learning by contrast: pairs, InfoNCE, a head that forms, classes or contrast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from core.base.types import FloatArray, Modality
from core.cache import contrast as cache, spaces as spaces_cache
from core.charts import basic
from core.charts.lesson_maps import BLUE, GREEN, GREY, ORANGE, Marked, curves, marked_map
from core.lessons import contrast
from core.lessons.predictions import Choice, Number
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.entry import SpaceEntry
from core.ui.common import frame, spaces
from core.ui.common.markdown import plain
from core.ui.help.parts import arxiv, doi
from core.ui.learn import boxes
from core.ui.learn.boxes import Symbol, number, quoted
from core.ui.learn.lesson import Lesson, Reveal, Step, ToolLink

PAIRS, GROUPS, HEAT, KINDS = "alike", "groups", "alike-heat", "alike-kinds"  # boxes
FIRST_PAIRS = (
    "a dog runs in the park = a puppy plays outside\n"
    "shares fell sharply = the stock market lost value\n"
    "she bakes bread = a loaf comes out of the oven\n"
    "the train is late = there is a delay on the railway"
)
FIRST_GROUPS = (
    "hot: fire, desert, soup, sauna, lava, coffee, oven, summer, pepper\n"
    "cold: ice, snow, fridge, penguin, winter, glacier, sorbet, arctic, frost"
)
MOST_PAIRS, MOST_GROUPS, MOST_WORDS = 8, 4, 16
HEATS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
HELD_OUT = 3  # every so many words of a group are not learnt from
COLORS = (BLUE, ORANGE, GREEN, GREY)
CLASSIFIER = "efficientnet-lite0"
CHOICES = (
    *("animal-mammal", "animal-bug", "food-fruit", "food-prepared", "clothing"),
    *("transport-ground", "musical-instrument", "place-building", "plant-flower", "tool"),
)
PICTURES = 6  # of each kind


@dataclass(frozen=True, slots=True)
class Pairs:
    """Texts side by side, each with its partner, the model, and a temperature."""

    entry: SpaceEntry = field(compare=False)
    space: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    heat: float = 1.0

    def similarity(self) -> FloatArray:
        """Cosines ``(n, n)`` of all on the left with all on the right."""
        encoder = spaces_cache.text_encoder(self.entry)
        vectors = encoder.encode_texts([*self.left, *self.right]).vectors
        count = len(self.left)
        cosines: FloatArray = vectors[:count] @ vectors[count:].T
        return cosines


def _model() -> SpaceEntry | None:
    return spaces.require_ready(spaces.choose_space(frame.settings()))


def read_pairs(text: str) -> list[tuple[str, str]]:
    """The pairs of a text, one a line with ``=`` between; other lines are none."""
    parts = [[" ".join(one.split()) for one in line.split("=", 1)] for line in text.splitlines()]
    return [(one[0], one[1]) for one in parts if len(one) == 2 and all(one)][:MOST_PAIRS]


def _ask_pairs() -> Pairs | None:
    entry = _model()
    typed = boxes.text(
        "Pairs that mean alike, one a line with = between",
        FIRST_PAIRS,
        key=PAIRS,
        area=True,
        height=140,
        max_chars=2_000,
    )
    pairs = read_pairs(typed)
    if len(pairs) < 2:
        st.info("Type two pairs or more, one a line, as in: a dog = a puppy")
        return None
    if entry is None:
        return None
    boxes.tell_language(entry, [text for pair in pairs for text in pair])
    left, right = zip(*pairs, strict=True)
    return Pairs(entry, entry.space.name, left, right)


# 1: positives and negatives


def _predict_first(given: Pairs) -> Number:
    count = len(given.left)
    return Number(
        f"For how many of the {count} texts on the left is its own partner the most similar of "
        f"all {count} on the right?",
        0,
        count,
        0,
        0,
    )


def _heat_map(given: Pairs, values: FloatArray, key: str) -> None:
    labels = [f"{at + 1}" for at in range(len(given.left))]
    st.plotly_chart(
        basic.heat_map(labels, values),
        key=key,
        alt="The matrix of all pairs: rows are the left texts, columns the right ones",
    )
    listed = "\n".join(
        f"{at + 1}. {plain(a)} = {plain(b)}"
        for at, (a, b) in enumerate(zip(given.left, given.right, strict=True))
    )
    st.markdown(listed)
    st.caption("Rows are the texts on the left, columns those on the right.")


def _reveal_first(given: Pairs) -> Reveal:
    similarity = given.similarity()
    own = contrast.own_first(similarity)
    count = len(similarity)
    diagonal = np.diag(similarity)
    others = similarity[~np.eye(count, dtype=bool)]

    def show() -> None:
        _heat_map(given, similarity, "learn-batch")

    return Reveal(
        float(own),
        f"A batch of {count} pairs has {count} **positives** (the diagonal, with a cosine of "
        f"{number(float(diagonal.mean()), 2)} on average) and {count * (count - 1)} **negatives**, "
        f"made at no cost from everyone else's partner ({number(float(others.mean()), 2)} on "
        f"average). {own} of {count} partners come first. Training by contrast makes the diagonal "
        "bright and the rest dark; nobody needs to say what the texts are about.",
        show,
    )


# 2: InfoNCE

HIGHER, LOWER, NEARLY = "higher", "lower", "the same within 0.05"


def _ask_heat() -> Pairs | None:
    given = _ask_pairs()
    heat = boxes.pick("Temperature", HEATS, 0.2, key=HEAT)
    if given is None:
        return None
    return Pairs(given.entry, given.space, given.left, given.right, heat)


def _predict_loss(given: Pairs) -> Choice:
    return Choice(
        f"At a temperature of {given.heat:g}, is the loss higher or lower than by guessing (the "
        f"logarithm of {len(given.left)})?",
        (HIGHER, LOWER, NEARLY),
    )


def compared(loss: float, chance: float) -> str:
    """Which of the options holds."""
    if abs(loss - chance) <= 0.05:
        return NEARLY
    return HIGHER if loss > chance else LOWER


def _reveal_loss(given: Pairs) -> Reveal:
    similarity = given.similarity()
    losses = contrast.info_nce(similarity, given.heat)
    shares = contrast.softmax(similarity.astype(np.float64) / given.heat)
    chance = float(np.log(len(losses)))
    mean = float(losses.mean())

    def show() -> None:
        _heat_map(given, shares.astype(np.float32), "learn-shares")
        st.caption("Each row divided by the temperature and made into shares that add up to 1.")
        boxes.equation(
            r"L_i = -\log \frac{\exp(s_{ii} / \tau)}{\sum_j \exp(s_{ij} / \tau)}",
            [
                Symbol(r"\tau", f"{given.heat:g}", "the temperature"),
                Symbol("s_{11}", number(float(similarity[0, 0])), "cosine of the first pair"),
                Symbol(
                    r"e^{L_1}",
                    number(1 / max(float(shares[0, 0]), 1e-12), 2),
                    "one over the share that the first partner has of its row",
                ),
                Symbol("L_1", number(float(losses[0])), "the loss of the first row"),
                Symbol("L", number(mean), "the mean of all rows"),
                Symbol(r"\log n", number(chance), "the loss of guessing"),
            ],
        )
        heats = np.array(HEATS)
        means = np.array([float(contrast.info_nce(similarity, heat).mean()) for heat in HEATS])
        st.plotly_chart(
            curves(
                {"loss": (heats, means), "guessing": (heats, np.full(len(heats), chance))},
                "temperature",
                "InfoNCE",
            ),
            key="learn-heats",
            alt="The loss by temperature, and that of guessing",
        )

    worst = int(losses.argmax())
    return Reveal(
        compared(mean, chance),
        f"The loss is {number(mean)}, by guessing it would be {number(chance)}. It is the mean of "
        "−log of each partner's share of its row (a *cross-entropy*). A low temperature looks at "
        "the nearest rivals alone and punishes each wrong first place hard; a high one counts all "
        f"alike. The hardest row is {quoted(given.left[worst])} with {number(float(losses[worst]))}"
        ". CLIP learns its temperature along with all else; it ended at 0.01.",
        show,
    )


# 3: a head forms


@dataclass(frozen=True, slots=True)
class Groups:
    """Words in groups, and the model."""

    entry: SpaceEntry = field(compare=False)
    space: str
    names: tuple[str, ...]
    words: tuple[str, ...]
    labels: tuple[int, ...]
    learns: tuple[bool, ...]


def read_groups(text: str) -> dict[str, list[str]]:
    """Groups of a text, one a line: a name, a colon, words with commas between."""
    groups = {}
    for line in text.splitlines()[:MOST_GROUPS]:
        name, _, listed = line.partition(":")
        words = list(dict.fromkeys(" ".join(one.split()) for one in listed.split(",")))
        words = [word for word in words if word][:MOST_WORDS]
        if name.strip() and len(words) >= HELD_OUT:
            groups[name.strip()] = words
    return groups


def _ask_groups() -> Groups | None:
    entry = _model()
    typed = boxes.text(
        "Groups of words, one a line: a name, a colon, words with commas between",
        FIRST_GROUPS,
        key=GROUPS,
        area=True,
        height=110,
        max_chars=2_000,
    )
    groups = read_groups(typed)
    if len(groups) < 2:
        st.info(f"Type two groups or more of {HELD_OUT} words or more each, as in: fruit: fig, …")
        return None
    if entry is None:
        return None
    words = [word for group in groups.values() for word in group]
    labels = [at for at, group in enumerate(groups.values()) for _ in group]
    learns = [(at + 1) % HELD_OUT != 0 for group in groups.values() for at in range(len(group))]
    return Groups(
        entry, entry.space.name, tuple(groups), tuple(words), tuple(labels), tuple(learns)
    )


def _predict_head(given: Groups) -> Number:
    held = given.learns.count(False)
    return Number(
        f"{held} words are held out. After training on the others, for what share of them is the "
        "nearest learnt word of their own group?",
        0,
        100,
        10,
        0,
        "%",
    )


def _reveal_head(given: Groups) -> Reveal:
    encoder = spaces_cache.text_encoder(given.entry)
    vectors = encoder.encode_texts(list(given.words)).vectors
    formed = contrast.form(vectors, given.labels, given.learns)
    before = contrast.nearest_label(vectors, given.labels, given.learns)
    shares = [
        contrast.nearest_label(places, given.labels, given.learns) for places in formed.places
    ]

    def show() -> None:
        last = len(formed.losses) - 1
        at = st.slider("Step of the training", 0, last, last, key="learn-formed")
        _circle(given, formed.places[at].astype(np.float32))
        steps = np.arange(last + 1)
        st.plotly_chart(
            curves(
                {
                    "loss": (steps, np.array(formed.losses)),
                    "held-out share": (steps, np.array(shares)),
                },
                "step",
                "loss, share",
            ),
            key="learn-forming",
            alt="Loss and held-out share by step",
        )

    learnt = given.learns.count(True)
    told = (
        "The head finds what your groups have in common, also where it did not look"
        if shares[-1] > before
        else "The head is no better than the vectors were: with so few words it learns them by "
        "heart, or the vectors had your groups apart already"
    )
    return Reveal(
        100 * shares[-1],
        f"A matrix of {vectors.shape[1]} × {contrast.WIDTH} numbers was trained on {learnt} words "
        f"by supervised contrastive loss ({number(formed.losses[0])} to "
        f"{number(formed.losses[-1])}): words of a group are each other's positives. Of the held "
        f"out {shares[-1]:.0%} now lie nearest to their own group; by all {vectors.shape[1]} "
        f"numbers of the model itself it was {before:.0%}, by their two principal components "
        f"{shares[0]:.0%}. {told}. {learnt} examples for {vectors.shape[1] * contrast.WIDTH} "
        "numbers are few: only what was held out tells whether it learnt.",
        show,
    )


def _circle(given: Groups, places: FloatArray) -> None:
    labels, learns = np.array(given.labels), np.array(given.learns)
    marked = [
        Marked(name, np.flatnonzero((labels == at) & learns), COLORS[at], "circle", 9)
        for at, name in enumerate(given.names)
    ]
    marked += [
        Marked(
            f"{name}, held out",
            np.flatnonzero((labels == at) & ~learns),
            COLORS[at],
            "x",
            11,
            named=True,
        )
        for at, name in enumerate(given.names)
    ]
    st.plotly_chart(
        marked_map(places, given.words, [group for group in marked if len(group.rows)]),
        key="learn-circle",
        alt="The words on the circle that the head puts them on",
    )


# 4: pictures

SAME = "the same"


def _ask_kinds() -> tuple[str, ...] | None:
    boxes.keep(KINDS)
    chosen = st.multiselect("Kinds of emoji", CHOICES, CHOICES[0:6:2], key=KINDS, max_selections=6)
    boxes.note(KINDS, chosen)
    if len(chosen) < 2:
        st.info("Choose two kinds or more.")
        return None
    return tuple(str(one) for one in chosen)


def _encoders() -> dict[str, SpaceEntry]:
    return {
        "a classifier (EfficientNet-lite)": registry.find_space(CLASSIFIER, Modality.IMAGE),
        "a contrastive encoder (ours)": registry.find_space(DEFAULT_SPACE, Modality.IMAGE),
    }


def _predict_encoder(given: tuple[str, ...]) -> Choice:
    return Choice(
        "For which of two networks are more pictures' nearest neighbours of their own kind?",
        (*_encoders(), SAME),
    )


def _reveal_encoder(given: tuple[str, ...]) -> Reveal:
    groups = cache.emoji_of(given, PICTURES)
    labels = [at for at, group in enumerate(groups) for _ in group]
    shares = {
        name: contrast.same_group_share(cache.emoji_vectors(entry, given, PICTURES), labels)
        for name, entry in _encoders().items()
    }
    (first, one), (second, other) = shares.items()
    best = SAME if one == other else max(shares, key=lambda name: shares[name])
    encoder = spaces_cache.text_encoder(_encoders()[second])
    asked = encoder.encode_texts([kind.replace("-", " ") for kind in given]).vectors
    vectors = cache.emoji_vectors(_encoders()[second], given, PICTURES)
    found = (vectors @ asked.T).argmax(axis=1)
    by_words = float((found == np.array(labels)).mean())

    def show() -> None:
        emoji = [one for group in groups for one in group]
        st.dataframe(
            {
                "kind": [given[label] for label in labels],
                "emoji": [f"{one.text} {one.caption}" for one in emoji],
                "named by words as": [given[at] for at in found.tolist()],
            },
            hide_index=True,
            alt="The pictures, their kinds, and which kind's name is nearest to each",
        )

    chance = 1 / len(given)
    won = (
        "A classifier, as ResNet-18 is too, learnt only what tells ImageNet's thousand classes "
        "apart, on photos; what is alike in other ways may lie anywhere."
        if one < other
        else "On these kinds the classifier does no worse: telling ImageNet's thousand classes "
        "apart, it learnt what such kinds have in common."
    )
    return Reveal(
        best,
        f"Of {len(labels)} pictures, {one:.0%} have a nearest neighbour of their own kind by "
        f"{first}, {other:.0%} by {second}. {won} What a classifier cannot do is take words. A "
        "contrastive encoder was taught which picture and caption belong together: by the names "
        f"of the kinds alone it names {by_words:.0%} of these pictures right (by guessing "
        f"{chance:.0%}). Which one wins at neighbours depends on the pictures, so choose other "
        "kinds.",
        show,
    )


def _tools() -> Sequence[ToolLink]:
    lines = "\n".join(one for pair in read_pairs(boxes.kept(PAIRS, FIRST_PAIRS)) for one in pair)
    return (
        ToolLink("train", "Train a head on your own pictures or texts", {"do": "Head"}),
        ToolLink("images", "Search pictures by words", {"find": "a fruit"}),
        ToolLink(
            "sentences",
            "Similarity matrix of your pairs",
            {"do": "Similarity matrix", "lines": lines, "space": boxes.model_name()},
        ),
    )


LESSON = Lesson(
    "contrast",
    (
        Step(
            "Positives and negatives",
            "To learn vectors by **contrast** one needs pairs that belong together, nothing else. "
            "Some pairs are looked at together, as a **batch**; all other combinations within it "
            "serve as examples of what does not belong together.",
            _ask_pairs,
            _predict_first,
            _reveal_first,
        ),
        Step(
            "InfoNCE",
            "The loss of such a batch asks, row by row: which one is your partner? A softmax (last "
            "lesson) makes shares of the cosines in a row, the more decided the lower its "
            "**temperature**. The loss is −log of the partner's share; guessing, which gives each "
            "text the same share, is the measure beside it.",
            _ask_heat,
            _predict_loss,
            _reveal_loss,
        ),
        Step(
            "A head forms",
            "A small **head**, one matrix on top of a model that itself stays as it is (*frozen*), "
            "can be taught what *you* call alike. Here it makes two numbers of each word's vector, "
            "taken to length 1: so each word stands on a circle. It is trained on your words in a "
            "second; words of a group are to meet, others to part.",
            _ask_groups,
            _predict_head,
            _reveal_head,
        ),
        Step(
            "Classes or contrast",
            "Networks for pictures were long trained to name classes: a **classifier**. What they "
            "learn by that is not the same as what is alike. The other network here was trained by "
            "contrast, pictures against their captions.",
            _ask_kinds,
            _predict_encoder,
            _reveal_encoder,
        ),
    ),
    _tools,
    (
        (
            "Hadsell et al. 2006, Learning an invariant mapping (contrastive loss)",
            doi("10.1109/CVPR.2006.100"),
        ),
        ("van den Oord et al. 2018, Contrastive predictive coding (InfoNCE)", arxiv("1807.03748")),
        ("Chen et al. 2020, SimCLR", arxiv("2002.05709")),
        ("Khosla et al. 2020, Supervised contrastive learning", arxiv("2004.11362")),
        ("Radford et al. 2021, CLIP", arxiv("2103.00020")),
    ),
)
