"""Choosing what is worked on, for any page."""
