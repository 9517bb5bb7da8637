"""Clusters on the page Map: what is in none is grey and comes last."""

from __future__ import annotations

import numpy as np

from core.maps.clusters import NOT_IN_ANY, Clusters, NamedClusters
from core.ui.map import clusters


def test_what_is_in_no_cluster_is_of_no_kind() -> None:
    labels = np.array([0, -1, 1, 0, -1, -1], dtype=np.int64)
    found = Clusters(labels, 2, None, np.zeros(6, dtype=np.float32))
    coloring = clusters.coloring(NamedClusters(found, ["1: apple", "2: car"]))
    assert coloring.names == ("1: apple", "2: car", NOT_IN_ANY)
    assert coloring.blank == 2
    assert coloring.codes is not None
    assert coloring.codes.tolist() == [0, 2, 1, 0, 2, 2]
