"""Knowledge graphs: reading, training, scoring, ranking, prediction."""
