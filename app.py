"""Embedding Explorer: page config, navigation and the shelf. `streamlit run app.py`"""

import streamlit as st

from core import garbage, resources_home, widgets
from core.panels import house_style, link_terms, link_values, links, shelf
from core.panels.page_icons import ICONS

st.set_page_config(page_title="Embedding Explorer", page_icon="assets/icon.png", layout="wide")
page = st.navigation(
    [
        st.Page(f"pages/{name}.py", title=name.capitalize(), icon=icon, default=name == "home")
        for name, icon in ICONS.items()
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
with link_values.told(page.url_path):
    page.run()
