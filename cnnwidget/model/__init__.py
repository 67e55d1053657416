"""A plan as a PyTorch module, and its audit."""
