"""Map: words, texts, pictures or kept vectors as points, and how far the picture can be trusted."""

from core.cache import maps as maps_cache
from core.ui.choosers import map_method
from core.ui.common import frame, page
from core.ui.help import explain
from core.ui.map import (
    drop,
    link,
    quality,
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
SWEEP, VIEW = "Parameter sweep", "view"

page.under_app()
maps_cache.warm()
tool = choose_tool([ONE, TWO, SWEEP, AXES], key=VIEW)
place = frame.settings().container()  # of the colour, which is changed most
source = source_panel.choose()
if source is not None:
    source = tags.attach(source)
    link.take(source)
    data = selection.narrowed(source)
    if tool == AXES:
        semantic_axes.show(data, source)
    elif tool == SWEEP:
        sweep.show(data, ONE, VIEW)
        link.show(source)
    elif tool == TWO:
        two_maps.show(data)
        link.show(source)
    else:
        asked = drop.ask(data)
        recipe = map_method.choose(data, frame.settings())
        made = None if recipe is None else map_method.make(data, recipe)
        if made is not None:
            grouped = view.show(made, source, asked, place)
            quality.show(made)
            selection.show(made, source, grouped, *view.searched(made))
            map_method.tell(made)

explain.show("map", str(tool))
