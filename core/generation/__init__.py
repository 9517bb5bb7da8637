"""Text to picture: our own small model, the large public ones, and what both share."""
