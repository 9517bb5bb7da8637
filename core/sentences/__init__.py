"""Datasets of texts, and what is asked of them."""
