"""Embedding Explorer's core: spaces, vectors, queries and indexes. No page code lives here."""

import os

# Before torch or FAISS load OpenMP: let its threads sleep while they wait. By default they spin,
# which beside another busy process (a browser will do) made our picture encoder half as fast.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# Arrow's own pool keeps what was freed: a file that was read by parts then stays in memory.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
