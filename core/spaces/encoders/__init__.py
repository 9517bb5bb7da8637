"""One family of models a module."""
