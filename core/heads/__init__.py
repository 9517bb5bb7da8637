"""Heads: small networks trained on frozen vectors, so that given characteristics lie near."""
