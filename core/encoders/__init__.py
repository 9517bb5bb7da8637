"""Encoders, one family a module. Each imports its heavy library when first used."""
