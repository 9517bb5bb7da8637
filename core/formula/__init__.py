"""Text into terms into one vector."""
