"""Runnable comparisons against peers; README.md holds what they measured."""
