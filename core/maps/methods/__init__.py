"""One projection method a module."""
