"""Map: words, texts, pictures or kept vectors as points, and how far the picture can be trusted."""

from core.cache import maps as maps_cache
from core.ui.choosers import map_method
from core.ui.common import frame, page
from core.ui.help import explain
from core.ui.map import (
    drop,
    link,
    new_rows,
    quality,
    report,
    selection,
    semantic_axes,
    source as source_panel,
    sweep,
    tags,
    two_maps,
    view,
)
from core.ui.session.tool_line import choose_tool

ONE, TWO, AXES = "Projection", "Compare projections", "Semantic axes"
SWEEP = "Parameter sweep"

page.under_app()
maps_cache.warm()
tool = choose_tool([ONE, TWO, SWEEP, AXES], page="map")
place = frame.settings().container()  # of the colour, which is changed most
source = source_panel.choose()
if source is not None:
    grown = new_rows.choose(source) if tool == ONE else None
    source = tags.attach(source if grown is None else grown.data)
    link.take(source)
    report.tell(source)
    data = selection.narrowed(source)
    if tool == AXES:
        semantic_axes.show(data, source)
    elif tool == SWEEP:
        sweep.show(data, ONE)
        link.show(source)
    elif tool == TWO:
        two_maps.show(data)
        link.show(source)
    else:
        asked = drop.ask(data)
        recipe = map_method.choose(data, frame.settings())
        made = None
        if grown is not None and selection.only_rows(source) is not None:
            grown = None  # a part of them is mapped by itself
        if recipe is not None:
            made = new_rows.make(grown, data, recipe) if grown else map_method.make(data, recipe)
        if made is not None:
            grouped = view.show(made, source, asked, place)
            quality.show(made)
            if grown is not None:
                new_rows.tell(grown, made)
            selection.show(made, source, grouped, *view.searched(made))
            map_method.tell(made if grown is None else new_rows.below(grown, made))

explain.show("map", str(tool))
