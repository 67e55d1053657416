"""Checks of the arguments that samples share: steps, size, seed, real numbers, names."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.data_error import DataError
from cnnwidget.design.axes import Size
from cnnwidget.design.value import shortened

# A size in words, by its number of axes.
FORMS = {1: "(length,)", 2: "(height, width)", 3: "(depth, height, width)"}


def check_series(
    steps: int, size: Sequence[int], *, axes: tuple[int, ...] = (2, 1), least: int = 1
) -> Size:
    """Return the size as a tuple, after a check of the number of frames and the size.

    Args:
        steps: the number of frames.
        size: the lengths of the axes of space.
        axes: the numbers of axes that the sample can have.
        least: the smallest length of an axis.

    Raises:
        DataError: if steps or size are out of bounds.

    Example:
        >>> check_series(10, [32, 48])
        (32, 48)
    """
    if whole_number("steps", steps) < 2:
        raise DataError("steps is 1, but a series has at least 2 frames; 100 are a good start.")
    return check_size(size, axes=axes, least=least)


def check_size(size: Sequence[int], *, axes: tuple[int, ...] = (2, 1), least: int = 1) -> Size:
    """Return the size as a tuple, checked as in `check_series`.

    Raises:
        DataError: if the size is out of bounds.
    """
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
    """Return a random generator that depends on the seed only.

    Raises:
        DataError: if the seed is not a whole number of at least 0; None is no seed.

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
    """Return a real number from `low` to `high`, both included.

    Raises:
        DataError: if it is no such number.

    Example:
        >>> number_between("level", 0.05, 0, 1)
        0.05
    """
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if not low <= number <= high:  # NaN fails, too
        raise DataError(
            f"{name} is {shortened(value)}, but must be a number from {low:g} to {high:g}."
        )
    return number


def names_among(name: str, chosen: Any, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return names as a tuple, if they are among the known ones, each once.

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
