"""Knowledge graphs: triples, training, questions, figures."""
