"""Synthetic series and images, of which it is known what a network has to learn."""
