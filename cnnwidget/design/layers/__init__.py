"""Leaf layers: one class holds all that is known of a layer."""
