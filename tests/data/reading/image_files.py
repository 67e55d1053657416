"""Pictures and animations as Pillow writes them, for tests."""

import io

import numpy as np
from PIL import Image

COLOURS = np.random.default_rng(0).integers(0, 256, (5, 6, 8, 3), dtype=np.uint8)
GREY = COLOURS[..., 0].copy()


def animated(frames, form, **options):
    first, *rest = [Image.fromarray(frame) for frame in frames]
    content = io.BytesIO()
    first.save(content, form, save_all=True, append_images=rest, **options)
    return content.getvalue()


def still(frame, form="PNG", **options):
    content = io.BytesIO()
    Image.fromarray(frame).save(content, form, **options)
    return content.getvalue()
