"""Embedding Explorer's core: spaces, vectors, queries and indexes. No page code lives here."""
