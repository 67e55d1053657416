"""The threads of a panel: drawing, training, checks."""
