"""Map: words, texts, pictures or kept vectors as points, and how far the picture can be trusted."""

import streamlit as st

from core.cache import maps as maps_cache
from core.ui.choosers import map_method
from core.ui.common import page
from core.ui.help import explain
from core.ui.map import (
    link,
    quality,
    save,
    selection,
    semantic_axes,
    source as source_panel,
    two_maps,
    view,
)
from core.ui.session.tool_line import choose_tool

ONE, TWO, AXES = "Projection", "Compare projections", "Semantic axes"

page.under_app()
maps_cache.warm()
tool = choose_tool([ONE, TWO, AXES], key="view")
source = source_panel.choose(st)
if source is not None:
    link.take(source)
    data = selection.narrowed(source)
    if tool == AXES:
        semantic_axes.show(data, source)
    elif tool == TWO:
        two_maps.show(data)
        link.show(source)
    else:
        recipe = map_method.choose(data)
        made = None if recipe is None else map_method.make(data, recipe)
        if made is not None:
            figure = view.show(made)
            quality.show(made)
            selection.show(made, source)
            save.show(made, figure, source)

explain.show("map", str(tool))
