"""The data home on disk (whole writes, locks, clean-up) and files from the network."""
