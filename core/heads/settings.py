"""How a head is trained: the settings, their ranges, and what each does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any

from core.base.errors import InputError, shorten
from core.base.validation import require_in_ranges, with_whole

MAX_SEED = 2**32 - 1
# The names of losses in files and commands, with those on screen.
LOSSES: Mapping[str, str] = MappingProxyType(
    {
        "supcon": "Supervised contrastive (Khosla et al. 2020)",
        "contrastive": "Contrastive, pairs (Hadsell et al. 2006)",
        "triplet": "Triplet, semi-hard (Schroff et al. 2015)",
        "ntxent": "NT-Xent (Chen et al. 2020)",
        "simclr": "SimCLR: NT-Xent on augmented views (Chen et al. 2020)",
    }
)
SIMCLR = "simclr"  # takes no labels, and pictures alone
WITH_TEMPERATURE = ("supcon", "ntxent", "simclr")  # the others have a margin
# Their equations: cosine s, Euclidean distance D, anchor i, positives P(i), negatives N(i).
EQUATIONS: Mapping[str, str] = MappingProxyType(
    {
        "supcon": r"\frac{-1}{|P(i)|}\sum_{p \in P(i)}"
        r"\log\frac{e^{s_{ip}/\tau}}{\sum_{a \neq i} e^{s_{ia}/\tau}}",
        "contrastive": r"\tfrac{1}{2} D_{ip}^2 + \tfrac{1}{2}\max(0,\, m - D_{in})^2",
        "triplet": r"\max(0,\, D_{ip}^2 - D_{in}^2 + m)",
        "ntxent": r"-\log\frac{e^{s_{ip}/\tau}}"
        r"{e^{s_{ip}/\tau} + \sum_{n \in N(i)} e^{s_{in}/\tau}}",
        "simclr": r"-\log\frac{e^{s_{ij}/\tau}}{\sum_{k \neq i} e^{s_{ik}/\tau}}"
        r"\ \text{with } j \text{ the other view of } i",
    }
)
HELP: Mapping[str, str] = MappingProxyType(
    {
        "loss": "What is made small: how far items that are alike lie apart, and others together.",
        "layers": "Hidden layers; 0 is a linear map.",
        "width": "Numbers in each hidden layer.",
        "dim": "Numbers of a vector of the new space.",
        "dropout": "The share of hidden numbers that are left out at each step: against learning "
        "by heart.",
        "temperature": "Of the softmax of supcon and ntxent: a low one looks at the hardest pairs.",
        "margin": "Of contrastive and triplet: how far apart what differs shall be; unit vectors "
        "are 2 apart at most.",
        "batch": "Items that are compared with one another in one step.",
        "views": "Of simclr: augmented copies of each picture, which are encoded once: parts "
        "of it, mirrored, in other colours, grey, blurred.",
        "balance": "0 draws a class as often as it has items, 1 draws all classes equally often.",
        "epochs": "How often as many items are gone through as there are.",
        "learning_rate": "How far each step goes: too far diverges, too near takes long.",
        "held_out": "The share of the items that training does not see, and that the figures are "
        "of.",
        "seed": "The same number gives the same head on the same computer.",
    }
)
_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "layers": (0, 4),
        "width": (4, 4_096),
        "dim": (2, 2_048),
        "dropout": (0, 0.9),
        "temperature": (0.01, 2),
        "margin": (0.01, 2),
        "batch": (4, 2_048),
        "views": (2, 32),
        "balance": (0, 1),
        "epochs": (1, 1_000),
        "learning_rate": (1e-6, 1e6),
        "held_out": (0.05, 0.9),
        "seed": (0, MAX_SEED),
    }
)
WHOLE = ("layers", "width", "dim", "batch", "views", "epochs", "seed")


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides a head beside the vectors and their labels; ``HELP`` says what each does.

    Raises:
        InputError: a value is outside its range, or there is no such loss.
    """

    loss: str = "supcon"
    layers: int = 1
    width: int = 1_024
    dim: int = 256
    dropout: float = 0.2
    temperature: float = 0.1
    margin: float = 0.5
    batch: int = 128
    views: int = 4
    balance: float = 0.5
    epochs: int = 30
    learning_rate: float = 0.003
    held_out: float = 0.3
    seed: int = 0

    def __post_init__(self) -> None:
        require_in_ranges(self, "the training", _RANGES, WHOLE)
        if self.loss not in LOSSES:
            raise InputError(
                f"There is no loss “{shorten(str(self.loss))}”.",
                f"Known: {', '.join(LOSSES)}.",
                "Choose one.",
            )

    @property
    def label_free(self) -> bool:
        """Whether it trains on views of pictures, and no label decides anything."""
        return self.loss == SIMCLR

    @property
    def sharpness(self) -> float:
        """The temperature or the margin, whichever the loss has."""
        return self.temperature if self.loss in WITH_TEMPERATURE else self.margin

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Settings:
        """Settings from plain values; names that are none of theirs are ignored.

        Raises:
            InputError: a value cannot be used.
        """
        known = {field.name for field in fields(cls)}
        return cls(**with_whole({k: v for k, v in told.items() if k in known}, WHOLE))
