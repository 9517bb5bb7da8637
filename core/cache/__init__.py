"""Streamlit's caches around core, one module a feature; no other package uses them."""
