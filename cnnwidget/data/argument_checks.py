"""Checks of arguments: whole numbers, dtypes, indices of windows."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.data_error import DataError
from cnnwidget.design.value import shortened

# For each kind of dtype that is refused: its content, and a remedy.
REFUSED = {
    "c": ("complex numbers", "take .real, .imag or numpy.abs of them"),
    "M": ("dates", "give the values that were measured"),
    "m": ("spans of time", "divide by numpy.timedelta64(1, 's') for seconds"),
    "O": ("Python objects", "if all frames are of one shape, numpy.stack makes it an array"),
    "S": ("bytes", "convert them with .astype('float32')"),
    "U": ("text", "convert it with .astype('float32')"),
    "V": ("records of named fields", "choose one field, as array['name']"),
    "T": ("text", "convert it with .astype('float32')"),
}


def whole_number(name: str, value: Any, *, least: int = 1) -> int:
    """Return a whole number of at least `least` as an int.

    Raises:
        DataError: if it is not a whole number, or less.

    Example:
        >>> whole_number("stride", np.int64(3)), whole_number("gap", 0, least=0)
        (3, 0)
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least or isinstance(value, bool):
        raise DataError(
            f"{name} is {shortened(value)}, but must be a whole number of at least {least}."
        )
    return number


def check_dtype(dtype: np.dtype[Any], name: str) -> None:
    """Refuse a dtype of other values than booleans, integers and floats.

    Raises:
        DataError: with what to do instead.

    Example:
        >>> check_dtype(np.dtype("complex64"), "waves.npy")
        Traceback (most recent call last):
        ...
        cnnwidget.data.data_error.DataError: waves.npy holds complex numbers (complex64), but must \
hold real numbers; take .real, .imag or numpy.abs of them.
    """
    if dtype.kind in "biuf":
        return
    what, instead = REFUSED.get(dtype.kind, ("no numbers", "convert it with .astype('float32')"))
    raise DataError(f"{name} holds {what} ({dtype.name}), but must hold real numbers; {instead}.")


def window_numbers(indices: Any, count: int) -> NDArray[np.int64]:
    """Return the indices of windows as non-negative numbers; negative ones count from the end.

    Args:
        indices: whole numbers.
        count: the number of windows.

    Raises:
        IndexError: if there is no such window.
        TypeError: if `indices` are no list of whole numbers.

    Example:
        >>> window_numbers([0, -1], count=6)
        array([0, 5])
    """
    numbers = np.asarray(indices)
    if numbers.size == 0:
        return np.zeros(0, np.int64)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise TypeError(
            f"Windows are asked for by {shortened(indices)}, but must be by a list of whole "
            "numbers; range(3, 7) is one."
        )
    check_index(int(numbers.min()), count)
    check_index(int(numbers.max()), count)
    return np.where(numbers < 0, numbers + count, numbers).astype(np.int64)


def check_index(index: int, count: int) -> int:
    """Return an index that lies within a series of `count` windows; negative ones are allowed.

    Raises:
        IndexError: if it does not.
    """
    if not -count <= index < count:
        raise IndexError(f"There is no window {index}; there are {count:,}, 0 to {count - 1}.")
    return index
