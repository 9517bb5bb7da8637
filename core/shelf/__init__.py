"""Kept vectors, and vectors in links."""
