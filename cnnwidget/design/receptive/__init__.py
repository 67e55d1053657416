"""Receptive fields: the pixels of the input that each position depends on."""
