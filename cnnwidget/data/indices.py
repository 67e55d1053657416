"""Windows asked for by their numbers, as the elements of a list are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.design.value import shortened


def numbers_of(indices: Any, count: int) -> NDArray[np.int64]:
    """The numbers of windows that are asked for; negative ones count from the end.

    Args:
        indices: whole numbers.
        count: how many windows there are.

    Raises:
        IndexError: if there is no such window.
        TypeError: if these are no whole numbers.

    Example:
        >>> numbers_of([0, -1], count=6)
        array([0, 5])
    """
    found = np.asarray(indices)
    if found.size == 0:
        return np.zeros(0, np.int64)
    if found.ndim != 1 or found.dtype.kind not in "iu":
        raise TypeError(
            f"Windows are asked for by {shortened(indices)}, but must be by a list of whole "
            "numbers; range(3, 7) is one."
        )
    checked(int(found.min()), count)
    checked(int(found.max()), count)
    return np.where(found < 0, found + count, found).astype(np.int64)


def checked(index: int, count: int) -> int:
    """The number of a window, if there is one of this number."""
    if not -count <= index < count:
        raise IndexError(f"There is no window {index}; there are {count:,}, 0 to {count - 1}.")
    return index
