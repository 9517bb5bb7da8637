"""Text to picture: our own small model, the large public ones through diffusers, and what both share."""
