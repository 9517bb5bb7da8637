"""The page Graph, one tool a module."""
