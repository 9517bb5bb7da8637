"""Map: words, texts, pictures or kept vectors as points, and how far the picture can be trusted."""

import streamlit as st

from core.cache import maps as resources_maps
from core.ui.choosers import map_method
from core.ui.common import widgets
from core.ui.help import explain
from core.ui.map import (
    link as map_link,
    quality as map_trust,
    save as map_save,
    selection as map_chosen,
    semantic_axes as map_slice,
    source as map_source,
    two_maps as map_beside,
    view as map_view,
)

ONE, TWO, SLICE = "One map", "Two maps", "Slice"

widgets.under_app()
resources_maps.warm()
st.title("Map", anchor=False)
st.caption("See which things lie together, select them, and see what the picture loses.")
row = st.container(horizontal=True, gap="large")
tool = row.segmented_control(
    "Tool",
    [ONE, TWO, SLICE],
    default=ONE,
    key="view",
    bind="query-params",
    required=True,
)
source = map_source.choose(row)
if source is not None:
    map_link.take(source)
    data = map_chosen.narrowed(source)
    if tool == SLICE:
        map_slice.show(data, source)
    elif tool == TWO:
        map_beside.show(data)
        map_link.show(source)
    else:
        recipe = map_method.choose()
        made = None if recipe is None else map_method.make(data, recipe)
        if made is not None:
            figure = map_view.show(made)
            map_trust.show(made)
            map_chosen.show(made, source)
            map_save.show(made, figure, source)

explain.show("map", str(tool))
