"""Which dtypes hold numbers that a network can learn from."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnwidget.data.errors import DataError

# What is wrong with a kind of dtype, and what to do about it.
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


def check_dtype(dtype: np.dtype[Any], name: str) -> None:
    """Refuse a dtype that is no boolean, whole or real number.

    Raises:
        DataError: with what to do instead.

    Example:
        >>> check_dtype(np.dtype("complex64"), "waves.npy")
        Traceback (most recent call last):
        ...
        cnnwidget.data.errors.DataError: waves.npy holds complex numbers (complex64), but must \
hold real numbers; take .real, .imag or numpy.abs of them.
    """
    if dtype.kind in "biuf":
        return
    what, instead = REFUSED.get(dtype.kind, ("no numbers", "convert it with .astype('float32')"))
    raise DataError(f"{name} holds {what} ({dtype.name}), but must hold real numbers; {instead}.")
