"""What every sample is asked for, checked: its steps, its size, its seed and real numbers."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnwidget.data.errors import DataError
from cnnwidget.data.whole import whole
from cnnwidget.design.axes import Size
from cnnwidget.design.value import shortened

# How a size of so many axes is written.
FORMS = {1: "(length,)", 2: "(height, width)", 3: "(depth, height, width)"}


def checked(
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
        >>> checked(10, [32, 48])
        (32, 48)
    """
    if whole("steps", steps) < 2:
        raise DataError("steps is 1, but a series has at least 2 frames; 100 are a good start.")
    return checked_size(size, axes=axes, least=least)


def checked_size(size: Sequence[int], *, axes: tuple[int, ...] = (2, 1), least: int = 1) -> Size:
    """The size as a tuple, if it is one that a sample can take; as `checked`."""
    if not isinstance(size, Sequence) or len(size) not in axes:
        forms = " or ".join(FORMS[number] for number in axes)
        raise DataError(f"size is {shortened(size)}, but must be {forms} here.")
    lengths = tuple(whole("each length of size", n) for n in size)
    if min(lengths) < least:
        raise DataError(
            f"size is {shortened(lengths)}, but each length must be at least {least} to show "
            "anything here."
        )
    return lengths


def seeded(seed: Any) -> np.random.Generator:
    """Random numbers that are the same for the same seed.

    Raises:
        DataError: if the seed is no whole number of at least 0; None would be another each time.

    Example:
        >>> bool(seeded(3).random() == seeded(3).random())
        True
    """
    try:
        number = operator.index(seed)
    except TypeError:
        number = -1
    if number < 0:
        raise DataError(f"seed is {shortened(seed)}, but must be a whole number of at least 0.")
    return np.random.default_rng(number)


def between(name: str, value: Any, low: float, high: float) -> float:
    """A real number in bounds, which belong to them.

    Raises:
        DataError: if it is none.

    Example:
        >>> between("level", 0.05, 0, 1)
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


def several_of(name: str, chosen: Any, known: tuple[str, ...]) -> tuple[str, ...]:
    """Names that are among those known, each once.

    Raises:
        DataError: if they are not.

    Example:
        >>> several_of("variables", ["u"], ("u", "v"))
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
