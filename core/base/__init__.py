"""Ground of all else: types, errors, vectors, values in their ranges, long work; numpy at most."""
