"""PyKEEN's models, losses and training loops, set up from our settings."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from core.base.types import FloatArray
from core.graphs import pykeen_home, text_start
from core.graphs.graph import Graph
from core.graphs.scoring import COMPLEX, GraphVectors, Model, Vectors
from core.graphs.settings import LOSSES, Settings

pykeen_home.prepare()

import torch  # noqa: E402
from pykeen import models  # noqa: E402
from pykeen.training import (  # noqa: E402
    NonFiniteLossError,
    SLCWATrainingLoop,
    TrainingCallback,
    training_loop,
)
from pykeen.triples import CoreTriplesFactory  # noqa: E402

from core.graphs.tail_loop import TailLoop  # noqa: E402


class _NoCollector:
    """In place of Python's collector, which PyKEEN has collect all garbage after each epoch.

    In a process as large as the app's that holds everybody up for longer than an epoch of a small
    graph takes. Reference counts free what a training leaves, and Python collects by itself.
    """

    @staticmethod
    def collect() -> None:
        """Collects nothing."""


training_loop.gc = _NoCollector

# PyKEEN asks for pinned memory on computers without a GPU as well, and PyTorch then says so.
warnings.filterwarnings("ignore", message=".*pin_memory.*no accelerator", category=UserWarning)

# PyKEEN starts the products' vectors at length sqrt(dim), which small graphs never recover from:
# on UMLS, MRR was 0.81 from there and 0.89 from here.
START = 0.1
# Entities from which on the products of a batch are taken in bfloat16, summed in single precision,
# where the processor has that (AMX): half of the time on FB15k-237, and no change of small graphs.
LARGE = 4_096
_MARGIN = 9.0  # of the self-adversarial loss, as Sun et al. 2019 have it for small graphs


class Ended(Exception):  # noqa: N818  # asked for, not an error
    """The training was stopped; what there is is kept."""


class Diverged(Exception):  # noqa: N818  # told by the caller in its own words
    """The numbers of the training are no longer finite."""


# What a training goes on from: parameters, what the optimizer keeps of each, the state of PyTorch's
# generator.
State = Mapping[str, npt.NDArray[Any]]
# Before each batch: the share of the epoch that is over, and how to read the vectors as they are.
Step = Callable[[float, Callable[[], GraphVectors]], None]
# After each epoch: its loss, its vectors, and how to read the state.
Epoch = Callable[[float, GraphVectors, Callable[[], State]], None]
_MODEL, _OPTIMIZER, _RANDOM = "model.", "adam.", "random"  # as they stand in files


def run(  # noqa: PLR0913, PLR0917
    graph: Graph,
    settings: Settings,
    step: Step,
    epoch: Epoch,
    start: tuple[int, State] | None = None,
    texts: FloatArray | None = None,
) -> None:
    """Trains; calls ``step`` before each batch and ``epoch`` after each epoch.

    Args:
        start: the epochs that are over, and the state after them; what follows is then what would
            have followed in one go.
        texts: ``(n, dim)`` vectors of the entities' texts to begin with, zeros where there is none.

    Raises:
        Diverged: the loss is not finite.
        InputError: the texts do not differ.
        Whatever the two raise.
    """
    logging.getLogger("pykeen").setLevel(logging.ERROR)
    factory = triples_factory(graph, settings)
    model = build_model(factory, settings)
    loop = build_loop(model, factory, settings)
    options: dict[str, Any] = {}
    if settings.smoothing:
        options["label_smoothing"] = settings.smoothing
    if start is not None:
        _restore(loop, *start)
    try:
        with _products_of(graph):
            loop.train(
                factory,
                num_epochs=settings.epochs,
                batch_size=settings.batch,
                use_tqdm=False,
                pin_memory=False,
                continue_training=start is not None,
                callbacks=[_Callback(settings, _batches(graph, settings), step, epoch, texts)],
                **options,
            )
    except NonFiniteLossError as error:
        raise Diverged from error


@contextmanager
def _products_of(graph: Graph) -> Iterator[None]:
    """Products of matrices as they suit a graph of this size."""
    before = torch.get_float32_matmul_precision()
    if len(graph.entities) >= LARGE:
        torch.set_float32_matmul_precision("medium")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _batches(graph: Graph, settings: Settings) -> int:
    """How many batches an epoch has: of triples, or of pairs where all entities are negatives."""
    rows = len(graph.train) * (1 + settings.inverse)
    if not settings.negatives:
        count = len(graph.relations)
        ends = (0, 2) if settings.inverse else (0,)
        rows = sum(len(np.unique(graph.train[:, at] * count + graph.train[:, 1])) for at in ends)
    return -(-rows // settings.batch)


def read_state(loop: Any) -> dict[str, npt.NDArray[Any]]:
    """Copies of all that decides how a training goes on, by name.

    Parameters are ``(n, dim)`` as PyKEEN has them, complex ones ``(n, dim, 2)``; what the optimizer
    keeps has the shapes of its parameters.
    """
    held = {_MODEL + name: one for name, one in loop.model.state_dict().items()}
    for number, moments in loop.optimizer.state_dict()["state"].items():
        held |= {f"{_OPTIMIZER}{number}.{name}": one for name, one in moments.items()}
    held[_RANDOM] = torch.get_rng_state()
    return {name: one.numpy(force=True).copy() for name, one in held.items()}


def _restore(loop: Any, epochs: int, state: State) -> None:
    """Takes a loop to where ``read_state`` was called, ``epochs`` epochs after its start."""
    held = {name: torch.from_numpy(np.array(one)) for name, one in state.items()}
    parameters = {
        name.removeprefix(_MODEL): one for name, one in held.items() if name.startswith(_MODEL)
    }
    loop.model.load_state_dict(parameters)
    moments: dict[int, dict[str, Any]] = {}
    for name, one in held.items():
        if name.startswith(_OPTIMIZER):
            number, kind = name.removeprefix(_OPTIMIZER).split(".")
            moments.setdefault(int(number), {})[kind] = one
    groups = loop.optimizer.state_dict()["param_groups"]
    loop.optimizer.load_state_dict({"state": moments, "param_groups": groups})
    loop._epoch = epochs
    torch.set_rng_state(held[_RANDOM])


def triples_factory(graph: Graph, settings: Settings) -> CoreTriplesFactory:
    """The training triples as PyKEEN takes them."""
    return CoreTriplesFactory.create(
        torch.from_numpy(graph.train.copy()),
        num_entities=len(graph.entities),
        num_relations=len(graph.relations),
        create_inverse_triples=settings.inverse,
    )


def build_model(factory: CoreTriplesFactory, settings: Settings) -> Any:
    """A model of PyKEEN with vectors at their start."""
    margin = {"margin": _MARGIN} if settings.loss == "self-adversarial" else {}
    options: dict[str, Any] = {
        "triples_factory": factory,
        "embedding_dim": settings.dim,
        "loss": LOSSES[settings.loss],
        "loss_kwargs": margin,
        "random_seed": settings.seed,
    }
    if settings.model in (Model.COMPLEX, Model.DISTMULT, Model.HOLE):
        start = partial(torch.nn.init.normal_, std=START)
        options |= {"entity_initializer": start, "relation_initializer": start}
        options |= _regularizer(settings)
    made = getattr(models, settings.model.value)(**options)
    if settings.model is Model.TRANSH:
        # PyKEEN 1.11.1 keeps the second of a relation's vectors at length 1, as the normal, and its
        # score takes the first one for the normal: so the first is kept there here.
        first, second = made.relation_representations
        first.constrainer, second.constrainer = second.constrainer, first.constrainer
    return made


def begin_with(model: Any, texts: FloatArray, seed: int) -> None:
    """Puts the vectors of texts ``(n, dim)`` into a model of PyKEEN, as long as its own were.

    Raises:
        InputError: they do not differ.
    """
    [entities] = model.entity_representations[0].parameters()
    rows = np.flatnonzero(texts.any(axis=1))
    found = torch.from_numpy(text_start.turned(texts[rows], entities.shape[1], seed))
    with torch.no_grad():
        entities[torch.from_numpy(rows)] = found * entities.std()


def _regularizer(settings: Settings) -> dict[str, Any]:
    """The nuclear 3-norm of entities and relations; DistMult's and HolE's own bound on the length
    of entities goes for it."""
    kind = "powersum" if settings.regularization and not settings.by_triple else None
    given = {"weight": settings.regularization, "p": 3.0} if kind else None
    if settings.model is Model.COMPLEX:
        return {"regularizer": kind, "regularizer_kwargs": given}
    if settings.model is Model.HOLE:
        own = {"regularizer": kind, "regularizer_kwargs": given}
        return {
            "entity_constrainer": None,
            "entity_representation_kwargs": own,
            "relation_representation_kwargs": own,
        }
    entities = {"constrainer": None, "regularizer": kind, "regularizer_kwargs": given}
    return {
        "regularizer": kind,
        "regularizer_kwargs": given,
        "entity_representations_kwargs": entities,
    }


def build_loop(model: Any, factory: CoreTriplesFactory, settings: Settings) -> Any:
    """The loop that compares with all entities, or with sampled negatives."""
    options: dict[str, Any] = {
        "model": model,
        "triples_factory": factory,
        "optimizer": getattr(torch.optim, settings.optimizer),
        "optimizer_kwargs": {"lr": settings.learning_rate, "fused": factory.num_entities >= LARGE},
    }
    if not settings.negatives:
        return TailLoop(
            weight=settings.relation_weight,
            by_triple=settings.by_triple,
            penalty=settings.regularization,
            **options,
        )
    negatives = {"num_negs_per_pos": settings.negatives}
    return SLCWATrainingLoop(negative_sampler="basic", negative_sampler_kwargs=negatives, **options)


def read_vectors(model: Any, settings: Settings) -> GraphVectors:
    """The vectors of a model of PyKEEN as they are now, copied."""
    with torch.inference_mode():
        entities, relations = (
            np.concatenate([one(None).numpy(force=True) for one in found], axis=1)
            for found in (model.entity_representations, model.relation_representations)
        )
    inverses = None
    if settings.inverse:  # PyKEEN numbers a relation 2 r and its inverse 2 r + 1
        relations, inverses = relations[::2].copy(), relations[1::2].copy()
    kind = np.complex64 if settings.model in COMPLEX else np.float32
    held: list[Vectors] = [found.astype(kind, copy=False) for found in (entities, relations)]
    return GraphVectors(
        settings.model, held[0], held[1], None if inverses is None else inverses.astype(kind)
    )


class _Callback(TrainingCallback):  # type: ignore[misc]  # PyKEEN is not typed for us
    def __init__(
        self,
        settings: Settings,
        batches: int,
        step: Step,
        epoch: Epoch,
        texts: FloatArray | None,
    ) -> None:
        super().__init__()
        self._texts = texts
        self._settings, self._batches, self._step, self._epoch = settings, batches, step, epoch
        self._batch = 0

    def pre_batch(self, **_: Any) -> None:
        if self._texts is not None:  # not before: the loop itself draws the parameters anew
            begin_with(self.model, self._texts, self._settings.seed)
            self._texts = None
        self._step(self._batch / self._batches, self._read)
        self._batch += 1

    def post_epoch(self, epoch: int, epoch_loss: float, **_: Any) -> None:
        self._batch = 0
        self._epoch(float(epoch_loss), self._read(), lambda: read_state(self.training_loop))

    def _read(self) -> GraphVectors:
        return read_vectors(self.model, self._settings)
