"""Pictures from vectors: what both kinds of generator share."""
