"""Putting a dataset in order by its vectors: duplicates, outliers, labels, subsets, leaks."""
