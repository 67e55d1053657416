"""Images of shapes with their classes: to segment, and to classify.

Nothing public uses them yet: they are for tasks to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.samples.sample_arguments import check_size, number_between, random_generator
from cnnwidget.data.samples.sample_frames import sample_frames
from cnnwidget.data.samples.shapes import REACH, SHAPES, Shape
from cnnwidget.data.samples.smooth_noise import smooth_noise
from cnnwidget.design.axes import Size

# The smallest frame in which shapes can be distinguished.
LEAST = 24


@dataclass(frozen=True, eq=False)
class Labelled:
    """Images with their classes.

    Attributes:
        frames: (N, C, *size), the images; they are no series.
        labels: a class for each image, (N,), or for each pixel, (N, *size).
        names: of the classes, by their number.

    Example:
        >>> shapes_to_classify(count=20).names
        ('disc', 'square', 'star', 'triangle', 'cross')
    """

    frames: Frames
    labels: NDArray[np.int64]
    names: tuple[str, ...]


def shapes_to_segment(
    count: int = 200,
    size: Sequence[int] = (64, 64),
    shapes: int = 4,
    noise: float = 0.03,
    seed: int = 0,
) -> Labelled:
    """Make images of several shapes on a textured ground, with the class of each pixel.

    Good for showing a network with an output for each pixel: shapes differ only by their outline,
    not by shade or texture, so it must look far enough to see the whole of a shape; and where one
    hides another, the label is that of the nearer one.

    Args:
        count: the number of images; 2 at least.
        size: (height, width), 24 at least.
        shapes: the most shapes in an image; there is at least one.
        noise: its standard deviation, from 0 to 1.
        seed: of all random numbers.

    Returns:
        Images of one channel, 32-bit floats in [0, 1]; a class for each pixel, (N, height, width),
        of which 0 is the ground.

    Raises:
        DataError: if these are no such numbers.

    Example:
        >>> shown = shapes_to_segment(count=10)
        >>> shown.labels.shape, shown.names[0]
        ((10, 64, 64), 'ground')
    """
    size = images(count, size)
    most, level = whole_number("shapes", shapes), number_between("noise", noise, 0, 1)
    random = random_generator(seed)
    values = grounds(random, count, size)
    labels = np.zeros((count, *size), np.int64)
    kinds = list(SHAPES)
    for image, label in zip(values, labels, strict=True):
        for _ in range(random.integers(1, most + 1)):
            number = int(random.integers(len(kinds)))
            covered = put(random, image, kinds[number], (0.12, 0.22))
            label[covered] = number + 1
    values += level * random.standard_normal(values.shape, np.float32)
    return Labelled(sample_frames(values, "shapes to segment"), labels, ("ground", *kinds))


def shapes_to_classify(
    count: int = 500, size: Sequence[int] = (32, 32), noise: float = 0.05, seed: int = 0
) -> Labelled:
    """Make images of one shape each, with its class.

    Good for showing a classifier: place, size, turn, shade and texture do not matter, so it has to
    learn the outline. Each shape has the same number of images, or nearly, in random order; a guess
    is right once in five times.

    Args:
        count: the number of images; 2 at least.
        size: (height, width), 24 at least.
        noise: its standard deviation, from 0 to 1.
        seed: of all random numbers.

    Returns:
        Images of one channel, 32-bit floats in [0, 1]; a class for each, (N,).

    Raises:
        DataError: if these are no such numbers.

    Example:
        >>> shown = shapes_to_classify(count=20)
        >>> [int((shown.labels == number).sum()) for number in range(5)]
        [4, 4, 4, 4, 4]
    """
    size = images(count, size)
    level = number_between("noise", noise, 0, 1)
    random = random_generator(seed)
    values = grounds(random, count, size)
    kinds = list(SHAPES)
    labels = random.permutation(np.arange(count, dtype=np.int64) % len(kinds))
    for image, label in zip(values, labels, strict=True):
        put(random, image, kinds[label], (0.2, 0.32))
    values += level * random.standard_normal(values.shape, np.float32)
    return Labelled(sample_frames(values, "shapes to classify"), labels, tuple(kinds))


def images(count: int, size: Sequence[int]) -> Size:
    """Return the size as a tuple, after a check of the number of images and the size.

    Raises:
        DataError: if they are out of bounds.
    """
    if whole_number("count", count) < 2:
        raise DataError("count is 1, but there must be at least 2 images; 200 are a good start.")
    return check_size(size, axes=(2,), least=LEAST)


def grounds(random: np.random.Generator, count: int, size: Size) -> NDArray[np.float32]:
    """Return smooth random backgrounds, (count, height, width)."""
    shade = random.uniform(0.12, 0.3, (count, 1, 1)).astype(np.float32)
    return shade + np.float32(0.05) * smooth_noise(random, size, modes=10, steps=count)


def put(
    random: np.random.Generator,
    image: NDArray[np.float32],
    kind: str,
    radii: tuple[float, float],
) -> NDArray[np.bool_]:
    """Paint a shape at a random place inside an image; return where it is, (height, width)."""
    shape = Shape.drawn(random, kind, radii, (0.5, 0.8))
    box = np.array(image.shape) / min(image.shape)
    reach = REACH * shape.radius
    y, x = random.uniform(reach, box - reach)
    return shape.painted(image, (float(y), float(x)), random.uniform(0, 2 * pi))
