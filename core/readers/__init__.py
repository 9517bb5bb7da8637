"""Files of any kind into tables, vectors or pictures; no data home, no spaces."""
