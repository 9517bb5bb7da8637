"""A head on EfficientNet-lite0 that gives vectors of MiniLM's space."""
