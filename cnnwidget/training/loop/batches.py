"""The batches of an epoch, and their order."""

from __future__ import annotations

from math import ceil

import numpy as np


def number_of_batches(windows: int, size: int) -> int:
    """Return the fewest batches of no more than `size` examples."""
    return ceil(windows / size)


def batches_of(windows: range, size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """Return the examples of an epoch in batches.

    The order belongs to the epoch, not to a generator that runs on: so a run can be resumed.
    Batches are of nearly the same length: a last one of one window could not be normalised.

    Example:
        >>> [sorted(batch.tolist()) for batch in batches_of(range(5), 3, seed=0, epoch=1)]
        [[1, 3, 4], [0, 2]]
    """
    shuffled = np.random.default_rng((seed, epoch)).permutation(windows)
    return np.array_split(shuffled, number_of_batches(len(windows), size))
