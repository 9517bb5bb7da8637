"""The commands that made the picture encoder in assets/models."""
