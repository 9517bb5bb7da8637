"""Text to picture: our own small model, the large public ones by diffusers, what both share."""
