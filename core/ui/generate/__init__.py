"""The page Generate, one part a module."""
