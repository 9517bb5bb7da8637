"""The page Train, one tool a module."""
