"""Other splits than the one by time: by count, by date, and folds with a rolling origin."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.data_error import DataError
from cnnwidget.data.labels import time_text
from cnnwidget.data.windows.split import Split, window_gaps
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.design.value import shortened


def split_by_count(steps: int, cut: WindowCut, *, validation: int, test: int) -> Split:
    """Split windows by count: the last `test` windows, `validation` before them, all else to train.

    Windows between two parts are left out, so that no frame is in two of them.

    Args:
        steps: the number of frames.
        cut: the lengths of the windows.
        validation: the number of windows for validation.
        test: the number of windows for the test.

    Raises:
        DataError: if nothing is left to train on.

    Example:
        >>> split = split_by_count(100, WindowCut(5, 3), validation=10, test=20)
        >>> split.train, split.validation, split.test
        (range(0, 49), range(56, 66), range(73, 93))
    """
    validated, tested = whole_number("validation", validation), whole_number("test", test)
    (kind, between), _ = window_gaps(cut)
    stop = cut.count(steps)
    test_first = stop - tested
    validation_last = test_first - between
    validation_first = validation_last - validated
    trained = validation_first - between
    if trained < 1:
        raise DataError(
            f"{validated} windows of validation and {tested} of the test, with {between} left out "
            f"before each, leave none of {stop} to train on; hold out fewer."
        )
    return Split(
        range(trained), range(validation_first, validation_last), range(test_first, stop), kind
    )


def split_by_date(
    times: NDArray[Any] | None, cut: WindowCut, *, validation: Any, test: Any
) -> Split:
    """Split windows at two times, between training and validation, and validation and test.

    A window belongs to a part if all its frames do; windows across a border are left out.

    Args:
        times: of the frames, increasing; dates or numbers.
        cut: the lengths of the windows.
        validation: the time at which validation begins, as `"2015-01-01"`.
        test: the time at which the test begins.

    Raises:
        DataError: if the times do not increase, or a part would have no window.

    Example:
        >>> days = np.arange("2020-01-01", "2020-04-01", dtype="datetime64[D]")
        >>> split = split_by_date(
        ...     days, WindowCut(5, 3), validation="2020-02-20", test="2020-03-10"
        ... )
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
        *(int(np.searchsorted(times, time_like(each, times))) for each in (validation, test)),
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
    train, validated, tested = parts
    return Split(train, validated, tested, "apart")


def time_like(time: Any, times: NDArray[Any]) -> Any:
    """Return a date or number in the dtype of `times`.

    Raises:
        DataError: if it cannot be converted.
    """
    try:
        return np.asarray(time, dtype=times.dtype)[()]
    except (ValueError, TypeError):
        raise DataError(
            f"{shortened(time)} is no time as the frames have them, like {time_text(times[0])!r}."
        ) from None


def rolling_folds(steps: int, cut: WindowCut, folds: int) -> tuple[Split, ...]:
    """Return splits whose origin rolls on: each trains on all windows before its validation.

    The windows are divided into folds + 2 blocks. Fold i trains on the first i blocks, validates
    on the next one and is tested on the one after it. Windows between two parts are left out, so
    that no frame is in two of them.

    Args:
        steps: the number of frames.
        cut: the lengths of the windows.
        folds: the number of folds.

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
    count, number = cut.count(steps), whole_number("folds", folds)
    (kind, between), _ = window_gaps(cut)
    blocks = number + 2
    size = (count - (blocks - 1) * between) // blocks
    if size < 1:
        raise DataError(
            f"{count} windows are too few for {number} folds with {between} left out between two "
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
        for fold in range(number)
    )
