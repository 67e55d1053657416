"""Values in a range: as fractions of it, and as text."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Numbers beyond these are easier to read with a power of ten.
SMALLEST_IN_FULL, LARGEST_IN_FULL = 1e-6, 1e9


def fractions_of_range(values: NDArray[Any], low: float, high: float) -> NDArray[Any]:
    """Return where values are in a range: 0 is `low`, 1 is `high`; all are 0 if both are the same.

    Example:
        >>> fractions_of_range(np.array([-1e308, 0.0, np.nan, 1e308]), -1e308, 1e308).tolist()
        [0.0, 0.5, nan, 1.0]
    """
    if low == high:
        return np.where(np.isnan(values), np.nan, 0.0)
    # Halves of numbers whose difference is too large for a number.
    half = 1.0 if math.isfinite(high - low) else 0.5
    found: NDArray[Any] = (values * half - low * half) / (high * half - low * half)
    return found


def digits_between(low: float, high: float) -> int:
    """Return how many digits distinguish the ends of a range, and the values between.

    Example:
        >>> digits_between(0.0, 1.0), digits_between(1e6, 1e6 + 0.001)
        (3, 12)
    """
    span = high - low
    if not (span and math.isfinite(span)):
        return 3
    return min(17, max(3, 3 + math.ceil(math.log10(max(abs(low), abs(high)) / span))))


def format_value(value: float, digits: int = 4) -> str:
    """Return a number as text: whole ones in full, others with so many digits.

    Example:
        >>> [format_value(each) for each in (-0.123456, 65535.0, 101325.4, 1e30, 8.345e-7)]
        ['−0.1235', '65535', '101300', '1e+30', '8.345e−7']
    """
    if not (value.is_integer() and abs(value) < LARGEST_IN_FULL):
        value = float(f"{value:.{digits}g}")
    if value == 0 or SMALLEST_IN_FULL <= abs(value) < LARGEST_IN_FULL:
        text = np.format_float_positional(value, trim="-")
    else:
        text = np.format_float_scientific(value, trim="-", exp_digits=1)
    return text.replace("-", "−")
