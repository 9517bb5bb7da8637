"""Which spaces there are and in what state, their vocabularies, their vectors on disk."""
