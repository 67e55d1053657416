"""Readers of plain arrays: NumPy, tensors, sound."""
