"""Frames brought to the range that a network learns in, and back, as the training part says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.missing import PIECE_VALUES
from cnnwidget.data.windows.fill_history import each_of
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.layers.layer import LARGEST_FLOAT
from cnnwidget.training.recipe import ScalingName


class Scaling(NamedTuple):
    """value = low + span * scaled, variable by variable.

    Attributes:
        low: of each variable, the value that becomes 0.
        span: of each, the value that becomes 1, less `low`; never 0.
    """

    low: tuple[float, ...]
    span: tuple[float, ...]

    def unscale(self, values: Tensor) -> Tensor:
        """Return scaled values, (batch, steps, variables, *size), in the data's own units."""
        return values * each_of(self.span, values) + each_of(self.low, values)

    def of(self, variables: Sequence[int]) -> Scaling:
        """Return the scaling of some of the variables.

        Example:
            >>> Scaling(low=(250.0, -1.0), span=(60.0, 2.0)).of([1])
            Scaling(low=(-1.0,), span=(2.0,))
        """
        return Scaling(*(tuple(each[number] for number in variables) for each in self))


class Statistics(NamedTuple):
    """The values that training sees, in the data's own units, variable by variable.

    Attributes:
        low: the smallest.
        high: the largest.
        mean: of all; where a value is missing and none was known before, it is shown instead.
        deviation: from the mean, as the root of the mean square.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @property
    def span(self) -> tuple[float, ...]:
        """Largest less smallest; 1 where all are the same."""
        return tuple(high - low or 1.0 for low, high in zip(self.low, self.high, strict=True))


def scaling_by(kind: ScalingName | tuple[float, float], statistics: Statistics) -> Scaling:
    """Return the scaling of a recipe.

    Args:
        kind: `minmax` brings what training sees of each variable to 0 to 1, `standard` to a mean of
            0 and a deviation of 1, `none` leaves it; two numbers are the values of all variables to
            become 0 and 1.
        statistics: the values of the training part.

    Raises:
        CnnwidgetError: if the two numbers are the same.

    Example:
        >>> statistics = Statistics(low=(2.0,), high=(10.0,), mean=(5.0,), deviation=(1.5,))
        >>> scaling_by("minmax", statistics), scaling_by((0, 100), statistics)
        (Scaling(low=(2.0,), span=(8.0,)), Scaling(low=(0.0,), span=(100.0,)))
    """
    if kind == "minmax":
        return Scaling(statistics.low, statistics.span)
    if kind == "standard":
        return Scaling(statistics.mean, tuple(each or 1.0 for each in statistics.deviation))
    low, high = (0.0, 1.0) if kind == "none" else map(float, kind)
    if low == high:
        raise CnnwidgetError(f"scaling is {kind}, but its two numbers must differ; (0, 1) are two.")
    variables = len(statistics.low)
    return Scaling((low,) * variables, (high - low,) * variables)


def statistics_of(
    frames: Frames, training: range, variables: Sequence[int] | None = None
) -> Statistics:
    """Return the statistics of the training part; all frames are checked for missing values.

    Only the valid places of a variable count, or all of one that has none: it is only an input.

    Args:
        frames: the series.
        training: the numbers of the frames that training sees.
        variables: those that are used; None is all. Of others nothing is known: all is 0.

    Raises:
        DataError: if values are missing that should not be, or there are none at all.
    """
    used = range(frames.channels) if variables is None else sorted(set(variables))
    seen = {number: RunningStatistics() for number in used}
    for start, piece in pieces(frames, variables=used):
        inside = piece[max(0, training.start - start) : max(0, training.stop - start)]
        for number, each in seen.items():
            each.add(known_values(frames, inside[:, number], number))
    if not any(each.count for number, each in seen.items() if has_valid_places(frames, number)):
        raise DataError(
            f"{frames.name}: the {len(training):,} frames to train on hold not one known value; "
            "give a series that begins earlier, or other places."
        )
    for each in seen.values():
        if each.high - each.low > LARGEST_FLOAT:
            raise DataError(
                f"{frames.name}: values from {each.low:.3g} to {each.high:.3g} are further apart "
                "than a 32-bit float can tell; divide them by a number before."
            )
    found = [seen.get(number, RunningStatistics()).values for number in range(frames.channels)]
    return Statistics(*zip(*found, strict=True))


def has_valid_places(frames: Frames, variable: int) -> bool:
    """Whether a variable has valid places."""
    return frames.valid is None or bool(frames.valid[variable].any())


def known_values(frames: Frames, values: NDArray[Any], variable: int) -> NDArray[Any]:
    """Return those values of a variable, (steps, *size), that count."""
    if frames.valid is not None and has_valid_places(frames, variable):
        values = values[:, frames.valid[variable]]
    if frames.missing == "leave out" or frames.valid is not None:
        values = values[np.isfinite(values)]
    return values


@dataclass
class RunningStatistics:
    """The statistics of a variable, updated piece by piece in 64 bits.

    Deviations are summed around the mean so far, which keeps what is small beside a large constant;
    see Chan, Golub and LeVeque 1983, The American Statistician 37, 242-247.
    """

    low: float = np.inf
    high: float = -np.inf
    mean: float = 0.0
    squares: float = 0.0
    count: int = 0

    def add(self, values: NDArray[Any]) -> None:
        """Add some values."""
        if not values.size:
            return
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))
        mean = float(values.mean(dtype=np.float64))
        count, change = self.count + values.size, mean - self.mean
        self.squares += float(np.square(values - mean, dtype=np.float64).sum())
        self.squares += change * change * self.count * values.size / count
        self.mean += change * values.size / count
        self.count = count

    @property
    def values(self) -> tuple[float, float, float, float]:
        """Smallest, largest, mean and deviation; 0 without a known value."""
        if not self.count:
            return 0.0, 0.0, 0.0, 0.0
        return self.low, self.high, self.mean, sqrt(self.squares / self.count)


def known_places(frames: Frames, stop: int) -> np.ndarray | None:
    """Return where something is known in the frames before number `stop`; None is everywhere.

    Returns:
        (C, *size), True at valid places of which at least one value is known.
    """
    if frames.missing != "leave out":
        return frames.valid
    known = np.zeros(frames.shape_of_frame, bool)
    for start, piece in pieces(frames):
        known |= np.isfinite(piece[: max(0, stop - start)]).any(axis=0)
    if frames.valid is not None:
        known &= frames.valid
    return None if known.all() else known


def pieces(
    frames: Frames, first: int = 0, variables: Sequence[int] | None = None
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield frames as they are, some at a time, with the number of the first.

    What is too large for a 32-bit float is infinite.

    Args:
        frames: the series.
        first: the number of the first.
        variables: those that are used; None is all.

    Raises:
        DataError: if a value of these is not a finite number, unless missing ones are left out.
    """
    used = np.ones(frames.channels, bool)
    if variables is not None:
        used = np.isin(np.arange(frames.channels), variables)
    places = (-1, *[1] * len(frames.size))
    step = max(1, PIECE_VALUES // max(1, int(np.prod(frames.values.shape[1:]))))
    for start in range(first, frames.steps, step):
        piece = exact_floats(frames.values[start : start + step])
        if frames.missing == "refuse" and not np.isfinite(piece).all():
            refuse_missing(frames, start, ~np.isfinite(piece) & used.reshape(places))
        yield start, piece


def exact_floats(values: NDArray[Any]) -> NDArray[Any]:
    """Return values as floats of 32 bits if these hold each of their type, or else of 64.

    What is too large for 32 bits is infinite.

    Example:
        >>> exact_floats(np.array([1, 2], np.int16)).dtype, exact_floats(np.array([1.0, 1e99]))
        (dtype('float32'), array([ 1., inf]))
    """
    if np.can_cast(values.dtype, np.float32):
        return np.asarray(values, dtype=np.float32)
    wide = np.array(values, dtype=np.float64)
    wide[np.abs(wide) > LARGEST_FLOAT] = np.inf
    return wide


def refuse_missing(frames: Frames, start: int, bad: NDArray[np.bool_]) -> None:
    """Raise an error that names the first frame with a missing value."""
    if frames.valid is not None:
        bad = bad & frames.valid  # what lies outside counts nowhere
    if not bad.any():
        return
    first = start + int(np.argmax(bad.reshape(len(bad), -1).any(axis=1)))
    raise DataError(
        f"{frames.name}: frame {first} has values that are missing, infinite or too large for a "
        "32-bit float; load the frames with missing='leave out' or missing='fill'."
    )
