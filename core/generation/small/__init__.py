"""The generator of our own."""
