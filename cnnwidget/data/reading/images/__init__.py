"""Readers of images: animations, folders of images, TIFF, video."""
