"""Checkpoints: where a training stood, kept in a file, and going on from there."""
