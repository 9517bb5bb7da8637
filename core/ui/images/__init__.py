"""The page Images, one tool a module."""
