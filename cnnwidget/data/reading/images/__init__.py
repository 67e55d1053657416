"""Readers of pictures: images, folders of them, TIFF, video."""
