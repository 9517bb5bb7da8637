"""Nearest-neighbour indexes behind one protocol (``types.Index``), one backend a module."""
