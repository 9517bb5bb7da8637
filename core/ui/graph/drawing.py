"""Graph: a drawn graph as a component of the page: what it is sent, and what it tells back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any

import streamlit as st

from core.base.errors import counted, shorten
from core.base.paths import ASSETS
from core.graphs.graph import Graph
from core.graphs.neighborhood import Drawing, Fact
from core.graphs.pictures import EntityPictures
from core.ui.common import media, served_script

FOLDER = ASSETS / "graph_view"
PREDICTED = "predicted"  # in place of a split
_NAME, _RELATION = 26, 18  # characters of a name that are drawn; the mouse finds all
_TOLD = 12  # relations of a link that are told
PICTURED = 300  # entities of a drawing that have their pictures, those named first


@cache
def _script() -> bytes:
    script, style = (
        (FOLDER / f"graph_view.{kind}").read_text(encoding="utf-8") for kind in ("js", "css")
    )
    return served_script.with_style(script, style)


@cache
def _cytoscape() -> bytes:
    return (FOLDER / "cytoscape.esm.min.mjs").read_bytes()


def link_id(fact: Fact) -> str:
    """Stands for the link that a fact is drawn as: facts of one direction share one."""
    head, _, tail, part = fact
    return f"{head}-{tail}-{PREDICTED}" if part == PREDICTED else f"{head}-{tail}"


def names(graph: Graph) -> list[str]:
    """What each entity is called on the page: its readable name, its id where others share that."""
    labels = graph.all_labels()
    count = Counter(labels)
    return [
        label if count[label] == 1 else entity
        for label, entity in zip(labels, graph.entities, strict=True)
    ]


def show(  # noqa: PLR0913
    graph: Graph,
    drawing: Drawing,
    *,
    key: str,
    alt: str,
    starts: Collection[int] = (),
    lit: Collection[str] = (),
    scores: Mapping[Fact, float] | None = None,
    selected: str = "",
    pictures: EntityPictures | None = None,
    tapped: Callable[[Mapping[str, Any]], None],
) -> None:
    """A drawing; what is clicked in it is told to ``tapped`` before the next run.

    Args:
        starts: entities that are marked.
        lit, selected: links (as ``link_id`` names them) that are lit.
        scores: of predicted facts.
        pictures: of entities, drawn in their places.
        tapped: is called with the number of an ``entity``, or with the name of a ``link``.
    """
    component: Any = st.components.v2.component(
        "graph_view",
        html='<div class="ee-graph"></div>',
        js=served_script.loader(),
        isolate_styles=False,
    )

    def told() -> None:
        said = st.session_state[key].get("tapped")
        if isinstance(said, Mapping):
            tapped(said)

    component(
        key=key,
        data={
            served_script.KEY: served_script.address(_script(), "graph_view"),
            "cytoscape": served_script.address(_cytoscape(), "cytoscape"),
            "of": f"{graph.digest} {key} {'-'.join(map(str, sorted(starts)))}",
            "alt": alt,
            "nodes": _nodes(graph, drawing, starts, pictures),
            "links": _links(graph, drawing, lit, scores or {}),
            "selected": selected,
        },
        on_tapped_change=told,
    )


def _nodes(
    graph: Graph, drawing: Drawing, starts: Collection[int], pictures: EntityPictures | None
) -> list[dict[str, Any]]:
    """The entities, in the order in which they are named: those with most links before others."""
    degree = Counter(end for head, _, tail, _ in drawing.facts for end in {head, tail})
    place = dict(zip(drawing.entities, drawing.places.round(3).tolist(), strict=True))

    def rank(entity: int) -> tuple[bool, bool, int]:
        return entity not in starts, entity not in drawing.left_out, -degree[entity]

    found: list[dict[str, Any]] = []
    for entity in sorted(drawing.entities, key=rank):
        name = graph.label(entity)
        kind = "expanded" if entity in drawing.left_out else "other"
        more = drawing.left_out.get(entity, 0)
        note = f"{counted(degree[entity], 'triple')} shown" + f", {more:,} more" * bool(more)
        small = pictures.small(entity) if pictures and len(found) < PICTURED else None
        found.append(
            {
                "id": str(entity),
                "name": name,
                "short": shorten(name, _NAME),
                "note": note,
                "kind": "start" if entity in starts else kind,
                "place": place[entity],
            }
            | ({} if small is None else {"picture": media.address(small, "image/webp", name)})
        )
    return found


def _links(
    graph: Graph, drawing: Drawing, lit: Collection[str], scores: Mapping[Fact, float]
) -> list[dict[str, Any]]:
    """One arrow for all known facts of a head and a tail, and a dashed one for those predicted."""
    facts: dict[str, list[Fact]] = {}
    for fact in drawing.facts:
        facts.setdefault(link_id(fact), []).append(fact)
    found = []
    for name, held in facts.items():
        head, _, tail, part = held[0]
        relations = list(dict.fromkeys(graph.relations[relation] for _, relation, _, _ in held))
        told = [shorten(relations[0], _RELATION)]
        if len(relations) > 1:
            told.append(f"+{len(relations) - 1}")
        score = f" {scores[held[0]]:.2f}" if held[0] in scores else ""
        more = f"\n… {len(relations) - _TOLD} more" if len(relations) > _TOLD else ""
        found.append(
            {
                "id": name,
                "source": str(head),
                "target": str(tail),
                "short": " ".join(told) + score,
                "name": f"{graph.label(head)} → {graph.label(tail)}",
                "note": "\n".join(relations[:_TOLD]) + more + (score and f"\nscore{score}"),
                "predicted": part == PREDICTED,
                "lit": name in lit,
            }
        )
    return found
