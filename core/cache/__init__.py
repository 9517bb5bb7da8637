"""What all sessions share, in Streamlit's caches, one module a feature; no other package uses them.

``digests`` says what keys are made of. What is handed out is read-only.
"""
