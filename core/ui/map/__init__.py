"""The page Map, one part a module."""
