"""What every sample is asked for, checked: its steps, its size, its seed and real numbers."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnwidget.data.checks import whole_number
from cnnwidget.data.errors import DataError
from cnnwidget.design.axes import Size
from cnnwidget.design.value import shortened

# How a size of so many axes is written.
FORMS = {1: "(length,)", 2: "(height, width)", 3: "(depth, height, width)"}


def check_series(
    steps: int, size: Sequence[int], *, axes: tuple[int, ...] = (2, 1), least: int = 1
) -> Size:
    """The size as a tuple, if there are frames enough and it is one that a sample can take.

    Args:
        steps: the number of frames.
        size: the lengths of the axes of space.
        axes: how many of them there may be.
        least: the smallest length that shows what is to be shown.

    Raises:
        DataError: if they are no such numbers.

    Example:
        >>> check_series(10, [32, 48])
        (32, 48)
    """
    if whole_number("steps", steps) < 2:
        raise DataError("steps is 1, but a series has at least 2 frames; 100 are a good start.")
    return check_size(size, axes=axes, least=least)


def check_size(size: Sequence[int], *, axes: tuple[int, ...] = (2, 1), least: int = 1) -> Size:
    """The size as a tuple, if it is one that a sample can take; as `check_series`."""
    if not isinstance(size, Sequence) or len(size) not in axes:
        forms = " or ".join(FORMS[number] for number in axes)
        raise DataError(f"size is {shortened(size)}, but must be {forms} here.")
    lengths = tuple(whole_number("each length of size", n) for n in size)
    if min(lengths) < least:
        raise DataError(
            f"size is {shortened(lengths)}, but each length must be at least {least} to show "
            "anything here."
        )
    return lengths


def random_generator(seed: Any) -> np.random.Generator:
    """Random numbers that are the same for the same seed.

    Raises:
        DataError: if the seed is no whole number of at least 0; None would be another each time.

    Example:
        >>> bool(random_generator(3).random() == random_generator(3).random())
        True
    """
    try:
        number = operator.index(seed)
    except TypeError:
        number = -1
    if number < 0:
        raise DataError(f"seed is {shortened(seed)}, but must be a whole number of at least 0.")
    return np.random.default_rng(number)


def number_between(name: str, value: Any, low: float, high: float) -> float:
    """A real number in bounds, which belong to them.

    Raises:
        DataError: if it is none.

    Example:
        >>> number_between("level", 0.05, 0, 1)
        0.05
    """
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if not low <= number <= high:  # which NaN is not, either
        raise DataError(
            f"{name} is {shortened(value)}, but must be a number from {low:g} to {high:g}."
        )
    return number


def names_among(name: str, chosen: Any, known: tuple[str, ...]) -> tuple[str, ...]:
    """Names that are among those known, each once.

    Raises:
        DataError: if they are not.

    Example:
        >>> names_among("variables", ["u"], ("u", "v"))
        ('u',)
    """
    names = (chosen,) if isinstance(chosen, str) else chosen
    if (
        not isinstance(names, list | tuple)
        or not names
        or any(each not in known for each in names)
        or len(set(names)) < len(names)
    ):
        raise DataError(
            f"{name} is {shortened(chosen)}, but must be one or more of "
            f"{', '.join(map(repr, known))}."
        )
    return tuple(names)
