"""Nearest neighbors: exact, approximate, all pairs; the compiled loops."""
