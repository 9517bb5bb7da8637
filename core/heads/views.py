"""What is shown of a training: a map that turns as little as can be, and a matrix of some items."""

from __future__ import annotations

import numpy as np

from core.base.types import FloatArray, IntArray

SHOWN = 2_000  # items on the map and in the figures of the curve, at most
MATRIX = 96  # items of the matrix, at most
_A_CLASS = 8  # items of a class in it


class Aligned:
    """Maps by PCA, each turned and mirrored so that its points lie near those of the one before.

    (Orthogonal Procrustes, Schönemann 1966, doi:10.1007/BF02289451.)
    """

    def __init__(self) -> None:
        self.last: FloatArray | None = None

    def places(self, vectors: FloatArray) -> FloatArray:
        """Places ``(n, 2)`` of unit vectors ``(n, dim)``; the largest distance from 0 is 1."""
        import torch

        # By the covariance, which is quick for many items, and in the caller's one thread.
        given = torch.from_numpy(vectors).double()
        given -= given.mean(dim=0)
        axes = torch.linalg.eigh(given.T @ given).eigenvectors.flip(1)[:, :2]
        places = (given @ axes).numpy()
        places /= max(float(np.abs(places).max(initial=0)), 1e-9)
        if self.last is not None:
            left, _, right = np.linalg.svd(places.T @ self.last)
            places = places @ (left @ right)
        self.last = places.astype(np.float32)
        return self.last


def in_order(rows: IntArray, numbers: IntArray, most: int) -> IntArray:
    """Up to ``most`` of some rows ``(n,)``, ``_A_CLASS`` of each of the commonest, by class.

    Args:
        numbers: ``(m,)`` the class of every row, -1 for none.
    """
    classes = numbers[rows]
    counts = np.bincount(classes[classes >= 0])
    common = np.argsort(-counts, kind="stable")[: most // _A_CLASS]
    share = max(_A_CLASS, most // max(1, int((counts > 0).sum())))
    return np.concatenate([rows[classes == one][:share] for one in common])[:most]
