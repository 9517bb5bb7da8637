"""Embedding Explorer: page config, navigation and the shelf. `streamlit run app.py`"""

import streamlit as st

from core import garbage, resources_home, widgets
from core.panels import house_style, link_terms, links, shelf

st.set_page_config(page_title="Embedding Explorer", page_icon="assets/icon.png", layout="wide")
page = st.navigation(
    [
        st.Page("pages/home.py", title="Home", icon=":material/home:", default=True),
        st.Page("pages/words.py", title="Words", icon=":material/calculate:"),
        st.Page("pages/sentences.py", title="Sentences", icon=":material/notes:"),
        st.Page("pages/images.py", title="Images", icon=":material/image:"),
        st.Page("pages/map.py", title="Map", icon=":material/scatter_plot:"),
        st.Page("pages/generate.py", title="Generate", icon=":material/brush:"),
        st.Page("pages/graph.py", title="Graph", icon=":material/hub:"),
        st.Page("pages/disk.py", title="Disk", icon=":material/hard_drive:"),
    ]
)
st.session_state[widgets.UNDER_APP] = "yes"
links.follow(page.url_path)
link_terms.take()
garbage.set_libraries_aside()
resources_home.sweep_once()
shelf.show(page.title)
link_terms.show()
house_style.show()
page.run()
