"""Work in threads: drawing, training, checks."""
