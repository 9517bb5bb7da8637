"""A force layout: entities push each other apart, facts pull theirs together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.base.types import IntArray

Places = npt.NDArray[np.float64]
_ROUNDS, _FEWER, _MANY = 150, 60, 500  # fewer rounds from so many points
_HEAT = 0.5  # the longest step at first, in lengths of a link
_PUSH = 0.1
_NEAR = 1e-2  # the least square of a distance, which rounding does not reach
_GRAVITY = 0.02  # towards the middle, so that parts without a link stay in sight
_TURN = np.pi * (3 - np.sqrt(5))  # the golden angle: places of a spiral that are spread evenly


def spiral(count: int) -> Places:
    """``count`` places spread over a disc, ``(count, 2)``; the first is its middle."""
    rows = np.arange(count)
    radii, turns = 0.6 * np.sqrt(rows), rows * _TURN
    return np.stack([radii * np.cos(turns), radii * np.sin(turns)], axis=1)


def force_layout(pairs: IntArray, start: Places) -> Places:
    """Places ``(n, 2)`` of linked points; a link is about 1 long. The same at each call.

    Forces and cooling are those of Fruchterman & Reingold 1991, "Graph drawing by force-directed
    placement": points repel each other by 1 / distance, and no step is longer than a heat that
    falls to nothing. Links are springs as in d3-force, each weakened by the lesser number of links
    at its ends, so that what is linked densely does not fall into one point.

    Args:
        pairs: the points that are linked, ``(m, 2)``.
        start: where the points begin, ``(n, 2)``; no two at one place.
    """
    places = start.astype(np.float64)
    links = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    if len(places) < 2:
        return places
    degrees = np.bincount(links.ravel(), minlength=len(places))
    strength = 1 / np.minimum(degrees[links[:, 0]], degrees[links[:, 1]])
    rounds = _ROUNDS if len(places) < _MANY else _FEWER
    for turn in range(rounds):
        move = _push(places) - _GRAVITY * places
        gaps = places[links[:, 1]] - places[links[:, 0]]
        lengths = np.maximum(np.linalg.norm(gaps, axis=1), 1e-9)
        pull = gaps * (strength * (lengths - 1) / lengths)[:, None]
        for axis in range(2):
            for end, sign in ((0, 1), (1, -1)):
                weights = sign * pull[:, axis]
                move[:, axis] += np.bincount(links[:, end], weights, len(places))
        heat = _HEAT * (1 - turn / rounds)
        size = np.maximum(np.linalg.norm(move, axis=1, keepdims=True), 1e-9)
        places += move * np.minimum(1, heat / size)
    return places


def _push(places: Places) -> Places:
    """Sums of ``(a - b) / |a - b|^2`` over all others, as two products of matrices."""
    x, y = places.astype(np.float32).T
    squares, ones = x * x + y * y, np.ones_like(x)
    near = np.stack([x, y, squares, ones], 1) @ np.stack([-2 * x, -2 * y, ones, squares])
    np.maximum(near, _NEAR, out=near)
    np.reciprocal(near, out=near)
    np.fill_diagonal(near, 0)
    sums = near @ np.stack([x, y, ones], 1)
    pushed: Places = _PUSH * (places * sums[:, 2:] - sums[:, :2])
    return pushed
