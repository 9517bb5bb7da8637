"""Maps of vectors: projecting, placing, judging, naming, keeping."""
