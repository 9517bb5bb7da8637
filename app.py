"""Embedding Explorer: page config, navigation and the frame of all pages. serve.py serves it."""

import importlib

import streamlit as st

from core.base import gc_freeze
from core.cache import inventory as inventory_cache, listing
from core.ui.choosers import add_data
from core.ui.common import demo, frame, page as common_page, style
from core.ui.common.page_icons import ICONS
from core.ui.session import (
    link_values,
    link_vectors,
    login,
    old_links,
    page_state,
    shelf_sidebar,
)

st.set_page_config(page_title="Embedding Explorer", page_icon="assets/icon.png", layout="wide")
page = st.navigation(
    [
        st.Page(f"pages/{name}.py", title=name.capitalize(), icon=icon, default=name == "home")
        for name, icon in ICONS.items()
    ]
    + old_links.pages(),
    position="top",
)
st.session_state[common_page.UNDER_APP] = "yes"
style.show()
login.require()
frame.begin(page.title)
page_state.follow(page.url_path)
link_vectors.take()
gc_freeze.set_libraries_aside()
inventory_cache.sweep_once()
inventory_cache.expire_demo()
demo.tell()
with listing.once_a_run():
    if page.url_path:
        # Whole, before a job's thread begins to import it: Plotly would take what is half there.
        importlib.import_module("pandas")
        # Home has it in its midst.
        add_data.button(frame.head(), key="add-data-anywhere")
    shelf_sidebar.show(page.title)
    link_vectors.show()
    with link_values.told(page.url_path), frame.until_shown():
        page.run()
gc_freeze.collect_when_due()
