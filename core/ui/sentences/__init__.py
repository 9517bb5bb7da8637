"""The page Sentences, one tool a module."""
