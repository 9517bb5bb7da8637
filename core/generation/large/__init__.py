"""Text-to-image models of diffusers."""
