"""Files for other programs: the Embedding Projector, TensorBoard, Parquet."""
