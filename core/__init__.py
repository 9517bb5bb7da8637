"""Embedding Explorer's core: spaces, vectors, queries and indexes. No page code lives here."""

import os

# Before torch or FAISS load OpenMP: its threads wait by sleeping. By default they spin, which made
# our picture encoder half as fast, and worse, beside another busy process (a browser will do).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
