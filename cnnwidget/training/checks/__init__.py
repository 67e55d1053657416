"""Checks before a fit: cautions, learning rate, one batch, a sweep."""
