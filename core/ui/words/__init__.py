"""The page Words, one tool a module."""
