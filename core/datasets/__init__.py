"""Sources of items: word lists and files of vectors, one kind a module."""
