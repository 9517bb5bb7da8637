"""Losses of models whose scores are plain products, with all entities or relations as candidates.

The true tails are a list, and the scores become their own gradient in place.
"""

from __future__ import annotations

from typing import Any

import torch
from pykeen.nn.modules import ComplExInteraction, DistMultInteraction

ROWS = 256  # of triples: how many differ between shapes that are compiled
PASSED = -100  # what torch's cross-entropy takes for no answer
PRODUCTS = (ComplExInteraction, DistMultInteraction)  # scores that are plain products of vectors


class _CrossEntropy(torch.autograd.Function):
    """The weighted sum of the cross-entropy of pairs ``(b, dim)``, with entities ``(n, dim)`` as
    candidates.

    ``true`` are rows of pairs and their entities, both ``(t,)``: a pair's are equally likely, and
    ``smoothing`` of it is spread over all entities. ``weights`` ``(b,)`` are of the pairs.
    """

    @staticmethod
    def forward(  # noqa: PLR0913, PLR0917  # PyTorch gives them by place
        ctx: Any, query: Any, candidates: Any, true: Any, weights: Any, smoothing: float
    ) -> Any:
        scores, (rows, tails) = query @ candidates.T, true
        share = (1 - smoothing) * (weights / torch.bincount(rows, minlength=len(query)))[rows]
        loss = -(share * scores[rows, tails]).sum()
        if smoothing:
            loss = loss - smoothing * (weights @ scores.mean(dim=1))
        top = scores.amax(dim=1, keepdim=True)
        scores.sub_(top).exp_()
        normal = scores.sum(dim=1, keepdim=True)
        loss = loss + weights @ (normal.log() + top)[:, 0]
        # From here on what the loss grows by: softmax less truth.
        scores.mul_(weights[:, None] / normal)
        if smoothing:
            scores.sub_(smoothing / scores.shape[1] * weights[:, None])
        scores.index_put_((rows, tails), -share, accumulate=True)
        ctx.save_for_backward(query, candidates, scores)
        return loss

    @staticmethod
    def backward(ctx: Any, *grown: Any) -> Any:
        query, candidates, scores = ctx.saved_tensors
        return grown[0] * (scores @ candidates), grown[0] * (scores.T @ query), None, None, None


def tail_loss(model: Any, pairs: Any, true: Any, smoothing: float = 0.0) -> Any:
    """The mean cross-entropy over pairs ``(b, 2)`` of their true tails; see ``_CrossEntropy``."""
    entities, steps = model.entity_representations[0], model.relation_representations[0]
    query = _real(entities(pairs[:, 0]) * steps(pairs[:, 1]))
    weights = torch.full((len(pairs),), 1 / len(pairs))
    return _CrossEntropy.apply(query, _real(entities(None)), true, weights, smoothing)


def triple_loss(  # noqa: PLR0913
    model: Any, pairs: Any, true: Any, *, smoothing: float, penalty: float, relation_weight: float
) -> Any:
    """The mean over triples of the cross-entropy of their tails, the nuclear 3-norm of their
    members, and -log p(r | h, t).

    What Lacroix et al. 2018 and Chen et al. 2021 sum over triples, here over pairs ``(b, 2)`` by
    how many tails each has, which is as much and needs the scores of a pair once. ``true`` are
    rows of pairs and their tails, both ``(t,)``.
    """
    rows, tails = true
    entities, steps = model.entity_representations[0], model.relation_representations[0]
    starts, asked, ends = _padded(rows, pairs[rows, 1], tails)
    # One look-up: the gradient of each is as large as all entities.
    members = entities(torch.cat([pairs[:, 0], ends]))
    heads, ends = members[: len(pairs)], members[len(pairs) :]
    moves = steps(pairs[:, 1])
    weights = torch.bincount(rows, minlength=len(pairs)) / len(rows)
    query = _real(heads * moves)
    loss = _CrossEntropy.apply(query, _real(entities(None)), true, weights, smoothing)
    if relation_weight:
        scores = _products(heads.index_select(0, starts).conj() * ends, steps(None))
        loss = loss + relation_weight * torch.nn.functional.cross_entropy(scores, asked)
    if penalty:
        held = weights @ (_cubes(heads) + _cubes(moves)) + _cubes(ends[: len(rows)]).mean()
        loss = loss + penalty * held
    return loss


def _cubes(vectors: Any) -> Any:
    """The sums ``(b,)`` of the cubes of absolute values of ``(b, dim)``."""
    return vectors.abs().pow(3).sum(dim=1)


def tail_products(model: Any, pairs: Any, **_: Any) -> Any:
    """Scores ``(b, n)`` of all entities as tails of pairs ``(b, 2)`` of head and relation."""
    entities, steps = model.entity_representations[0], model.relation_representations[0]
    return _products(entities(pairs[:, 0]) * steps(pairs[:, 1]), entities(None))


def _real(vectors: Any) -> Any:
    """Complex vectors ``(n, dim)`` as real ones ``(n, 2 dim)``; real ones as they are."""
    return torch.view_as_real(vectors).flatten(1) if vectors.is_complex() else vectors


def _products(query: Any, candidates: Any) -> Any:
    """Re(sum(query * conj(candidate))), ``(b, n)``."""
    return _real(query) @ _real(candidates).T


def _padded(heads: Any, relations: Any, tails: Any) -> tuple[Any, Any, Any]:
    """Triples up to a multiple of some hundreds; cross-entropy passes over what was added.

    Each batch has another number of triples, and oneDNN keeps what it compiled for each of the last
    thousand shapes: 7 GB on FB15k-237.
    """
    short = -len(relations) % ROWS
    pad = torch.nn.functional.pad
    return pad(heads, (0, short)), pad(relations, (0, short), value=PASSED), pad(tails, (0, short))


def relation_loss(model: Any, heads: Any, relations: Any, tails: Any) -> Any:
    """The mean of -log p(r | h, t) over triples of ``(b,)`` members, among all relations."""
    if isinstance(model.interaction, PRODUCTS):  # Re(h r conj(t)) = Re(conj(h) t conj(r))
        heads, relations, tails = _padded(heads, relations, tails)
        entities = model.entity_representations[0]
        query = entities(heads).conj() * entities(tails)
        scores = _products(query, model.relation_representations[0](None))
    else:
        scores = model.score_r(torch.stack([heads, tails], dim=1))
    return torch.nn.functional.cross_entropy(scores, relations)
