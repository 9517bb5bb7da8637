"""The commands that made the small generator in assets/models."""
