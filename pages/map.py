"""Map: words, texts, pictures or kept vectors as points, and how far the picture can be trusted."""

import streamlit as st

from core import resources_maps, widgets
from core.panels import (
    map_beside,
    map_chosen,
    map_method,
    map_save,
    map_slice,
    map_source,
    map_trust,
    map_view,
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
    data = map_chosen.narrowed(source)
    if tool == SLICE:
        map_slice.show(data)
    elif tool == TWO:
        map_beside.show(data)
    else:
        recipe = map_method.choose()
        made = None if recipe is None else map_method.make(data, recipe)
        if made is not None:
            figure = map_view.show(made)
            map_trust.show(made)
            map_chosen.show(made, source)
            map_save.show(made, figure)

with st.expander("How this works, and when it misleads"):
    st.markdown(
        "A map lays vectors of many numbers on a plane, or in space, so that near vectors come to "
        "lie near each other. That cannot be done without loss; the figures say how much is "
        "lost.\n\n"
        "- **PCA** turns the vectors so that the first axes show as much of their variance as can "
        "be. It is exact and its distances mean something, but much stays unseen.\n"
        "- **t-SNE** and **UMAP** keep neighbourhoods. How large a cluster looks, how far apart "
        "two clusters lie, and where they stand mean little; small clusters can come of "
        "chance.\n"
        "- Run it again with another seed: what is not there both times, do not believe.\n"
        "- Neighbours are best asked for, not seen: click a point, and lines lead to its nearest "
        "by the vectors, wherever they lie.\n\n"
        "Read more: van der Maaten & Hinton 2008, *Visualizing data using t-SNE*; McInnes et al. "
        "2018, *UMAP*; Kobak & Linderman 2021, *Initialization is critical for preserving global "
        "data structure*; Wattenberg et al. 2016, *How to use t-SNE effectively*; Venna & Kaski "
        "2001, *Neighborhood preservation in nonlinear projection methods*."
    )
