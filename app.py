"""Embedding Explorer: page config, navigation and the shelf. `streamlit run app.py`"""

import streamlit as st

from core.base import gc_freeze as garbage
from core.cache import inventory as resources_home
from core.ui.common import style as house_style, widgets
from core.ui.common.page_icons import ICONS
from core.ui.session import (
    link_values,
    link_vectors as link_terms,
    page_state as links,
    shelf_sidebar as shelf,
)

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
