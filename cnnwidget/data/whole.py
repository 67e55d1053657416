"""Whole numbers of at least 1, checked."""

from __future__ import annotations

import operator
from typing import Any

from cnnwidget.data.errors import DataError
from cnnwidget.design.value import shortened


def whole(name: str, value: Any) -> int:
    """A whole number of at least 1."""
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if number < 1 or isinstance(value, bool):
        raise DataError(f"{name} is {shortened(value)}, but must be a whole number of at least 1.")
    return number
