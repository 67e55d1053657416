"""Splits of one's own: by count, by date, and folds whose origin rolls on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.checks import whole_number
from cnnwidget.data.errors import DataError
from cnnwidget.data.labels import time_text
from cnnwidget.data.windows.split import Split, gaps_of
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.design.value import shortened


def split_by_count(steps: int, cut: WindowCut, *, validation: int, test: int) -> Split:
    """The last so many windows for the test, so many before them for validation, all else to train.

    Between two parts windows are left out, so that no frame is in two of them.

    Args:
        steps: the number of frames.
        cut: of the series.
        validation: windows that tell when to stop.
        test: windows that tell how good it is.

    Raises:
        DataError: if nothing is left to train on.

    Example:
        >>> split = split_by_count(100, WindowCut(5, 3), validation=10, test=20)
        >>> split.train, split.validation, split.test
        (range(0, 49), range(56, 66), range(73, 93))
    """
    held, tested = whole_number("validation", validation), whole_number("test", test)
    (kind, between), _ = gaps_of(cut)
    stop = cut.count(steps)
    test_first = stop - tested
    held_last = test_first - between
    held_first = held_last - held
    trained = held_first - between
    if trained < 1:
        raise DataError(
            f"{held} windows of validation and {tested} of the test, with {between} left out "
            f"before each, leave none of {stop} to train on; hold out fewer."
        )
    return Split(range(trained), range(held_first, held_last), range(test_first, stop), kind)


def split_by_date(
    times: NDArray[Any] | None, cut: WindowCut, *, validation: Any, test: Any
) -> Split:
    """Windows before one time to train, from there to another for validation, from there the test.

    A window belongs to a part if all its frames do; those across a border are left out.

    Args:
        times: of the frames, rising; dates or numbers.
        cut: of the series.
        validation: the time at which validation begins, as `"2015-01-01"`.
        test: the time at which the test begins.

    Raises:
        DataError: if frames have no rising times, or a part would have no window.

    Example:
        >>> days = np.arange("2020-01-01", "2020-04-01", dtype="datetime64[D]")
        >>> split = split_by_date(days, WindowCut(5, 3), validation="2020-02-20", test="2020-03-10")
        >>> split.train, split.validation, split.test
        (range(0, 43), range(50, 62), range(69, 84))
    """
    if times is None:
        raise DataError(
            "The frames have no times to split by; take split_by_count, or give them labels."
        )
    if (np.diff(times) <= np.zeros(1, np.diff(times).dtype)).any():
        raise DataError("The times of the frames do not rise, so that no date divides them.")
    borders = [
        0,
        *(int(np.searchsorted(times, time_of(each, times))) for each in (validation, test)),
    ]
    parts = []
    ends = (*borders[1:], len(times))
    for name, first, end in zip(("training", "validation", "test"), borders, ends, strict=True):
        start = -(-first // cut.stride)
        stop = start + cut.count(end - start * cut.stride)
        if stop <= start:
            raise DataError(
                f"Not one window of {cut.span} frames lies within the {name} part, which has "
                f"{max(0, end - first)} of {time_text(times[0])} to {time_text(times[-1])}; take "
                "other dates."
            )
        parts.append(range(start, stop))
    train, held_out, tested = parts
    return Split(train, held_out, tested, "apart")


def time_of(given: Any, times: NDArray[Any]) -> Any:
    """A date or number in the kind of the times."""
    try:
        return np.asarray(given, dtype=times.dtype)[()]
    except (ValueError, TypeError):
        raise DataError(
            f"{shortened(given)} is no time as the frames have them, like {time_text(times[0])!r}."
        ) from None


def rolling_folds(steps: int, cut: WindowCut, folds: int) -> tuple[Split, ...]:
    """Folds that each train on all that comes before: the origin rolls on through the series.

    The windows are cut into folds + 2 blocks. Fold i trains on the first i blocks, validates on
    the next and is tested on the one after it, with windows left out between, so that no frame is
    in two parts.

    Args:
        steps: the number of frames.
        cut: of the series.
        folds: how many.

    Raises:
        DataError: if a block would have no window.

    Source: Tashman 2000, https://doi.org/10.1016/S0169-2070(00)00065-0

    Example:
        >>> for fold in rolling_folds(100, WindowCut(3, 2), folds=3):
        ...     print(fold.train, fold.validation, fold.test)
        range(0, 16) range(20, 36) range(40, 56)
        range(0, 36) range(40, 56) range(60, 76)
        range(0, 56) range(60, 76) range(80, 96)
    """
    count, wanted = cut.count(steps), whole_number("folds", folds)
    (kind, between), _ = gaps_of(cut)
    blocks = wanted + 2
    size = (count - (blocks - 1) * between) // blocks
    if size < 1:
        raise DataError(
            f"{count} windows are too few for {wanted} folds with {between} left out between two "
            "parts; take fewer folds, a longer series or shorter windows."
        )
    starts = [block * (size + between) for block in range(blocks)]
    return tuple(
        Split(
            range(starts[fold] + size),
            range(starts[fold + 1], starts[fold + 1] + size),
            range(starts[fold + 2], starts[fold + 2] + size),
            kind,
        )
        for fold in range(wanted)
    )
