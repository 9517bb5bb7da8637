"""How a graph is trained: the settings, their ranges, and which of them suit which graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from types import MappingProxyType
from typing import Any

from core.base.errors import InputError, counted, shorten
from core.base.validation import require_in_ranges, with_whole
from core.graphs.scoring import Model

MAX_SEED = 2**32 - 1
# Names of losses, with PyKEEN's.
LOSSES: Mapping[str, str] = MappingProxyType(
    {
        "cross-entropy": "crossentropy",
        "softplus": "softplus",
        "binary": "bcewithlogits",
        "margin": "marginranking",
        "self-adversarial": "nssa",
    }
)
OPTIMIZERS = ("Adam", "Adagrad")
PLAIN_PRODUCTS = (Model.DISTMULT, Model.COMPLEX)  # whose loss can be taken by triples
SAMPLED_ONLY = ("margin", "self-adversarial")  # losses that compare with drawn negatives

# One sentence on what each setting does, by the names of Settings.
HELP: Mapping[str, str] = MappingProxyType(
    {
        "model": (
            "TransE: a relation is a step from head to tail. RotatE: a rotation in the complex "
            "plane. DistMult and ComplEx: a product; DistMult cannot tell (a, r, b) from "
            "(b, r, a). HolE: a product with the circular correlation of head and tail. TransH: "
            "TransE on a plane of each relation."
        ),
        "dim": "Numbers of a vector; complex numbers count once.",
        "epochs": "How often all training triples are gone through.",
        "loss": (
            "What is made small: cross-entropy over all candidates, softplus or binary "
            "cross-entropy of each triple by itself, or the margin between true and false ones."
        ),
        "negatives": (
            "Negative sampling: false triples for each true one; 0 compares with all entities at "
            "once, which is better on small graphs."
        ),
        "learning_rate": "How far each step goes: too far diverges, too near takes long.",
        "optimizer": (
            "Adam keeps the length of its steps; Adagrad's grow shorter the more a number was "
            "moved, which suits large graphs."
        ),
        "batch": "Triples, or pairs of head and relation, that are taken in one step.",
        "smoothing": "Label smoothing: the share of truth that is spread over all entities.",
        "regularization": (
            "How strongly the vectors of products are kept short (the nuclear 3-norm "
            "of Lacroix et al. 2018): against learning by heart."
        ),
        "relation_weight": (
            "How much the relation counts as a question of its own beside the tail: a weight on "
            "-log p(relation | head, tail), with 0 negatives (Chen et al. 2021)."
        ),
        "by_triple": (
            "Each triple counts alike, in the loss and in what keeps vectors short (1vsAll, "
            "Lacroix et al. 2018). Otherwise each pair of head and relation does, however many "
            "tails it has (KvsAll). For cross-entropy by DistMult or ComplEx with 0 negatives."
        ),
        "start_from": (
            "Entities begin with the vectors of their names or descriptions by a model of texts, "
            "turned to the dimension, in place of chance; those without a text by chance."
        ),
        "inverse": (
            "Trains each relation in both directions, each with its own vector; heads are then "
            "asked for as tails of the inverse."
        ),
        "seed": "The same number gives the same model on the same computer.",
    }
)
_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "dim": (1, 1_000),
        "epochs": (1, 10_000),
        "negatives": (0, 1_000),
        "learning_rate": (1e-6, 1e6),
        "batch": (1, 100_000),
        "smoothing": (0, 0.9),
        "regularization": (0, 100),
        "relation_weight": (0, 100),
        "seed": (0, MAX_SEED),
    }
)
_WHOLE = ("dim", "epochs", "negatives", "batch", "seed")


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides a model beside the graph; ``HELP`` says what each does.

    Raises:
        InputError: a value is outside its range, or two do not go together.
    """

    model: Model = Model.COMPLEX
    dim: int = 64
    epochs: int = 40
    loss: str = "cross-entropy"
    negatives: int = 0
    learning_rate: float = 0.02
    batch: int = 256
    smoothing: float = 0.0
    regularization: float = 0.01
    inverse: bool = True
    seed: int = 0
    relation_weight: float = 0.0  # on -log p(r | h, t); 0 asks for no relations
    optimizer: str = "Adam"
    by_triple: bool = False  # the mean is over triples, not over pairs of head and relation
    start_from: str = ""  # the model of texts whose vectors entities begin with; "" for chance

    def __post_init__(self) -> None:
        require_in_ranges(self, "the training", _RANGES, _WHOLE)
        for what, given, known in (
            ("loss", self.loss, LOSSES),
            ("optimizer", self.optimizer, OPTIMIZERS),
        ):
            if not isinstance(given, str) or given not in known:
                raise InputError(
                    f"There is no {what} “{shorten(str(given))}”.",
                    f"Known: {', '.join(known)}.",
                    "Choose one.",
                )
        if not isinstance(self.start_from, str):
            raise InputError(
                f"“start_from” of the training is {shorten(repr(self.start_from))}.",
                "It is the name of a model of texts, or empty.",
                "Change it.",
            )
        for what in ("inverse", "by_triple"):
            if not isinstance(getattr(self, what), bool):
                raise InputError(
                    f"“{what}” of the training is {shorten(repr(getattr(self, what)))}.",
                    "It is true or false.",
                    "Change it.",
                )
        if self.loss in SAMPLED_ONLY and not self.negatives:
            raise InputError(
                f"The loss “{self.loss}” compares with false triples, and 0 are sampled.",
                "1 negative or more.",
                "Raise the negatives, or choose cross-entropy.",
            )
        if self.relation_weight and self.negatives:
            raise InputError(
                f"The weight of relation prediction is {self.relation_weight:g} with sampled "
                "negatives.",
                "It goes with all entities as negatives: with 0 negatives only.",
                "Set one of them to 0.",
            )
        if self.smoothing and self.negatives:
            raise InputError(
                f"Label smoothing is {self.smoothing:g} with sampled negatives.",
                "It spreads over all entities: with 0 negatives only.",
                "Set one of them to 0.",
            )
        fits = self.model in PLAIN_PRODUCTS and self.loss == "cross-entropy"
        if self.by_triple and (self.negatives or not fits):
            raise InputError(
                f"Triples are to count alike with {self.model.value}, the loss “{self.loss}” and "
                f"{counted(self.negatives, 'negative')}.",
                "It goes with cross-entropy, 0 negatives, and DistMult or ComplEx.",
                "Turn it off, or change these.",
            )

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "model": self.model.value}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Settings:
        """Settings from plain values; names that are none of theirs are ignored.

        Raises:
            InputError: a value cannot be used.
        """
        known = {field.name for field in fields(cls)}
        given = {name: value for name, value in told.items() if name in known}
        values = with_whole(given, _WHOLE)
        if "model" in values:
            values["model"] = find_model(str(values["model"]))
        return cls(**values)


def find_model(name: str) -> Model:
    """The model of this name, in any capitals.

    Raises:
        InputError: there is none.
    """
    for model in Model:
        if model.value.lower() == name.strip().lower():
            return model
    raise InputError(
        f"There is no model “{shorten(name)}”.",
        f"Known: {', '.join(model.value for model in Model)}.",
        "Choose one.",
    )


_DRAWN: Mapping[Model, Settings] = MappingProxyType(  # of distances, with negatives that are drawn
    {
        Model.TRANSE: Settings(
            Model.TRANSE, 64, 60, "margin", 16, 0.01, regularization=0, inverse=False
        ),
        Model.ROTATE: Settings(
            Model.ROTATE, 64, 60, "self-adversarial", 16, 0.01, regularization=0, inverse=False
        ),
        Model.TRANSH: Settings(
            Model.TRANSH, 64, 60, "margin", 16, 0.01, regularization=0, inverse=False
        ),
    }
)
# The model that was best on a known graph, measured by benchmarks/graph.py.
_BY_GRAPH: Mapping[str, Settings] = MappingProxyType(
    {
        "nations": Settings(
            Model.DISTMULT, 256, 64, batch=64, learning_rate=0.003, regularization=0.01
        ),
        "kinships": Settings(
            dim=256,
            epochs=9,
            batch=128,
            learning_rate=0.01,
            smoothing=0.1,
            regularization=0.02,
            relation_weight=4.0,
        ),
        "umls": Settings(dim=256, epochs=48, batch=128, learning_rate=0.007, regularization=0.012),
    }
)
# Epochs and batch of the models that are distances, for the same graphs.
_DISTANCES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"nations": (40, 64), "kinships": (30, 256), "umls": (40, 256)}
)


# Training triples from which a graph is large: an epoch of it is more steps than the whole training
# of a small one, so that it needs fewer epochs, larger batches, and to be held shorter. As Lacroix
# et al. 2018 and Chen et al. 2021 have it for ComplEx, with a quarter of their dimension.
LARGE = 100_000
_LARGE = Settings(
    dim=256,
    epochs=30,
    batch=500,
    learning_rate=0.1,
    regularization=0.05,
    relation_weight=4.0,
    optimizer="Adagrad",
    by_triple=True,
)


def defaults(graph: str = "", model: Model | None = None, triples: int = 0) -> Settings:
    """The settings for a graph: of its best model, or of the one that is asked for.

    Args:
        triples: how many it has for training, which tells for a graph that is not known.
    """
    best = _BY_GRAPH.get(graph, _LARGE if triples >= LARGE else Settings())
    if model is None or model is best.model:
        return best
    product = model not in _DRAWN  # as the best are
    if graph in _BY_GRAPH and not product:
        # On small graphs all entities as negatives are better than drawn ones, and no slower: on
        # Nations MRR rose from 0.42 to 0.52 with TransE and from 0.50 to 0.64 with RotatE.
        epochs, batch = _DISTANCES[graph]
        return Settings(model, epochs=epochs, batch=batch, regularization=0)
    if not product:
        return _DRAWN[model]
    return replace(best, model=model, by_triple=best.by_triple and model in PLAIN_PRODUCTS)
