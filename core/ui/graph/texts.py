"""Graph: a model of texts, as the tools with texts of entities use one."""

from __future__ import annotations

from collections.abc import Sequence

from core.base.errors import ExplorerError
from core.base.types import Modality
from core.graphs.graph import Graph
from core.spaces.entry import SpaceEntry
from core.ui.choosers.texts import agreed
from core.ui.common import access, frame, page, spaces


def choose() -> SpaceEntry:
    """The model that is chosen in the settings."""
    return spaces.choose_space(frame.settings(), Modality.TEXT, key="space")


def usable(entry: SpaceEntry, graph: Graph, texts: Sequence[str]) -> bool:
    """Whether the model may encode the texts of a graph now; if not, the page says why.

    A service is sent texts only after that was agreed to.
    """
    if spaces.require_ready(entry) is None:
        return False
    try:
        access.require_key(entry)
    except ExplorerError as error:
        page.show_error(error)
        return False
    return not entry.source.is_service or agreed(entry, graph.digest, texts)
